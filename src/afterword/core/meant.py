"""Which trouble is meant, where there may be several: by the stated moment, and by what was recorded of it.

A stated moment may be two minutes off. So what was over within two minutes of it, while something else began within two
minutes of it and went on, is another incident: evidence of an incident is gathered until it is over.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from afterword.model.time import MINUTE, Span, iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case
    from afterword.core.window import Onset
    from afterword.model.evidence import Citation
    from afterword.model.incident import Options

#: An onset that leans towards a stated moment no more than that is of another time.
_FAR = 0.2
#: So far a stated moment may be off.
STATED_OFF = 2 * MINUTE
#: Lines and spans of more than that share of the time are no stretch that somebody cut out.
_PART = 0.5
#: What goes on has to weigh so much beside what was over, where many series are looked at; so many are named.
_BESIDE, _NAMED = 0.5, 3
#: So many cuts are looked for.
_MOST = 8


class Other(NamedTuple):
    """Trouble of another incident: where it was, since when and until when, and what tells of it."""

    component: str
    begin: int
    until: int
    says: str
    cite: Citation


class Lasting(Protocol):
    """Something that began and may have ended; ``until`` is None while it goes on. Times in ns."""

    @property
    def at(self) -> int: ...
    @property
    def until(self) -> int | None: ...


def lean(at: int, stated: int | None) -> float:
    """How well an onset fits a stated moment."""
    if stated is None:
        return 1.0
    # People notice late: an onset up to 20 minutes before the stated moment is as good as one at it.
    away = at - stated if at > stated else max(0, stated - 20 * MINUTE - at)
    return 0.1 + math.exp(-((away / (5 * MINUTE)) ** 2))


def still_on(onsets: Sequence[Onset], options: Options, tolerance: int) -> Sequence[Onset]:
    """What was over before anybody noticed is not what was noticed, nor is what was on for far longer.

    And nothing begins while all is said to be well.
    """
    if options.baseline is not None:
        healthy = Span(*options.baseline)
        onsets = [one for one in onsets if one.at not in healthy]
    if options.at is None:
        return onsets
    on = (one for one in onsets if one.until is None or one.until >= options.at - tolerance)
    return [one for one in on if lean(one.at, options.at) >= _FAR]


def told_apart(onsets: Sequence[Onset], stated: int | None) -> tuple[Sequence[Onset], tuple[Other, ...]]:
    """The onsets of the incident that is meant, and what else went wrong about then, where the former weigh enough."""
    rows = set(over(onsets, stated)) if stated is not None else set()
    gone = [onsets[row] for row in sorted(rows)]
    left = [one for row, one in enumerate(onsets) if row not in rows]
    if not gone or sum(one.weight for one in left) < _BESIDE * sum(one.weight for one in gone):
        return onsets, ()
    best: dict[str, Onset] = {}
    for one in sorted(gone, key=lambda one: (-one.weight, one.series.indicator)):
        best.setdefault(one.series.component, one)
    return left, tuple(map(_other, list(best.values())[:_NAMED]))


def _other(one: Onset) -> Other:
    until = one.until or one.at
    says = f"{one.series.indicator} left its usual range from {iso(one.at)} to {iso(until)}"
    return Other(one.series.component, one.at, until, says, one.series.cite)


def over(found: Sequence[Lasting], stated: int) -> list[int]:
    """Rows of what was over about the stated moment, when something else began about then, after it, and goes on longer."""
    late = stated + STATED_OFF
    made = []
    for row, one in enumerate(found):
        if one.until is None or one.until > late or one.at >= stated:
            continue
        until = one.until
        if any(until <= o.at <= late and (o.until is None or o.until > until + STATED_OFF) for o in found):
            made.append(row)
    return made


def stretches(case: Case) -> tuple[Span, ...]:
    """Where lines and spans were recorded, if that is part of the time only: somebody cut them out around the incident.

    A stretch ends where nothing was written for longer than was written in all, while measures were still taken.
    """
    at = np.sort(np.concatenate([case.logs.at, case.spans.at]))
    if not len(at):
        return ()
    gaps = np.diff(at)
    # Longest silences first: each is a cut as long as it is longer than all that is left of the writing.
    order = np.argsort(-gaps, kind="stable")[:_MOST]
    written, cuts = int(at[-1] - at[0]), []
    for row in order.tolist():
        if gaps[row] <= written - gaps[row]:
            break
        written -= int(gaps[row])
        cuts.append(row)
    cuts.sort()
    starts, ends = [0, *(row + 1 for row in cuts)], [*cuts, len(at) - 1]
    made = tuple(Span(int(at[a]), int(at[b])) for a, b in zip(starts, ends, strict=True))
    return made if written <= _PART * case.covered.length and _measured(case, made) else ()


def _measured(case: Case, made: Sequence[Span]) -> bool:
    """Whether measures were taken outside of these stretches."""
    times: list[NDArray[np.int64]] = [one.at for one in case.series]
    every = np.concatenate(times) if times else np.empty(0, dtype=np.int64)
    inside = sum(int(((every >= span.start) & (every <= span.end)).sum()) for span in made)
    return inside < len(every) / 2
