"""Text exposition, scraped or dumped."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, skipped, truncated

from afterword.sources.openmetrics import SOURCE

DUMP = b"""# HELP rps Requests a second, "quoted" {braces}
# TYPE rps gauge
rps{service="cart",path="/a b"} 1.5 1700000000000
rps{service="cart",path="/\\"c\\"}"} NaN 1700000000000
rps{service="web",path="/"} 2 1700000060.5
# TYPE errors counter
errors_total{service="web"} 7 1700000060.500 # {trace_id="ab"} 1 1700000060
took_bucket{service="web",le="0.5"} 3 1700000060
took_count{service="web"} 4 1700000060
# EOF
"""


def test_samples_with_times_in_milliseconds_and_in_seconds() -> None:
    found = events(SOURCE, DUMP)
    assert [(one.subject, one.name, one.value, one.at) for one in found] == [
        ("cart", 'rps{path="/a b"}', 1.5, 1700000000 * 10**9),
        ("web", 'rps{path="/"}', 2.0, 1700000060_500000000),
        ("web", "errors_total", 7.0, 1700000060_500000000),
        ("web", "took_count", 4.0, 1700000060 * 10**9),
    ]
    assert said(DUMP, found[0]) == 'rps{service="cart",path="/a b"} 1.5 1700000000000\n'
    assert found[2].attributes == {"type": "counter"}
    assert SOURCE.sniff(DUMP) > 0.9
    assert not problems(SOURCE, DUMP)


def test_a_scrape_states_no_time_and_that_is_said_once() -> None:
    raw = b"# TYPE up gauge\nup 1\nup2 2\n"
    assert [one.at for one in events(SOURCE, raw)] == [None, None]
    [remark] = problems(SOURCE, raw)
    assert (remark.code, remark.quarantined) == ("time", False)


def test_a_dump_without_comments_and_with_the_name_among_the_labels() -> None:
    raw = b'{__name__="up", job="a"} 1 1700000000000\n{__name__="up", job="a"} 0 1700000015000\n'
    assert SOURCE.sniff(raw) > 0.8
    assert [(one.subject, one.name, one.value) for one in events(SOURCE, raw)] == [("a", "up", 1.0), ("a", "up", 0.0)]


def test_lines_that_are_no_sample_are_set_aside() -> None:
    raw = DUMP + b"rps{service=cart} 1\nrps 1.2.3\nrps\n"
    assert [one.code for one in problems(SOURCE, raw)] == ["sample"] * 3
    assert len(events(SOURCE, raw)) == 4


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"started 12\nstopped 13\n",
        b"a{b} c\n",
        b"{}\n",
        b"# a comment\nkey = 1\n",
        b"2024-05-01T00:00:00Z INFO x{a} 1\n",
    ],
)
def test_what_is_no_exposition_is_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0
    check(SOURCE, raw)


def test_truncation() -> None:
    truncated(SOURCE, DUMP)


@given(
    st.binary(max_size=60)
    | st.from_regex(r"[a-z]{1,3}(\{[a-z\"=,\\]{0,9}\})? [0-9.e+NaIf-]{0,6}( [0-9.]{0,14})?", fullmatch=True).map(
        str.encode
    )
)
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["1histogram.om.txt", "alltypes.5mfs.om.txt"])
def test_true_expositions(name: str) -> None:
    raw = shared("formats", "openmetrics", name).read_bytes()
    assert SOURCE.sniff(raw) > 0.9
    assert events(SOURCE, raw)
    assert skipped(SOURCE, raw)
    assert not any(one.quarantined for one in problems(SOURCE, raw))
