"""Metrics in CSV: long, tidy and wide tables, and those that pandas writes with several header rows."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import metric_cells, metric_columns, table, table_head
from afterword.reading.table import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.metric_columns import Plan
    from afterword.reading.table import Row

#: Header rows of a wide table are long: so much is read to see them and the first records whole.
_HEAD = 1 << 22


def sniff(head: bytes) -> float:
    """As sure as the columns are that they hold metrics."""
    found = _plan(head)
    return found[1].sure if found else 0.0


@lru_cache(maxsize=4)
def _plan(head: bytes) -> tuple[Shape, Plan] | None:
    if head[:1] in (b"{", b"["):
        return None
    shape = table.shape(head)
    if shape is not None:
        plan = metric_columns.plan(shape.columns, shape.samples)
        if plan is not None:
            return shape, plan
    begun = table_head.begin(head)
    stacked = metric_columns.stacked(begun.records[:-1] or begun.records) if begun else None
    if begun is None or stacked is None:
        return None
    return Shape(begun.delimiter, stacked.columns, ()), stacked


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    found = _plan(stream.read(_HEAD))
    if found is None:
        size = stream.seek(0, 2)
        yield Problem(
            "no table of metrics: which column is the time cannot be told",
            Place(0, size),
            Gravity.ERROR,
            "table-columns",
        )
        return
    shape, plan = found

    def rows() -> Iterator[Row | Problem | Skipped]:
        stream.seek(0)
        return table.rows(stream, shape)

    yield from metric_cells.events(plan, rows, reading)


SOURCE = Source("metrics-csv", "metrics in CSV: long, one column a series, or several header rows", sniff, read)
