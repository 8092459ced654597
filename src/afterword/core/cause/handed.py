"""Errors that a component hands on: its error lines name what it called, and that one was asked and behaved unlike itself.

Words alone do not tell a peer that refuses from a peer that is asked at the wrong place, so the peer's own figures have to
agree: it still gets its requests, and it is slower, quicker or less right than usual. What nobody reaches shows neither.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import indicator
from afterword.core.cause.lane import Account, Accounts, Tally
from afterword.core.derive import WARN
from afterword.core.indicator import Family
from afterword.model.cause import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case
    from afterword.core.cause.topology import Blame
    from afterword.model.postmortem import Signal

#: Nearly all of the bad lines have to name it, and so many of them.
_SHARE, _LINES = 0.8, 5
#: With less than so much of its usual requests a component is not reached.
_REACHED = 0.5
#: What error lines count in their own component, as in :func:`lane.logs`, and how much of it moves.
_COUNTS, _MOVES = 0.6, 0.7


def errors(
    case: Case, blames: Sequence[Blame], signals: Sequence[Signal], start: int, everyday: NDArray[np.bool_]
) -> dict[str, Blame]:
    """For each component that only hands on what it was answered, the blame that says from whom."""
    logs = case.logs
    rows = np.flatnonzero((logs.severity >= WARN) & (logs.at >= start) & ~everyday)
    said = Counter(logs.components[one] for one in logs.component[rows].tolist())
    acting = _acting(signals)
    speakers = {blame.speaker for blame in blames}
    found: dict[str, Blame] = {}
    for blame in sorted(blames, key=lambda b: (b.named not in speakers, -b.count, b.named)):
        enough = blame.count >= max(_LINES, _SHARE * said[blame.speaker])
        if enough and not blame.external and blame.named in acting:
            found.setdefault(blame.speaker, blame)
    return {speaker: blame for speaker, blame in found.items() if not _circular(speaker, found)}


def _circular(speaker: str, found: dict[str, Blame]) -> bool:
    """Two that name each other say nothing about where it began."""
    seen: set[str] = set()
    at = speaker
    while at in found and at not in seen:
        seen.add(at)
        at = found[at].named
    return at == speaker


def _acting(signals: Iterable[Signal]) -> Collection[str]:
    """Components that are still asked, and answer later, sooner or less rightly than usual."""
    moved, left = set(), set()
    for signal in signals:
        family = indicator.family(signal.indicator)
        if family in (Family.LATENCY, Family.ERRORS):
            moved.add(signal.component)
        elif family is Family.TRAFFIC and signal.shift < 0 and signal.peak < _REACHED * abs(signal.baseline):
            left.add(signal.component)
    return moved - left


def moved(handed: dict[str, Blame], accounts: Accounts, tallies: dict[str, Tally]) -> Accounts:
    """The accounts with what was handed on; in ``tallies`` what the lines counted goes to the one at the end of the chain."""
    made = dict(accounts)
    for speaker, blame in handed.items():
        made[speaker, Family.ERRORS] = Account(1.0, blame.named)
        end = _end(speaker, handed)
        weight = round(_MOVES * _COUNTS * math.log2(1 + blame.count), 6)
        says = f"{blame.count} bad lines of {speaker} hand on what it answered"
        tally = tallies.setdefault(end, Tally())
        tally.other += weight
        tally.reasons.append(Reason(says, weight, (blame.cite,)))
    return made


def _end(speaker: str, handed: dict[str, Blame]) -> str:
    while speaker in handed:
        speaker = handed[speaker].named
    return speaker
