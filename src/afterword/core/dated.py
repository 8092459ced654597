"""Dates, clocks, zones and durations as people write them in prose. What could be read two ways is not read at all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from afterword.model.time import MINUTE, SECOND, Instant

_MONTH = r"(?P<mon>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<d>[0-3]?[0-9])(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?!\d|[-/.]\d)",
        r"(?<![\d.])(?P<y>20\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>[0-3]\d)(?![\d.])",
        rf"(?<![\w.]){_DAY}(?:\.|\s+of)?[\s-]+{_MONTH},?[\s-]+(?P<y>20\d\d|19\d\d)(?!\d)",
        rf"(?<![\w.]){_MONTH}\s+{_DAY},?\s+(?P<y>20\d\d|19\d\d)(?!\d)",
        rf"(?<![\w.]){_MONTH}\s+{_DAY}(?![\w:]|,?\s+20\d\d)",
        rf"(?<![\w.:-]){_DAY}(?:\.|\s+of)?\s+{_MONTH}(?![a-z]|,?\s+20\d\d)",
        r"(?<![\d./-])(?P<a>\d{1,2})(?P<sep>[/-])(?P<b>\d{1,2})(?P=sep)(?P<y>20\d\d)(?![\d/-])",
    )
)
_MONTHS = {
    name: at
    for at, name in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1)
}

#: Zones by the names that people use. None: the name does not fix an offset (it changes over the year, or is shared).
ZONES: dict[str, int | None] = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180,
    "MSK": 180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "HST": -600, "JST": 540, "KST": 540, "SGT": 480, "AEST": 600, "AEDT": 660, "ACST": 570, "AWST": 480,
    "NZST": 720, "NZDT": 780, "IST": None, "PT": None, "ET": None, "CT": None, "MT": None,
}  # fmt: skip
_ZONE = (
    r"(?P<zone>(?:UTC|GMT)\s?[+-]\s?\d{1,2}(?::?\d\d)?|[+-]\d\d:?\d\d(?!\d)"
    r"|(?:"
    + "|".join(sorted((name for name in ZONES if name != "Z"), key=len, reverse=True))
    + r")(?![A-Za-z])|Z(?![a-z]))"
)
_CLOCK = re.compile(
    r"(?<![\d:./#-])(?P<h>[01]?\d|2[0-4])(?P<sep>[:.h])(?P<mi>[0-5]\d)(?::(?P<s>[0-5]\d)(?:[.,]\d+)?)?(?!\d|[.:]\d)"
    r"(?P<half>(?<=\d)[ap]\b|\s?[ap]\.?m\b\.?|\s?[AP]\.?M\b\.?)?(?:\s?\(?" + _ZONE + r"\)?)?"
)
_ISO_CLOCK = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[T ](?P<h>[01]\d|2[0-4])(?P<sep>:)(?P<mi>[0-5]\d)(?::(?P<s>[0-5]\d)(?:\.\d+)?)?(?P<half>)"
    r"(?:\s?" + _ZONE + r")?"
)
_STATED_ZONE = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:all\s+)?times?(?:stamps)?\s+(?:listed\s+|given\s+|shown\s+|below\s+|here\s+|in this [a-z]+\s+)*(?:are\s+)?"
        r"(?:in\s+|:\s*)?\(?" + _ZONE,
        r"\btime\s?zone\s*+[:=|]\s*+\**+\s*+" + _ZONE,
        r"\btimeline\b[^\n]{0,20}\(\s*(?:all\s+)?(?:times?\s+)?(?:are\s+)?(?:in\s+)?" + _ZONE,
        r"\((?:all\s+)?(?:times\s+)?(?:are\s+)?(?:in\s+)?" + _ZONE + r"\s*\)",
    )
)
_NAMED_PLACE = re.compile(
    r"\b[Aa]ll times (?:[a-z]+ ){0,6}in\s+(?P<zone>[A-Z][A-Za-z/_]+(?:[ ,]+[A-Z][A-Za-z/_]+){0,3})"
)
_AMOUNT = re.compile(
    r"(?<![\w.:/-])(?P<n>\d{1,5}(?:\.\d+)?)\s?-?(?P<unit>weeks?|w|days?|d|hours?|hrs?|hr|h|minutes?|mins?|m|seconds?|secs?|s)"
    r"(?![A-Za-z\d])",
    re.IGNORECASE,
)
_UNITS = {"w": 10080.0, "d": 1440.0, "h": 60.0, "m": 1.0, "s": 1 / 60}


@dataclass(frozen=True, slots=True)
class Day:
    """A date in a line. ``year`` is None where none was written."""

    year: int | None
    month: int
    day: int
    start: int
    end: int

    def dated(self, year: int | None = None) -> date | None:
        """The date, its year being ``year`` where the text has none; None when that makes no date."""
        whole = self.year if self.year is not None else year
        try:
            return date(whole, self.month, self.day) if whole is not None else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day in a line, with the zone that stands beside it."""

    hour: int
    minute: int
    second: int
    zone: str | None
    start: int
    end: int

    @property
    def seconds(self) -> int:
        return (self.hour * 60 + self.minute) * 60 + self.second


