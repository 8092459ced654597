"""Alert rules as Prometheus' ``/api/v1/rules`` answers them (Grafana's and Mimir's rulers too), with the alerts that fire under them.

Here the rule says how long it waits: a firing alert fired that much later than ``activeAt``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.core.clock import Doubt, Stamp
from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.model.time import SECOND
from afterword.ports import Source
from afterword.reading import element, fact, label, moment, name
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("data", "groups")
_RUNBOOK = ("runbook_url", "runbook", "runbook_uri", "playbook")


def sniff(head: bytes) -> float:
    """Sure of a group whose rules have a query or an expression."""
    for one in element.peek(head, *_ENVELOPES)[:5]:
        rules = one.get("rules")
        first = rules[0] if isinstance(rules, list) and rules else None
        if isinstance(first, dict) and (
            {"query", "name"} <= first.keys() or {"expr", "alert"} <= first.keys() or {"expr", "record"} <= first.keys()
        ):
            return 0.95
    return 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        rules = node.get("rules") if isinstance(node, Node) else None
        if not isinstance(node, Node):
            yield node
        elif rules is None or not isinstance(rules.value, list):
            yield Problem("no group of rules", node.place(), Gravity.WARNING, "rule-shape")
        else:
            for rule in rules.items():
                yield from _rule(rule, name.text(node.value.get("name")), reading)


def _rule(node: Node, group: str, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    value = node.value
    called = name.text(value.get("name") or value.get("alert")) if isinstance(value, dict) else ""
    if not isinstance(value, dict) or not (called or "record" in value):
        yield Problem("neither an alert nor a recording rule", node.place(), Gravity.WARNING, "rule-shape")
        return
    if value.get("type") == "recording" or "record" in value:
        yield Skipped("a recording rule", node.place())
        return
    alerts = (
        [one for one in value.get("alerts") or [] if isinstance(one, dict)]
        if isinstance(value.get("alerts"), list)
        else []
    )
    labels, notes = (found if isinstance(found := value.get(key), dict) else {} for key in ("labels", "annotations"))
    waits = value.get("duration", value.get("for"))
    runbook = next((notes[key] for key in _RUNBOOK if notes.get(key)), "")
    severity = name.text(labels.get("severity"))
    said = {
        "for": f"{name.text(waits)}s" if isinstance(waits, int | float) and waits else waits, "severity": severity, "runbook": runbook,
        "summary": notes.get("summary") or notes.get("description"), "team": labels.get("team"),
    }  # fmt: skip
    place = fact.part(node.place(), "rule" if alerts else "")
    yield Event(
        Kind.RULE, place, None, group, called, name.text(value.get("query") or value.get("expr")),
        severity=name.severity(severity), offset=None, attributes=fact.attributes(said),
    )  # fmt: skip
    for count, alert in enumerate(alerts, 1):
        yield from _alert(node, alert, called, count, waits, reading)


def _alert(
    node: Node, alert: Mapping[str, Any], called: str, count: int, waits: Any, reading: Reading
) -> Iterator[Event | Problem]:
    found = alert.get("labels")
    labels = (
        {str(key): name.text(value) for key, value in found.items() if key != "alertname"}
        if isinstance(found, dict)
        else {}
    )
    notes = alert.get("annotations") if isinstance(alert.get("annotations"), dict) else {}
    state = name.text(alert.get("state")) or "firing"
    said = {
        "state": state,
        "severity": labels.get("severity"),
        "observed": alert.get("value"),
        "labels": label.text("", labels),
    }
    event = Event(
        Kind.ALERT, fact.part(node.place(), f"alert {count}"), None, label.component(labels), called,
        name.text((notes or {}).get("summary") or (notes or {}).get("description")), severity=name.severity(labels.get("severity", "")),
        attributes=fact.attributes(said),
    )  # fmt: skip
    start = moment.stamp(alert.get("activeAt"), reading)
    yield from fact.dated(event, _fired(start, waits) if state == "firing" else start, "the start of the alert")


def _fired(start: Stamp | Doubt, waits: Any) -> Stamp | Doubt:
    """When the alert fired: as long after its condition became true as its rule waits."""
    if (
        isinstance(start, Doubt)
        or isinstance(waits, bool)
        or not isinstance(waits, int | float)
        or not 0 <= waits < 10**7
    ):
        return start
    return Stamp(start.ns + int(waits * SECOND), start.offset)


SOURCE = Source("rules-json", "alert rules as /api/v1/rules answers them, with the alerts that fire", sniff, read)
