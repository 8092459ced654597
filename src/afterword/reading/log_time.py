"""Times at the head of log lines: where one stands, and its nanoseconds, remembered by the second."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from afterword.core.clock import Doubt, Stamp, parse_time
from afterword.model.time import MINUTE, SECOND
from afterword.reading.moment import stamp

if TYPE_CHECKING:
    from afterword.ports import Reading

#: Abbreviations that logs print behind a time; more than one zone bears most of them.
_NAMED: Final = "CES?T|EES?T|WES?T|[ECMP][SD]T|AK[SD]T|HST|BST|IST|MSK|MSD|JST|KST|A[CEW][SD]T|NZ[SD]T|HKT|SGT|PHT|WIB|PKT|SAST|BRT|ART|CLS?T"
CLOCK: Final = r"\d\d:\d\d:\d\d"
FRACTION: Final = r"(?:[.,:]\d{1,12})?"
MONTH: Final = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY: Final = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
#: A zone by name behind the time, after RFC 9557.
_REGION: Final = r"(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific|Etc)/[\w+/-]{1,40}"
ZONE: Final = rf"(?:(?:Z|[+-]\d\d:?\d\d)?\[{_REGION}\]|Z|[+-]\d\d(?::?\d\d)?|[ ][+-]\d\d:?\d\d|[ ]?(?:UTC|GMT)|[ ](?:{_NAMED}))(?!\w)"
#: ``2024-05-01 00:00:00,123 +0200`` in three groups, for patterns that are run on every line.
ISO: Final = (
    rf"(?P<t>\d{{4}}[-/.]\d\d[-/.]\d\d[T _-]\d\d[:.]\d\d[:.]\d\d)(?:[.,:](?P<f>\d{{1,9}})\d{{0,9}})?(?P<z>{ZONE})?"
)

_ANY: Final = re.compile(
    rf"""(?<![\w./-])(?:
    (?P<iso>\d{{4}}[-/.]\d\d[-/.]\d\d[T_ -]\d\d[:.]\d\d(?:[:.]\d\d)?{FRACTION}(?:{ZONE})?(?:\ ?[AP]M(?:\ ?UTC)?\b)?)
    |(?P<compact>\d{{8}}[-T ]\d\d:?\d\d:?\d\d{FRACTION}(?:{ZONE})?)
    |(?P<common>\d{{1,2}}[/ -]{MONTH}[/ -]\d{{4}}[: ]\s?{CLOCK}{FRACTION}(?:{ZONE})?)
    |(?P<asctime>(?:{_DAY},?\s+)?{MONTH}[ -]\s?\d{{1,2}},?\s+(?:\d{{4}},?\s+)?\d{{1,2}}:\d\d:\d\d{FRACTION}(?:\ ?[AP]M\b)?(?:{ZONE})?(?:\ \d{{4}}\b)?)
    |(?P<mail>(?:{_DAY},?\s+)?\d{{1,2}}\s{MONTH}\s(?:\d{{4}}\s)?{CLOCK}{FRACTION}(?:{ZONE})?)
    |(?P<short>\d\d/\d\d/\d\d\s{CLOCK}{FRACTION})
    |(?P<slashed>\d{{1,2}}/\d{{1,2}}/\d{{4}},?\s\d{{1,2}}:\d\d:\d\d{FRACTION}(?:\ ?[AP]M\b)?(?:{ZONE})?)
    |(?P<six>\d\d[01]\d[0-3]\d\s{{1,2}}\d{{1,2}}:?\d\d:?\d\d(?!\w))
    |(?P<yearless>[01]\d[-.][0-3]\d\ {CLOCK}{FRACTION})
    )(?![\d])""",
    re.ASCII | re.VERBOSE,
)
#: Only the very head of a line may be a bare number or a time of day.
_HEAD: Final = re.compile(
    rf"[\[(]?(?:(?P<epoch>[12]\d{{9}}(?:\.\d{{1,9}}|\d{{3}}|\d{{6}}|\d{{9}})?)(?![\w.:/-])|(?P<clock>{CLOCK}{FRACTION})(?![\w:/-])"
    rf"|\s*(?P<uptime>\d{{1,8}}\.\d{{6}})(?=\]))",
    re.ASCII,
)
_MERIDIEM: Final = re.compile(r"(\d{1,2})(:\d\d:\d\d(?:[.,:]\d+)?) ?([AP]M)")
_SINGLE: Final = re.compile(r"(?<![\d:])(\d)(?=:\d\d:\d\d)")
_POWER: Final = tuple(10 ** (9 - digits) for digits in range(10))
_REMEMBERED: Final = 8192


class Found(NamedTuple):
    """A time in a line: from where to where, which form it has."""

    start: int
    end: int
    form: str
    text: str


class Told(NamedTuple):
    """The time of a line; ``doubt`` says why ``at`` is None although a time stands there."""

    at: int | None
    offset: int | None
    doubt: str = ""
    #: How wide the stated time is, in ns.
    granularity: int = 1


#: A line without any time.
NONE: Final = Told(None, None, "no time given")


def find(text: str, until: int = 160) -> Found | None:
    """The first time near the head of a line."""
    head = _HEAD.match(text)
    if head and head.lastgroup:
        return Found(head.start(), head.end(), head.lastgroup, head[head.lastgroup])
    found = _ANY.search(text, 0, until)
    if found is None or found.lastgroup is None:
        return None
    return Found(found.start(), found.end(), found.lastgroup, found[found.lastgroup])


class Clock:
    """Reads the times of one artefact; a second that was read before is not read again."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._seconds: dict[str, Told] = {}

    def exact(self, second: str, fraction: str | None, zone: str | None) -> Told:
        """A time in three pieces: up to its second, the digits behind it, its zone."""
        key = second + zone if zone else second
        told = self._seconds.get(key)
        if told is None:
            told = self._remember(key, self._zoned(second, zone.strip() if zone else ""))
        if not fraction or told.at is None:
            return told
        return Told(told.at + int(fraction) * _POWER[len(fraction)], told.offset, "", _POWER[len(fraction)])

    def read(self, form: str, text: str) -> Told:
        """A time in one of the forms that ``find`` tells apart."""
        told = self._seconds.get(text)
        return told if told is not None else self._remember(text, self._formed(form, text))

    def finer(self, told: Told, fraction: str) -> Told:
        """The time with the digits of its fraction added."""
        return (
            told
            if told.at is None
            else Told(told.at + int(fraction) * _POWER[len(fraction)], told.offset, "", _POWER[len(fraction)])
        )

    def value(self, value: Any, unit: str = "") -> Told:
        """The time of a JSON value or of a cell."""
        return _told(stamp(value, self._reading, unit))

    def _remember(self, key: str, told: Told) -> Told:
        if len(self._seconds) >= _REMEMBERED:
            self._seconds.clear()
        self._seconds[key] = told
        return told

    def _zoned(self, second: str, zone: str) -> Told:
        if zone.isalpha() and zone not in ("Z", "UTC", "GMT") and self._reading.zone:
            return self._abbreviated(second, zone)
        joint = " " if zone[:1].isalpha() and zone != "Z" else ""
        return _told(parse_time(f"{second}{joint}{zone}", zone=self._reading.zone, year=self._reading.year))

    def _abbreviated(self, second: str, zone: str) -> Told:
        """An abbreviation counts when the zone that was given uses it at that time: it even decides a repeated hour."""
        wall = parse_time(second, year=self._reading.year)
        if not isinstance(wall, Stamp):
            return _told(wall)
        try:
            rule = ZoneInfo(self._reading.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return _told(parse_time(f"{second} {zone}"))
        for fold in (0, 1):
            local = _naive(wall.ns).replace(tzinfo=rule, fold=fold)
            shift = local.utcoffset()
            if local.tzname() == zone and shift is not None:
                minutes = int(shift.total_seconds() // 60)
                return Told(wall.ns - minutes * MINUTE, minutes, "", wall.granularity)
        return _told(parse_time(f"{second} {zone}"))

    def _formed(self, form: str, text: str) -> Told:
        if form == "clock":
            return Told(None, None, "only a time of day, no date stated")
        if form == "uptime":
            return Told(None, None, "counts from the start of the machine, not from a date")
        if form == "iso" and text[-1] not in "MC":
            split = _ISO.fullmatch(text)
            if split:
                return self.exact(*split.groups(""))
        plain = _FORMS.get(form, str)(text)
        return _told(parse_time(_twelve(plain), zone=self._reading.zone, year=self._reading.year))


def _told(found: Stamp | Doubt) -> Told:
    return (
        Told(None, None, found.reason)
        if isinstance(found, Doubt)
        else Told(found.ns, found.offset, "", found.granularity)
    )


def _naive(ns: int) -> datetime:
    return datetime(1970, 1, 1) + timedelta(seconds=ns // SECOND)  # noqa: DTZ001 - a wall clock


def _twelve(text: str) -> str:
    """A twelve-hour clock as the twenty-four-hour clock that it means."""
    found = _MERIDIEM.search(text)
    if not found or int(found[1]) not in range(1, 13):
        return _SINGLE.sub(r"0\1", text)
    hour = int(found[1]) % 12 + (12 if found[3] == "PM" else 0)
    return f"{text[: found.start()]}{hour:02d}{found[2]}{text[found.end() :]}"


def _six(text: str) -> str:
    """``170213 16:00:33`` or ``081109 203615``: a year of this century first."""
    day, clock = text.split(maxsplit=1)
    digits = clock.replace(":", "").zfill(6)
    return f"20{day[:2]}-{day[2:4]}-{day[4:]} {digits[:2]}:{digits[2:4]}:{digits[4:]}"


def _mail(text: str) -> str:
    """``13 Apr 12:52:30.731`` without a year as ``Apr 13 …``; with a year it stays."""
    words = text.split()
    words = words[1:] if words[0][0].isalpha() else words
    return text if words[2].isdigit() else " ".join([words[1], words[0], *words[2:]])


def _compact(text: str) -> str:
    """``20171223-22:15:29`` and ``20240501T000000Z``, with the time of day in one notation."""
    day, clock = text[:8], text[9:]
    if clock[2] != ":":
        clock = f"{clock[:2]}:{clock[2:4]}:{clock[4:]}"
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {clock}"


def _asctime(text: str) -> str:
    """``Mar-18 21:41`` with a space, and ``May 01, 2024 …`` with the year where asctime has it."""
    return re.sub(rf"({MONTH})-", r"\1 ", text).replace(",", "", 2) if "-" in text[:12] or "," in text[:14] else text


def _php(text: str) -> str:
    """``01-May-2024 00:00:00 Europe/Berlin``, with the name of the zone where RFC 9557 has it."""
    return re.sub(r" ([A-Z]\w+/[\w/+-]+)$", r"[\1]", text)


def _erlang(text: str) -> str:
    return text.replace("::", " ")


def _glog(text: str) -> str:
    """``0517 15:04:22.619632`` without a year, ``20200308 …`` with one."""
    day, clock = text.split(" ", 1)
    return f"{day[:-4]}-{day[-4:-2]}-{day[-2:]} {clock}".lstrip("-")


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _health(text: str) -> str:
    """``20171224-0:7:20:44``: nothing is padded, and the last number is milliseconds."""
    day, clock = text.split("-")
    hour, minute, second, milli = clock.split(":")
    return f"{day[:4]}-{day[4:6]}-{day[6:]} {hour:0>2}:{minute:0>2}:{second:0>2}.{milli:0>3}"


_FORMS = {
    "glog": _glog,
    "sssd": _spaced,
    "health": _health,
    "php": _php,
    "erlang": _erlang,
    "six": _six,
    "mail": _mail,
    "compact": _compact,
    "asctime": _asctime,
}
_ISO = re.compile(ISO, re.ASCII)
