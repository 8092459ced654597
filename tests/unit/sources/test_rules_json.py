"""Alert rules as the API answers them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, recordings, said, shared, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.rules_json import SOURCE

RULE: dict[str, Any] = {
    "state": "firing",
    "name": "QueueFull",
    "query": "queue_size > 10",
    "duration": 120,
    "labels": {"severity": "critical"},
    "annotations": {"summary": "full", "runbook_url": "https://runbooks.example/q"},
    "alerts": [{"labels": {"alertname": "QueueFull", "service": "mailer"}, "state": "firing", "activeAt": "2026-03-02T08:58:00Z", "value": "12"}],
    "type": "alerting",
}  # fmt: skip
SAMPLE = json.dumps({"status": "success", "data": {"groups": [{"name": "mail", "rules": [RULE, {"name": "mail:rate", "query": "x", "type": "recording"}, {**RULE, "name": "Quiet", "alerts": []}]}]}}).encode()  # fmt: skip


def test_a_rule_and_the_alert_that_fires_under_it_share_a_place() -> None:
    rule, alert, quiet = events(SOURCE, SAMPLE)
    assert (rule.kind, rule.subject, rule.name, rule.text) == (Kind.RULE, "mail", "QueueFull", "queue_size > 10")
    assert rule.attributes == {"for": "120s", "severity": "critical", "runbook": "https://runbooks.example/q", "summary": "full"}  # fmt: skip
    assert (alert.kind, alert.subject, alert.name) == (Kind.ALERT, "mailer", "QueueFull")
    assert (rule.place.part, alert.place.part, quiet.place.part) == ("rule", "alert 1", "")
    assert (rule.place.start, rule.place.end) == (alert.place.start, alert.place.end)
    assert json.loads(said(SAMPLE, rule)) == RULE
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_the_alert_fired_when_its_rule_had_waited() -> None:
    """It became true at 08:58, and the rule waits for two minutes."""
    assert events(SOURCE, SAMPLE)[1].at == 1_772_442_000 * 10**9


def test_recording_rules_are_skipped() -> None:
    assert [one.reason for one in skipped(SOURCE, SAMPLE)] == ["a recording rule"]


def test_a_rule_without_a_name_is_set_aside() -> None:
    raw = b'{"groups":[{"name":"g","rules":[{"query":"x"},3]},{"name":"h"}]}'
    assert [p.code for p in problems(SOURCE, raw)] == ["rule-shape"] * 3


def test_other_answers_are_left_to_others() -> None:
    for raw in (
        b'{"status":"success","data":{"alerts":[]}}',
        b'{"groups":[{"rules":[{"host":"a"}]}]}',
        b'[{"rules":1}]',
    ):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_what_a_real_server_answered() -> None:
    raw = shared("formats", "prometheus_rules.json").read_bytes()
    assert SOURCE.sniff(raw) > 0.9
    check(SOURCE, raw)
    assert [(e.kind, e.name) for e in events(SOURCE, raw)] == [(Kind.RULE, "AlwaysLoad"), (Kind.ALERT, "AlwaysLoad")]


def test_our_own_recordings() -> None:
    for path in recordings("*/evidence/alerts/rules.json"):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw) > 0.9
        check(SOURCE, raw)
