"""PagerDuty's incidents, log entries and webhooks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, skipped, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Kind
from afterword.reading import inbox_item
from afterword.sources.pagerduty import SOURCE


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def entry(kind: str, at: str, **more: Any) -> dict[str, Any]:
    return {
        "id": kind,
        "type": f"{kind}_log_entry",
        "summary": f"{kind} it",
        "created_at": at,
        "agent": {"type": "user_reference", "summary": "Nora Niemi"},
        "channel": {"type": "api"},
        "service": {"type": "service_reference", "summary": "mailer"},
        "incident": {"type": "incident_reference", "summary": "[#7] QueueFull"},
        **more,
    }


ENTRIES = [
    entry("resolve", "2026-03-02T10:00:00Z"),
    entry("annotate", "2026-03-02T09:20:00Z", channel={"type": "note", "summary": "it is the queue"}),
    entry("escalate", "2026-03-02T09:10:00Z", assignees=[{"summary": "Sam"}]),
    entry("acknowledge", "2026-03-02T09:05:00Z"),
    entry(
        "notify",
        "2026-03-02T09:00:30+01:00",
        user={"summary": "Sam"},
        channel={"type": "auto", "notification": {"type": "sms"}},
    ),
    entry("trigger", "2026-03-02T09:00:00Z"),
    entry("snooze", "2026-03-02T09:06:00Z"),
]
SAMPLE = json.dumps({"log_entries": ENTRIES, "limit": 25, "more": False}, indent=1).encode()


def test_log_entries_tell_what_people_did() -> None:
    made = events(SOURCE, SAMPLE)
    assert [(e.kind, e.attributes.get("state", "")) for e in made] == [
        (Kind.PAGE, "resolved"),
        (Kind.MESSAGE, ""),
        (Kind.PAGE, "escalated"),
        (Kind.PAGE, "acknowledged"),
        (Kind.PAGE, "triggered"),
        (Kind.PAGE, "triggered"),
    ]
    assert {e.subject for e in made} == {"mailer"}
    assert made[0].at == ns("2026-03-02T10:00:00Z")
    assert made[0].name == "[#7] QueueFull"
    assert (made[1].name, made[1].text) == ("Nora Niemi", "it is the queue")
    assert [made[i].attributes["person"] for i in (2, 3, 4)] == ["Sam", "Nora Niemi", "Sam"]
    assert (made[4].offset, made[4].attributes["notification"]) == (60, "sms")
    assert json.loads(said(SAMPLE, made[3])) == ENTRIES[3]
    assert [s.reason for s in skipped(SOURCE, SAMPLE)] == ["a log entry that pages nobody: snooze"]
    assert SOURCE.sniff(SAMPLE) > 0.9


INCIDENT: dict[str, Any] = {
    "id": "P1", "incident_number": 7, "title": "QueueFull", "status": "resolved", "urgency": "high", "created_at": "2026-03-02T09:00:00Z",
    "service": {"summary": "mailer"}, "escalation_policy": {}, "assignments": [{"assignee": {"summary": "Sam"}}],
    "acknowledgements": [{"at": "2026-03-02T09:07:00Z", "acknowledger": {"summary": "Sam"}}, {"at": "2026-03-02T09:05:00Z", "acknowledger": {"summary": "Nora"}}],
    "last_status_change_at": "2026-03-02T10:00:00Z", "last_status_change_by": {"summary": "Nora"},
}  # fmt: skip


def test_an_incident_alone_says_three_moments_from_one_place() -> None:
    raw = json.dumps({"incidents": [INCIDENT]}).encode()
    made = events(SOURCE, raw)
    assert [(e.attributes["state"], e.at, e.attributes["person"]) for e in made] == [
        ("triggered", ns("2026-03-02T09:00:00Z"), "Sam"),
        ("acknowledged", ns("2026-03-02T09:05:00Z"), "Nora"),
        ("resolved", ns("2026-03-02T10:00:00Z"), "Nora"),
    ]
    assert len({(e.place.start, e.place.end) for e in made}) == 1
    assert [e.place.part for e in made] == ["triggered", "acknowledged", "resolved"]
    assert SOURCE.sniff(raw) > 0.9


def test_an_incident_with_its_entries_is_told_by_them() -> None:
    inner = [{k: v for k, v in one.items() if k not in ("incident", "service")} for one in ENTRIES]
    raw = json.dumps({"incident": {}, "incidents": [{**INCIDENT, "log_entries": inner}]}).encode()
    made = events(SOURCE, raw)
    assert len(made) == 6
    assert {(e.subject, e.name) for e in made if e.kind is Kind.PAGE} == {("mailer", "QueueFull")}
    check(SOURCE, raw)


@pytest.mark.parametrize(("kind", "state"), [("triggered", "triggered"), ("acknowledged", "acknowledged"), ("escalated", "escalated"), ("resolved", "resolved")])  # fmt: skip
def test_webhooks(kind: str, state: str) -> None:
    hook = {"event": {"id": "1", "event_type": f"incident.{kind}", "occurred_at": "2026-03-02T09:00:00.123Z", "agent": {"summary": "Sam"}, "data": {"type": "incident", "title": "QueueFull", "service": {"summary": "mailer"}}}}  # fmt: skip
    raw = json.dumps(hook).encode() + b"\n"
    [one] = events(SOURCE, raw * 1)
    assert (one.subject, one.name, one.attributes["state"], one.at) == ("mailer", "QueueFull", state, ns("2026-03-02T09:00:00.123Z"))  # fmt: skip
    assert SOURCE.sniff(raw) > 0.9


def test_the_webhook_of_a_note_is_a_message() -> None:
    hook = {"event": {"event_type": "incident.annotated", "occurred_at": "2026-03-02T09:00:00Z", "agent": {"summary": "Sam"}, "data": {"content": "rolled back", "incident": {"summary": "QueueFull", "service": {"summary": "mailer"}}}}}  # fmt: skip
    [one] = events(SOURCE, json.dumps(hook).encode())
    assert (one.kind, one.name, one.text, one.subject) == (Kind.MESSAGE, "Sam", "rolled back", "mailer")


def test_what_is_no_incident_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'{"incidents": [{"a": 1}]}')] == ["pagerduty-shape"]


def test_other_incidents_are_left_to_others() -> None:
    for raw in (b'{"incidents":[{"id":"x","status":"resolved","impact":"major","incident_updates":[]}]}', b'{"type":"log","created_at":"2026-01-01T00:00:00Z"}\n'):  # fmt: skip
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=3)


def test_change_events_are_changes() -> None:
    change = {"id": "01B", "type": "change_event", "summary": "Build 2 rolled out", "timestamp": "2026-03-02T09:05:00Z", "source": "pipeline", "services": [{"id": "P1", "type": "service_reference"}], "custom_details": {"service": "mailer", "version": "2"}}  # fmt: skip
    raw = json.dumps({"change_events": [change, {**change, "custom_details": None}], "more": False}).encode()
    assert SOURCE.sniff(raw) > 0.9
    made = events(SOURCE, raw)
    assert [(e.kind.value, e.subject, e.text, e.attributes.get("version")) for e in made] == [("change", "mailer", "Build 2 rolled out", "2"), ("change", "", "Build 2 rolled out", None)]  # fmt: skip


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


def test_a_webhook_that_was_received() -> None:
    event = {
        "event": {
            "id": "5AC64822", "event_type": "incident.triggered", "occurred_at": "2026-03-14T09:02:00.500Z", "agent": {"summary": "Prometheus"},
            "data": {"id": "Q1", "type": "incident", "title": "cart is slow", "service": {"summary": "cart"}, "urgency": "high"},
        }
    }  # fmt: skip
    raw = inbox_item.line("pagerduty", 1773478980_000000000, {}, json.dumps(event).encode())
    assert SOURCE.sniff(raw) > 0.9
    [one] = events(SOURCE, raw)
    assert (one.subject, one.name, one.attributes["state"], one.at) == (
        "cart",
        "cart is slow",
        "triggered",
        1773478920_500000000,
    )
    check(SOURCE, raw * 2)
    truncated(SOURCE, raw, 7)


def test_a_ping_pages_nobody() -> None:
    raw = inbox_item.line("pagerduty", 1773478980_000000000, {}, b'{"event": {"id": "x", "event_type": "pagey.ping"}}')
    assert SOURCE.sniff(raw) > 0.9
    assert [one.reason for one in skipped(SOURCE, raw)] == ["an event that pages nobody: pagey.ping"]
    assert not problems(SOURCE, raw)
