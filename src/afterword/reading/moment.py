"""The time of a value, whatever the value is: a text, a number in a stated unit, or a number whose size tells its unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.core.clock import Doubt, Stamp, epoch, parse_time
from afterword.model.evidence import Gravity, Place, Problem

if TYPE_CHECKING:
    from afterword.ports import Reading


def stamp(value: Any, reading: Reading, unit: str = "") -> Stamp | Doubt:
    """Read a JSON or table value as a time. ``unit`` (``s ms us ns``) is what the format says of numbers."""
    if isinstance(value, bool) or value is None:
        return Doubt("no time given")
    if isinstance(value, str):
        if unit and value.replace(".", "", 1).isdigit():
            return epoch(value, unit)
        return parse_time(value, zone=reading.zone, year=reading.year)
    if isinstance(value, int | float):
        return epoch(value, unit)
    return Doubt("not a time")


def undated(doubt: Doubt, place: Place, what: str = "its time") -> Problem:
    """The remark about an event that is kept without a time."""
    return Problem(f"{what} cannot be relied on: {doubt.reason}", place, Gravity.WARNING, "time", quarantined=False)


def at(found: Stamp | Doubt) -> int | None:
    """Nanoseconds, or None for a time that cannot be relied on."""
    return found.ns if isinstance(found, Stamp) else None


def offset(found: Stamp | Doubt) -> int | None:
    """The stated offset from UTC in minutes; None when none was stated."""
    return found.offset if isinstance(found, Stamp) else None


def granularity(found: Stamp | Doubt) -> int:
    """How wide the stated time is, in ns."""
    return found.granularity if isinstance(found, Stamp) else 1
