"""Where the incident is: onsets of many series, and the stretch on which they agree."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import change_point, elsewhere, few, indicator, quantile, statistics
from afterword.core.block import blocks, choose
from afterword.core.consensus import agreement, datable, end_of, in_order, inside, last_of, tolerance_of
from afterword.core.indicator import Family
from afterword.core.meant import still_on, told_apart
from afterword.model.postmortem import Signal
from afterword.model.time import MINUTE, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.change_point import Change
    from afterword.core.meant import Other
    from afterword.core.statistics import Least
    from afterword.model.incident import Options

#: A change has to be this many sigmas strong before it is called one (white noise reaches about 4 on this scan).
STRENGTH = 5.0
#: And this far from the usual, in the usual's own spread.
SHIFT = 3.0
#: What is looked at when nothing is that far: a lead, not more.
WEAK = 1.5
#: A shift that nobody would call noise, however few samples show it.
_CLEAR = 8.0
_LEAST = 8
#: So many errors, and no fewer, are a failure by themselves.
_SOME_ERRORS = 10


@dataclass(frozen=True, slots=True)
class Onset:
    """One series that changed: when, how much, how sure. ``weight`` is its vote on where the incident began."""

    series: Series
    at: int
    earliest: int
    until: int | None
    shift: float
    strength: float
    weight: float


@dataclass(frozen=True, slots=True)
class Found:
    """The incident, the healthy stretch before it, and the series that voted."""

    window: Span
    baseline: Span
    onsets: tuple[Onset, ...]
    #: The stretch of evidence that the incident lies in: what comes after its end says nothing of the recovery.
    block: Span
    #: What went wrong at about the same time and is another incident.
    others: tuple[Other, ...] = ()


def onsets_of(series: Sequence[Series]) -> tuple[Onset, ...]:
    """The changes of all series, in order of time; none of one that is too short, constant, or a setting."""
    fit = [
        one
        for one in series
        if len(one.at) >= _LEAST and not indicator.is_setting(one.indicator) and np.ptp(one.value) != 0
    ]
    found = change_point.changes([one.value for one in fit], STRENGTH)
    made = [_onset(one, change) for one, change in zip(fit, found, strict=True) if change is not None]
    return in_order(filter(None, made))


def _onset(series: Series, change: Change) -> Onset | None:
    """When the series left its usual range; None where it hardly moved."""
    before, inside = series.value[: change.start], series.value[change.start : change.end]
    shift = _largest_shift(before, inside, statistics.least_spread(series))
    if statistics.is_rare(series, before):
        # Of errors in ones and twos it is the number of them all that tells.
        shift = max(shift, statistics.counted_shift(before, inside), key=abs)
    if abs(shift) < SHIFT:
        return None
    row = change_point.walk_back(series.value, change)
    at = int(series.at[row])
    earliest = int(series.at[row - 1]) if row else at
    until = int(series.at[change.end]) if change.end < len(series.at) else None
    return Onset(series, at, earliest, until, shift, change.strength, weight(series, shift, change.strength))


def _largest_shift(before: np.ndarray, inside: np.ndarray, least: Least) -> float:
    """Shift of the median or of the upper or lower quartile: a symptom may fill only part of the stretch."""
    middle, spread = float(np.median(before)), statistics.scale(before, least)
    low, mid, high = (float(q) for q in np.percentile(inside, [25, 50, 75]))
    return max((mid - middle, high - middle, low - middle), key=abs) / spread


def weight(series: Series, shift: float, strength: float) -> float:
    harm = indicator.HARM[indicator.family(series.indicator)]
    worse = indicator.worse(series.indicator)
    if worse and worse * shift < 0:
        harm *= 0.2
    if series.derived and indicator.family(series.indicator) is not Family.ERRORS:
        harm *= 0.6
    return harm * math.log2(1 + min(abs(shift), 200)) * min(strength, 25.0) / 10


def find(
    series: Sequence[Series], covered: Span, options: Options, more: Sequence[Onset] = (), cut: Span | None = None
) -> Found | None:
    """The incident as the stretch on which the weighted onsets agree; None when nothing stands out.

    A stated moment only leans the vote towards onsets near it: it may be minutes off. ``more`` are onsets that were found
    elsewhere than in series; ``cut`` is the stretch that was recorded of the incident, where only part of the time was.
    """
    parts = blocks(series)
    if len(parts) > 1:
        near = options if cut is None else replace(options, at=cut.start)
        return _apart(series, *choose(parts, near), options, more, cut)
    if options.window:
        return _stated(series, covered, options)
    onsets = onsets_of(series)
    tolerance = tolerance_of(series, covered)
    voters, others = told_apart(still_on(inside([*onsets, *more], cut), options, tolerance), options.at)
    if not voters:
        return _unseen(covered, options, cut)
    start, members = agreement(voters, tolerance, options.at)
    end = end_of(members, start, covered, options.at)
    baseline = _baseline(covered, start, options)
    return Found(Span(start, last_of(end, cut)), baseline, onsets, covered, others)


def _unseen(covered: Span, options: Options, cut: Span | None) -> Found | None:
    """Nothing stands out: the incident is what was recorded of it, or around what somebody noticed."""
    if options.at is not None:
        return noticed(options.at, covered, options)
    if cut is None or not covered.start < cut.start:
        return None
    return Found(cut, _baseline(covered, cut.start, options), (), covered)


def told(times: Sequence[int], covered: Span) -> Found | None:
    """The incident as people and monitors tell it, from the first word to the last; None when nobody says anything."""
    if not times:
        return None
    window = Span(times[0], max(times[-1], times[0] + 1))
    return Found(window, Span(min(covered.start, window.start - 1), window.start - 1), (), covered)


def failing(errors: NDArray[np.int64], lines: int, covered: Span) -> Found | None:
    """The incident of a log that holds hardly anything but errors: from the first to the last of its longest run of them.

    ``errors``: times of the error lines. Of how it was before nothing is known; a log of a service that works is no such log.
    """
    if len(errors) < _SOME_ERRORS or 2 * len(errors) < lines:
        return None
    apart = np.diff(errors)
    # A break is a silence that is long beside the usual distance, and beside all of it.
    long = max(20 * float(np.median(apart)), 0.1 * float(errors[-1] - errors[0]), float(MINUTE))
    runs = np.split(errors, np.flatnonzero(apart > long) + 1)
    run = max(runs, key=len)
    window = Span(int(run[0]), max(int(run[-1]), int(run[0]) + 1))
    return Found(window, Span(min(covered.start, window.start - 1), window.start - 1), (), covered)


def noticed(at: int, covered: Span, options: Options) -> Found | None:
    """Nothing stands out, but somebody noticed something: look around that moment."""
    start = max(covered.start, at - 5 * MINUTE)
    if options.baseline is not None and options.baseline[1] < at:
        start = max(start, options.baseline[1] + 1)
    # What is healthy may be told, or shown by another block: else something has to come before it.
    if not start < covered.end or (start == covered.start and options.baseline is None):
        return None
    return Found(Span(start, covered.end), _baseline(covered, start, options), (), covered)


def _stated(series: Sequence[Series], covered: Span, options: Options) -> Found:
    assert options.window is not None
    start, end = options.window
    return Found(Span(start, max(start, end)), _baseline(covered, start, options), onsets_of(series), covered)


def _apart(
    series: Sequence[Series],
    block: Span,
    baseline: Span,
    options: Options,
    more: Sequence[Onset] = (),
    cut: Span | None = None,
) -> Found | None:
    """The incident in a block of its own, measured against a healthy block of another time, before it or after it."""
    onsets = in_order(filter(None, (_onset_against(one, block, baseline) for one in series)))
    if options.window:
        return Found(Span(*options.window), baseline, onsets, block)
    tolerance = tolerance_of(series, block)
    able = inside([*datable(onsets, block, tolerance, options.at), *more], cut)
    voters, others = told_apart(still_on(able, options, tolerance), options.at)
    if not voters:
        return _unseen(block, replace(options, baseline=(baseline.start, baseline.end)), cut)
    start, members = agreement(voters, tolerance, options.at)
    end = last_of(end_of(members, start, block, options.at), cut)
    return Found(Span(start, end), baseline, onsets, block, others)


def _onset_against(series: Series, block: Span, baseline: Span) -> Onset | None:
    """The first sample of the block outside of what the healthy block shows; None when none is."""
    usual, now = series.within(baseline), series.within(block)
    if len(usual) < 3 or not len(now) or indicator.is_setting(series.indicator):
        return None
    least = statistics.least_spread(series)
    middle, wide = statistics.usual_range(usual, least, SHIFT)
    away = _lasting(np.abs(now - middle) > wide)
    if not len(away):
        return None
    times = series.at[np.searchsorted(series.at, block.start) :]
    at = int(times[away[0]])
    earliest = int(times[away[0] - 1]) if away[0] else at
    until = int(times[away[-1] + 1]) if away[-1] + 1 < len(now) else None
    shift = _largest_shift(usual, now[away], least)
    strength = min(25.0, abs(shift) * math.sqrt(len(away)))
    return Onset(series, at, earliest, until, shift, strength, weight(series, shift, strength))


def _lasting(outside: np.ndarray) -> np.ndarray:
    """Rows outside of the usual, from the first on that is no lone outlier: three of five, where there are so many."""
    if len(outside) <= 8:
        return np.flatnonzero(outside)
    crowd = np.convolve(outside, np.ones(5), mode="full")[4 : 4 + len(outside)]
    start = np.flatnonzero(outside & (crowd >= 3))
    return np.flatnonzero(outside[start[0] :]) + start[0] if len(start) else start


def _baseline(covered: Span, start: int, options: Options) -> Span:
    if options.baseline:
        return Span(*options.baseline)
    return Span(covered.start, max(covered.start, start - 1))


def signals(found: Found, series: Sequence[Series], least: float = SHIFT) -> tuple[Signal, ...]:
    """Every series outside its baseline during the incident, farthest first."""
    onsets = {id(onset.series): onset for onset in found.onsets}
    most = elsewhere.limits(series, found)
    made = [
        signal
        for one in series
        if (signal := _signal(one, found, onsets.get(id(one)), least, most.get(id(one), math.inf))) is not None
    ]
    return tuple(sorted(made, key=lambda s: (-abs(s.shift), s.component, s.indicator)))


def _signal(series: Series, found: Found, onset: Onset | None, least: float, most: float) -> Signal | None:
    near = onset if onset is not None and _belongs(onset, found) else None
    # What crept up before anybody was hurt is compared with how it was before it crept.
    crept = near is not None and near.at in found.baseline
    before = near.at - 1 if near is not None and crept else found.baseline.end
    trouble = before + 1 if crept else found.window.start
    usual = few.usual(series, Span(found.baseline.start, before), found.block, trouble)
    now = series.within(found.window)
    if len(usual) < 3 or not len(now) or indicator.is_setting(series.indicator):
        return None
    shift = _window_shift(usual, now, statistics.least_spread(series))
    if statistics.is_rare(series, usual):
        shift = max(shift, statistics.counted_shift(usual, now), key=abs)
    shift = max(shift, statistics.lost_shift(series, usual, now), key=abs)
    shift = math.copysign(min(abs(shift), most), shift) * few.sure(len(usual))
    if found.baseline.start > found.block.start or found.baseline.end < found.block.start:
        shift = _without_drift(shift, series, found, usual)
    if abs(shift) < least:
        return None
    peak = float(now.max() if shift > 0 else now.min())
    began = (near.earliest, near.at) if near else _first_outside(series, found, usual) if abs(shift) >= _CLEAR else None
    return Signal(
        component=series.component,
        indicator=series.indicator + (f" {series.statistic}" if series.statistic else ""),
        baseline=float(np.median(usual)),
        peak=peak,
        shift=shift,
        onset=began[1] if began else None,
        earliest=began[0] if began else None,
        latest=began[1] if began else None,
        back=statistics.back_inside(series, found.baseline, Span(_peak_at(series, found, shift), found.block.end)),
        cite=series.cite,
        derived=series.derived,
        clock=series.clock,
    )


def _first_outside(series: Series, found: Found, usual: np.ndarray) -> tuple[int, int] | None:
    """Last sample inside and first one outside, near the start: for a clear shift of a series too short to be scanned."""
    middle, wide = statistics.usual_range(usual, statistics.least_spread(series), SHIFT)
    near = Span(found.window.start - min(5 * MINUTE, found.window.length), found.window.end)
    rows = np.flatnonzero((series.at >= near.start) & (series.at <= near.end))
    away = rows[_lasting(np.abs(series.value[rows] - middle) > wide)]
    if not len(away):
        return None
    row = int(away[0])
    return int(series.at[max(row - 1, 0)]), int(series.at[row])


def _without_drift(shift: float, series: Series, found: Found, usual: np.ndarray) -> float:
    """The shift less what was there in the same block before the incident: that came with the other time, not with it."""
    before = series.within(Span(found.block.start, found.window.start - 1))
    if not len(before):
        return shift
    spread = statistics.scale(usual, statistics.least_spread(series))
    # Only what every sample before it shows was there already: the start of the incident is known to a sample at best.
    already = float((math.copysign(1.0, shift) * (before - np.median(usual))).min()) / spread
    return math.copysign(max(0.0, abs(shift) - max(0.0, already)), shift)


def _belongs(onset: Onset, found: Found) -> bool:
    """Near the start of the incident, or earlier and still there when it starts."""
    near = abs(onset.at - found.window.start) <= max(20 * MINUTE, found.window.length)
    return near or (onset.at < found.window.start and (onset.until is None or onset.until > found.window.start))


def _peak_at(series: Series, found: Found, shift: float) -> int:
    low, high = np.searchsorted(series.at, [found.window.start, found.window.end + 1])
    inside = series.value[low:high]
    row = int(np.argmax(inside) if shift > 0 else np.argmin(inside))
    return int(series.at[low + row])


def _window_shift(usual: np.ndarray, now: np.ndarray, least: Least) -> float:
    """Calibrated shift of the median, or of a quartile where only part of the window is affected."""
    middle = statistics.calibrated(usual, now, least)
    if len(now) < 4:
        return middle
    spread = statistics.scale(usual, least)
    low, high = quantile.percentiles(now, (20, 80))
    ulow, uhigh = quantile.percentiles(usual, (20, 80))
    part = max(((high - uhigh) / spread, (low - ulow) / spread), key=abs) * 0.7
    return max((middle, part), key=abs)
