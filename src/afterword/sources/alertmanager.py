"""Alerts of Alertmanager (API v2, webhooks, what Grafana's alerting posts) and of Prometheus' ``/api/v1/alerts``.

An alert is one alert as long as fingerprint and start are the same. It is an event where it is sent first, and, if it ends
later, one more where its end is sent; what is only sent again is skipped. A webhook that the inbox received tells one thing more: when the notification was sent. ``endsAt`` is an end only where the alert is
resolved: in the year 1, or after ``updatedAt``, it still fires. Prometheus' ``activeAt`` is when the condition became true.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote_plus

from afterword.core.clock import Doubt, Stamp, parse_time
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, inbox_item, label, moment, name
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from afterword.ports import Reading

    Read = Iterator[Event | Problem | Skipped]

_ENVELOPES = ("data", "alerts", "payload", "body", "alert_groups", "groups")
_SUMMARY = ("summary", "message", "title", "description", "msg", "error")
_EXPRESSION = re.compile(r"[?&]g0\.expr=([^&]*)")
_STATES = {"active": "firing", "firing": "firing", "alerting": "firing", "pending": "pending", "inactive": "resolved", "normal": "resolved", "ok": "resolved", "resolved": "resolved"}  # fmt: skip


def sniff(head: bytes) -> float:
    """Sure of labels with an alert name beside a start, a fingerprint or a state."""
    if inbox_item.is_of(head, "alertmanager"):
        return 0.96
    found = element.peek(head, *_ENVELOPES, inbox_item.DELIVERED)
    if any(_is_alert(one) for one in found[:5]):
        return 0.95
    return 0.9 if any("groupKey" in one or {"receiver", "groupLabels"} <= one.keys() for one in found[:5]) else 0.0


def _is_alert(one: Mapping[str, Any]) -> bool:
    labels = one.get("labels", one.get("commonLabels"))
    if not isinstance(labels, dict):
        return False
    marks = {"startsAt", "fingerprint", "activeAt", "generatorURL", "annotations", "commonAnnotations", "endsAt"}
    return "alertname" in labels and bool(marks & one.keys()) and "query" not in one and "alert" not in one


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    sent: dict[tuple[str, str], set[str]] = {}
    for node in element.elements(stream, *_ENVELOPES):
        if isinstance(node, Node) and (delivered := node.get(inbox_item.DELIVERED)) is not None:
            yield from _notified(node, delivered, reading)
            yield from _read(element.inside(delivered, *_ENVELOPES), sent, reading)
        else:
            yield from _read([node], sent, reading)


def _read(nodes: Iterable[Node | Problem | Skipped], sent: dict[tuple[str, str], set[str]], reading: Reading) -> Read:
    for node in nodes:
        if not isinstance(node, Node):
            yield node
        elif _labels(node.value):
            yield from _alert(node, sent, reading)
        elif node.value.get("status") in ("success", "firing", "resolved"):
            yield Skipped("an answer without alerts", node.place())
        else:
            yield Problem("no alert: it has no labels", node.place(), Gravity.WARNING, "alert-shape")


def _notified(node: Node, delivered: Node, reading: Reading) -> Read:
    """That people were told of each group of firing alerts; the time of receipt says when, as far as the inbox knows."""
    received = node.get(inbox_item.RECEIVED)
    if received is None:
        return
    at = moment.stamp(received.value, reading)
    told: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for one in element.inside(delivered, *_ENVELOPES):
        if isinstance(one, Node) and (labels := _labels(one.value)):
            told.setdefault((_state(one.value), _component(labels), labels.get("alertname", "")), one.value)
    whole = delivered.value if isinstance(delivered.value, dict) else {}
    for (state, component, called), alert in told.items():
        said = {"state": "triggered" if state == "firing" else state, "receiver": whole.get("receiver")}
        place = fact.part(received.place(), " ".join(filter(None, (state, component, called))))
        event = Event(
            Kind.PAGE, place, None, component, called, _text(alert), attributes=fact.attributes(said), meaning=Meaning.REPORTED
        )  # fmt: skip
        yield from fact.dated(event, at, "the time of receipt")


def _component(labels: Mapping[str, str]) -> str:
    return label.component({k: v for k, v in labels.items() if k != "alertname"})


def _labels(value: Mapping[str, Any]) -> dict[str, str]:
    known: Mapping[str, Any] = next(
        (value[key] for key in ("labels", "commonLabels") if isinstance(value.get(key), dict)), {}
    )
    return {str(key): name.text(one) for key, one in known.items()}


def _alert(node: Node, sent: dict[tuple[str, str], set[str]], reading: Reading) -> Iterator[Event | Problem | Skipped]:
    value, labels = node.value, _labels(node.value)
    state = _state(value)
    start = moment.stamp(value.get("startsAt") or value.get("activeAt"), reading)
    identity = (name.text(value.get("fingerprint")) or label.text("", labels), repr(start))
    before = sent.setdefault(identity, set())
    if state in before or (state == "firing" and "resolved" in before):
        yield Skipped("an alert that was sent before", node.place())
        return
    end = moment.stamp(value.get("endsAt"), reading) if state == "resolved" else Doubt("it still fires")
    # The only sending of an alert that is over says both: that it fired, and until when.
    shown = "firing" if state == "resolved" and not before and isinstance(end, Stamp) else state
    before.add(state)
    event = Event(
        Kind.ALERT, node.place(), None, _component(labels),
        labels.get("alertname") or name.text(value.get("title")), _text(value),
        severity=name.severity(labels.get("severity", "")), until=moment.at(end), attributes=_attributes(value, labels, shown),
    )  # fmt: skip
    yield from fact.dated(event, start, "the start of the alert")
    if "activeAt" in value and state == "firing":
        says = "activeAt is when the condition became true; the alert fired later by the time its rule waits"
        yield Problem(says, event.place, Gravity.INFO, "alert-active-at", quarantined=False)


def _state(value: Mapping[str, Any]) -> str:
    """firing, resolved, pending, or what held the alert back."""
    status = value.get("status", value.get("state"))
    if isinstance(status, dict):
        held = "silenced" if status.get("silencedBy") else "inhibited" if status.get("inhibitedBy") else "suppressed"
        word = name.text(status.get("state")).lower()
        return held if word == "suppressed" or status.get("silencedBy") else _ended(value)
    return _STATES.get(name.text(status).lower(), "firing")


def _ended(value: Mapping[str, Any]) -> str:
    """An active alert has an end in the future: when it would end if it were not sent again."""
    end, updated = value.get("endsAt"), value.get("updatedAt")
    both = [parse_time(one) for one in (end, updated) if isinstance(one, str)]
    stamps = [one.ns for one in both if isinstance(one, Stamp)]
    return "resolved" if len(stamps) == 2 and stamps[0] <= stamps[1] else "firing"


def _text(value: Mapping[str, Any]) -> str:
    notes = value.get("annotations") or value.get("commonAnnotations")
    said = [name.text(notes[key]) for key in _SUMMARY if notes.get(key)] if isinstance(notes, dict) else []
    return "\n".join(dict.fromkeys(said[:2])) or name.text(value.get("title") or value.get("message"))


def _attributes(value: Mapping[str, Any], labels: Mapping[str, str], state: str) -> dict[str, str]:
    notes = value.get("annotations") or value.get("commonAnnotations")
    notes = notes if isinstance(notes, dict) else {}
    expression = _EXPRESSION.search(name.text(value.get("generatorURL")))
    values = value.get("values")
    observed = ", ".join(map(name.text, values.values())) if isinstance(values, dict) else ""
    return fact.attributes(
        {
            "state": state,
            "fingerprint": value.get("fingerprint"),
            "severity": labels.get("severity") or labels.get("priority"),
            "metric": unquote_plus(expression[1]) if expression else "",
            "observed": value.get("value") or value.get("valueString") or observed,
            "runbook": next((notes[key] for key in ("runbook_url", "runbook", "runbook_uri", "runbookURL") if notes.get(key)), ""),
            "team": labels.get("team"),
            "labels": label.text("", {k: v for k, v in labels.items() if k != "alertname"}),
        }
    )  # fmt: skip


SOURCE = Source("alertmanager", "alerts of Alertmanager and Prometheus, and what their webhooks post", sniff, read, 2)
