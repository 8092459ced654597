"""Visits that no span tells of: lines that name their trace are what is left of one where spans were not recorded.

The lines of one trace in one component are a visit. Whose lines go on around those of another is usually who asked; a caller
that was cut off is known by the traces in which it was not.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from afterword.core.case import Rows, Spans
from afterword.core.cause.statement import statements
from afterword.core.derive import ERROR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Case, Logs

#: So many visits of a trace before one are looked at for who asked.
_BACK = 32
#: One asks another where it goes on around that one in so many of the traces that hold both.
_AROUND = 0.5


class Heard(Spans):
    """Visits in place of spans: nobody recorded them, lines tell of them."""


class Waits(NamedTuple):
    """Time that passes in a component, or between it and one that it asks (-1: none): when, for how long (ns), in what."""

    at: NDArray[np.int64]
    caller: NDArray[np.int64]
    callee: NDArray[np.int64]
    operation: NDArray[np.int64]
    took: NDArray[np.float64]
    trace: NDArray[np.int32]
    #: The row of the span that shows it.
    row: NDArray[np.int64]
    components: tuple[str, ...]
    operations: tuple[str, ...]


class _Picked:
    """Some rows of a column of texts."""

    def __init__(self, texts: Any, rows: NDArray[np.int64]) -> None:
        self._texts, self._rows = texts, rows

    def __getitem__(self, row: int) -> str:
        found: str = self._texts[int(self._rows[row])]
        return found

    def __len__(self) -> int:
        return len(self._rows)


def visited(case: Case) -> Case:
    """The case with visits in place of spans where it has no spans and its lines name traces; else as it is."""
    logs = case.logs
    if len(case.spans) or not len(logs.trace) or not bool((logs.trace >= 0).any()):
        return case
    line = np.flatnonzero(logs.trace >= 0)
    _, visit = np.unique((logs.trace[line].astype(np.int64) << 32) + logs.component[line], return_inverse=True)
    first = np.full(int(visit.max()) + 1, len(line), dtype=np.int64)
    np.minimum.at(first, visit, np.arange(len(line)))
    # Lines are sorted by time, and so are spans: by their first line.
    order = np.argsort(first, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    of = place[visit]
    spans = _spans(logs, line, of, line[first[order]])
    inside = np.full(len(logs), -1, dtype=np.int32)
    inside[line] = of
    return replace(case, spans=spans, logs=replace(logs, span=inside))


def _spans(logs: Logs, line: NDArray[np.int64], of: NDArray[np.int64], rows: NDArray[np.int64]) -> Heard:
    """One span a visit; ``rows`` are the first lines, ``of`` the visit of each line. It takes from its first line to its last."""
    end = np.zeros(len(rows), dtype=np.int64)
    np.maximum.at(end, of, logs.at[line])
    failed = np.zeros(len(rows), dtype=np.bool_)
    failed[of[logs.severity[line] >= ERROR]] = True
    trace, component = logs.trace[rows], logs.component[rows]
    code, texts = statements(logs, rows)
    return Heard(
        at=logs.at[rows], took=end - logs.at[rows], component=component, operation=code.astype(np.int32), failed=failed,
        parent=_parents(trace, component, end), trace=trace, components=logs.components,
        operations=tuple(texts), text=_Picked(logs.text, rows), attributes=_Picked(logs.attributes, rows),
        rows=_rows(logs.rows, rows), clock=logs.clock[rows] if len(logs.clock) else logs.clock, clocks=logs.clocks,
    )  # fmt: skip


def _rows(rows: Rows, which: NDArray[np.int64]) -> Rows:
    held: dict[str, Any] = {one.name: getattr(rows, one.name) for one in fields(rows)}
    made: dict[str, Any] = {k: v[which] if isinstance(v, np.ndarray) else _Picked(v, which) for k, v in held.items()}
    return Rows(**made)


def _parents(trace: NDArray[np.int32], component: NDArray[np.int32], end: NDArray[np.int64]) -> NDArray[np.int32]:
    """Row of the visit that asked for each one; -1 where none did. Rows are sorted by time."""
    parent = np.full(len(end), -1, dtype=np.int32)
    earlier, later = _pairs(trace)
    differ = component[earlier] != component[later]
    earlier, later = earlier[differ], later[differ]
    if not len(later):
        return parent
    kind = component[earlier].astype(np.int64) * (int(component.max()) + 1) + component[later]
    _, kind = np.unique(kind, return_inverse=True)
    around = end[earlier] >= end[later]
    asks = np.bincount(kind, weights=around) >= _AROUND * np.bincount(kind)
    # Pairs of one visit come with the nearest last: that one asked.
    mine = asks[kind]
    parent[later[mine]] = earlier[mine]
    return parent


def _pairs(trace: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a visit and one of its trace that began before it; of each visit the nearest last."""
    order = np.argsort(trace, kind="stable")
    apart = range(min(_BACK, len(order) - 1), 0, -1)
    made = [
        (order[:-back][same], order[back:][same])
        for back in apart
        if (same := trace[order[back:]] == trace[order[:-back]]).any()
    ]
    none = np.empty(0, dtype=np.int64)
    earlier, later = zip(*made, strict=True) if made else ((none,), (none,))
    return np.concatenate(earlier), np.concatenate(later)
