"""Series that nobody recorded: counted from logs and measured from spans, per component and time bin."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.case import Series
from afterword.core.self_time import self_time
from afterword.model.event import SEVERITIES
from afterword.model.time import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from afterword.core.case import Case, Logs, Rows, Spans
    from afterword.model.evidence import Citation
    from afterword.model.time import Span

ERROR = SEVERITIES.index("error")
WARN = SEVERITIES.index("warn")
#: Bins to choose from, in ns: coarse enough for some 240 bins, fine enough to date a minute.
_STEPS = tuple(s * SECOND for s in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 14400, 86400))
_ENOUGH_SPANS = 40
_ENOUGH_BINS = 8
SPAN_LATENCY, SPAN_SELF_TIME = "span latency p90 ms", "span self time p90 ms"


#: How the field names counters that only ever grow.
_COUNTER = re.compile(r"_(total|count|sum|bucket)(?=$|[{ ])")


def rated(series: Series) -> Series:
    """A counter as what it grew by in a second; any other series as it is.

    A fall is a restart from zero, as Prometheus reads it. The first sample has nothing before it and is left out.
    """
    if not is_counter(series):
        return series
    grown = np.diff(series.value)
    grown = np.where(grown < 0, series.value[1:], grown)
    seconds = np.diff(series.at) / SECOND
    return replace(series, at=series.at[1:], value=grown / seconds, derived="rate per second of a counter")


def is_counter(series: Series) -> bool:
    """By its name, or by growing without ever falling; and it has to have grown at all."""
    if len(series.at) < _ENOUGH_BINS:
        return False
    steps = np.diff(series.value)
    falls = int((steps < 0).sum())
    if _COUNTER.search(series.indicator):
        return falls <= max(2, len(steps) // 50) and float(series.value.max()) > float(series.value.min())
    grew = int((steps > 0).sum())
    return (
        falls == 0
        and grew > 0.6 * len(steps)
        and bool(np.all(series.value == np.floor(series.value)))
        and len(steps) >= 30
    )


def bin_width(covered: Span) -> int:
    """The bin that gives about 240 of them."""
    wanted = max(covered.length, MINUTE) / 240
    return next((step for step in _STEPS if step >= wanted), _STEPS[-1])


def derived_series(case: Case) -> tuple[Series, ...]:
    """Error lines, all lines, span latency, span errors and span counts of every component."""
    width = bin_width(case.covered)
    return (*_from_logs(case, width), *_from_spans(case, width))


def _recorded(at: NDArray[np.int64], edges: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Bins that the evidence covers: where nothing at all was written for longer than it was written, it was not recorded."""
    some = np.histogram(at, bins=edges)[0] > 0
    ends = np.flatnonzero(np.diff(np.concatenate(([True], some, [True])).astype(np.int8)))
    kept = np.ones(len(some), dtype=np.bool_)
    for start, end in zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True):
        if end - start > int(some.sum()):
            kept[start:end] = False
    return kept


def _edges(at: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    first, last = int(at[0]) // width, int(at[-1]) // width
    return np.arange(first, last + 2, dtype=np.int64) * width


def _from_logs(case: Case, width: int) -> Iterator[Series]:
    logs = case.logs
    if len(logs) < _ENOUGH_BINS:
        return
    edges = _edges(logs.at, width)
    if len(edges) - 1 < _ENOUGH_BINS:
        return
    kept = _recorded(logs.at, edges)
    for code, component in enumerate(logs.components):
        mine = logs.component == code
        if int(mine.sum()) < _ENOUGH_BINS and not int((logs.severity[mine] >= ERROR).sum()):
            continue
        for name, rows in (
            ("error lines", mine & (logs.severity >= ERROR)),
            ("warning lines", mine & (logs.severity == WARN)),
            ("log lines", mine & (logs.severity < WARN)),
        ):
            if rows.any():
                yield _counted(component, name, logs, rows, edges, kept)


def _counted(
    component: str, name: str, logs: Logs, rows: NDArray[np.bool_], edges: NDArray[np.int64], kept: NDArray[np.bool_]
) -> Series:
    counts, _ = np.histogram(logs.at[rows], bins=edges, weights=None if logs.weight is None else logs.weight[rows])
    return Series(
        component=component,
        indicator=name,
        at=edges[:-1][kept],
        value=counts[kept].astype(np.float64),
        cite=_extent(logs.rows, np.flatnonzero(rows)),
        derived="counted from log lines",
    )


def _extent(rows: Rows, which: NDArray[np.int64]) -> Citation:
    """A citation of the first of the rows: a derived series has no place of its own."""
    return rows.cite(int(which[0]))


def _from_spans(case: Case, width: int) -> Iterator[Series]:
    spans = case.spans
    if len(spans) < _ENOUGH_SPANS:
        return
    edges = _edges(spans.at, width)
    if len(edges) - 1 < _ENOUGH_BINS:
        return
    bins = np.searchsorted(edges, spans.at, side="right") - 1
    own = self_time(spans)
    for code, component in enumerate(spans.components):
        mine = np.flatnonzero(spans.component == code)
        if len(mine) >= _ENOUGH_SPANS:
            yield from _of_component(spans, component, mine, bins[mine], own[mine], edges)


def _of_component(
    spans: Spans,
    component: str,
    mine: NDArray[np.int64],
    bins: NDArray[np.int64],
    own: NDArray[np.float64],
    edges: NDArray[np.int64],
) -> Iterator[Series]:
    cite = spans.rows.cite(int(mine[0]))
    count = np.bincount(bins, minlength=len(edges) - 1).astype(np.float64)
    seen = count > 0
    at = edges[:-1][seen]
    failed = np.bincount(bins, weights=spans.failed[mine], minlength=len(count))[seen] / count[seen]
    measured = [
        ("span error ratio", failed),
        (SPAN_LATENCY, _quantile(spans.took[mine] / 1e6, bins, 0.9)),
        (SPAN_SELF_TIME, _quantile(own / 1e6, bins, 0.9)),
    ]
    some = "spans" if spans.weight == 1 else f"the spans of one trace in {spans.weight}"
    for name, value in measured:
        yield Series(component, name, at, value, cite, derived=f"measured from {some}")
    kept = _recorded(spans.at, edges)
    yield Series(component, "spans", edges[:-1][kept], count[kept] * spans.weight, cite, derived=f"counted from {some}")


def _quantile(values: NDArray[np.float64], bins: NDArray[np.int64], q: float) -> NDArray[np.float64]:
    """Quantile of the values of each non-empty bin, bins ascending."""
    order = np.lexsort((values, bins))
    values, bins = values[order], bins[order]
    starts = np.flatnonzero(np.concatenate(([True], np.diff(bins) > 0)))
    sizes = np.diff(np.concatenate((starts, [len(bins)])))
    return values[starts + np.floor(q * (sizes - 1)).astype(np.int64)]