def days(line: str) -> list[Day]:
    """Every date in the line, from the left; 3/4/2020 could be two dates and is none."""
    found: list[Day] = []
    for pattern in _DATES:
        for match in pattern.finditer(line):
            day = _day(match)
            if day and not any(day.start < other.end and other.start < day.end for other in found):
                found.append(day)
    return sorted(found, key=lambda one: one.start)


def _day(match: re.Match[str]) -> Day | None:
    parts = match.groupdict()
    if "a" in parts:
        first, second = int(parts["a"]), int(parts["b"])
        if (first <= 12) == (second <= 12) and first != second:
            return None
        month, day = (second, first) if first > 12 else (first, second)
    else:
        month = int(parts["m"]) if parts.get("m") else _MONTHS[parts["mon"].lower()[:3]]
        day = int(parts["d"])
    year = int(parts["y"]) if parts.get("y") else None
    found = Day(year, month, day, match.start(), match.end())
    return found if found.dated(2020) else None


def clocks(line: str) -> list[Clock]:
    """Every time of day in the line, from the left."""
    found = [_clock(match) for match in _ISO_CLOCK.finditer(line)]
    for match in _CLOCK.finditer(line):
        if match["sep"] == "." and not match["half"] and not match["zone"]:
            continue  # 1.15 is a version more often than a time.
        if not any(match.start() < other.end and other.start < match.end() for other in found):
            found.append(_clock(match))
    return sorted(found, key=lambda one: one.start)


def _clock(match: re.Match[str]) -> Clock:
    hour = int(match["h"])
    half = (match["half"] or "").strip().lower()[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = " ".join(match["zone"].split()) if match["zone"] else None
    return Clock(hour % 24, int(match["mi"]), int(match["s"] or 0), zone, match.start(), match.end())


def offset(zone: str | None) -> int | None:
    """Minutes from UTC of a zone by its usual name, None where the name alone does not fix them."""
    if zone is None:
        return None
    name = zone.upper().replace(" ", "")
    if name in ZONES:
        return ZONES[name]
    match = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d))?", name)
    if not match or int(match[2]) > 14:
        return None
    return (1 if match[1] == "+" else -1) * (int(match[2]) * 60 + int(match[3] or 0))


def instant(day: date, clock: Clock, zone: str | None) -> Instant:
    """The moment; its own zone goes before that of the document."""
    stated = offset(clock.zone or zone)
    wall = datetime(day.year, day.month, day.day) + timedelta(seconds=clock.seconds)  # noqa: DTZ001 - a wall clock
    since = wall - datetime(1970, 1, 1)  # noqa: DTZ001
    return Instant((since.days * 86400 + since.seconds) * SECOND - (stated or 0) * MINUTE, stated)


def stated_zone(line: str) -> str | None:
    """The zone that a line gives for the whole document: "All times in CET"."""
    for pattern in _STATED_ZONE:
        match = pattern.search(line)
        if match:
            return " ".join(match["zone"].split()).upper()
    match = _NAMED_PLACE.search(line)
    return match["zone"].strip() if match else None


def duration(text: str) -> float | None:
    """Minutes said by a text such as ``1 hour 20 minutes`` or ``0h 38m``; the first run of amounts counts."""
    total = None
    end = -1
    for match in _AMOUNT.finditer(text):
        if total is not None and text[end : match.start()].strip(" ,&") not in {"", "and"}:
            break
        total = (total or 0.0) + float(match["n"]) * _UNITS[match["unit"][0].lower()]
        end = match.end()
    return round(total, 4) if total is not None else None
