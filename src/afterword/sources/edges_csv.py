"""Call graphs in CSV: a list of caller and callee, or a square matrix of components.

In a matrix (as pandas writes one) a row is a caller and a column a callee: any cell but 0 is a call. Rows of such a matrix
share their place; ``part`` is the callee.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import name, table
from afterword.reading.cell import is_nothing, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.ports import Reading
    from afterword.reading.table import Row, Shape

#: Names that go together, caller first.
_PAIRS = (
    ("caller", "callee"), ("source", "target"), ("source", "destination"), ("src", "dst"), ("src", "dest"), ("from", "to"),
    ("parent", "child"), ("client", "server"), ("consumer", "provider"), ("consumer", "producer"), ("um", "dm"),
    ("service", "depends_on"), ("service", "dependency"), ("component", "depends_on"), ("component", "dependency"),
    ("service", "calls"), ("caller", "called"), ("head", "tail"), ("start", "end"), ("u", "v"), ("origin", "destination"),
    ("dependent", "dependency"), ("requester", "responder"), ("requestor", "responder"), ("invoker", "invoked"),
)  # fmt: skip
_SUFFIX = re.compile(
    r"_?(service|services|service_name|name|component|app|application|node|id|workload|pod|microservice|ms|canonical_service|vertex|svc)$"
)
_WEIGHT = ("weight", "value", "call_count", "calls", "count", "connected", "edge")
_TIMED = frozenset({"timestamp", "time", "datetime", "date", "trace_id", "traceid", "duration", "span_id", "spanid"})
_MOST_NODES = 5_000


def sniff(head: bytes) -> float:
    """Sure of a matrix whose rows are called like its columns, and of a pair of names without a time."""
    shape = table.shape(head)
    if shape is None or not shape.samples:
        return 0.0
    if _is_matrix(shape):
        return 0.92
    pair = _pair(shape.columns)
    if pair is None or {name.plain(one) for one in shape.columns} & _TIMED:
        return 0.0
    cells = [row[i].strip() for row in shape.samples for i in pair]
    if any(len(cell) > 200 for cell in cells) or sum(map(is_nothing, cells)) * 4 > len(cells):
        return 0.0
    return 0.8 if sum(number(cell) is None for cell in cells) * 2 > len(cells) else 0.4


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    shape = table.shape(stream.read(1 << 20))
    size = stream.seek(0, 2)
    stream.seek(0)
    pair = _pair(shape.columns) if shape is not None else None
    if shape is None or not (pair or _is_matrix(shape)):
        yield Problem(
            "no call graph: no columns of callers and callees", Place(0, size), Gravity.ERROR, "table-columns"
        )
        return
    rows = table.rows(stream, shape)
    yield from _from_pairs(rows, shape.columns, pair) if pair and not _is_matrix(shape) else _from_matrix(rows, shape)


def _is_matrix(shape: Shape) -> bool:
    """Rows are called like columns, and hold numbers."""
    names = {one.strip() for one in shape.columns[1:]}
    if len(names) < 2 or len(names) > _MOST_NODES or not shape.samples:
        return False
    there = sum(row[0].strip() in names for row in shape.samples)
    numbers = all(is_nothing(cell) or number(cell) is not None for row in shape.samples for cell in row[1:])
    return numbers and there * 4 >= 3 * len(shape.samples)


def _pair(columns: Sequence[str]) -> tuple[int, int] | None:
    """The positions of caller and callee."""
    plain = [name.plain(one).replace(".", "_") for one in columns]
    short = [_SUFFIX.sub("", one) or one for one in plain]
    for known in (plain, short):
        for caller, callee in _PAIRS:
            if caller in known and callee in known:
                return known.index(caller), known.index(callee)
    return None


def _from_pairs(
    rows: Iterator[Row | Problem | Skipped], columns: Sequence[str], pair: tuple[int, int]
) -> Iterator[Event | Problem | Skipped]:
    weight = name.column([one for i, one in enumerate(columns) if i not in pair], _WEIGHT)
    at = columns.index(weight) if weight is not None else None
    for row in rows:
        if isinstance(row, Problem | Skipped):
            yield row
            continue
        caller, callee = (row.fields[i].strip() for i in pair)
        if is_nothing(caller) or is_nothing(callee):
            yield Problem("an edge without a caller or a callee", row.place, Gravity.WARNING, "edge-end")
        elif at is not None and number(row.fields[at]) == 0:
            yield Skipped("an edge of weight 0", row.place)
        else:
            yield Event(Kind.EDGE, row.place, subject=caller, name=callee)


def _from_matrix(rows: Iterator[Row | Problem | Skipped], shape: Shape) -> Iterator[Event | Problem | Skipped]:
    callees = [one.strip() for one in shape.columns]
    for row in rows:
        if isinstance(row, Problem | Skipped):
            yield row
            continue
        caller, place, some = row.fields[0].strip(), row.place, False
        for callee, cell in zip(callees[1:], row.fields[1:], strict=True):
            if cell and cell not in ("0", "0.0") and number(cell):
                some = True
                yield Event(
                    Kind.EDGE,
                    Place(place.start, place.end, place.first, place.last, callee),
                    subject=caller,
                    name=callee,
                )
        if not some:
            yield Skipped("a component that calls no other", place)


SOURCE = Source("edges-csv", "call graphs in CSV: caller and callee, or a square matrix", sniff, read)
