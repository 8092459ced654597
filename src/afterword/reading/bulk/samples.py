"""The samples of a table of metrics in columns: the same ones as cell by cell.

A row goes into the columns where its time can be relied on, each of its cells is a number or empty, and at least one is a
number; every other row is read by itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from afterword.core.clock import Stamp
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Place, Problem, Skipped
from afterword.ports import Batch
from afterword.reading.bulk.rows import Rows
from afterword.reading.metric_cells import Reader
from afterword.reading.table import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.ports import Reading
    from afterword.reading.metric_columns import Column, Plan

#: So many cells are made into one batch.
_CELLS = 200_000
_NOWHERE = Place(0, 0)


def read(
    plan: Plan, rows: Callable[[], Iterator[Rows | Row | Problem | Skipped]], reading: Reading
) -> Iterator[Event | Problem | Skipped | Batch]:
    """The samples of a table whose rows come in blocks, each time from the beginning."""
    reader = Reader(plan, lambda: _each(rows()), reading)
    columns = _Columns(plan, reader)
    for one in rows():
        if isinstance(one, Rows):
            step = max(1, _CELLS // max(1, len(plan.values)))
            for first in range(0, len(one.fields), step):
                yield from columns.batch(_slice(one, first, first + step))
        else:
            yield from reader.row(one)
    yield from reader.remarks.problems()


def _each(rows: Iterator[Rows | Row | Problem | Skipped]) -> Iterator[Row | Problem | Skipped]:
    """Row by row, without places: for what only looks at cells."""
    for one in rows:
        if isinstance(one, Rows):
            yield from (Row(fields, _NOWHERE) for fields in one.fields)
        else:
            yield one


def _slice(rows: Rows, first: int, stop: int) -> Rows:
    mine = slice(first, stop)
    return Rows(rows.fields[mine], rows.start[mine], rows.end[mine], rows.number[mine])


class _Columns:
    """Makes blocks of rows into batches; the series that were met are numbered."""

    def __init__(self, plan: Plan, reader: Reader) -> None:
        self._plan = plan
        self._reader = reader
        self._codes: dict[tuple[Any, ...], int] = {}
        #: Of each row's series those of its value columns, one after the other.
        self._series: list[Column] = []
        self._written: dict[int, str | None] = {}

    def batch(self, rows: Rows) -> Iterator[Event | Problem | Skipped | Batch]:
        said = rows.column(self._plan.time)
        told = {cell: self._reader.clock(cell) for cell in dict.fromkeys(said)}
        values = np.array([_numbers(rows.column(at)) for at in self._plan.values])
        finite = np.isfinite(values)
        # What is infinite here is a cell that needs a closer look.
        plain = ~np.isinf(values).any(axis=0) & finite.any(axis=0)
        dated = {cell for cell, stamp in told.items() if isinstance(stamp, Stamp)}
        plain &= np.fromiter((cell in dated for cell in said), np.bool_, len(said))
        events: list[Event] = []
        for row in np.flatnonzero(~plain).tolist():
            place = Place(int(rows.start[row]), int(rows.end[row]), int(rows.number[row]), int(rows.number[row]))
            for one in self._reader.row(Row(rows.fields[row], place)):
                if isinstance(one, Event):
                    events.append(one)
                else:
                    yield one
        at, column = np.nonzero((finite & plain).T)
        table = self._table(rows, told, at, column, values[column, at])
        if table.num_rows or events:
            yield Batch(Kind.METRIC, table, tuple(events))

    def _table(
        self,
        rows: Rows,
        told: Mapping[Any, Any],
        row: NDArray[np.int64],
        column: NDArray[np.int64],
        values: NDArray[np.float64],
    ) -> pa.Table:
        code = self._coded(rows)[row] * len(self._plan.values) + column
        stamps = [told[cell] if isinstance(told[cell], Stamp) else None for cell in rows.column(self._plan.time)]
        number = pa.array(rows.number[row])
        series = self._series
        return pa.table(
            {
                "at": pa.array([one and one.ns for one in stamps], pa.int64()).take(pa.array(row)),
                "offset": pa.array([one and one.offset for one in stamps], pa.int32()).take(pa.array(row)),
                "subject": _words([one.subject for one in series], code),
                "name": _words([one.name for one in series], code),
                "value": pa.array(values),
                "attributes": _words([self._attributes(one.attributes) for one in series], code),
                "start": pa.array(rows.start[row]),
                "end": pa.array(rows.end[row]),
                "first": number,
                "last": number,
                "part": _words([one.part for one in series], code),
                "granularity": pa.array([one and one.granularity for one in stamps], pa.int64()).take(pa.array(row)),
                "meaning": pa.repeat(pa.scalar(Meaning.OBSERVED.value), len(row)),
            }
        )

    def _coded(self, rows: Rows) -> NDArray[np.int64]:
        """The number of each row's series."""
        if not self._reader.key:
            self._number(())
            return np.zeros(len(rows.fields), np.int64)
        keys = list(zip(*[rows.column(at) for at in self._reader.key], strict=True))
        for key in dict.fromkeys(keys):
            self._number(key)
        return np.fromiter(map(self._codes.__getitem__, keys), np.int64, len(keys))

    def _number(self, key: tuple[Any, ...]) -> None:
        if key not in self._codes:
            self._codes[key] = len(self._codes)
            self._series += [column for _, column in self._reader.series(key)]

    def _attributes(self, said: Mapping[str, str]) -> str | None:
        known = id(said)
        if known not in self._written:
            self._written[known] = json.dumps(dict(said), sort_keys=True, ensure_ascii=False) if said else None
        return self._written[known]


def _words(words: Sequence[str | None], codes: NDArray[np.int64]) -> pa.Array:
    # Halves of characters, which a JSON label may hold, become question marks: as for any event.
    whole = [word if word is None else word.encode("utf-8", "replace").decode() for word in words]
    return pa.array(whole, pa.string()).take(pa.array(codes))


def _numbers(cells: Sequence[str]) -> list[float]:
    """The number in each cell; none in one that is empty or says NaN, and infinity for what needs a closer look."""
    try:
        return list(map(float, cells))
    except ValueError:
        return [_number(cell) for cell in cells]


def _number(cell: str) -> float:
    if not cell:
        return np.nan
    try:
        return float(cell)
    except ValueError:
        return np.inf
