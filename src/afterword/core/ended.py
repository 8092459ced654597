"""When it was over, in the order in which things can happen: harm begins, is mitigated, stops, and is no longer apparent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core import recovery
from afterword.model.incident import PointName
from afterword.model.time import minutes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.case import Series
    from afterword.core.request import Harm
    from afterword.core.window import Found
    from afterword.model.incident import Point
    from afterword.model.postmortem import Signal


def points(
    series: Mapping[tuple[str, str], Series],
    found: Found,
    signals: Sequence[Signal],
    started: int,
    applied: int | None,
    told: Harm | None,
    bad: Sequence[int] = (),
) -> tuple[Point, ...]:
    """When the harm stopped and when it was no longer apparent, neither before it began nor, within its bounds, before the
    mitigation was recorded as done. What was well again before anybody was harmed is no end of it.
    """
    harmful = [s for s in signals if s.back is None or s.back > started]
    over = recovery.recovery(series, found, harmful, applied, told)
    if not over:
        return ()
    effective, recovered = over
    if applied is not None:
        if recovered.at < applied <= recovered.latest:
            recovered = replace(recovered, at=applied)
        if effective.latest < applied <= recovered.at:
            effective = replace(recovered, name=PointName.MITIGATION_EFFECTIVE)
    if (
        effective.at < started
        or effective.at > recovered.at
        or effective.cites == recovered.cites
        or _too_soon(effective, bad)
    ):
        effective = replace(recovered, name=PointName.MITIGATION_EFFECTIVE)
    return tuple(_early(one, applied) for one in (effective, recovered))


#: With more of what failed still to come, nothing had begun to stop.
_AHEAD, _ENOUGH = 0.25, 10


def _too_soon(effective: Point, bad: Sequence[int]) -> bool:
    """Whether much of what failed failed after that: one measure was well again, and what users met was not."""
    ahead = sum(at > effective.latest for at in bad)
    return len(bad) >= _ENOUGH and ahead > _AHEAD * len(bad)


def _early(point: Point, applied: int | None) -> Point:
    """A change is recorded when it is done; what it does may be seen before, and then the point says so."""
    if applied is None or point.at >= applied:
        return point
    return replace(
        point, basis=f"{point.basis}, {minutes(applied - point.at)} before the mitigation was recorded as done"
    )
