"""A shared axis of time: which stretch is looked at, where an instant stands, and sensible ticks in UTC."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.model.time import DAY, HOUR, MINUTE, SECOND, iso

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.model.time import Span

_STEPS = tuple(
    [SECOND * n for n in (1, 2, 5, 10, 15, 30)]
    + [MINUTE * n for n in (1, 2, 5, 10, 15, 30)]
    + [HOUR * n for n in (1, 2, 3, 6, 12)]
    + [DAY * n for n in (1, 2, 7, 14, 28, 91, 365)]
)
#: Of the length of the incident: how much of the time around it is shown, and how far away a point may be to be on it.
_BEFORE, _AFTER, _REACH = 0.3, 0.14, 2.0


@dataclass(frozen=True, slots=True)
class Axis:
    """Nanoseconds from ``start`` to ``end``, drawn from ``left`` to ``right``."""

    start: int
    end: int
    left: float
    right: float

    def x(self, ns: int) -> float:
        """Where an instant stands; one that lies outside stands at the edge."""
        inside = min(max(ns, self.start), self.end)
        return self.left + (self.right - self.left) * (inside - self.start) / (self.end - self.start)

    def shows(self, ns: int) -> bool:
        return self.start <= ns <= self.end

    def ticks(self, distance: float = 90) -> list[int]:
        """Round instants, no closer than ``distance``."""
        least = (self.end - self.start) * distance / (self.right - self.left)
        step = next((one for one in _STEPS if one >= least), int(-(-least // DAY) * DAY))
        first = -(-self.start // step) * step
        return list(range(first, self.end + 1, step))

    def label(self, ns: int) -> str:
        """``14:05``; with seconds on a short axis, with the day on a long one."""
        day, clock = iso(ns)[:10], iso(ns)[11:19]
        if self.end - self.start > 2 * DAY:
            return f"{day[5:]} {clock[:5]}" if clock[:5] != "00:00" else day
        return clock if self.end - self.start < 10 * MINUTE else clock[:5]


def around(window: Span, points: Iterable[int], left: float, right: float) -> Axis:
    """The incident with some of the time around it, and every point that is not too far away to be drawn to scale."""
    length = max(window.length, MINUTE)
    near = [at for at in points if window.start - _REACH * length <= at <= window.end + _REACH * length]
    start = min([window.start - int(_BEFORE * length), *(at - int(0.05 * length) for at in near)])
    end = max([window.end, *near])
    # Room for the words beside the last mark.
    return Axis(start, end + int(_AFTER * (end - start)), left, right)
