"""Alerts as plain objects: a service, a metric, its threshold, what was observed, when; monitors of Datadog and alarms of CloudWatch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = (
    "alerts",
    "alert",
    "data",
    "items",
    "events",
    "incidents",
    "monitors",
    "MetricAlarms",
    "AlarmHistoryItems",
    "results",
)
_NAME = ("monitor", "monitor_name", "alert_name", "alertname", "alarm_name", "alarmname", "rule", "rule_name", "rulename", "check", "alert", "title", "name", "policy_name", "condition_name", "id")  # fmt: skip
_START = ("fired_at", "triggered_at", "started_at", "starts_at", "startsat", "opened_at", "activated_at", "start_time", "state_updated_timestamp", "state_transitioned_timestamp", "statechangetime", "event_timestamp", "alert_time", "date", "timestamp", "time", "created_at", "last_triggered_at", "lasttriggered", "at", "ts")  # fmt: skip
_END = ("resolved_at", "ended_at", "ends_at", "endsat", "closed_at", "end_time", "recovered_at", "cleared_at")
_METRIC = ("metric", "metric_name", "metricname", "indicator", "query", "expression", "condition", "signal")
_THRESHOLD = ("threshold", "limit", "critical_threshold", "thresholds")
_OBSERVED = ("observed", "value", "current_value", "observed_value", "actual", "current", "measured")
_TEXT = ("summary", "message", "description", "body", "text", "details", "new_state_reason", "newstatereason", "state_reason", "event_msg", "title", "evidence")  # fmt: skip
_STATE = ("state", "status", "alert_state", "alert_status", "new_state_value", "newstatevalue", "state_value", "overall_state", "transition", "alert_transition", "current_state")  # fmt: skip
_SEVERITY = ("severity", "level", "priority", "alert_priority", "alert_type", "urgency")
_COMPONENT = ("service", "service_name", "component", "app", "application", "host", "hostname", "pod", "resource", "instance", "device_id", "cmdb_id", "name")  # fmt: skip
_RUNBOOK = ("runbook", "runbook_url", "playbook")
#: One of these groups, each with one key at least, makes an object an alert of its own.
_MARKS = (
    {"fired_at", "triggered_at", "opened_at"},
    {"monitor", "monitor_name", "monitor_id", "alertname", "alert_name", "rule_name", "alarm_name", "alarmname", "alert_id", "alert_title", "alert", "condition_name"},
    {"threshold", "thresholds", "observed", "observed_value"},
)  # fmt: skip
_STATES = {
    "ok": "resolved", "resolved": "resolved", "recovered": "resolved", "closed": "resolved", "normal": "resolved", "no data": "no data", "insufficient_data": "no data",
    "muted": "muted", "silenced": "silenced", "suppressed": "suppressed", "pending": "pending", "acknowledged": "firing", "snoozed": "snoozed",
}  # fmt: skip
_TAGGED = re.compile(r"(?:^|[\s,])(?:service|app|component|kube_deployment):([\w.-]+)")
_RANGE = re.compile(r"(.{1,80}?)\s{0,3}(?:~|–|\bto\b)\s*+(.+)")


def sniff(head: bytes) -> float:
    """Sure when an object names its monitor or rule, and a threshold or a moment of firing, and is no rule itself."""
    found = element.peek(head, *_ENVELOPES)[:10]
    return 0.85 if found and sum(map(_is_alert, found)) * 2 > len(found) else 0.0


def _is_alert(one: Mapping[str, Any]) -> bool:
    keys = {name.plain(key) for key in one}
    if isinstance(one.get("metric"), dict) or {"level", "message"} <= keys:
        return False
    if {"expr", "labels", "values", "datapoints", "log_entries", "signature", "tinyid"} & keys or {
        "logger",
        "msg",
        "span_id",
    } & keys:
        return False
    if {"alarmname", "alarm_name"} & keys and {
        "statevalue",
        "state_value",
        "newstatevalue",
        "new_state_value",
        "alarm_configuration_updated_timestamp",
    } & keys:
        return True
    if (
        {"type", "name", "time_range", "status"} <= keys
        or {"rule_name", "state"} <= keys
        or {"alert_transition", "event_type"} & keys == {"alert_transition", "event_type"}
    ):
        return True
    return sum(bool(group & keys) for group in _MARKS) >= 2 or (
        bool(_MARKS[0] & keys) and bool({"severity", "metric"} & keys)
    )


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif not name.text(name.first(node.value, _NAME)):
            yield Problem("no alert: it has no name", node.place(), Gravity.WARNING, "alert-shape")
        else:
            yield from _alert(node, reading)


def _alert(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    start, end = _times(value, reading)
    event = Event(
        Kind.ALERT, node.place(), None, _component(value), name.text(name.first(value, _NAME)), _text(value),
        severity=_severity(value), until=end, attributes=_attributes(value),
    )  # fmt: skip
    yield from fact.dated(event, start, "the start of the alert")


def _times(value: Mapping[str, Any], reading: Reading) -> tuple[Any, int | None]:
    between = _RANGE.fullmatch(name.text(value.get("time_range")))
    if between:
        return moment.stamp(between[1], reading), moment.at(moment.stamp(between[2], reading))
    start = moment.stamp(name.first(value, _START), reading)
    end = name.first(value, _END)
    return start, None if end is None else moment.at(moment.stamp(end, reading))


def _component(value: Mapping[str, Any]) -> str:
    """What the alert is about: stated, or in the tags of a monitor, or the dimensions of an alarm."""
    for key in ("service", "service_name", "component", "app", "application"):
        if isinstance(value.get(key), dict):
            return fact.called(value[key])
    tags = value.get("tags")
    tagged = _TAGGED.search(",".join(map(name.text, tags)) if isinstance(tags, list) else name.text(tags))
    found = name.first({k: v for k, v in value.items() if isinstance(v, str | int)}, _COMPONENT[:-1])
    if found is not None:
        return name.text(found)
    if tagged:
        return tagged[1]
    dimensions = value.get("Dimensions") or dig(value, "Trigger", "Dimensions")
    pairs = [one for one in dimensions if isinstance(one, dict)] if isinstance(dimensions, list) else []
    dimension = next((name.text(one.get("Value") or one.get("value")) for one in pairs), "")
    return dimension or (name.text(value.get("name")) if "time_range" in value else "")


def _text(value: Mapping[str, Any]) -> str:
    found = name.first(value, _TEXT)
    return (
        "\n".join(map(name.text, found))
        if isinstance(found, list)
        else ""
        if isinstance(found, dict)
        else name.text(found)
    )


def _severity(value: Mapping[str, Any]) -> str:
    said = name.text(name.first(value, _SEVERITY)).lower()
    known = {"p1": "fatal", "p2": "error", "p3": "warn", "p4": "info", "p5": "info", "high": "error", "medium": "warn", "low": "info", "sev1": "fatal", "sev2": "error", "sev3": "warn"}  # fmt: skip
    return known.get(said) or name.severity(said)


def _attributes(value: Mapping[str, Any]) -> dict[str, str]:
    state = name.text(name.first(value, _STATE)).lower()
    trigger = value["Trigger"] if isinstance(value.get("Trigger"), dict) else {}
    return fact.attributes(
        {
            "state": _STATES.get(state, "firing"),
            "metric": name.first({**trigger, **value}, _METRIC),
            "threshold": name.first({**trigger, **value}, _THRESHOLD),
            "observed": name.first(value, _OBSERVED),
            "severity": name.first(value, _SEVERITY),
            "runbook": name.first(value, _RUNBOOK),
            "fingerprint": name.first(value, ("fingerprint", "alert_id", "dedup_key", "alias")),
        }
    )


SOURCE = Source("alert-json", "alerts as plain JSON objects: monitors, alarms, checks of any system", sniff, read)
