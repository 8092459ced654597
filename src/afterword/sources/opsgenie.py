"""Opsgenie's alerts: when they were created, acknowledged, closed, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.model.time import SECOND
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.clock import Doubt, Stamp
    from afterword.ports import Reading

_ENVELOPES = ("data", "alerts")


def sniff(head: bytes) -> float:
    """Sure of ``tinyId`` beside what else only an alert of Opsgenie has."""
    found = element.peek(head, *_ENVELOPES)[:10]
    return 0.95 if found and sum("tinyId" in one and "createdAt" in one for one in found) * 2 > len(found) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif "createdAt" not in node.value:
            yield Problem("no alert of Opsgenie", node.place(), Gravity.WARNING, "opsgenie-shape")
        else:
            yield from _alert(node, reading)


def _alert(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    start = moment.stamp(value["createdAt"], reading)
    component = name.text(dig(value, "details", "service") or value.get("entity"))
    for state, at, who in _moments(value, start):
        said = {
            "state": state,
            "person": who,
            "priority": value.get("priority"),
            "count": value.get("count"),
            "fingerprint": value.get("alias"),
        }
        event = Event(
            Kind.PAGE, fact.part(node.place(), state), None, component, name.text(value.get("message")),
            name.text(value.get("description")), attributes=fact.attributes(said),
        )  # fmt: skip
        yield from fact.dated(event, at)


def _moments(value: Mapping[str, Any], start: Stamp | Doubt) -> Iterator[tuple[str, Stamp | Doubt, str]]:
    """The report of an alert counts in ms from its creation."""
    report = value.get("report")
    yield "triggered", start, fact.called(value.get("owner"))
    for state, took, who in (("acknowledged", "ackTime", "acknowledgedBy"), ("resolved", "closeTime", "closedBy")):
        ms = dig(report, took)
        if isinstance(ms, int) and not isinstance(ms, bool) and 0 < ms < 10**11 and moment.at(start) is not None:
            yield state, _later(start, ms), name.text(dig(report, who))


def _later(start: Any, ms: int) -> Stamp:
    return type(start)(start.ns + ms * SECOND // 1000, start.offset)  # type: ignore[no-any-return]


SOURCE = Source("opsgenie", "alerts of Opsgenie", sniff, read)
