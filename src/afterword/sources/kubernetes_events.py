"""Events of Kubernetes, as ``kubectl get events -o json`` prints them, the API answers them, or collectors write them.

An event is a stretch of time with a number: ``count`` times between its first and last time stamp, or a ``series``.
"""

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

_ENVELOPES = ("items", "object")
#: The random end that a ReplicaSet and a pod give their names.
_GENERATED = re.compile(r"-[a-z0-9]{8,10}-[a-z0-9]{5}$|-[0-9a-f]{8,10}$|-[bcdfghjklmnpqrstvwxz2456789]{5}$")


def sniff(head: bytes) -> float:
    """Sure of an object that something is said about, with a reason."""
    found = element.peek(head, *_ENVELOPES)[:10]
    good = sum(_is_event(one) for one in found)
    return 0.95 if found and good * 2 > len(found) else 0.0


def _is_event(one: Mapping[str, Any]) -> bool:
    about = one.get("involvedObject", one.get("regarding"))
    return (
        isinstance(about, dict)
        and "reason" in one
        and ("message" in one or "note" in one or one.get("kind") == "Event")
    )


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif not _is_event(node.value):
            yield Problem("no event of Kubernetes", node.place(), Gravity.WARNING, "kubernetes-shape")
        else:
            yield from _event(node, reading)


def _event(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    about: Mapping[str, Any] = value.get("involvedObject") or value.get("regarding") or {}
    kind, called = name.text(about.get("kind")).lower(), name.text(about.get("name"))
    first = value.get("firstTimestamp") or value.get("deprecatedFirstTimestamp") or value.get("eventTime") or dig(value, "metadata", "creationTimestamp")  # fmt: skip
    last = (
        dig(value, "series", "lastObservedTime") or value.get("lastTimestamp") or value.get("deprecatedLastTimestamp")
    )
    count = dig(value, "series", "count") or value.get("count") or value.get("deprecatedCount")
    start, end = moment.stamp(first, reading), moment.at(moment.stamp(last, reading))
    said = {
        "count": count, "type": value.get("type"), "namespace": about.get("namespace"), "component": owner(kind, called),
        "by": dig(value, "source", "component") or value.get("reportingComponent") or value.get("reportingController"),
        "node": dig(value, "source", "host"), "container": _container(about.get("fieldPath")),
    }  # fmt: skip
    event = Event(
        Kind.STATE, node.place(), None, f"{kind}/{called}" if kind else called, name.text(value.get("reason")),
        name.text(value.get("message") or value.get("note")), severity="warn" if value.get("type") == "Warning" else "info",
        until=end if end != moment.at(start) else None, attributes=fact.attributes(said),
    )  # fmt: skip
    yield from fact.dated(event, start)


def owner(kind: str, called: str) -> str:
    """The workload that an object belongs to, by its name: ``cart`` for ``pod/cart-7d9f8b6c5d-x2x4z``."""
    return _GENERATED.sub("", called) if kind in ("pod", "replicaset", "job") else called


def _container(path: Any) -> str:
    found = re.search(r"\{([^{}]+)\}", name.text(path))
    return found[1] if found else ""


SOURCE = Source("kubernetes-events", "events of Kubernetes", sniff, read)
