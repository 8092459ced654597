"""Jira and ServiceNow tell of changes, each with its own idea of a time."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.sources.tickets_json import SOURCE

ISSUE = {
    "id": "10", "key": "CHG-7", "self": "https://jira.test/rest/api/3/issue/10",
    "fields": {
        "summary": "Bigger pool", "description": {"type": "doc", "content": []}, "issuetype": {"name": "Change"}, "status": {"name": "Done"},
        "created": "2026-03-02T08:05:00.000+0100", "updated": "2026-03-02T09:50:00.000+0100", "resolutiondate": "2026-03-02T10:05:00.000+0100",
        "assignee": {"displayName": "Nora Lind", "emailAddress": "nora@acme.test"}, "components": [{"id": "1", "name": "pay"}, {"id": "2", "name": "cart"}],
        "project": {"key": "CHG", "name": "Changes"}, "priority": {"name": "High"},
    },
}  # fmt: skip


def both(stored: str, shown: str) -> dict[str, str]:
    return {"value": stored, "display_value": shown}


REQUEST = {
    "number": both("CHG0030001", "CHG0030001"), "short_description": both("Bigger pool", "Bigger pool"), "type": both("normal", "Normal"), "state": both("3", "Closed"),
    "risk": both("3", "Moderate"), "cmdb_ci": {**both("a1b2", "pay"), "link": "https://now.test"}, "assigned_to": both("u1", "Nora Lind"),
    "work_start": both("2026-03-02 09:05:00", "2026-03-02 01:05:00"), "work_end": both("2026-03-02 09:10:00", "2026-03-02 01:10:00"),
    "start_date": both("2026-03-02 09:00:00", "2026-03-02 01:00:00"),
}  # fmt: skip
SAMPLE = json.dumps({"result": [REQUEST]}, indent=1).encode()


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def test_a_change_request_counts_when_the_work_began_as_it_is_stored() -> None:
    """What is shown is eight hours off: the zone of whoever asked."""
    check(SOURCE, SAMPLE)
    (made,) = events(SOURCE, SAMPLE)
    assert (made.at, made.until, made.offset) == (ns("2026-03-02T09:05:00Z"), ns("2026-03-02T09:10:00Z"), 0)
    assert (made.subject, made.name, made.text, made.attributes["who"]) == (
        "pay",
        "CHG0030001",
        "Bigger pool",
        "Nora Lind",
    )
    assert made.attributes["state"] == "Closed"


def test_planned_work_counts_where_nothing_was_begun() -> None:
    raw = json.dumps({"result": [{**REQUEST, "work_start": both("", ""), "work_end": both("", "")}]}).encode()
    assert [(e.at, e.until) for e in events(SOURCE, raw)] == [(ns("2026-03-02T09:00:00Z"), None)]


def test_an_issue_counts_when_it_was_done() -> None:
    raw = json.dumps({"issues": [ISSUE], "isLast": True}).encode()
    check(SOURCE, raw)
    assert SOURCE.sniff(raw) > 0.9
    (made,) = events(SOURCE, raw)
    assert (made.at, made.subject, made.name, made.text) == (ns("2026-03-02T09:05:00Z"), "pay", "CHG-7", "Bigger pool")
    assert (made.attributes["who"], made.attributes["components"]) == ("Nora Lind", "cart")


def test_other_records_are_left_to_others() -> None:
    for raw in (b'{"result": [{"number": "CHG1"}]}', b'{"issues": [{"key": "x", "fields": {}}]}', b"{}"):
        assert SOURCE.sniff(raw) == 0.0
    assert [p.code for p in problems(SOURCE, b'[{"a": 1}]')] == ["ticket-shape"]


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=3)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda s: st.lists(s, max_size=3) | st.dictionaries(st.sampled_from(["result", "issues", "number", "value", "display_value", "key", "fields", "created", "status", "components"]), s, max_size=5), max_leaves=15))  # fmt: skip
def test_any_json(value: Any) -> None:
    check(SOURCE, json.dumps(value).encode())
