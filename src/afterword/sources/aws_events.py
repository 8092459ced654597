"""Events that AWS tells of its own resources: RDS (``describe-events``), services of ECS, AWS Health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("events", "Events", "services")


def sniff(head: bytes) -> float:
    """Sure of a source identifier beside categories, of an event type code, of events below a service."""
    found = [{name.plain(key) for key in one} for one in element.peek(head, *_ENVELOPES)[:10]]
    rds = sum(
        {"source_identifier", "message"} <= keys and bool(keys & {"event_categories", "source_type"}) for keys in found
    )
    health = sum({"event_type_code", "start_time"} <= keys for keys in found)
    return 0.9 if found and (rds + health) * 2 > len(found) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
            continue
        value = {name.plain(key): one for key, one in node.value.items()}
        if "event_type_code" in value:
            yield from _health(node, value, reading)
        elif "message" in value and "source_identifier" in value:
            yield from _resource(node, value, reading)
        else:
            yield Problem("no event of a resource of AWS", node.place(), Gravity.WARNING, "aws-event-shape")


def _resource(node: Node, value: Mapping[str, Any], reading: Reading) -> Iterator[Event | Problem]:
    kind, called = name.text(value.get("source_type")) or "resource", name.text(value.get("source_identifier"))
    categories = value.get("event_categories")
    listed = [name.text(one) for one in categories] if isinstance(categories, list) else [name.text(categories)]
    event = Event(
        Kind.STATE, node.place(), None, f"{kind}/{called}", ", ".join(one for one in listed if one), name.text(value.get("message")),
        attributes=fact.attributes({"component": called}),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("date"), reading))


def _health(node: Node, value: Mapping[str, Any], reading: Reading) -> Iterator[Event | Problem]:
    """An event of AWS Health is a status of the provider."""
    code, service = name.text(value.get("event_type_code")), name.text(value.get("service"))
    end = value.get("end_time")
    said = {
        "region": value.get("region"),
        "category": value.get("event_type_category"),
        "state": value.get("status_code"),
    }
    event = Event(
        Kind.STATUS, node.place(), None, f"aws {service}".strip(), name.text(value.get("status_code")), code.replace("_", " ").lower(),
        until=None if end is None else moment.at(moment.stamp(end, reading)), attributes=fact.attributes(said),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("start_time"), reading))


SOURCE = Source("aws-events", "events of AWS' resources: RDS, AWS Health", sniff, read)
