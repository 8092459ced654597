"""A reviewer that reads a postmortem and speaks only where it is sure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.review import RULES, Remark, Rule, review

GOOD = """# Checkout unavailable on 2026-03-01

## Summary

The pool of connections to the orders database was used up for 31 minutes ([graph](https://grafana.example/d/1)).

## Impact

12 % of the checkouts failed.

## Timeline

All times in UTC

- 10:00 release 4.2 is rolled out
- 10:04 the alert on failed checkouts fires
- 10:35 release 4.2 is rolled back

## Detection

An alert fired four minutes after the first failure.

## Root causes

- The retry path of release 4.2 does not return its connection.
- The limit of the pool is not watched.

No test takes a connection twice. The network was suspected first and ruled out: its latency did not change.

## Action items

- Return the connection on every path (owner: @kim, due 2026-03-20)

## Lessons learned

- We should have had an alert on the pool.
"""


def rules_of(text: str, **options: str) -> set[str]:
    return {remark.rule for remark in review(text, **options)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_rule_finds_its_bad_example_and_not_its_good_one(rule: Rule) -> None:
    """The good example is the negative control: the same words where they are right."""
    bad = [remark for remark in review(rule.bad) if remark.rule == rule.id]
    assert bad
    assert all(
        remark.severity in {"error", "warning", "info", "hint"} and remark.says and remark.suggest for remark in bad
    )
    assert rule.id not in rules_of(rule.good)


def test_a_sound_postmortem_passes() -> None:
    assert review(GOOD) == ()


def test_the_line_is_that_of_the_words() -> None:
    """The engineer is named on line 5, in the middle of a wrapped paragraph."""
    text = (
        "# Outage\n\n## Summary\n\nAt 10:00 UTC the shop went down. The on-call engineer forgot\nto drain the node.\n"
    )
    remark = next(one for one in review(text) if one.rule == "blame.person")
    assert remark.line == 5
    assert remark.quote == "The on-call engineer forgot to drain the node."


@pytest.mark.parametrize(
    "sentence",
    [
        "@kim forgot to renew the certificate.",
        "An operator did not verify the target before the deletion.",
        "She accidentally deleted the volume.",
        "It was the fault of the new engineer.",
        "The outage was caused by a junior developer.",
    ],
)
def test_blame_in_other_words(sentence: str) -> None:
    assert "blame.person" in rules_of(f"## Summary\n\n{sentence}\n")


@pytest.mark.parametrize(
    "sentence",
    [
        "The job failed to start.",
        "Puppet accidentally restarted the proxy.",
        "The engineer on call rolled the release back.",
        "The configuration was mistakenly applied to all zones by the script.",
        "10:04 <ann> she forgot her laptop",
        "> The engineer forgot to drain the node.",
    ],
)
def test_machines_and_quotations_are_not_blamed(sentence: str) -> None:
    assert not rules_of(f"## Summary\n\n{sentence}\n") & {"blame.person", "blame.language"}


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("We could have noticed this earlier.", True),
        ("This should have been tested on staging.", True),
        ("The outage could have been avoided.", True),
        ("If we had deployed them apart, the fault would have been found.", True),
        ("We could not have known that.", False),
        ("The replica should have taken over.", False),
        ("If only one replica is left, writes stop.", False),
    ],
)
def test_hindsight(sentence: str, *, found: bool) -> None:
    assert ("hindsight.should-have" in rules_of(f"## Timeline\n\n{sentence}\n")) is found
    assert "hindsight.should-have" not in rules_of(f"## Action items\n\n- {sentence}\n")


def _points(*lines: str) -> str:
    return "## Stats\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (_points("Started: 2026-03-01 10:00", "Resolved: 2026-03-01 09:30"), True),
        (_points("Started: 2026-03-01 10:00", "Resolved: 2026-03-01 10:30"), False),
        (_points("Started: 2026-03-01 10:00", "Detected: 2026-03-01 10:10", "Time to detect: 25 minutes"), True),
        (_points("Started: 2026-03-01 10:00", "Detected: 2026-03-01 10:10", "Time to detect: 10 minutes"), False),
        (
            _points("Started: 2026-03-01 10:00", "Resolved: 2026-03-03 10:00", "Time to resolve: 9h (support hours)"),
            False,
        ),
        ("**Duration:** 21:08 to 22:15 UTC (127 minutes)\n", True),
        ("**Duration:** 21:08 to 22:15 UTC (67 minutes)\n", False),
        ("**Duration:** 23:50 to 00:20 UTC (30 minutes)\n", False),
        ("## Timeline 2026-03-01 (UTC)\n\n- 10:00 a\n- 10:20 b\n- 10:10 c\n", True),
        ("## Timeline 2026-03-01 (UTC)\n\n- 10:00 a\n- 10:20 b\n- 10:30 c\n", False),
        ("## Timeline 2026-03-01 (UTC)\n\n- 22:00 a\n- 23:50 b\n- 00:10 c\n", False),
        ("## Timeline 2026-03-01 (UTC)\n\n- 10:30 c\n- 10:20 b\n- 10:10 a\n", False),
    ],
)
def test_times_that_cannot_both_hold(text: str, *, found: bool) -> None:
    """Midnight, working hours and a timeline told backwards are no contradictions."""
    assert ("time.contradiction" in rules_of(text)) is found


def test_a_section_is_missed_once_and_by_name() -> None:
    missing = {
        remark.quote
        for remark in review("# Outage\n\n**Impact**: nobody noticed\n\nTime to detect: 4 minutes\n")
        if remark.rule == "section.missing"
    }
    assert missing == {"timeline", "root cause", "action items", "lessons"}


def test_an_item_with_a_ticket_is_tracked_elsewhere() -> None:
    """The ticket carries owner and date."""
    found = rules_of("## Action items\n\n- Add an alert on the age of the queue (OPS-17)\n")
    assert not found & {"action.no-owner", "action.no-due"}


def test_converted_documents_lost_their_pictures() -> None:
    """A DOCX with a screenshot arrives without it: missing evidence cannot be told from lost evidence."""
    text = "## Impact\n\n12 % of the requests failed.\n"
    assert "claim.no-evidence" in rules_of(text)
    assert "claim.no-evidence" not in rules_of(text, kind="docx")


@given(st.text(max_size=400))
def test_no_text_makes_it_fail(text: str) -> None:
    remarks = review(text)
    assert all(isinstance(one, Remark) and 1 <= one.line <= max(1, len(text.splitlines())) for one in remarks)
    assert list(remarks) == sorted(remarks, key=lambda one: (one.line, one.rule, one.quote))
