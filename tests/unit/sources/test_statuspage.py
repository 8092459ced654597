"""What status pages say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Kind
from afterword.sources.statuspage import SOURCE


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


UPDATES = [
    {"status": "resolved", "body": "Back.", "display_at": "2026-03-02T10:00:00.000Z", "created_at": "2026-03-02T10:00:00.000Z"},
    {"status": "investigating", "body": "Mail is late.", "display_at": "2026-03-02T09:10:00.000Z", "created_at": "2026-03-02T12:00:00.000Z"},
]  # fmt: skip
INCIDENT: dict[str, Any] = {"id": "a", "name": "Delayed mail", "status": "resolved", "impact": "minor", "created_at": "2026-03-02T12:00:00Z", "shortlink": "https://stspg.io/x", "incident_updates": UPDATES, "components": [{"name": "SMTP"}]}  # fmt: skip
PAGE = {"id": "p", "name": "Mailhost", "url": "https://status.mailhost.example"}
SAMPLE = json.dumps({"page": PAGE, "incidents": [INCIDENT]}, indent=1).encode()


def test_each_update_counts_when_it_is_shown() -> None:
    """The page was filled in three hours later."""
    resolved, first = events(SOURCE, SAMPLE)
    assert (first.kind, first.name, first.at) == (Kind.STATUS, "investigating", ns("2026-03-02T09:10:00Z"))
    assert first.text == "Delayed mail: Mail is late."
    assert first.attributes["recorded"] == "2026-03-02T12:00:00.000Z"
    assert "recorded" not in resolved.attributes
    assert (first.attributes["impact"], first.attributes["components"], first.subject) == ("minor", "SMTP", "Mailhost")
    assert json.loads(said(SAMPLE, first)) == UPDATES[1]
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_the_provider_is_the_page_where_it_is_known() -> None:
    [one, *_] = events(SOURCE, json.dumps([INCIDENT]).encode())
    assert one.subject == "SMTP"
    [one, *_] = events(SOURCE, json.dumps([{**INCIDENT, "url": "https://status.mailhost.example/i/1"}]).encode())
    assert one.subject == "status.mailhost.example"


def test_how_things_are_now() -> None:
    summary = {"page": {"name": "Mailhost", "updated_at": "2026-03-02T09:30:00Z"}, "status": {"indicator": "major", "description": "Partial outage"}, "components": [{"name": "SMTP", "status": "partial_outage", "updated_at": "2026-03-02T09:11:00Z"}, {"name": "IMAP", "status": "operational"}]}  # fmt: skip
    raw = json.dumps(summary).encode()
    whole, smtp = events(SOURCE, raw)
    assert (whole.subject, whole.name, whole.text, whole.at) == (
        "Mailhost",
        "major",
        "Partial outage",
        ns("2026-03-02T09:30:00Z"),
    )
    assert (smtp.name, smtp.text, smtp.at) == ("partial_outage", "SMTP: partial_outage", ns("2026-03-02T09:11:00Z"))
    assert SOURCE.sniff(raw) > 0.8
    check(SOURCE, raw)


def test_what_is_no_incident_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'{"incidents":[{"a":1}]}')] == ["status-shape"]


def test_other_incidents_are_left_to_others() -> None:
    for raw in (b'{"incidents":[{"incident_number":1,"status":"resolved","urgency":"high","title":"x"}]}', b'{"name":"x","updates":[1,2]}', b'{"messages":[{"text":"hi"}]}'):  # fmt: skip
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=2)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_years_of_a_real_page() -> None:
    raw = shared("incident-history", "github-status", "incidents.jsonl").read_bytes()
    assert SOURCE.sniff(raw[: 1 << 16]) > 0.8
    made = check(SOURCE, raw)
    rows = [json.loads(line) for line in raw.splitlines() if line.strip()]
    assert len(made) == sum(len(row["updates"]) for row in rows)
    assert all(e.at is not None for e in events(SOURCE, raw))


FEED: dict[str, Any] = {
    "provider": "mailhost", "source": "https://status.mailhost.example/api/v2/incidents.json", "fetched_at": "2026-03-02T09:30:00Z",
    "components": [{"name": "SMTP", "endpoint": "smtp.mailhost.example", "status": "partial_outage"}],
    "incidents": [{"name": "Delayed mail", "impact": "major", "status": "monitoring", "started_at": "2026-03-02T09:04:00Z", "updates": [{"timestamp": "2026-03-02T09:06:00Z", "body": "Mail is late."}]}],
    "error_rate_pct": [{"timestamp": "2026-03-02T09:00:00Z", "endpoint": "smtp.mailhost.example", "value": 0.3}, {"timestamp": "2026-03-02T09:05:00Z", "endpoint": "smtp.mailhost.example", "value": 71.2}],
}  # fmt: skip


def test_a_feed_tells_when_it_began_what_was_said_and_how_bad_it_was() -> None:
    raw = json.dumps(FEED, indent=1).encode()
    began, update, component, low, high = check(SOURCE, raw)
    assert (began.subject, began.name, began.text, began.at) == (
        "mailhost",
        "major",
        "Delayed mail",
        ns("2026-03-02T09:04:00Z"),
    )  # type: ignore[union-attr]
    assert (update.name, update.text, update.at) == ("major", "Delayed mail: Mail is late.", ns("2026-03-02T09:06:00Z"))  # type: ignore[union-attr]
    assert (component.name, component.at) == ("partial_outage", ns("2026-03-02T09:30:00Z"))  # type: ignore[union-attr]
    assert [(m.kind, m.subject, m.name, m.value) for m in (low, high)] == [  # type: ignore[union-attr]
        (Kind.METRIC, "smtp.mailhost.example", "error_rate_pct", 0.3),
        (Kind.METRIC, "smtp.mailhost.example", "error_rate_pct", 71.2),
    ]
    assert said(raw, began) == '"2026-03-02T09:04:00Z"'  # type: ignore[arg-type]
    assert SOURCE.sniff(raw) > 0.9


@pytest.mark.shared
def test_the_feed_of_a_real_incident() -> None:
    raw = shared(
        "rca", "rootcausebench", "upstream-payment-provider-outage", "evidence", "status_feed.json"
    ).read_bytes()
    assert SOURCE.sniff(raw) > 0.9
    made = check(SOURCE, raw)
    assert len([e for e in made if getattr(e, "kind", "") is Kind.STATUS]) == 6
    assert len([e for e in made if getattr(e, "kind", "") is Kind.METRIC]) == 10
