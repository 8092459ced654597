"""Times as APIs want them, out of whole nanoseconds; and back. A start is rounded down, an end up: a window never shrinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.core.clock import Stamp, parse_time
from afterword.model.time import SECOND, iso

if TYPE_CHECKING:
    from afterword.ports import Ask

MILLI = 1_000_000
MICRO = 1_000


def whole(ask: Ask, unit: int) -> tuple[int, int]:
    """The window in whole units (ns each), the end exclusive."""
    return ask.start // unit, -(-ask.end // unit)


def texts(ask: Ask, unit: int = SECOND) -> tuple[str, str]:
    """The window as RFC 3339 in UTC, no finer than ``unit``."""
    start, end = whole(ask, unit)
    return iso(start * unit), iso(end * unit)


def read(value: Any) -> int | None:
    """Nanoseconds of a time that an API wrote as text; None where it wrote none."""
    found = parse_time(value) if isinstance(value, str) else None
    return found.ns if isinstance(found, Stamp) else None


def decimal(ns: int, places: int) -> str:
    """Seconds since the epoch with a fraction: ``1772442000.000100``, without ever being a float."""
    seconds, rest = divmod(ns, SECOND)
    return f"{seconds}.{rest // 10 ** (9 - places):0{places}d}"
