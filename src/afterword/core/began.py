"""When one series began to change: the gap between its samples in which it did, as times."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import one_change, onset, sampled, statistics
from afterword.model.time import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal

#: So many samples before and after are shown to the second method.
_NEAR = 90
#: So many spreads from the usual a sample is an outlier.
_OUTSIDE = 3.0
#: Samples further apart than so many steps have a hole between them.
_HOLE = 4


@dataclass(frozen=True, slots=True)
class Began:
    """When one signal began to change, in ns, with its bounds."""

    signal: Signal
    at: int
    earliest: int
    latest: int
    #: The second method puts its change outside of these bounds.
    elsewhere: bool = False


def began(signal: Signal, series: Series, found: Found, off: float) -> Began | None:
    """The gap in which one signal left its usual range, as times. ``off``: what levels are off by between two times, in spreads."""
    if signal.onset is None:
        return None
    at, values, usual, other = _stretch(signal, series, found)
    end = len(at)
    least = statistics.least_spread(series)
    counted = sampled.is_rare(series, values[:usual])
    spread = sampled.least_spread(values[:usual], least)
    apart = None
    if other:
        spread = max(spread, statistics.scale(values[:other], least))
        apart = onset.Apart(other, off * spread)
    gap = onset.gap(values, usual, end, counted=counted, spread=spread, apart=apart)
    if gap is None:
        return None
    if other and gap.at == other:
        # It was there when this stretch of evidence began.
        gap = gap._replace(part=1.0)
    low = max(0, usual - _NEAR)
    second = one_change.split(values[low : min(end, usual + _NEAR)])
    beside = second is not None and not gap.first - 1 <= max(low + second, other) <= gap.last + 1
    return replace(_timed(signal, at, gap, series), elsewhere=beside)


def intermittent(signal: Signal, series: Series, found: Found) -> Began | None:
    """When outliers that come and go began to be more, by their number: no run of them dates it, and none is a change of level."""
    if not sampled.together(found):
        return None
    rows = sampled.rows_in(series, Span(found.baseline.start, found.window.end))
    at, values = series.at[rows], series.value[rows]
    middle, wide = statistics.usual_range(series.within(found.baseline), statistics.least_spread(series), _OUTSIDE)
    out = (math.copysign(1.0, signal.shift) * (values - middle) > wide).astype(np.float64)
    inside = np.flatnonzero((out > 0) & (at >= found.window.start))
    if not len(inside):
        return None
    gap = onset.gap(out, int(inside[0]), len(out), counted=True)
    return _timed(signal, at, gap, series) if gap is not None else None


def _stretch(signal: Signal, series: Series, found: Found) -> tuple[NDArray[np.int64], NDArray[np.float64], int, int]:
    """Times and values of the healthy stretch and of the incident up to the way back, the row at which the signal was first
    seen outside, and the row at which the block of the incident begins.
    """
    assert signal.onset is not None
    together = sampled.together(found)
    until = min(signal.back or found.block.end, found.window.end + found.window.length)
    rows = sampled.rows_in(series, Span(found.baseline.start if together else found.block.start, until))
    at, values = series.at[rows], series.value[rows]
    seen = int(np.searchsorted(at, signal.onset))
    if together:
        return at, values, seen, 0
    healthy = sampled.rows_in(series, found.baseline)
    other = healthy.stop - healthy.start
    at, values = np.concatenate((series.at[healthy], at)), np.concatenate((series.value[healthy], values))
    return at, values, seen + other, other


def _timed(signal: Signal, at: NDArray[np.int64], gap: onset.Gap, series: Series) -> Began:
    step = int(np.median(np.abs(np.diff(at))))
    earliest, before, latest = _before(at, gap.first, step), _before(at, gap.at, step), int(at[gap.last])
    if sampled.is_binned(series):
        return Began(signal, int(at[gap.at]) + int(gap.part * step), int(at[gap.first]), latest + step)
    if series.statistic:
        return Began(signal, int(at[gap.at]), earliest, latest + step)
    return Began(signal, before + int(gap.part * (int(at[gap.at]) - before)), earliest, latest)


def _before(at: NDArray[np.int64], row: int, step: int) -> int:
    """The time of the sample before; one step back where that belongs to another stretch of evidence."""
    apart = int(at[row] - at[row - 1]) if row else 0
    return int(at[row]) - (apart if 0 < apart <= _HOLE * step else step)
