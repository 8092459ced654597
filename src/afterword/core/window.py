"""Where the incident is: onsets of many series, and the stretch on which they agree."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import change_point, elsewhere, few, indicator, statistics
from afterword.core.block import blocks, choose
from afterword.core.indicator import Family
from afterword.model.postmortem import Signal
from afterword.model.time import MINUTE, SECOND, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.change_point import Change
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
#: An onset that leans towards a stated moment no more than that is of another time.
_FAR = 0.2
#: So far a stated moment may be off.
_STATED_OFF = 2 * MINUTE


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


def onsets_of(series: Sequence[Series]) -> tuple[Onset, ...]:
    """The changes of all series, in order of time; none of one that is too short, constant, or a setting."""
    fit = [
        one
        for one in series
        if len(one.at) >= _LEAST and not indicator.is_setting(one.indicator) and np.ptp(one.value) != 0
    ]
    found = change_point.changes([one.value for one in fit], STRENGTH)
    made = [_onset(one, change) for one, change in zip(fit, found, strict=True) if change is not None]
    return _in_order(filter(None, made))


def _in_order(onsets: Iterable[Onset]) -> tuple[Onset, ...]:
    return tuple(sorted(onsets, key=lambda o: (o.at, o.series.component, o.series.indicator, o.series.statistic)))


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
    return Onset(series, at, earliest, until, shift, change.strength, _weight(series, shift, change.strength))


def _largest_shift(before: np.ndarray, inside: np.ndarray, least: Least) -> float:
    """Shift of the median or of the upper or lower quartile: a symptom may fill only part of the stretch."""
    middle, spread = float(np.median(before)), statistics.scale(before, least)
    low, mid, high = (float(q) for q in np.percentile(inside, [25, 50, 75]))
    return max((mid - middle, high - middle, low - middle), key=abs) / spread


def _weight(series: Series, shift: float, strength: float) -> float:
    harm = indicator.HARM[indicator.family(series.indicator)]
    worse = indicator.worse(series.indicator)
    if worse and worse * shift < 0:
        harm *= 0.2
    if series.derived and indicator.family(series.indicator) is not Family.ERRORS:
        harm *= 0.6
    return harm * math.log2(1 + min(abs(shift), 200)) * min(strength, 25.0) / 10


def find(series: Sequence[Series], covered: Span, options: Options) -> Found | None:
    """The incident as the stretch on which the weighted onsets agree; None when nothing stands out.

    A stated moment only leans the vote towards onsets near it: it may be minutes off.
    """
    parts = blocks(series)
    if len(parts) > 1:
        return _apart(series, *choose(parts, options), options)
    if options.window:
        return _stated(series, covered, options)
    onsets = onsets_of(series)
    tolerance = _tolerance(series, covered)
    voters = _still_on(onsets, options, tolerance)
    if not voters:
        return None if options.at is None else _noticed(options.at, covered, options)
    start, members = _agreement(voters, tolerance, options.at)
    end = _end(members, start, covered, options.at)
    baseline = _baseline(covered, start, options)
    return Found(Span(start, end), baseline, onsets, covered)


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


def _noticed(at: int, covered: Span, options: Options) -> Found | None:
    """Nothing stands out, but somebody noticed something: look around that moment."""
    start = max(covered.start, at - 5 * MINUTE)
    if not covered.start < start < covered.end:
        return None
    return Found(Span(start, covered.end), _baseline(covered, start, options), (), covered)


def _stated(series: Sequence[Series], covered: Span, options: Options) -> Found:
    assert options.window is not None
    start, end = options.window
    return Found(Span(start, max(start, end)), _baseline(covered, start, options), onsets_of(series), covered)


def _apart(series: Sequence[Series], block: Span, baseline: Span, options: Options) -> Found | None:
    """The incident in a block of its own, measured against a healthy block of another time, before it or after it."""
    onsets = _in_order(filter(None, (_onset_against(one, block, baseline) for one in series)))
    if options.window:
        return Found(Span(*options.window), baseline, onsets, block)
    tolerance = _tolerance(series, block)
    voters = _still_on(_voters(onsets, block, tolerance, options.at), options, tolerance)
    if not voters:
        return None if options.at is None else _noticed(options.at, block, options)
    start, members = _agreement(voters, tolerance, options.at)
    return Found(Span(start, _end(members, start, block, options.at)), baseline, onsets, block)


def _voters(onsets: Sequence[Onset], block: Span, tolerance: int, stated: int | None) -> Sequence[Onset]:
    """Who may date the start. What is outside from the first sample on may have drifted between the two times.

    Unless the incident itself covers the block from its start: then that is stated, or most of the weight says so.
    """
    later = [one for one in onsets if one.earliest < one.at]
    weight = sum(one.weight for one in onsets) - sum(one.weight for one in later)
    covers = weight >= sum(one.weight for one in later)
    if stated is not None:
        # A stated moment may be minutes off: so near to the start it says no more than the weights do.
        covers = stated <= block.start + tolerance // 3 + (_STATED_OFF if covers else 0)
    return onsets if covers or not later else later


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
    return Onset(series, at, earliest, until, shift, strength, _weight(series, shift, strength))


def _lasting(outside: np.ndarray) -> np.ndarray:
    """Rows outside of the usual, from the first on that is no lone outlier: three of five, where there are so many."""
    if len(outside) <= 8:
        return np.flatnonzero(outside)
    crowd = np.convolve(outside, np.ones(5), mode="full")[4 : 4 + len(outside)]
    start = np.flatnonzero(outside & (crowd >= 3))
    return np.flatnonzero(outside[start[0] :]) + start[0] if len(start) else start


def _tolerance(series: Sequence[Series], covered: Span) -> int:
    """How far apart two onsets may lie and still belong together: a few samples, at least a minute and a half."""
    steps = [statistics.step_of(one.at) for one in series if len(one.at) > 2]
    usual = int(np.median(steps)) if steps else 0
    return max(90 * SECOND, 3 * usual, covered.length // 60)


def _agreement(onsets: Sequence[Onset], tolerance: int, stated: int | None) -> tuple[int, list[Onset]]:
    """The start that collects most votes within the tolerance; earlier wins a tie."""
    times = np.array([onset.at for onset in onsets], dtype=np.int64)
    votes = np.array([onset.weight * _lean(onset.at, stated) for onset in onsets])
    right = np.searchsorted(times, times + tolerance, side="right")
    total = np.concatenate(([0.0], np.cumsum(votes)))
    gathered = total[right] - total[np.arange(len(times))]
    best = int(np.argmax(gathered > 0.999 * gathered.max()))
    # A lone weak vote at the edge does not move the start: begin where the first tenth of the votes is in.
    members = list(onsets[best : right[best]])
    cumulated = np.cumsum(votes[best : right[best]])
    first = int(np.argmax(cumulated >= 0.1 * cumulated[-1]))
    return members[first].at, members


def _still_on(onsets: Sequence[Onset], options: Options, tolerance: int) -> Sequence[Onset]:
    """What was over before anybody noticed is not what was noticed, nor is what was on for far longer.

    And nothing begins while all is said to be well.
    """
    if options.baseline is not None:
        healthy = Span(*options.baseline)
        onsets = [one for one in onsets if one.at not in healthy]
    if options.at is None:
        return onsets
    on = (one for one in onsets if one.until is None or one.until >= options.at - tolerance)
    return [one for one in on if _lean(one.at, options.at) >= _FAR]


def _lean(at: int, stated: int | None) -> float:
    if stated is None:
        return 1.0
    # People notice late: an onset up to 20 minutes before the stated moment is as good as one at it.
    away = at - stated if at > stated else max(0, stated - 20 * MINUTE - at)
    return 0.1 + math.exp(-((away / (5 * MINUTE)) ** 2))


def _end(members: Sequence[Onset], start: int, covered: Span, stated: int | None) -> int:
    """When the heavier half of the votes had come back; the end of the evidence when they have not.

    What somebody noticed was still on then.
    """
    ends = sorted(
        ((onset.until if onset.until is not None else covered.end, onset.weight) for onset in members), reverse=True
    )
    half, gathered = sum(weight for _, weight in ends) / 2, 0.0
    for until, weight in ends:
        gathered += weight
        if gathered >= half:
            return max(until, start) if stated is None or until >= stated else covered.end
    return covered.end


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
    low, high = (float(q) for q in np.percentile(now, [20, 80]))
    ulow, uhigh = (float(q) for q in np.percentile(usual, [20, 80]))
    part = max(((high - uhigh) / spread, (low - ulow) / spread), key=abs) * 0.7
    return max((middle, part), key=abs)
