"""How sure it is that one moment came after another: by the width of their times and what is known of their clocks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.model.skew import Order
from afterword.model.time import HOUR, SECOND
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.model.skew import Skew
    from afterword.model.timeline import Moment

#: Clocks that are kept by NTP and that nothing ties together are seldom further apart.
KEPT = 1 * SECOND
#: Zones lie at most so far apart; a wall clock without a zone may be anywhere inside.
_ZONES = 26 * HOUR
#: So many earlier moments are looked at, and so many of them named.
_BACK, _NAMED = 200, 5


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a moment may lie by its own clock, in ns; ``zoned`` is False when the source states no zone."""

    clock: str
    earliest: int
    latest: int
    zoned: bool = True


def stand(moment: Moment) -> Stand:
    """Where a moment may lie."""
    earliest = moment.at if moment.earliest is None else min(moment.earliest, moment.at)
    latest = moment.at if moment.latest is None else max(moment.latest, moment.at)
    return Stand(moment.clock, earliest, latest + max(0, moment.granularity - 1), moment.offset is not None)


def between(one: Stand, other: Stand, skews: Mapping[str, Skew]) -> Order:
    """How sure it is that ``other`` came after ``one``."""
    gap = other.earliest - one.latest
    if one.clock and one.clock == other.clock:
        return Order.CERTAIN if gap > 0 else Order.UNKNOWN
    tied = _tied(one.clock, other.clock, skews)
    if tied is not None:
        first, second = tied
        open_ = (second.most + second.applied) - (first.least + first.applied)
        if gap > max(0, open_):
            return Order.CERTAIN
        return Order.PROBABLE if gap > 0 and open_ < KEPT else Order.UNKNOWN
    if one.zoned != other.zoned:
        return Order.PROBABLE if gap > _ZONES else Order.UNKNOWN
    return Order.PROBABLE if gap > KEPT else Order.UNKNOWN


def _tied(one: str, other: str, skews: Mapping[str, Skew]) -> tuple[Skew, Skew] | None:
    first, second = skews.get(one), skews.get(other)
    if first is None or second is None or first.reference != second.reference:
        return None
    return first, second


def _stretch(one: Moment, other: Moment) -> bool:
    """A gap is a stretch between two moments and has no place of its own; nor has one thing told twice."""
    return MomentKind.GAP in (one.kind, other.kind) or one.cites == other.cites


def told(moments: Sequence[Moment], skews: Sequence[Skew]) -> tuple[Moment, ...]:
    """The moments, in the order given, each with how sure that order is and which of those before may have come after."""
    known = {one.clock: one for one in skews}
    stands = [stand(one) for one in moments]
    made = []
    for index, moment in enumerate(moments):
        before = range(max(0, index - _BACK), index)
        unsure = [
            moments[i].id
            for i in before
            if not _stretch(moment, moments[i]) and between(stands[i], stands[index], known) is Order.UNKNOWN
        ]
        order = between(stands[index - 1], stands[index], known) if index else Order.CERTAIN
        made.append(replace(moment, order=order, unsure=tuple(unsure[-_NAMED:])))
    return tuple(made)
