"""Zipkin v2 JSON: a list of spans, a list of traces, or one span a line. Times and durations are microseconds.

Client and server share one span id there. Where both halves are in the evidence the client's is told apart as ``<id>:client``
and is the parent of the server's, so that the call from one component to the other is seen.
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

_CLIENTS = ("CLIENT", "PRODUCER")


def sniff(head: bytes) -> float:
    """Sure of spans with an endpoint; less so of those that have only ids, a timestamp and a kind."""
    if b'"traceId"' not in head:
        return 0.0
    for one in json_value.samples(head)[:5]:
        value = _source(one[0] if isinstance(one, list) and one else one)
        if _is_span(value):
            return 0.93 if "localEndpoint" in value or "remoteEndpoint" in value else 0.6
    return 0.0


def _is_span(value: Any) -> bool:
    if not isinstance(value, dict) or "traceId" not in value or "id" not in value or "spanId" in value:
        return False
    return bool(value.keys() & {"localEndpoint", "remoteEndpoint", "timestamp", "kind", "parentId", "annotations"})


def _source(value: Any) -> Any:
    """The span inside a hit of Elasticsearch."""
    return value["_source"] if isinstance(value, dict) and isinstance(value.get("_source"), dict) else value


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    both = _both_halves(stream)
    stream.seek(0)
    for node in _spans(stream):
        if isinstance(node, Problem | Skipped):
            yield node
        elif _is_span(value := _source(node.value)):
            yield from _span(node, value, reading, both)
        else:
            yield Problem("not a span of Zipkin", node.place(), Gravity.WARNING, "span")


def _spans(stream: BinaryIO) -> Iterator[Node | Problem | Skipped]:
    """Spans, those inside a list of traces too."""
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped) or not isinstance(node.value, list):
            yield node
        else:
            yield from node.items()


def _both_halves(stream: BinaryIO) -> frozenset[tuple[str, str]]:
    """Trace and id of the spans that a client and a server share."""
    halves: dict[tuple[str, str], set[bool]] = {}
    for node in _spans(stream):
        value = None if isinstance(node, Problem | Skipped) else _source(node.value)
        if _is_span(value) and isinstance(value, dict):
            halves.setdefault(_ids(value), set()).add(value.get("kind") in _CLIENTS and not value.get("shared"))
    return frozenset(ids for ids, seen in halves.items() if len(seen) == 2)


def _ids(value: Mapping[str, Any]) -> tuple[str, str]:
    return name.text(value["traceId"]), name.text(value["id"])


def _span(
    node: Node, value: Mapping[str, Any], reading: Reading, both: frozenset[tuple[str, str]]
) -> Iterator[Event | Problem]:
    start, took = moment.stamp(value.get("timestamp"), reading, "us"), value.get("duration")
    tags = value["tags"] if isinstance(value.get("tags"), dict) else {}
    http = name.first(tags, span_record.HTTP)
    place = node.place()
    yield Event(
        Kind.SPAN,
        place,
        moment.at(start),
        _service(value.get("localEndpoint")),
        name.text(value.get("name")),
        _said(value, tags),
        took=took * 1_000 if isinstance(took, int) and not isinstance(took, bool) and took >= 0 else None,
        severity="error" if "error" in tags or span_record.is_failed("http", http) else "",
        offset=moment.offset(start),
        granularity=moment.granularity(start),
        attributes={k: v for k, v in _attributes(value, http, both).items() if v},
    )
    if isinstance(start, Doubt):
        yield moment.undated(start, place, "its start")


def _attributes(value: Mapping[str, Any], http: Any, both: frozenset[tuple[str, str]]) -> dict[str, str]:
    trace, own = _ids(value)
    parent = name.text(value.get("parentId"))
    if (trace, own) in both:
        client = f"{own}:client"
        own, parent = (client, parent) if value.get("kind") in _CLIENTS and not value.get("shared") else (own, client)
    return {
        "trace": trace,
        "span": own,
        "parent": parent,
        "kind": span_record.kind(value.get("kind")),
        "peer": _service(value.get("remoteEndpoint")),
        "status": name.text(http),
    }


def _service(endpoint: Any) -> str:
    return name.text(endpoint.get("serviceName")) if isinstance(endpoint, dict) else ""


def _said(value: Mapping[str, Any], tags: Mapping[str, Any]) -> str:
    """What went wrong: the tag ``error`` where it holds words, and annotations that name an exception."""
    error = name.text(tags.get("error"))
    notes = value["annotations"] if isinstance(value.get("annotations"), list) else []
    said = [name.text(one.get("value")) for one in notes if isinstance(one, dict)]
    told = [one for one in said if "error" in one.lower() or "exception" in one.lower()]
    return "; ".join([one for one in (error, *told) if one and one.lower() != "true"])


SOURCE = Source("zipkin", "spans of Zipkin v2: lists of spans or of traces, or one a line", sniff, read)
