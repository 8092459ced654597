"""OTLP as JSON: traces, logs and metrics of OpenTelemetry; one request a line, a document, or a list; Tempo's answers too.

A span, a log record or a data point has its own place; where it is the only one of its line, the place is the line. A histogram
gives its count and its sum (told apart by ``part``), a summary its quantiles too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import json_value, otlp_object, otlp_walk
from afterword.reading.bulk import alike, block, roles
from afterword.reading.line import Line, lines
from afterword.reading.log_time import Clock
from afterword.reading.otlp_record import Names
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from afterword.ports import Batch, Reading
    from afterword.reading.json_value import Node

    Read = Iterator[Event | Problem | Skipped]


def sniff(head: bytes) -> float:
    """Sure of a value with resources of spans, logs or metrics."""
    if b'"resource' not in head and b'"batches"' not in head and b'"scope' not in head:
        return 0.0
    return 0.95 if any(otlp_object.is_request(one) for one in json_value.samples(head)[:3]) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Read:
    names = _names(stream)
    yield from _of_nodes(json_value.values(stream), names)


def bulk(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped | Batch]:
    """Requests with one span or one log record each, a line a request, go as columns."""
    names, head = _names(stream), stream.read(1 << 16)
    stream.seek(0)
    if b"etrics" in head or not json_value.are_lines(stream):
        yield from read(stream, reading)
        return

    def slow(piece: BinaryIO, offset: int, number: int, _: Remarks) -> Read:
        found = lines(piece, offset=offset, number=number, longest=1 << 26)
        return _of_nodes(json_value.by_line(found, text=False), names)

    kind, of = (Kind.SPAN, roles.of_span) if b"pans" in head.split(b"\n", 1)[0] else (Kind.LOG, roles.of_log)
    known = alike.Format(kind, of, slow, Clock(reading), fixed="key", arrays=True, longest=1_000)
    yield from block.read(stream, alike.Alike(known, Remarks()))


def _names(stream: BinaryIO) -> Names:
    names = Names()
    head = stream.read(1 << 16)
    stream.seek(0)
    if b"etrics" in head:
        _name(stream, names)
        stream.seek(0)
    return names


def _of_nodes(nodes: Iterable[Node | Problem | Skipped | Line], names: Names) -> Read:
    for node in nodes:
        if isinstance(node, Problem | Skipped):
            yield node
        elif isinstance(node, Line) or not otlp_object.is_request(node.value):
            place = node.place if isinstance(node, Line) else node.place()
            yield Problem("not a request of OTLP", place, Gravity.WARNING, "otlp")
        else:
            yield from otlp_walk.request(node, names)


def _name(stream: BinaryIO, names: Names) -> None:
    """Look at every series first: other series decide which labels the name of one needs."""
    for node in json_value.values(stream):
        if not isinstance(node, Problem | Skipped) and isinstance(node.value, dict):
            otlp_object.names(node.value, names)
    names.settle()


SOURCE = Source("otlp-json", "OpenTelemetry traces, logs and metrics as OTLP JSON", sniff, read, version=2, bulk=bulk)
