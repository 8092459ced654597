"""Spans in CSV, one a row, under the names of OpenTelemetry, Jaeger, Zipkin and their exporters."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import name, span_record, table
from afterword.reading.bulk import rows, span_rows
from afterword.reading.cell import is_nothing, is_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Batch, Reading


def sniff(head: bytes) -> float:
    """Sure of a table with a trace, a start, and a duration or an end."""
    shape = table.shape(head)
    if shape is None or not shape.samples:
        return 0.0
    found = span_record.fields(shape.columns)
    if not found.sure or name.column(shape.columns, ("log", "msg", "log_message")):
        return 0.0
    at = shape.columns.index(found["start"])
    cells = [row[at] for row in shape.samples if not is_nothing(row[at])]
    return found.sure if 2 * sum(is_time(one, found["start"]) for one in cells) > len(cells) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    known = _known(stream)
    if isinstance(known, Problem):
        yield known
        return
    shape, found = known
    reader = span_record.Reader(found, reading)
    for row in table.rows(stream, shape):
        if isinstance(row, Problem | Skipped):
            yield row
        else:
            yield reader.span(dict(zip(shape.columns, row.fields, strict=True)), row.place)
    yield from reader.remarks.problems()


def bulk(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped | Batch]:
    known = _known(stream)
    if isinstance(known, Problem):
        yield known
        return
    shape, found = known
    yield from span_rows.read(rows.read(stream, shape), shape.columns, span_record.Reader(found, reading))


def _known(stream: BinaryIO) -> tuple[table.Shape, span_record.Fields] | Problem:
    """The table's columns and what they hold; the stream stands at its beginning again."""
    shape = table.shape(stream.read(1 << 18))
    size = stream.seek(0, 2)
    stream.seek(0)
    found = span_record.fields(shape.columns) if shape is not None else None
    if shape is None or found is None or not found.sure:
        says = "no table of spans: trace, start or duration is missing"
        return Problem(says, Place(0, size), Gravity.ERROR, "table-columns")
    return shape, found


SOURCE = Source("spans-csv", "spans in CSV under the names of OpenTelemetry, Jaeger and Zipkin", sniff, read, bulk=bulk)
