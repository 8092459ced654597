"""AWS CloudTrail."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.cloudtrail import SOURCE

RECORD: dict[str, Any] = {
    "eventVersion": "1.08", "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/deployer/nora"}, "eventTime": "2026-03-02T09:00:00Z", "eventSource": "rds.amazonaws.com",
    "eventName": "ModifyDBInstance", "awsRegion": "eu-north-1", "requestParameters": {"dBInstanceIdentifier": "mail-db", "maxConnections": 50}, "eventID": "e-1", "readOnly": False,
}  # fmt: skip
SAMPLE = json.dumps({"Records": [RECORD, {**RECORD, "eventName": "UpdateService", "eventSource": "ecs.amazonaws.com", "requestParameters": {"service": "arn:aws:ecs:x:1:service/prod/mailer"}}]}).encode()  # fmt: skip


def test_a_request_that_changed_something() -> None:
    first, second = events(SOURCE, SAMPLE)
    assert (first.kind, first.subject, first.name, first.text) == (
        Kind.CHANGE,
        "mail-db",
        "e-1",
        "ModifyDBInstance (rds) on mail-db",
    )
    assert first.at == 1_772_442_000 * 10**9
    assert (first.attributes["change"], first.attributes["who"]) == ("config", "nora")
    assert '+ "maxConnections": 50' in first.attributes["diff"]
    assert (second.subject, second.attributes["change"]) == ("mailer", "deploy")
    assert json.loads(said(SAMPLE, first)) == RECORD
    assert SOURCE.sniff(SAMPLE) > 0.9


@pytest.mark.parametrize("odd", [{"readOnly": True}, {"eventName": "DescribeInstances"}, {"errorCode": "AccessDenied"}])
def test_reads_and_refusals_are_skipped(odd: dict[str, Any]) -> None:
    assert len(skipped(SOURCE, json.dumps({"Records": [{**RECORD, **odd}]}).encode())) == 1


def test_an_event_of_the_bus_has_its_record_inside() -> None:
    raw = json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": RECORD}).encode()
    assert [e.name for e in events(SOURCE, raw)] == ["e-1"]
    assert SOURCE.sniff(raw) > 0.9


def test_what_lookup_events_answers_holds_the_record_as_a_text() -> None:
    known = {"EventId": "e-1", "EventName": RECORD["eventName"], "EventTime": 1772442300, "EventSource": RECORD["eventSource"], "Username": "nora"}  # fmt: skip
    whole = json.dumps({"Events": [{**known, "CloudTrailEvent": json.dumps(RECORD)}], "NextToken": "x"}).encode()
    assert SOURCE.sniff(whole) > 0.9
    assert [e.attributes for e in events(SOURCE, whole)] == [events(SOURCE, SAMPLE)[0].attributes]
    broken = json.dumps({"Events": [{**known, "CloudTrailEvent": "{"}]}).encode()
    assert [(e.name, e.attributes["who"]) for e in events(SOURCE, broken)] == [("e-1", "nora")]


def test_what_is_no_record_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'{"Records":[{"a":1}]}')] == ["cloudtrail-shape"]
    assert SOURCE.sniff(b'{"eventName":"x","message":"y"}\n') == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=2)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


def test_a_person_who_was_refused_is_told_and_a_program_that_was_is_not() -> None:
    def refused(identity: dict[str, str]) -> bytes:
        record = {"eventSource": "rds.amazonaws.com", "eventName": "RebootDBInstance", "eventTime": "2026-03-02T09:00:00Z", "errorCode": "AccessDenied", "userIdentity": identity, "requestParameters": {"dBInstanceIdentifier": "shop"}}  # fmt: skip
        return json.dumps({"Records": [record]}).encode()

    (one,) = events(SOURCE, refused({"type": "IAMUser", "userName": "nora"}))
    assert (one.kind, one.subject, one.name, one.attributes["check"]) == (
        Kind.CHECK,
        "shop",
        "RebootDBInstance",
        "access",
    )
    assert events(SOURCE, refused({"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/build/i-1"})) == []
