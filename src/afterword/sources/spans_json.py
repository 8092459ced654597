"""Spans as flat JSON objects, in a list or one a line, under whatever names a tracer's export has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import json_value, name, span_record
from afterword.reading.cell import is_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.json_value import Node

#: What else a span says is kept, so much of it: a statement, a count of rows, a partition.
_MOST_FIELDS, _LONGEST = 16, 500
_WRAPPERS = ("spans", "data", "traces", "items", "results", "_source")
_DEEPEST = 4


def sniff(head: bytes) -> float:
    """Surer the more of a span its fields describe; formats with a reader of their own are left to it."""
    if b"race" not in head:
        return 0.0
    found = [one for value in json_value.samples(head)[:5] for one in _records(value, 0)][:10]
    sure = [_sure(one) for one in found]
    return min(0.82, sum(sure) / len(sure)) if sure and all(sure) else 0.0


def _records(value: Any, depth: int) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        return [found for one in value[:3] for found in _records(one, depth + 1)]
    if not isinstance(value, dict) or depth > _DEEPEST:
        return []
    inner = [
        found
        for key in _WRAPPERS
        if isinstance(value.get(key), list | dict)
        for found in _records(value[key], depth + 1)
    ]
    return inner or [value]


def _sure(record: Mapping[str, Any]) -> float:
    if record.keys() & {"resourceSpans", "localEndpoint", "operationName", "processes"} and "start" not in record:
        return 0.0
    flat = name.flat(record)
    found = span_record.fields(list(flat))
    if name.column(flat, ("msg", "log", "level")) is not None or not is_time(flat.get(found["start"]), found["start"]):
        return 0.0
    return found.sure


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    readers: dict[tuple[str, ...], span_record.Reader] = {}
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped):
            yield node
        else:
            yield from _found(node, readers, reading, 0)
    for reader in readers.values():
        yield from reader.remarks.problems()


def _found(
    node: Node, readers: dict[tuple[str, ...], span_record.Reader], reading: Reading, depth: int
) -> Iterator[Event | Problem | Skipped]:
    value = node.value
    if isinstance(value, list):
        for item in node.items():
            yield from _found(item, readers, reading, depth + 1)
        return
    if not isinstance(value, dict):
        yield Problem("no object where a span is expected", node.place(), Gravity.WARNING, "span")
        return
    flat = name.flat(value)
    keys = tuple(flat)
    reader = readers.get(keys)
    if reader is None:
        reader = readers[keys] = span_record.Reader(span_record.fields(keys), reading)
    inner = [key for key in _WRAPPERS if isinstance(value.get(key), list | dict)] if depth < _DEEPEST else []
    if reader.found.sure:
        yield reader.span(flat, node.place(), _rest(reader, flat))
    elif inner:
        for key, member in node.members():
            if key in inner:
                yield from _found(member, readers, reading, depth + 1)
    else:
        yield Problem("no span: trace, start or duration is missing", node.place(), Gravity.WARNING, "span")


def _rest(reader: span_record.Reader, flat: Mapping[str, Any]) -> dict[str, str]:
    """What else the record of a span says."""
    more: dict[str, str] = {}
    for key in reader.found.rest:
        if key not in reader.found.text and isinstance(flat[key], str | int | float) and (said := name.text(flat[key])):
            more[key.removeprefix("attributes.")] = said[:_LONGEST]
            if len(more) == _MOST_FIELDS:
                break
    return more


SOURCE = Source("spans-json", "spans as flat JSON objects, in a list or one a line", sniff, read)
