"""PagerDuty's REST API v2: incidents, log entries, and its webhooks. Log entries hold what people did and when.

A person was paged when a notification went out to them; ``trigger`` is when the incident was opened. Both are pages, since
many exports have no notifications. An incident without its log entries still says when it was opened, acknowledged, resolved.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, inbox_item, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("incidents", "change_events", "data", "delivered")
_ENTRY = re.compile(r"(\w+?)_log_entry(?:_reference)?")
#: What a log entry means in the house's words.
_STATES = {
    "trigger": "triggered", "notify": "triggered", "acknowledge": "acknowledged", "escalate": "escalated", "delegate": "escalated",
    "reassign": "escalated", "exhaust_escalation_path": "escalated", "resolve": "resolved", "responder_request": "escalated",
    "priority_change": "", "annotate": "", "status_update": "",
}  # fmt: skip
_WEBHOOKS = {"triggered": "triggered", "acknowledged": "acknowledged", "resolved": "resolved", "escalated": "escalated", "delegated": "escalated", "reassigned": "escalated", "reopened": "triggered"}  # fmt: skip
_COMPONENT = ("service", "component", "app", "application", "project", "repository")
_NOTES = ("annotate", "status_update")


def sniff(head: bytes) -> float:
    """Sure of the types that only this API names."""
    if inbox_item.is_of(head, "pagerduty"):
        return 0.96
    found = element.peek(head, *_ENVELOPES, "log_entries")[:10]
    good = sum(
        _is_entry(one) or _is_incident(one) or _is_event(one) or _is_change(one) or _is_alone(one) for one in found
    )
    return 0.95 if found and good * 2 > len(found) else 0.0


def _is_entry(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("type"), str) and bool(_ENTRY.fullmatch(one["type"]))


def _is_incident(one: Mapping[str, Any]) -> bool:
    marks = {"incident_number", "urgency", "escalation_policy", "incident_key", "last_status_change_at", "assignments"}
    return "status" in one and len(marks & one.keys()) >= 2


def _is_alone(one: Mapping[str, Any]) -> bool:
    """``{"incident": {…}}``, as one incident is answered."""
    return len(one) == 1 and isinstance(one.get("incident"), dict) and _is_incident(one["incident"])


def _is_event(one: Mapping[str, Any]) -> bool:
    event = one.get("event")
    return isinstance(event, dict) and name.text(event.get("event_type")).startswith("incident.")


def _is_change(one: Mapping[str, Any]) -> bool:
    return one.get("type") == "change_event" and {"summary", "timestamp"} <= one.keys()


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif _is_entry(node.value):
            yield from _entry(node, {}, reading)
        elif _is_event(node.value):
            yield from _webhook(node, reading)
        elif _is_alone(node.value):
            yield from _incident(node.get("incident") or node, reading)
        elif _is_change(node.value):
            yield from _change(node, reading)
        elif _is_incident(node.value) or "log_entries" in node.value:
            yield from _incident(node, reading)
        elif isinstance(event := node.value.get("event"), dict) and "event_type" in event:
            yield Skipped(f"an event that pages nobody: {name.text(event['event_type'])}", node.place())
        else:
            yield Problem("neither an incident nor a log entry", node.place(), Gravity.WARNING, "pagerduty-shape")


def _called(incident: Mapping[str, Any]) -> tuple[str, str]:
    """The service and the title of an incident."""
    title = incident.get("title") or incident.get("summary") or incident.get("description") or incident.get("id")
    return fact.called(incident.get("service")), name.text(title)


def _entry(node: Node, around: Mapping[str, Any], reading: Reading) -> Iterator[Event | Problem | Skipped]:
    value = node.value
    found = _ENTRY.fullmatch(name.text(value.get("type")))
    kind = found[1] if found else ""
    own = value.get("incident")
    component, title = _called(own if isinstance(own, dict) else around)
    component = fact.called(value.get("service")) or component
    title = name.text(dig(value, "event_details", "description")) or title or name.text(value.get("summary"))
    at = moment.stamp(value.get("created_at"), reading)
    who = fact.called(value.get("user")) if kind == "notify" else fact.called(value.get("agent"))
    if kind in _NOTES:
        yield from _note(node.place(), at, component, fact.called(value.get("agent")), value.get("channel"))
    elif not _STATES.get(kind):
        yield Skipped(f"a log entry that pages nobody: {kind}", node.place())
    else:
        assigned = value.get("assignees")
        people = [fact.called(one) for one in assigned if isinstance(one, dict)] if isinstance(assigned, list) else []
        said = {
            "state": _STATES[kind], "person": "\n".join(people) if _STATES[kind] == "escalated" and people else who, "entry": kind,
            "channel": dig(value, "channel", "type"), "notification": dig(value, "channel", "notification", "type"),
        }  # fmt: skip
        event = Event(
            Kind.PAGE,
            node.place(),
            None,
            component,
            title,
            name.text(value.get("summary")),
            attributes=fact.attributes(said),
        )
        yield from fact.dated(event, at)


def _note(place: Place, at: Any, component: str, who: str, note: Any) -> Iterator[Event | Problem | Skipped]:
    text = (
        name.text(dig(note, "summary") or dig(note, "content") or dig(note, "message"))
        if isinstance(note, dict)
        else name.text(note)
    )
    if text:
        yield from fact.dated(
            Event(Kind.MESSAGE, place, None, component, who, text, attributes={"thread": "pager"}), at
        )
    else:
        yield Skipped("a note without a text", place)


def _incident(node: Node, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    entries = node.get("log_entries")
    if entries is not None and isinstance(entries.value, list) and entries.value:
        for entry in entries.items():
            if isinstance(entry.value, dict) and _is_entry(entry.value):
                yield from _entry(entry, node.value, reading)
            else:
                yield Problem("no log entry", entry.place(), Gravity.WARNING, "pagerduty-shape")
        return
    component, title = _called(node.value)
    for state, at, who in _moments(node.value):
        said = {"state": state, "person": who, "urgency": node.value.get("urgency")}
        event = Event(
            Kind.PAGE, fact.part(node.place(), state), None, component, title, attributes=fact.attributes(said)
        )
        yield from fact.dated(event, moment.stamp(at, reading))


def _moments(value: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    """What the incident itself says: when it was opened, who acknowledged it first, when it was resolved."""
    assigned = value.get("assignments")
    people = [fact.called(dig(one, "assignee")) for one in assigned] if isinstance(assigned, list) else []
    yield "triggered", value.get("created_at"), "\n".join(one for one in people if one)
    taken = value.get("acknowledgements")
    acks = [one for one in taken if isinstance(one, dict) and one.get("at")] if isinstance(taken, list) else []
    if acks:
        first = min(acks, key=lambda one: name.text(one["at"]))
        yield "acknowledged", first["at"], fact.called(first.get("acknowledger"))
    if value.get("status") == "resolved":
        yield (
            "resolved",
            value.get("resolved_at") or value.get("last_status_change_at"),
            fact.called(value.get("last_status_change_by")),
        )


def _change(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    """A change event; who sent it tells in details of its own what it is about."""
    value = node.value
    details = value.get("custom_details")
    services = value.get("services")
    known = [fact.called(details.get(key)) for key in _COMPONENT] if isinstance(details, dict) else []
    known += [name.text(one.get("summary")) for one in services if isinstance(one, dict)] if isinstance(services, list) else []  # fmt: skip
    said = {
        "change": "deploy", "who": dig(details, "user") or dig(details, "author"), "environment": dig(details, "environment"),
        "commit": dig(details, "commit") or dig(details, "sha"), "version": dig(details, "version"), "by": value.get("source"),
    }  # fmt: skip
    component = next((one for one in known if one), "")
    event = Event(Kind.CHANGE, node.place(), None, component, name.text(value.get("id")), name.text(value["summary"]), attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(event, moment.stamp(value["timestamp"], reading))


def _webhook(node: Node, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    event = node.value["event"]
    kind = name.text(event.get("event_type")).rsplit(".", 1)[-1]
    data: Mapping[str, Any] = event["data"] if isinstance(event.get("data"), dict) else {}
    at = moment.stamp(event.get("occurred_at"), reading)
    own = data["incident"] if isinstance(data.get("incident"), dict) else data
    component, title = _called(own)
    if kind == "annotated":
        yield from _note(node.place(), at, component, fact.called(event.get("agent")), data)
    elif kind not in _WEBHOOKS:
        yield Skipped(f"an event that pages nobody: {kind}", node.place())
    else:
        said = {"state": _WEBHOOKS[kind], "person": fact.called(event.get("agent")), "urgency": data.get("urgency")}
        yield from fact.dated(
            Event(Kind.PAGE, node.place(), None, component, title, attributes=fact.attributes(said)), at
        )


SOURCE = Source("pagerduty", "incidents, log entries and change events of PagerDuty, and its webhooks", sniff, read, 3)
