"""Times and stretches of time as people state them in a request."""

from __future__ import annotations

import re

from afterword.core.clock import Doubt, parse_time
from afterword.model.refusal import InvalidError
from afterword.model.time import DAY, HOUR, MINUTE, SECOND

_LENGTH = re.compile(r"(\d{1,6})\s*(s|sec|m|min|h|d)?")
_UNITS = {"s": SECOND, "sec": SECOND, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY}


def instant(text: str, name: str, zone: str = "") -> int | None:
    """The moment in ns; None for an empty text. Raises InvalidError."""
    if not text:
        return None
    found = parse_time(text, zone=zone)
    if isinstance(found, Doubt):
        raise InvalidError(f"{name} is not a time that can be relied on: {found.reason}", (f"{name}: {text}",))
    return found.ns


def span(text: str, name: str, zone: str = "") -> tuple[int, int] | None:
    """``START/END`` in ns; None for an empty text. Raises InvalidError."""
    if not text:
        return None
    start, slash, end = text.partition("/")
    if not slash:
        raise InvalidError(f"{name} is START/END, such as 2026-03-14T09:00Z/2026-03-14T10:00Z", (f"{name}: {text}",))
    low, high = instant(start, name, zone), instant(end, name, zone)
    if low is None or high is None or high <= low:
        raise InvalidError(f"{name} is START/END, the end after the start", (f"{name}: {text}",))
    return low, high


def length(text: str, name: str) -> int:
    """``90s``, ``15m``, ``2h``, ``1d`` in ns; a bare number is seconds. Raises InvalidError."""
    found = _LENGTH.fullmatch(text.strip().lower())
    if not found:
        raise InvalidError(f"{name} is a length of time such as 90s, 15m, 2h", (f"{name}: {text}",))
    return int(found[1]) * _UNITS[found[2] or "s"]
