"""Events that AWS tells of its own resources."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.model.event import Kind
from afterword.sources.aws_events import SOURCE

EVENT = {
    "SourceIdentifier": "mail-db",
    "SourceType": "db-instance",
    "Message": "Failover started.",
    "EventCategories": ["failover", "availability"],
    "Date": "2026-03-02T09:00:00.000Z",
}
SAMPLE = json.dumps({"Events": [EVENT]}, indent=1).encode()
NS = 1_772_442_000 * 10**9


def test_an_event_of_a_database() -> None:
    [one] = events(SOURCE, SAMPLE)
    assert (one.kind, one.subject, one.name, one.text, one.at) == (Kind.STATE, "db-instance/mail-db", "failover, availability", "Failover started.", NS)  # fmt: skip
    assert json.loads(said(SAMPLE, one)) == EVENT
    assert SOURCE.sniff(SAMPLE) == 0.9


def test_an_event_of_aws_health_is_a_status() -> None:
    raw = json.dumps({"events": [{"service": "EC2", "eventTypeCode": "AWS_EC2_OPERATIONAL_ISSUE", "eventTypeCategory": "issue", "region": "eu-north-1", "startTime": 1_772_442_000.5, "endTime": 1_772_445_600, "statusCode": "closed"}]}).encode()  # fmt: skip
    [one] = events(SOURCE, raw)
    assert (one.kind, one.subject, one.name, one.at, one.until) == (
        Kind.STATUS,
        "aws EC2",
        "closed",
        NS + 500_000_000,
        NS + 3_600 * 10**9,
    )
    assert SOURCE.sniff(raw) == 0.9


def test_what_is_no_such_event_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'{"events":[{"a":1}]}')] == ["aws-event-shape"]
    assert SOURCE.sniff(b'{"events":[{"timestamp":1,"message":"x"}]}') == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_events_of_whole_incidents() -> None:
    for path in sorted(shared("rca", "opensre-rds").glob("*/aws_rds_events.json")):
        raw = path.read_bytes()
        if json.loads(raw)["events"]:
            assert SOURCE.sniff(raw) == 0.9
            assert all(e.at and e.text for e in events(SOURCE, raw))
        check(SOURCE, raw)
