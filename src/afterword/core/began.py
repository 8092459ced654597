"""When one series began to change: the gap between its samples in which it did, as times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import onset, sampled, statistics
from afterword.model.time import Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal

#: Samples further apart than so many steps have a hole between them.
_HOLE = 4


@dataclass(frozen=True, slots=True)
class Began:
    """When one signal began to change, in ns, with its bounds."""

    signal: Signal
    at: int
    earliest: int
    latest: int


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
    return _timed(signal, at, gap, series)


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
