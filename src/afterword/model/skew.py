"""Clocks: how far each runs ahead of the others, as an interval, and how sure an order in time is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from afterword.model.evidence import Citation


class Order(StrEnum):
    """How sure it is that one thing came after another.

    ``certain``: by one clock, or by clocks that are tied to each other, beyond what they leave open.
    ``probable``: by clocks that nothing ties to each other, as far apart as kept clocks seldom are.
    ``unknown``: what was stated leaves room for both orders.
    """

    CERTAIN = "certain"
    PROBABLE = "probable"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Skew:
    """How far one clock runs ahead of the reference, in ns; the truth lies in ``[least, most]``.

    ``applied`` is what was added to its times (0 where the interval leaves room for none). ``agreeing`` of ``pairs``
    things seen by both clocks fit the interval. ``zone`` is the offset from UTC in minutes that was inferred for a clock
    whose source states none.
    """

    clock: str
    reference: str
    least: int
    most: int
    applied: int
    pairs: int
    agreeing: int
    #: What was seen by both: ``calls``, ``lines in spans``, ``equal records``, ``changes``.
    by: tuple[str, ...]
    zone: int | None = None
    cites: tuple[Citation, ...] = ()
    #: False for a clock that was moved, or drifted, while it was watched: no one number is true, and none is applied.
    steady: bool = True

    @property
    def ahead(self) -> int:
        """The middle of the interval."""
        return (self.least + self.most) // 2
