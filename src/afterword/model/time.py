"""Points and stretches of time, in whole nanoseconds since the Unix epoch, UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A moment as a source stated it.

    ``ns`` is nanoseconds since 1970-01-01T00:00:00Z. ``offset`` is the stated offset from UTC in
    minutes; ``None`` means that the source stated no zone, and then ``ns`` is the wall clock read
    as if it were UTC, and every rendering leaves the offset away.
    """

    ns: int
    offset: int | None = 0

    def iso(self) -> str:
        return iso(self.ns, zoned=self.offset is not None)

    def zone(self) -> str | None:
        return zone_text(self.offset)


def iso(ns: int, *, zoned: bool = True) -> str:
    """RFC 3339 in UTC, with as many decimals as the value needs; without the Z when no zone was stated."""
    seconds, fraction = divmod(ns, SECOND)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    if fraction:
        text += "." + f"{fraction:09d}".rstrip("0")
    return text + ("Z" if zoned else "")


def minutes(ns: int) -> str:
    """A length of time as people say it, everywhere the same: ``45 s``, ``16 min 20 s``, ``2 h 05 min``, ``3 d 04 h``."""
    seconds = round(ns / 1e9)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 5400:
        whole, rest = divmod(seconds, 60)
        return f"{whole} min" + (f" {rest:02d} s" if rest else "")
    hours, rest = divmod(round(seconds / 60), 60)
    if hours < 48:
        return f"{hours} h {rest:02d} min"
    return f"{hours // 24} d {hours % 24:02d} h"


def clock(ns: int) -> str:
    return iso(ns)[11:19]


def zone_text(offset: int | None) -> str | None:
    """``+02:00`` for 120; ``None`` stays ``None``: no zone was stated."""
    if offset is None:
        return None
    sign = "-" if offset < 0 else "+"
    return f"{sign}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A closed stretch of time, both ends in nanoseconds."""

    start: int
    end: int

    def __contains__(self, ns: int) -> bool:
        return self.start <= ns <= self.end

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Estimate:
    """A moment known only to lie between two others: best guess and bounds, in nanoseconds."""

    at: int
    earliest: int
    latest: int

    def __post_init__(self) -> None:
        if not self.earliest <= self.at <= self.latest:
            raise ValueError(f"an estimate lies inside its bounds, not {self.earliest} <= {self.at} <= {self.latest}")
