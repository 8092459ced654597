"""Which signals hurt users, and which of them decide whether an incident is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import indicator
from afterword.core.indicator import Family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.model.postmortem import Signal

#: Families in which users feel a shift.
HARM = (Family.ERRORS, Family.LATENCY)
#: Beyond so many spreads a shift is only the larger because its series hardly ever moved.
_PLAINEST = 800.0


def harm_signals(signals: Sequence[Signal]) -> list[Signal]:
    """Signals that hurt: errors and latency that moved for the worse; anything that did, when there are none."""
    worse = [s for s in signals if indicator.worse(s.indicator) * s.shift > 0 or indicator.worse(s.indicator) == 0]
    felt = [s for s in worse if indicator.family(s.indicator) in HARM]
    return felt or worse


def main_harm(signals: Sequence[Signal]) -> list[Signal]:
    """The harmful signals that decide whether the incident is over: those that shifted clearly and began with it."""
    felt = harm_signals(signals)
    strongest = max((abs(s.shift) for s in felt), default=0.0)
    return [s for s in felt if abs(s.shift) >= max(4.0, 0.03 * min(strongest, _PLAINEST))]
