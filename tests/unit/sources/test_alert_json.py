"""Alerts as plain objects."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.model.event import Kind
from afterword.sources.alert_json import SOURCE

ALERT: dict[str, Any] = {
    "service": "mailer",
    "metric": "queue_age_seconds",
    "threshold": 0,
    "observed": 12.5,
    "fired_at": "2026-03-02T09:00:00Z",
    "severity": "high",
    "monitor": "mailer-queue-age",
    "summary": "mail waits",
}
SAMPLE = json.dumps(ALERT, indent=2).encode()
NS = 1_772_442_000 * 10**9


def one(value: Any) -> Any:
    [found] = events(SOURCE, json.dumps(value).encode())
    return found


def test_an_alert_says_what_is_wrong_where_since_when() -> None:
    [found] = events(SOURCE, SAMPLE)
    assert (found.kind, found.subject, found.name, found.at) == (Kind.ALERT, "mailer", "mailer-queue-age", NS)
    assert (found.text, found.severity) == ("mail waits", "error")
    assert found.attributes == {"state": "firing", "metric": "queue_age_seconds", "threshold": "0", "observed": "12.5", "severity": "high"}  # fmt: skip
    assert json.loads(said(SAMPLE, found)) == ALERT


def test_a_threshold_of_zero_is_a_threshold() -> None:
    assert one(ALERT).attributes["threshold"] == "0"


def test_several_alerts_in_an_envelope_each_have_their_place() -> None:
    raw = json.dumps({"alert_count": 2, "alerts": [ALERT, {**ALERT, "monitor": "b", "resolved_at": "2026-03-02T09:10:00Z", "status": "Resolved"}]}).encode()  # fmt: skip
    first, second = events(SOURCE, raw)
    assert (first.until, second.until) == (None, NS + 600 * 10**9)
    assert second.attributes["state"] == "resolved"
    assert SOURCE.sniff(raw) > 0.8


def test_a_datadog_monitor_names_its_service_in_its_tags() -> None:
    found = one({"id": 1, "name": "p99 of api", "query": "avg:x{*} > 1", "overall_state": "Alert", "message": "slow", "tags": ["env:prod", "service:api"], "monitor_id": 1, "last_triggered_at": 1_772_442_000, "thresholds": {"critical": 1}})  # fmt: skip
    assert (found.subject, found.name, found.at) == ("api", "p99 of api", NS)


def test_a_cloudwatch_alarm_names_its_dimension() -> None:
    alarm = {"AlarmName": "cpu-high", "AlarmDescription": "cpu", "NewStateValue": "ALARM", "NewStateReason": "Threshold Crossed", "StateChangeTime": "2026-03-02T09:00:00.000+0000", "Trigger": {"MetricName": "CPUUtilization", "Threshold": 80.0, "Dimensions": [{"name": "DBInstanceIdentifier", "value": "orders-db"}]}}  # fmt: skip
    found = one(alarm)
    assert (found.subject, found.name, found.at, found.text) == ("orders-db", "cpu-high", NS, "Threshold Crossed")
    assert (found.attributes["metric"], found.attributes["threshold"]) == ("CPUUtilization", "80.0")
    assert SOURCE.sniff(json.dumps(alarm).encode()) > 0.8


def test_a_stretch_of_time_in_one_text() -> None:
    found = one({"alerts": [{"type": "Service", "name": "ads", "time_range": "2026-03-02 09:00:00 ~ 2026-03-02 09:02:00", "status": "ABNORMAL", "evidence": ["a", "b"]}]})  # fmt: skip
    assert (found.subject, found.at, found.until, found.offset, found.text) == (
        "ads",
        NS,
        NS + 120 * 10**9,
        None,
        "a\nb",
    )


def test_an_alert_without_a_time_is_kept_undated() -> None:
    raw = json.dumps({k: v for k, v in ALERT.items() if k != "fired_at"}).encode()
    assert events(SOURCE, raw)[0].at is None
    assert [p.code for p in problems(SOURCE, raw)] == ["time"]


def test_rules_metrics_and_logs_are_left_to_others() -> None:
    for raw in (
        b'{"alert":"A","expr":"up == 0","labels":{}}',
        b'{"metric":{"__name__":"up"},"threshold":1,"alert":"x","values":[]}',
        b'{"time":"2026-01-01T00:00:00Z","level":"warn","message":"over the limit","threshold":5,"observed":9,"monitor":"x"}\n',
        b'{"service":"a","timestamp":"2026-01-01T00:00:00Z","message":"alert fired","severity":"ERROR"}\n',
    ):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_alerts_of_whole_incidents() -> None:
    for path in sorted(shared("rca", "rootcausebench").glob("*/evidence/alert.json")):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw) > 0.8
        [found] = events(SOURCE, raw)
        assert found.at is not None
        assert found.subject
        assert {"metric", "threshold", "observed"} <= found.attributes.keys()
