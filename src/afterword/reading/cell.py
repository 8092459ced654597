"""One cell of a table: a time, a number, or nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from afterword.core.clock import Doubt, Stamp
from afterword.ports import Reading
from afterword.reading import moment, name

#: A unit at the end of a column's name: ``start_time_ms``, ``Time (ns)``, ``StartTimeUnixNano``.
_UNIT = re.compile(
    r"(?:^|[_(\[\s])(?:(s|secs?|seconds)|(ms|msecs?|millis|milliseconds)|(us|usecs?|µs|micros|microseconds)"
    r"|(ns|nsecs?|nanos?|nanoseconds))[)\]]?$"
)
_UTC = re.compile(r"(?i)(?:^|[^a-z])utc(?:[^a-z]|$)")
_NOTHING = frozenset({"", "-", "--", "null", "none", "na", "n/a", "#n/a", "nil", "undefined", "missing"})
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
#: So many different times of one column are remembered.
_MOST_TIMES = 100_000


def unit(column: str) -> str:
    """The unit (``s ms us ns``) that the name of a column of times or durations states, else nothing."""
    found = _UNIT.search(name.plain(column))
    return (
        next((u for u, said in zip(("s", "ms", "us", "ns"), found.groups(), strict=True) if said), "") if found else ""
    )


class Clock:
    """Reads the cells of one column of times; equal cells are read once."""

    def __init__(self, column: str, reading: Reading) -> None:
        self.unit = unit(column)
        self.reading = replace(reading, zone="UTC") if _UTC.search(column) else reading
        self._known: dict[Any, Stamp | Doubt] = {}

    def __call__(self, cell: Any) -> Stamp | Doubt:
        if isinstance(cell, list | dict):
            return Doubt("not a time")
        found = self._known.get(cell)
        if found is None:
            if len(self._known) > _MOST_TIMES:
                self._known.clear()
            found = cell if isinstance(cell, Stamp) else moment.stamp(cell, self.reading, self.unit)
            self._known[cell] = found
        return found


def is_time(cell: Any, column: str) -> bool:
    """Whether the cell can be a time, perhaps one without a year."""
    found = Clock(column, Reading("UTC", 2000))(cell)
    return isinstance(found, Stamp)


def number(cell: Any) -> float | None:
    """The number in a cell: plain, in groups of thousands, or with a percent sign; None when it is none."""
    if isinstance(cell, float):
        return cell
    text = str(cell).strip()
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        if text.endswith("%"):
            return number(text[:-1])
        return float(text.replace(",", "")) if _GROUPED.fullmatch(text) else None


def is_nothing(cell: Any) -> bool:
    """Whether a cell is empty, or says in a word that it is."""
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in _NOTHING)
