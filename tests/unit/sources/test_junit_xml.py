"""JUnit's XML."""

from __future__ import annotations

from source_laws import check, events, problems, said, truncated

from afterword.sources.junit_xml import SOURCE

SAMPLE = b"""<?xml version="1.0"?>
<testsuites><testsuite name="pytest" tests="4" failures="1" errors="0" skipped="1" timestamp="2026-03-02T09:00:00Z">
<testcase classname="t.cart" name="a" time="0.1"/>
<testcase classname="t.cart" name="b"><failure message="x">boom</failure></testcase>
<testcase classname="t.cart" name="c"><skipped/></testcase>
<testcase classname="t.cart" name="b"/>
</testsuite></testsuites>
"""


def test_a_suite_with_what_failed_and_what_was_skipped() -> None:
    suite, failed, skipped, again = events(SOURCE, SAMPLE)
    assert (suite.name, suite.attributes["state"], suite.attributes["failures"]) == ("pytest", "failure", "1")
    assert suite.at == 1_772_442_000_000_000_000
    assert [(e.name, e.attributes["state"]) for e in (failed, skipped, again)] == [
        ("t.cart.b", "failure"), ("t.cart.c", "skipped"), ("t.cart.b", "flaky"),
    ]  # fmt: skip
    assert said(SAMPLE, again) == '<testcase classname="t.cart" name="b"/>'
    assert SOURCE.sniff(SAMPLE) > 0.8


def test_what_surefire_ran_again_is_flaky_where_it_passed_and_failed_where_it_did_not() -> None:
    raw = b'<testsuite name="s" tests="2" failures="1"><testcase name="x"><flakyFailure/></testcase><testcase name="y"><failure/><rerunFailure/></testcase></testsuite>'
    assert [(e.name, e.attributes["state"]) for e in events(SOURCE, raw)] == [("s", "failure"), ("s.x", "flaky"), ("s.y", "failure")]  # fmt: skip


def test_a_suite_whose_tests_all_passed_is_green() -> None:
    (suite,) = events(SOURCE, b'<testsuite name="s" tests="1" failures="0"><testcase name="x"/></testsuite>')
    assert suite.attributes["state"] == "success"


def test_another_root_is_no_suite_and_a_break_is_told() -> None:
    assert [p.code for p in problems(SOURCE, b"<html></html>")] == ["junit-shape"]
    assert [p.code for p in problems(SOURCE, SAMPLE[:200])] == ["xml-syntax"]


def test_the_laws() -> None:
    truncated(SOURCE, SAMPLE)
    check(SOURCE, SAMPLE.replace(b"\n", b"\r\n"))
