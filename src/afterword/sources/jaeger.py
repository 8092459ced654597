"""Jaeger JSON: traces of its API and UI, spans of its index in Elasticsearch, and its graph of dependencies.

Times and durations are microseconds. The UI writes copies of parent spans into references; those are not read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.core.clock import Doubt
from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import json_value, moment, name, span_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading
    from afterword.reading.json_value import Node

_DEEPEST = 6
_WRAPPERS = ("data", "spans", "traces", "_source", "result", "hits", "dependencies")


def sniff(head: bytes) -> float:
    """Sure of spans with an operation and microseconds, and of edges with a count of calls."""
    spans = b'"operationName"' in head and b'"startTime"' in head
    if not spans and b'"callCount"' not in head:
        return 0.0
    return 0.93 if any(_holds(one, 0) for one in json_value.samples(head)[:3]) else 0.0


def _holds(value: Any, depth: int) -> bool:
    if _is_span(value) or _is_edge(value):
        return True
    if isinstance(value, list):
        return any(_holds(one, depth) for one in value[:2])
    if not isinstance(value, dict) or depth > _DEEPEST:
        return False
    return any(_holds(value[key], depth + 1) for key in _WRAPPERS if key in value)


def _is_span(value: Any) -> bool:
    if not isinstance(value, dict) or "operationName" not in value or "startTime" not in value:
        return False
    return "spanID" in value or "spanId" in value


def _is_edge(value: Any) -> bool:
    return isinstance(value, dict) and "callCount" in value and "parent" in value and "child" in value


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped):
            yield node
            continue
        some = False
        for one in _found(node, {}, reading, 0):
            some = True
            yield one
        if not some:
            yield Skipped("no span and no dependency", node.place())


def _found(node: Node, processes: Mapping[str, Any], reading: Reading, depth: int) -> Iterator[Event | Problem]:
    """Spans and edges below a node; ``processes`` are those of the trace around it."""
    value = node.value
    if _is_span(value):
        yield from _span(node, value, processes, reading)
    elif _is_edge(value):
        yield _edge(node)
    elif isinstance(value, list):
        for item in node.items():
            yield from _found(item, processes, reading, depth + 1)
    elif isinstance(value, dict) and depth <= _DEEPEST:
        own = value["processes"] if isinstance(value.get("processes"), dict) else processes
        for key, member in node.members():
            if key in _WRAPPERS:
                yield from _found(member, own, reading, depth + 1)


def _edge(node: Node) -> Event:
    value = node.value
    attributes = {"calls": name.text(value["callCount"])}
    return Event(
        Kind.EDGE,
        node.place(),
        subject=name.text(value["parent"]),
        name=name.text(value["child"]),
        attributes=attributes,
    )


def _span(
    node: Node, value: Mapping[str, Any], processes: Mapping[str, Any], reading: Reading
) -> Iterator[Event | Problem]:
    start, took = moment.stamp(value["startTime"], reading, "us"), value.get("duration")
    process = value.get("process") or processes.get(name.text(value.get("processID")))
    tags = _tags(value.get("tags")) | _flat(value.get("tag"))
    place = node.place()
    if not isinstance(process, dict):
        yield Problem(
            "the process of this span is not stated", place, Gravity.WARNING, "span-process", quarantined=False
        )
        process = {}
    http = name.first(tags, span_record.HTTP)
    yield Event(
        Kind.SPAN,
        place,
        moment.at(start),
        name.text(process.get("serviceName")),
        name.text(value["operationName"]),
        _said(value, tags),
        took=took * 1_000 if isinstance(took, int) and not isinstance(took, bool) and took >= 0 else None,
        severity="error" if _failed(tags, http) else "",
        offset=moment.offset(start),
        granularity=moment.granularity(start),
        attributes={k: v for k, v in _attributes(value, tags, http).items() if v},
    )
    if isinstance(start, Doubt):
        yield moment.undated(start, place, "its start")


def _attributes(value: Mapping[str, Any], tags: Mapping[str, Any], http: Any) -> dict[str, str]:
    return {
        "trace": name.text(value.get("traceID", value.get("traceId"))),
        "span": name.text(value.get("spanID", value.get("spanId"))),
        "parent": _parent(value),
        "kind": span_record.kind(tags.get("span.kind")),
        "peer": name.text(name.first(tags, span_record.PEER)),
        "status": name.text(http),
    }


def _failed(tags: Mapping[str, Any], http: Any) -> bool:
    stated = span_record.is_failed("error", tags.get("error")) or span_record.is_failed(
        "status", tags.get("otel.status_code")
    )
    return stated or span_record.is_failed("http", http)


def _parent(value: Mapping[str, Any]) -> str:
    """The span that this one is a child of, else the one that it follows, else the field of old versions."""
    references = value["references"] if isinstance(value.get("references"), list) else []
    known = [one for one in references if isinstance(one, dict)]
    known.sort(key=lambda one: one.get("refType") != "CHILD_OF")
    stated = name.text(value.get("parentSpanID", value.get("parentSpanId")))
    return name.text(known[0].get("spanID", known[0].get("spanId"))) if known else "" if stated == "0" else stated


def _tags(tags: Any) -> dict[str, Any]:
    if not isinstance(tags, list):
        return {}
    return {one["key"]: one.get("value") for one in tags if isinstance(one, dict) and isinstance(one.get("key"), str)}


def _flat(tags: Any) -> dict[str, Any]:
    """Tags as the index of Elasticsearch may keep them: an object, dots in names written as ``@``."""
    return {key.replace("@", "."): one for key, one in tags.items()} if isinstance(tags, dict) else {}


def _said(value: Mapping[str, Any], tags: Mapping[str, Any]) -> str:
    """What went wrong, in the words of the status and of logged exceptions."""
    said = [name.text(tags.get("otel.status_description"))]
    for log in value["logs"] if isinstance(value.get("logs"), list) else []:
        fields = _tags(log.get("fields")) if isinstance(log, dict) else {}
        if fields.get("event") in ("error", "exception") or "exception.type" in fields or "error.object" in fields:
            kind = fields.get("exception.type", fields.get("error.kind"))
            words = fields.get("exception.message", fields.get("error.object", fields.get("message")))
            said.append(": ".join(name.text(one) for one in (kind, words) if one))
    return "; ".join(dict.fromkeys(one for one in said if one))


SOURCE = Source("jaeger", "traces and dependencies of Jaeger: API, UI and index", sniff, read)
