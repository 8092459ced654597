"""Metrics in CSV: long, tidy and wide tables, and those that pandas writes with several header rows."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import metric_cells, metric_columns, table, table_head
from afterword.reading.bulk import rows as bulk_rows
from afterword.reading.bulk import samples
from afterword.reading.cell import number
from afterword.reading.table import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.model.event import Event
    from afterword.ports import Batch, Reading
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
    words = shape is not None and bool(shape.samples) and _is_words(shape.samples[0])
    return (words and _stacked(head)) or _one_header(shape) or _stacked(head) or None


def _one_header(shape: Shape | None) -> tuple[Shape, Plan] | None:
    plan = metric_columns.plan(shape.columns, shape.samples) if shape is not None else None
    return (shape, plan) if shape is not None and plan is not None else None


def _stacked(head: bytes) -> tuple[Shape, Plan] | None:
    begun = table_head.begin(head)
    plan = metric_columns.stacked(begun.records) if begun is not None else None
    return (Shape(begun.delimiter, plan.columns, ()), plan) if begun is not None and plan is not None else None


def _is_words(record: Sequence[str]) -> bool:
    """Whether the record below the header holds no number: a second row of the header, perhaps."""
    return not any(number(cell) is not None for cell in record) and all(cell.strip() for cell in record[1:])


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    found = _plan(stream.read(_HEAD))
    if found is None:
        yield _none(stream)
        return
    shape, plan = found

    def rows() -> Iterator[Row | Problem | Skipped]:
        stream.seek(0)
        return table.rows(stream, shape)

    yield from metric_cells.events(plan, rows, reading)


def bulk(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped | Batch]:
    found = _plan(stream.read(_HEAD))
    if found is None:
        yield _none(stream)
        return
    shape, plan = found
    yield from samples.read(plan, lambda: bulk_rows.read(stream, shape, alone=plan.headers - 1), reading)


def _none(stream: BinaryIO) -> Problem:
    size = stream.seek(0, 2)
    says = "no table of metrics: which column is the time cannot be told"
    return Problem(says, Place(0, size), Gravity.ERROR, "table-columns")


SOURCE = Source(
    "metrics-csv", "metrics in CSV: long, one column a series, or several header rows", sniff, read, bulk=bulk
)
