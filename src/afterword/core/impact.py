"""The start of the impact: when users were first harmed, as an interval.

Where single requests tell it, they do. Else it is the series: each harmful one has a posterior over the gap in which it began
to change (``core/onset.py``), and together they say when the first of them did; a line of a new error narrows that.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import drift, error_line, onset, sampled
from afterword.core.began import Began, began, intermittent
from afterword.core.harm import harm_signals, main_harm
from afterword.model.incident import By, Point, PointName
from afterword.model.time import MILLISECOND, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from afterword.core.case import Case, Series
    from afterword.core.request import Harm
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal

#: Recorded rates look back no longer than this.
_LOOKS_BACK = 90 * SECOND
#: A shift of so many spreads is not rare among many series; more often than that none is chance.
SHIFT, _OFTEN = 3.0, 0.95
#: Against another time a series is off by more: so many times.
_OTHER_TIME = 2.0
#: What lies outside of an interval on each side.
_TAIL = (1 - onset.CONFIDENCE) / 2
#: What comes and goes dates a start only where it is so plain.
_PLAIN = 6.0
#: A series whose interval is so many times wider dates the start less well, and widens nothing.
_AS_WELL = 4


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
        usable = _come_and_gone(signals, series, found, not_before)
        if not usable:
            return None
    begun = _of_one_episode(usable)
    usual = SHIFT if sampled.together(found) else _OTHER_TIME * SHIFT
    # By their latest moments: a series that cannot say when it began dates nothing.
    first = _reached(begun, lambda b: b.latest, 0.5, usual)
    # Whichever of them is real bounds the start from above; what is dated as well and began before may be chance, or not.
    as_well = _AS_WELL * (first.latest - first.earliest)
    low = min(b.earliest for b in begun if b is first or b.latest - b.earliest <= as_well)
    high = _reached(begun, lambda b: b.latest, _TAIL, usual).latest
    low, high = max(low, not_before), max(high, not_before)
    of = first.signal
    basis = f"{of.component}: {of.indicator} left its baseline"
    if first.elsewhere:
        basis += ", gradually or more than once: least squares for one step put it elsewhere"
    at = _rounded(min(max(first.at, low), high), low, high)
    point = Point(PointName.STARTED, at, low, high, By.ESTIMATE, basis, (of.cite,), confidence=onset.CONFIDENCE)
    return error_line.narrowed(case, found, point, of, not_before)


def _come_and_gone(
    signals: Sequence[Signal], series: Mapping[tuple[str, str], Series], found: Found, not_before: int
) -> list[Began]:
    """What plainly hurt without a run of samples that dates it: answers that fail now and then, a minute at a time."""
    plain = [s for s in harm_signals(signals) if s.onset is None and abs(s.shift) >= _PLAIN]
    known = [(s, series[s.component, s.indicator]) for s in plain if (s.component, s.indicator) in series]
    made = [one for s, of in known if (one := intermittent(s, of, found)) is not None]
    return [one for one in made if one.latest >= not_before]


def _rounded(at: int, low: int, high: int) -> int:
    """No finer than a twentieth of what the bounds leave open, so that no figure claims to know more."""
    grain = next((g for g in (SECOND, SECOND // 10, MILLISECOND) if 20 * g <= high - low), 1)
    return min(max(at // grain * grain, low), high)


def _drifted(signal: Signal, found: Found) -> bool:
    """Outside from the first sample of another time on, although the incident began later: that is no start."""
    apart = not sampled.together(found) and found.window.start > found.block.start
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
