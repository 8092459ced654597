"""Spans of a table in columns: the same ones as row by row, each distinct cell of a column read once."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from afterword.core.clock import Stamp
from afterword.model.event import Event, Kind
from afterword.model.evidence import Place, Problem, Skipped
from afterword.ports import Batch
from afterword.reading import span_record
from afterword.reading.bulk.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.reading.span_record import Reader
    from afterword.reading.table import Row

_MARKS = ("trace", "span", "parent")


def read(
    rows: Iterator[Rows | Row | Problem | Skipped], names: Sequence[str], reader: Reader
) -> Iterator[Event | Problem | Skipped | Batch]:
    """The spans of rows that come in blocks; ``names`` are the columns of the table."""
    for one in rows:
        if isinstance(one, Rows):
            yield _batch(one, names, reader)
        elif isinstance(one, Problem | Skipped):
            yield one
        else:
            yield reader.span(dict(zip(names, one.fields, strict=True)), one.place)
    yield from reader.remarks.problems()


def _batch(rows: Rows, names: Sequence[str], reader: Reader) -> Batch:
    """Rows from an exact start to an exact end go into the columns, every other one is read by itself."""
    columns: dict[str, Sequence[str]] = dict(zip(names, zip(*rows.fields, strict=True), strict=True))
    found = reader.found
    start: list[Any] = _each(columns[found["start"]], reader.start)
    ends: list[Any] = _each(columns[found["end"]], reader.end) if found["end"] else [None] * len(start)
    fine = [
        isinstance(one, Stamp) and isinstance(two, Stamp) and two.ns >= one.ns
        for one, two in zip(start, ends, strict=True)
    ]
    kept = [row for row, plain in enumerate(fine) if plain]
    events = [
        reader.span(dict(zip(names, rows.fields[row], strict=True)), _place(rows, row))
        for row, plain in enumerate(fine)
        if not plain
    ]
    if events:
        columns = {name: [cells[row] for row in kept] for name, cells in columns.items()}
    stamps: list[Any] = [start[row] for row in kept]
    took = [ends[row].ns - start[row].ns for row in kept]
    table = _table(columns, reader, stamps, took)
    return Batch(Kind.SPAN, _placed(table, rows, np.array(kept, np.int64)), tuple(events))


def _table(columns: dict[str, Sequence[str]], reader: Reader, stamps: Sequence[Stamp], took: Sequence[int]) -> pa.Table:
    nothing = [""] * len(took)
    subject, operation = (
        _each(columns[reader.found[role]], span_record.word) if reader.found[role] else nothing
        for role in ("component", "operation")
    )
    said: dict[str, list[str]] = {}
    for key, of, how in reader.attributes:
        texts = _each(columns[of], how)
        # Of two columns for one thing the later one counts where it says something.
        before = said.get(key)
        said[key] = [two or one for one, two in zip(before, texts, strict=True)] if before else texts
    marks = {name: [one or None for one in said.get(name, nothing)] for name in _MARKS}
    return pa.table(
        {
            "at": pa.array([one.ns for one in stamps], pa.int64()),
            "offset": pa.array([one.offset for one in stamps], pa.int32()),
            "granularity": pa.array([one.granularity for one in stamps], pa.int64()),
            "subject": pa.array(subject, pa.string()),
            "name": pa.array(operation, pa.string()),
            "text": pa.array(_texts(columns, reader) or nothing, pa.string()),
            "took": pa.array(took, pa.int64()),
            "severity": pa.array(_severities(columns, reader) or nothing, pa.string()),
            **{name: pa.array(column, pa.string()) for name, column in marks.items()},
            "attributes": pa.array(_written(said, len(took)), pa.string()),
        }
    )


def _severities(columns: dict[str, Sequence[str]], reader: Reader) -> list[str]:
    judged = [_each(columns[of], partial(span_record.is_failed, of)) for of in reader.judged]
    return ["error" if any(one) else "" for one in zip(*judged, strict=True)] if judged else []


def _texts(columns: dict[str, Sequence[str]], reader: Reader) -> list[str]:
    told = [_each(columns[of], span_record.saying) for of in reader.found.text]
    return [next(filter(None, one), "") for one in zip(*told, strict=True)] if told else []


def _written(said: dict[str, list[str]], count: int) -> list[str | None]:
    """Attributes as JSON with sorted names; those that say nothing are left out."""
    names = sorted(said)
    if not names:
        return [None] * count
    pieces = [_each(said[name], partial(_pair, name)) for name in names]
    made = [", ".join(filter(None, one)) for one in zip(*pieces, strict=True)]
    return ["{" + one + "}" if one else None for one in made]


def _pair(name: str, text: str) -> str:
    return f'"{name}": {json.dumps(text, ensure_ascii=False)}' if text else ""


def _each(cells: Sequence[str], read: Callable[[str], Any]) -> list[Any]:
    known = {cell: read(cell) for cell in dict.fromkeys(cells)}
    return list(map(known.__getitem__, cells))


def _place(rows: Rows, row: int) -> Place:
    number = int(rows.number[row])
    return Place(int(rows.start[row]), int(rows.end[row]), number, number)


def _placed(table: pa.Table, rows: Rows, kept: NDArray[np.int64]) -> pa.Table:
    places = {"start": rows.start, "end": rows.end, "first": rows.number, "last": rows.number}
    for name, column in places.items():
        table = table.append_column(name, pa.array(column[kept]))
    return table
