"""The impact window: when users were first harmed, when it could have been seen, and when it was over, each an interval.

Where single requests tell it, they do. Else it is the series: each harmful one has a posterior over the gap in which it began
to change (``core/onset.py``), and together they say when the first of them did; a line of a new error narrows that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import drift, indicator, onset, sequential, statistics
from afterword.core.derive import ERROR
from afterword.core.harm import harm_signals, main_harm
from afterword.core.indicator import Family, family
from afterword.model.incident import By, Point, PointName
from afterword.model.time import MILLISECOND, MINUTE, SECOND, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Series
    from afterword.core.request import Harm
    from afterword.core.statistics import Least
    from afterword.core.window import Found
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Signal

#: Recorded rates look back no longer than this.
_LOOKS_BACK = 90 * SECOND
#: A shift of so many spreads is not rare among many series; more often than that none is chance.
SHIFT, _OFTEN = 3.0, 0.95
#: What lies outside of an interval on each side.
_TAIL = (1 - onset.CONFIDENCE) / 2
#: New error lines that say how often they come, and how many such distances an earlier one may have stayed away (95 %).
_SOME_LINES, _RULE = 20, 3
#: So many error lines say when they began and ended, where nothing else does.
_FEWEST_LINES = 5
#: A count that is larger than this on average is told from its spread like any other value.
_RARE = 10.0
#: To date a change, smaller ones count than those that are worth attention.
_SHARE = 0.2
#: A sign this long before the harm may have announced it; and so far from the usual it is one.
_VISIBLE_BEFORE = 60 * MINUTE
_PLAIN = 6.0
#: False alarms of the test in one healthy stretch, and the fewest samples from which a usual range is known.
_FALSE, _LEAST_USUAL = 0.05, 5
#: Samples further apart than so many steps have a hole between them.
_HOLE = 4
#: A series whose interval is so many times wider dates the start less well, and widens nothing.
_AS_WELL = 4
_DRIFT = 2.0


@dataclass(frozen=True, slots=True)
class Began:
    """When one signal began to change, in ns, with its bounds."""

    signal: Signal
    at: int
    earliest: int
    latest: int


def by_name(series: Sequence[Series]) -> dict[tuple[str, str], Series]:
    return {(s.component, s.indicator + (f" {s.statistic}" if s.statistic else "")): s for s in series}


def is_binned(series: Series) -> bool:
    """A counted bin is stamped with its beginning; a recorded sample, a rate too, speaks of what was before it.

    An aggregate over a period is stamped with its beginning by some monitors (CloudWatch, Azure) and with its end by others:
    where a series has a statistic, both are possible.
    """
    return series.derived.startswith(("counted", "measured"))


def began(signal: Signal, series: Series, found: Found, off: float) -> Began | None:
    """The gap in which one signal left its usual range, as times. ``off``: what levels are off by between two times, in spreads."""
    if signal.onset is None:
        return None
    at, values, usual, other = _stretch(signal, series, found)
    end = len(at)
    least = statistics.least_spread(series)
    counted = series.derived.startswith("counted") and usual > 0 and float(values[:usual].mean()) < _RARE
    spread = _least(values[:usual], least)
    apart = None
    if other:
        spread = max(spread, statistics.scale(values[:other], least))
        apart = onset.Apart(other, off * spread)
    gap = onset.gap(values, usual, end, counted=counted, spread=spread, apart=apart)
    if gap is None:
        return None
    return _timed(signal, at, gap, series)


def _least(usual: NDArray[np.float64], least: Least) -> float:
    """The least spread with which a change is dated: a little of the level, and more only where nothing moved at all."""
    if not len(usual):
        return 0.0
    middle = float(np.median(usual))
    still = least.still if float(np.median(np.abs(usual - middle))) == 0 else 0.0
    return max(still, _SHARE * least.share * abs(middle))


def _stretch(signal: Signal, series: Series, found: Found) -> tuple[NDArray[np.int64], NDArray[np.float64], int, int]:
    """Times and values of the healthy stretch and of the incident up to the way back, the row at which the signal was first
    seen outside, and the row at which the block of the incident begins.
    """
    assert signal.onset is not None
    together = _together(found)
    until = min(signal.back or found.block.end, found.window.end + found.window.length)
    rows = _rows(series, Span(found.baseline.start if together else found.block.start, until))
    at, values = series.at[rows], series.value[rows]
    seen = int(np.searchsorted(at, signal.onset))
    if together:
        return at, values, seen, 0
    healthy = _rows(series, found.baseline)
    other = healthy.stop - healthy.start
    at, values = np.concatenate((series.at[healthy], at)), np.concatenate((series.value[healthy], values))
    return at, values, seen + other, other


def _together(found: Found) -> bool:
    """Whether the healthy stretch lies in the same block as the incident, before it."""
    return found.baseline.start >= found.block.start and found.baseline.end <= found.window.start


def _rows(series: Series, span: Span) -> slice:
    low, high = np.searchsorted(series.at, [span.start, span.end + 1])
    return slice(int(low), int(high))


def _timed(signal: Signal, at: NDArray[np.int64], gap: onset.Gap, series: Series) -> Began:
    step = int(np.median(np.abs(np.diff(at))))
    earliest, before, latest = _before(at, gap.first, step), _before(at, gap.at, step), int(at[gap.last])
    if is_binned(series):
        return Began(signal, int(at[gap.at]) + int(gap.part * step), int(at[gap.first]), latest + step)
    if series.statistic:
        return Began(signal, int(at[gap.at]), earliest, latest + step)
    return Began(signal, before + int(gap.part * (int(at[gap.at]) - before)), earliest, latest)


def _before(at: NDArray[np.int64], row: int, step: int) -> int:
    """The time of the sample before; one step back where that belongs to another stretch of evidence."""
    apart = int(at[row] - at[row - 1]) if row else 0
    return int(at[row]) - (apart if 0 < apart <= _HOLE * step else step)


def started_at(
    case: Case, found: Found, series: Mapping[tuple[str, str], Series], signals: Sequence[Signal], not_before: int = 0
) -> Point | None:
    """When users were first harmed, by the harmful series, narrowed by the first error line of a new kind among them.

    ``not_before``: when the cause that is known took effect; what was unusual before that is another story.
    """
    tolerance = max(min(3 * MINUTE, found.window.length // 2), found.window.length // 5)
    near = [
        s
        for s in signals
        if s.onset is not None and abs(s.onset - found.window.start) <= tolerance and not _drifted(s, found)
    ]
    off = drift.of(series.values(), found)
    # What is too faint to say whether it is over may still be all that says when it began.
    for dated in (main_harm(near), harm_signals(near), near):
        known = [_began(s, series, found, off) for s in dated]
        usable = [one for one in known if one.latest >= not_before]
        if usable:
            break
    else:
        return None
    begun = _of_one_episode(usable)
    usual = SHIFT if _together(found) else _DRIFT * SHIFT
    # By their latest moments: a series that cannot say when it began dates nothing.
    first = _reached(begun, lambda b: b.latest, 0.5, usual)
    # Whichever of them is real bounds the start from above; what is dated as well and began before may be chance, or not.
    as_well = _AS_WELL * (first.latest - first.earliest)
    low = min(b.earliest for b in begun if b is first or b.latest - b.earliest <= as_well)
    high = _reached(begun, lambda b: b.latest, _TAIL, usual).latest
    low, high = max(low, not_before), max(high, not_before)
    of = first.signal
    basis = f"{of.component}: {of.indicator} left its baseline"
    at = _rounded(min(max(first.at, low), high), low, high)
    point = Point(PointName.STARTED, at, low, high, By.ESTIMATE, basis, (of.cite,), confidence=onset.CONFIDENCE)
    return _by_line(case, found, point, of, not_before)


def of_lines(case: Case, found: Found) -> tuple[Point, ...]:
    """Start and end by error lines alone, where no series tells them; of what was before the first nothing is known.

    A line may stay away as long as three times the usual distance of two of them (95 %).
    """
    logs = case.logs
    lines = np.flatnonzero((logs.severity >= ERROR) & (logs.at >= found.window.start) & (logs.at <= found.window.end))
    if len(lines) < _FEWEST_LINES:
        return ()
    # A line or two of a kind are an accident, also in the middle of others; unless every line is of its own kind.
    _, kind, count = np.unique(logs.template[lines], return_inverse=True, return_counts=True)
    common = lines[count[kind] > len(lines) // 10]
    lines = common if len(common) >= _FEWEST_LINES else lines
    times = logs.at[lines]
    first, last = int(times[0]), int(times[-1])
    seldom = [_RULE * int(np.median(np.diff(part))) for part in (times[:_SOME_LINES], times[-_SOME_LINES:])]
    name = logs.components[logs.component[lines[0]]] or "A component"
    basis = f"{name} logs the first of {len(lines)} errors; no series tells of it"
    cites = (logs.rows.cite(int(lines[0])),)
    made = [
        Point(
            PointName.STARTED, first, first - seldom[0], first, By.ESTIMATE, basis, cites, confidence=onset.CONFIDENCE
        )
    ]
    if case.covered.end > last + seldom[1]:
        basis = f"the last of {len(lines)} errors, and the log goes on without"
        cites = (logs.rows.cite(int(lines[-1])),)
        made += [
            Point(name_, last, last, last + seldom[1], By.ESTIMATE, basis, cites, confidence=onset.CONFIDENCE)
            for name_ in (PointName.MITIGATION_EFFECTIVE, PointName.RECOVERED)
        ]
    return tuple(made)


def _rounded(at: int, low: int, high: int) -> int:
    """No finer than a twentieth of what the bounds leave open, so that no figure claims to know more."""
    grain = next((g for g in (SECOND, SECOND // 10, MILLISECOND) if 20 * g <= high - low), 1)
    return min(max(at // grain * grain, low), high)


def _drifted(signal: Signal, found: Found) -> bool:
    """Outside from the first sample of another time on, although the incident began later: that is no start."""
    apart = not _together(found) and found.window.start > found.block.start
    return apart and signal.onset is not None and signal.earliest == signal.onset


def _began(signal: Signal, series: Mapping[tuple[str, str], Series], found: Found, off: float) -> Began:
    """By the likelihood; where too little is known for one, between the last usual sample and the first unusual one."""
    one = series.get((signal.component, signal.indicator))
    made = began(signal, one, found, off) if one is not None else None
    assert signal.onset is not None
    earliest = signal.earliest if signal.earliest is not None else signal.onset
    return made or Began(signal, signal.onset, earliest, signal.onset)


def _reached(begun: Sequence[Began], order: Callable[[Began], int], chance: float, usual: float) -> Began:
    """The first signal, in that order, up to which all of them being chance has no more than that chance.

    Signals of one component are no independent witnesses: the strongest of them counts.
    """
    by_chance: dict[str, float] = {}
    ordered = sorted(begun, key=lambda b: (order(b), b.signal.component, b.signal.indicator))
    for one in ordered:
        component = one.signal.component
        by_chance[component] = min(by_chance.get(component, 1.0), _by_chance(one.signal, usual))
        if math.prod(by_chance.values()) <= chance:
            return one
    return ordered[-1]


def _by_chance(signal: Signal, usual: float) -> float:
    """How often a shift as far as this comes about in a series in which nothing happened: shifts have heavy tails."""
    return min(_OFTEN, (usual / max(abs(signal.shift), 1e-9)) ** 2)


def _weight(one: Began) -> float:
    return float(np.log2(1 + min(abs(one.signal.shift), 200.0)))


def _of_one_episode(begun: Sequence[Began]) -> Sequence[Began]:
    """Without the signals that were well again before most of the harm began: theirs was another, smaller trouble."""
    ordered = sorted(begun, key=lambda b: (b.at, b.signal.component, b.signal.indicator))
    weights = np.cumsum([_weight(b) for b in ordered])
    most = ordered[int(np.argmax(weights >= 0.5 * weights[-1]))].at
    kept = [b for b in ordered if b.signal.back is None or b.signal.back > most]
    return kept or ordered


def _by_line(case: Case, found: Found, point: Point, of: Signal, not_before: int) -> Point:
    """The first error line of a new kind inside the interval.

    Where it is errors of its component that rose, they began no longer before it than lines may stay away. What a line says
    went wrong inside; users may feel it later, so that the interval keeps its end.
    """
    lines = _new_errors(case, found, point.earliest, point.latest)
    if not len(lines):
        return point
    logs = case.logs
    at = max(int(logs.at[lines[0]]), not_before)
    earliest = point.earliest
    if (
        len(lines) > 2
        and family(of.indicator) is Family.ERRORS
        and logs.components[logs.component[lines[0]]] == of.component
    ):
        seldom = int(np.median(np.diff(logs.at[lines[:_SOME_LINES]])))
        earliest = max(earliest, at - _RULE * seldom)
    basis = f"first error line of a new kind, inside the interval in which {point.basis}"
    cites: tuple[Citation, ...] = (logs.rows.cite(int(lines[0])), *point.cites)
    return replace(
        point, at=at, earliest=min(at, max(earliest, not_before)), latest=max(at, point.latest), basis=basis, cites=cites
    )  # fmt: skip


def _new_errors(case: Case, found: Found, low: int, high: int) -> NDArray[np.int64]:
    """Rows of the error lines of kinds that were not there before, the first of them inside the bounds."""
    logs = case.logs
    bad = np.flatnonzero(logs.severity >= ERROR)
    usual = np.unique(logs.template[bad[logs.at[bad] < min(low, found.baseline.end)]])
    fresh = bad[(logs.at[bad] >= low) & ~np.isin(logs.template[bad], usual)]
    return fresh if len(fresh) and logs.at[fresh[0]] <= high else fresh[:0]


def sharpened(started: Point | None, told: Harm, found: Found, not_before: int) -> Point | None:
    """The first request that went wrong, where it lies near the start of what changed: it dates the harm itself."""
    first = told.began
    near = (
        found.window.start - _LOOKS_BACK <= first.at <= found.window.start + max(_LOOKS_BACK, found.window.length // 4)
    )
    if first.latest < not_before or not near:
        return started
    at, earliest = max(first.at, not_before), max(first.earliest, not_before)
    basis = f"the first of {told.bad} requests went wrong" + (f" ({started.basis})" if started else "")
    cites = tuple(dict.fromkeys((*first.cites, *(started.cites if started else ()))))
    return Point(
        PointName.STARTED, at, min(at, earliest), max(at, first.latest), By.ESTIMATE, basis, cites, confidence=onset.CONFIDENCE
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ when it could be seen


def detectable_at(
    series: Mapping[tuple[str, str], Series], found: Found, signals: Sequence[Signal], started: Point, not_before: int
) -> Point | None:
    """When a test that sees only what came before could first have said so: with the harm, or announcing it.

    The test is one for changes (CUSUM) on every signal that plainly got worse, with so high a bound that all the recorded
    series together raise a false alarm in one healthy stretch of twenty.
    """
    since = max(not_before, started.earliest - _VISIBLE_BEFORE)
    plain = [s for s in signals if indicator.worse(s.indicator) * s.shift > 0 and abs(s.shift) >= _PLAIN]
    seen = [
        made
        for s in plain
        if (one := series.get((s.component, s.indicator))) is not None
        and (made := _seen(s, one, found, since, len(series))) is not None
    ]
    if not seen:
        return None
    first = min(seen, key=lambda b: (b.at, b.signal.component, b.signal.indicator))
    signal = first.signal
    basis = f"{signal.component}: {signal.indicator} could first be told from its usual range in data that was being collected"
    return Point(
        PointName.DETECTABLE, first.at, first.earliest, first.latest, By.ESTIMATE, basis, (signal.cite,), confidence=onset.CONFIDENCE
    )  # fmt: skip


def _seen(signal: Signal, series: Series, found: Found, since: int, among: int) -> Began | None:
    """When the test says so of one signal: not before the sample is there, which for a bin is its end."""
    # What crept up before anybody was hurt is tested by how it was before it crept.
    crept = signal.onset is not None and _together(found) and signal.onset in found.baseline
    usual = series.within(
        Span(found.baseline.start, signal.onset - 1 if crept and signal.onset else found.baseline.end)
    )
    rows = _rows(series, Span(max(since, found.block.start), found.block.end))
    if len(usual) < _LEAST_USUAL or rows.stop <= rows.start:
        return None
    way = 1.0 if signal.shift > 0 else -1.0
    row = sequential.first_alarm(way * usual, way * series.value[rows], statistics.least_spread(series), _FALSE / among)
    if row is None:
        return None
    step = statistics.step_of(series.at)
    at = int(series.at[rows.start + row]) + (step if is_binned(series) else 0)
    # Where the sample before it had nearly been enough, chance decides between the two.
    return Began(signal, at, max(at - step, since), at)


# ---------------------------------------------------------------------------------------------------- when it was over


def recovery(
    series: Mapping[tuple[str, str], Series],
    found: Found,
    signals: Sequence[Signal],
    applied: int | None,
    told: Harm | None,
) -> tuple[Point, ...]:
    """When the harm stopped, and when it was no longer apparent; nothing while a main signal is still outside."""
    felt = main_harm(signals)
    backs = sorted((_back(s, series, found) for s in felt if s.back is not None), key=lambda p: (p.at, p.basis))
    ended = _ended(told, felt) if told is not None else None
    if ended is None and (not felt or len(backs) < len(felt)):
        return ()
    effective = next((p for p in backs if applied is None or p.at >= applied - MINUTE), backs[0] if backs else ended)
    if effective is None or (ended is not None and effective.at > ended.at):
        effective = ended
    assert effective is not None
    if applied is not None and effective.at < applied <= effective.latest:
        # Inside its bounds it cannot have worked before it was done.
        effective = replace(effective, at=applied, earliest=applied)
    return (
        replace(effective, name=PointName.MITIGATION_EFFECTIVE, basis=f"{effective.basis} first"),
        ended or replace(backs[-1], basis=f"{backs[-1].basis} last of the harmful signals"),
    )


def _ended(told: Harm, felt: Sequence[Signal]) -> Point | None:
    """When the last request went wrong, unless samples of where it came in say otherwise for longer than they look back.

    What goes on behind it, out of the sight of users, is no impact.
    """
    if told.ended is None:
        return None
    later = [
        s
        for s in felt
        if s.component in told.components and s.back is not None and s.back > told.ended.latest + _LOOKS_BACK
    ]
    if later:
        return None
    end = told.ended
    basis = f"the last of {told.bad} requests went wrong, and the next of its kind did not"
    return Point(
        PointName.RECOVERED, end.at, end.earliest, end.latest, By.ESTIMATE, basis, end.cites, confidence=onset.CONFIDENCE
    )  # fmt: skip


def _back(signal: Signal, series: Mapping[tuple[str, str], Series], found: Found) -> Point:
    """When one signal came back: its onset, with time running backwards."""
    assert signal.back is not None
    one = series.get((signal.component, signal.indicator))
    basis = f"{signal.component}: {signal.indicator} came back inside its baseline"
    bounds = _turned(signal.back, one, found) if one is not None else None
    step = max((signal.onset or signal.back) - (signal.earliest or signal.back), SECOND)
    low, high = bounds or (
        signal.back - step,
        signal.back + (step if signal.derived.startswith(("counted", "measured")) else 0),
    )
    at = min(max(signal.back, low), high)
    return Point(PointName.RECOVERED, at, low, high, By.ESTIMATE, basis, (signal.cite,), confidence=onset.CONFIDENCE)


def _turned(back: int, series: Series, found: Found) -> tuple[int, int] | None:
    rows = _rows(series, Span(found.window.start, found.block.end))
    at, values = series.at[rows], series.value[rows]
    after = len(at) - int(np.searchsorted(at, back))
    least = statistics.least_spread(series)
    spread = _least(values[len(values) - after :], least)
    counted = series.derived.startswith("counted") and after > 0 and float(values[-after:].mean()) < _RARE
    gap = onset.gap(values[::-1], after, len(at), counted=counted, spread=spread)
    if gap is None:
        return None
    step = statistics.step_of(series.at)
    # Rows from the end: the last one that was outside, at the earliest and at the latest.
    first, last = len(at) - 1 - gap.last, len(at) - 1 - gap.first
    if is_binned(series):
        return int(at[first]), int(at[last]) + step
    return int(at[first]) - step, int(at[last]) + step
