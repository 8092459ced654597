"""Opsgenie's alerts."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, truncated

from afterword.model.event import Kind
from afterword.sources.opsgenie import SOURCE

ALERT: dict[str, Any] = {
    "id": "a", "tinyId": "12", "alias": "queue", "message": "QueueFull", "status": "closed", "priority": "P1", "createdAt": "2026-03-02T09:00:00.5Z", "owner": "sam@x.example",
    "entity": "mailer", "description": "the queue is full", "count": 4, "report": {"ackTime": 90_500, "closeTime": 3_600_000, "acknowledgedBy": "sam@x.example", "closedBy": "nora@x.example"},
}  # fmt: skip
SAMPLE = json.dumps({"data": [ALERT], "took": 0.1}).encode()
NS = 1_772_442_000 * 10**9 + 500_000_000


def test_an_alert_says_when_it_was_opened_acknowledged_and_closed() -> None:
    made = events(SOURCE, SAMPLE)
    assert [(e.kind, e.attributes["state"], e.at, e.attributes["person"]) for e in made] == [
        (Kind.PAGE, "triggered", NS, "sam@x.example"),
        (Kind.PAGE, "acknowledged", NS + 90_500_000_000, "sam@x.example"),
        (Kind.PAGE, "resolved", NS + 3_600 * 10**9, "nora@x.example"),
    ]
    assert {(e.subject, e.name, e.text) for e in made} == {("mailer", "QueueFull", "the queue is full")}
    assert SOURCE.sniff(SAMPLE) > 0.9
    check(SOURCE, SAMPLE)


def test_without_a_time_of_creation_nothing_else_has_one() -> None:
    raw = json.dumps([{**ALERT, "createdAt": "?"}]).encode()
    assert [e.at for e in events(SOURCE, raw)] == [None]
    assert [p.code for p in problems(SOURCE, raw)] == ["time"]


def test_other_alerts_are_left_to_others() -> None:
    assert SOURCE.sniff(b'{"data":[{"id":1,"createdAt":"2026-01-01"}]}') == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
