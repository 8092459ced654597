"""Times as sources write them: read exactly, without floats, and never silently as UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from afterword.model.time import DAY, HOUR, MINUTE, SECOND

#: Abbreviations that have one offset in every zone of the IANA database since 2000, and no other use that is common:
#: EST and EDT are left out (Australia said so too), as are CST, IST, BST, MSK, which are several.
_ABBREVIATED = {
    "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "EET": 120, "EEST": 180, "SAST": 120, "JST": 540, "HKT": 480,
    "AWST": 480, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780,
    "PDT": -420, "MDT": -360, "AKST": -540, "AKDT": -480, "HST": -600,
}  # fmt: skip
_EPOCH = date(1970, 1, 1).toordinal()
#: A bare number is read as a time only inside 2000..2100; in that range s, ms, µs and ns cannot be confused.
_LOW, _HIGH = 946_684_800, 4_102_444_800
_UNITS = {"s": SECOND, "ms": 1_000_000, "us": 1_000, "ns": 1}
_UNSTATED = "no zone stated"
#: Leap seconds were only ever inserted at the end of these days (IERS Bulletin C).
_LEAPS = frozenset(
    [
        "1972-06-30",
        "1972-12-31",
        "1973-12-31",
        "1974-12-31",
        "1975-12-31",
        "1976-12-31",
        "1977-12-31",
        "1978-12-31",
        "1979-12-31",
        "1981-06-30",
        "1982-06-30",
        "1983-06-30",
        "1985-06-30",
        "1987-12-31",
        "1989-12-31",
        "1990-12-31",
        "1992-06-30",
        "1993-06-30",
        "1994-06-30",
        "1995-12-31",
        "1997-06-30",
        "1998-12-31",
        "2005-12-31",
        "2008-12-31",
        "2012-06-30",
        "2015-06-30",
        "2016-12-31",
    ]
)
_MONTHS = {
    m: i + 1 for i, m in enumerate(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
}
_TWO = {f"{i:02d}": i for i in range(60)}

_CLOCK = r"(?P<h>[0-9]{2}):?(?P<mi>[0-9]{2})(?::?(?P<s>[0-9]{2})(?:[.,:](?P<f>[0-9]{1,9})[0-9]*)?)?"
_ZONE = r"\s?(?P<z>Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}(?:\s(?:UTC|GMT))?|[+-][0-9]{2}|[A-Z]{2,5})?(?:\s?\[(?P<iana>[A-Za-z0-9_+/-]+)\])?"
_DATES = (
    r"(?P<y>[0-9]{4})(?P<d1>[-/.])(?P<mo>[0-9]{2})(?P=d1)(?P<d>[0-9]{2})",
    r"(?P<yb>[0-9]{4})(?P<mob>[0-9]{2})(?P<db>[0-9]{2})",
    r"(?P<wy>[0-9]{4})-?W(?P<w>[0-9]{2})-?(?P<wd>[1-7])",
    r"(?P<oy>[0-9]{4})-?(?P<od>[0-9]{3})",
)
_ISO = re.compile(rf"(?:{'|'.join(_DATES)})(?:[Tt\s_-]{_CLOCK.replace(':?', '[:.]?')}{_ZONE})?", re.ASCII)
_COMMON = re.compile(
    rf"(?P<d>[0-9]{{1,2}})[/ -](?P<mon>[A-Za-z]{{3}})[/ -](?P<y>[0-9]{{4}})[: ]{_CLOCK}{_ZONE}", re.ASCII
)
_MAIL = re.compile(
    rf"(?:[A-Z][a-z]{{2}},?\s+)?(?P<d>[0-9]{{1,2}})\s+(?P<mon>[A-Z][a-z]{{2}})\s+(?P<y>[0-9]{{4}})\s+{_CLOCK}{_ZONE}",
    re.ASCII,
)
_ASCTIME = re.compile(
    rf"(?:[A-Z][a-z]{{2}}\s+)?(?P<mon>[A-Z][a-z]{{2}})\s+(?P<d>[0-9]{{1,2}}),?\s+(?:(?P<y2>[0-9]{{4}})\s+)?{_CLOCK}"
    rf"(?:\s(?P<z>Z|UTC|GMT|[+-][0-9]{{2}}:?[0-9]{{2}}|[A-Z]{{3,5}}))?(?:\s(?P<y>[0-9]{{4}}))?",
    re.ASCII,
)
_YEARLESS = re.compile(rf"(?P<mo>[0-9]{{2}})[.-](?P<d>[0-9]{{2}})\s{_CLOCK}", re.ASCII)
_SHORT = re.compile(rf"(?P<y2>[0-9]{{2}})/(?P<mo>[0-9]{{2}})/(?P<d>[0-9]{{2}})\s{_CLOCK}", re.ASCII)
_SLASHED = re.compile(
    rf"(?P<a>[0-9]{{1,2}})/(?P<b>[0-9]{{1,2}})/(?P<y>[0-9]{{4}})[ ,]+{_CLOCK}(?:\s?(?P<half>[AP]M))?{_ZONE}", re.ASCII
)
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
#: What Go's time.String() appends when the time carries a monotonic reading.
_MONOTONIC = re.compile(r" m=[+-][0-9.]+$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time that could be read. ``offset`` None: a wall clock without a zone, read as if UTC, and flagged so."""

    ns: int
    offset: int | None
    flag: str = ""
    #: How wide the stated time is, in ns: a minute where no seconds are written, a day where only a date is.
    granularity: int = 1


@dataclass(frozen=True, slots=True)
class Doubt:
    """A text that is no time, or that could be two; the reason names the readings."""

    reason: str


@lru_cache(maxsize=65536)
def parse_time(text: str, *, zone: str = "", year: int | None = None) -> Stamp | Doubt:
    """Read one time. ``zone`` is the rule for wall clocks without a zone, ``year`` that for dates without one."""
    if len(text) > 18 and text[-1] == "Z" and text[10] == "T":
        quick = _utc(text)
        if quick is not None:
            return quick
    if not text or len(text) > 80 or "\0" in text or not text.isascii():
        return Doubt("not a time" if text else "no time given")
    text = text.strip()
    if _NUMBER.fullmatch(text) and not (len(text) == 8 and text[:2] in ("19", "20")):
        return epoch(text)
    return _dated(_MONOTONIC.sub("", text), zone, year)


def _utc(text: str) -> Stamp | None:
    """``2024-05-01T00:00:00.123Z``, the shape that most lines have; None sends it the long way."""
    second = _TWO.get(text[17:19])
    if second is None or text[16] != ":":
        return None
    base = _minute(text[:16])
    if base is None:
        return None
    if len(text) == 20:
        return Stamp(base + second * SECOND, 0, "", SECOND)
    digits = text[20:-1]
    if text[19] not in ".," or not digits.isdigit() or not digits.isascii():
        return None
    return Stamp(base + second * SECOND + int(digits[:9].ljust(9, "0")), 0, "", _fraction(digits))


def _fraction(digits: str) -> int:
    """Width in ns of a second written with so many decimals."""
    return int(10 ** max(0, 9 - len(digits)))


@lru_cache(maxsize=8192)
def _minute(prefix: str) -> int | None:
    """Nanoseconds of ``YYYY-MM-DDTHH:MM``; None for anything unusual, which the long way then names."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}", prefix, re.ASCII):
        return None
    try:
        moment = datetime.fromisoformat(prefix)
    except ValueError:
        return None
    if not 1971 <= moment.year < 2262:
        return None
    return (moment.toordinal() - _EPOCH) * DAY + moment.hour * HOUR + moment.minute * MINUTE


def _dated(text: str, zone: str, year: int | None) -> Stamp | Doubt:
    for pattern, build in _SHAPES:
        found = pattern.fullmatch(text)
        if found:
            parts = found.groupdict()
            day = build(parts, year)
            return day if isinstance(day, Doubt) else _clocked(day, parts, zone)
    return Doubt("not a time in any known form")


def _iso_day(parts: dict[str, str | None], _year: int | None) -> date | Doubt:
    try:
        if parts["wy"]:
            return date.fromisocalendar(int(parts["wy"]), int(parts["w"] or 0), int(parts["wd"] or 0))
        if parts["oy"]:
            return _ordinal(int(parts["oy"]), int(parts["od"] or 0))
        return date(
            int(parts["y"] or parts["yb"] or 0),
            int(parts["mo"] or parts["mob"] or 0),
            int(parts["d"] or parts["db"] or 0),
        )
    except ValueError as error:
        return Doubt(f"no such day: {error}")


def _ordinal(year: int, day: int) -> date | Doubt:
    found = date(year, 1, 1) + timedelta(days=day - 1)
    return found if found.year == year and day else Doubt("no such day of the year")


def _named_day(parts: dict[str, str | None], year: int | None) -> date | Doubt:
    """A day with a month by name: common log, mail, asctime, old syslog."""
    month = _MONTHS.get((parts["mon"] or "").lower())
    stated = parts.get("y") or parts.get("y2")
    if month is None:
        return Doubt("no such month")
    if stated is None and year is None:
        return Doubt("no year stated")
    return _day(int(stated or year or 0), month, int(parts["d"] or 0))


def _yearless_day(parts: dict[str, str | None], year: int | None) -> date | Doubt:
    return Doubt("no year stated") if year is None else _day(year, int(parts["mo"] or 0), int(parts["d"] or 0))


def _short_day(parts: dict[str, str | None], _year: int | None) -> date | Doubt:
    """Year first, as log4j writes it; a day-first reading would need a day that is no year of this century."""
    return _day(2000 + int(parts["y2"] or 0), int(parts["mo"] or 0), int(parts["d"] or 0))


def _slashed_day(parts: dict[str, str | None], _year: int | None) -> date | Doubt:
    one, two = int(parts["a"] or 0), int(parts["b"] or 0)
    if one <= 12 and two <= 12 and one != two:
        return Doubt(f"day or month first: {one}/{two} may be {one}.{two}. or {two}.{one}.")
    return _day(int(parts["y"] or 0), min(one, two) if max(one, two) > 12 else one, max(one, two))


def _day(year: int, month: int, day: int) -> date | Doubt:
    try:
        return date(year, month, day)
    except ValueError as error:
        return Doubt(f"no such day: {error}")


_SHAPES = (
    (_ISO, _iso_day),
    (_COMMON, _named_day),
    (_MAIL, _named_day),
    (_ASCTIME, _named_day),
    (_SHORT, _short_day),
    (_SLASHED, _slashed_day),
    (_YEARLESS, _yearless_day),
)


def _clocked(day: date, parts: dict[str, str | None], zone: str) -> Stamp | Doubt:
    hour, minute, second = (int(parts.get(k) or 0) for k in ("h", "mi", "s"))
    half = parts.get("half")
    if half:
        if not 1 <= hour <= 12:
            return Doubt("no such hour on a twelve-hour clock")
        hour = hour % 12 + (12 if half == "PM" else 0)
    if day.year < 1971 or day.year >= 2262:
        return Doubt("an unset clock" if day.year in (1, 1601, 1970, 1900) else "outside the years 1971 to 2261")
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        return Doubt("no such time of day")
    wall = (day.toordinal() - _EPOCH) * DAY + hour * HOUR + minute * MINUTE + min(second, 59) * SECOND
    wall += int((parts.get("f") or "").ljust(9, "0")) if second < 60 else SECOND - 1
    found = _zoned(wall, parts.get("z") or "", parts.get("iana") or "", zone)
    if isinstance(found, Doubt):
        return found
    if second == 60:
        found = _leap(found)
    return found if isinstance(found, Doubt) else Stamp(found.ns, found.offset, found.flag, _width(parts))


def _width(parts: dict[str, str | None]) -> int:
    """How wide the stated time is, by the finest piece of it that is written."""
    if parts.get("s"):
        return _fraction(parts.get("f") or "")
    return MINUTE if parts.get("mi") else DAY


def _leap(found: Stamp) -> Stamp | Doubt:
    """A leap second keeps its order: after every :59, before the next :00."""
    inside = datetime.fromtimestamp(found.ns // SECOND, UTC)
    if found.offset is not None and (inside.hour, inside.minute) != (23, 59):
        return Doubt("not a leap second: those end a UTC day")
    if inside.date().isoformat() not in _LEAPS:
        return Doubt("not a leap second: none was inserted on this day")
    return Stamp(found.ns, found.offset, "a leap second")


def _zoned(wall: int, stated: str, iana: str, rule: str) -> Stamp | Doubt:
    if stated in ("Z", "z", "UTC", "GMT"):
        return Stamp(wall, 0)
    if stated[:1] in ("+", "-") and stated:
        return _offset(wall, stated.split(" ", maxsplit=1)[0])
    if stated in ("AM", "PM"):
        return Doubt("a twelve-hour clock without a zone")
    if stated in _ABBREVIATED:
        minutes = _ABBREVIATED[stated]
        return Stamp(wall - minutes * MINUTE, minutes, f"{stated} read as {minutes:+d} minutes")
    if stated:
        return Doubt(f"the abbreviation {stated} names more than one zone; the zone of the evidence has to be given")
    if iana or rule:
        return local(wall, iana or rule)
    return Stamp(wall, None, _UNSTATED)


def _offset(wall: int, stated: str) -> Stamp | Doubt:
    digits = stated[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    signed = -minutes if stated[0] == "-" else minutes
    if int(digits[2:]) > 59 or not -12 * 60 <= signed <= 14 * 60:
        return Doubt(f"no zone has the offset {stated}")
    flag = "the local offset is unknown" if stated[0] == "-" and not minutes else ""
    return Stamp(wall - signed * MINUTE, signed, flag)


def local(wall: int, zone: str) -> Stamp | Doubt:
    """A wall clock in a named zone; the hours that a zone skips or repeats are a Doubt that names both readings."""
    seconds, fraction = divmod(wall, SECOND)
    one, two = _readings(seconds, zone)
    if one is None or two is None:
        return Doubt(f"unknown zone {zone!r}")
    if one == two:
        return Stamp((seconds - one * 60) * SECOND + fraction, one)
    texts = [datetime.fromtimestamp(seconds - o * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for o in (one, two)]
    what = "ambiguous" if one > two else "does not exist"
    return Doubt(f"this wall clock {what if one < two else 'is ' + what} in {zone}: {texts[0]} or {texts[1]}")


@lru_cache(maxsize=8192)
def _readings(seconds: int, zone: str) -> tuple[int | None, int | None]:
    """The offsets in minutes that the zone had before and after a possible change at this wall clock."""
    try:
        rule = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None, None
    naive = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=rule)
    offsets = [naive.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1)]
    return int(offsets[0].total_seconds() // 60), int(offsets[1].total_seconds() // 60)


def epoch(value: float | str, unit: str = "") -> Stamp | Doubt:
    """A number since 1970. With ``unit`` (``s ms us ns``) the format has said which; without it the size tells."""
    if isinstance(value, int):
        return _whole(value, unit)
    text = str(value) if isinstance(value, str) else getattr(value, "text", None) or repr(value)
    if text.isdigit() and text.isascii():
        return _whole(int(text), unit) if len(text) <= 19 else Doubt("too large for a time")
    if not _NUMBER.fullmatch(text):
        return Doubt("not a number")
    try:
        number = Decimal(text)
    except InvalidOperation:  # pragma: no cover - the pattern admits only what Decimal reads
        return Doubt("not a number")
    if unit:
        return _bounded(int(number * _UNITS[unit]), _decimals(number, _UNITS[unit]))
    for scale in _UNITS.values():
        if _LOW <= number * scale / SECOND < _HIGH:
            return Stamp(int(number * scale), 0, "", _decimals(number, scale))
    return _implausible(int(number))


def _decimals(number: Decimal, scale: int) -> int:
    """Width in ns of a number with so many decimals in a unit of ``scale`` ns."""
    exponent = number.as_tuple().exponent
    written = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return int(max(1, scale // 10 ** min(written, 18)))


def _whole(value: int, unit: str) -> Stamp | Doubt:
    if unit:
        return _bounded(value * _UNITS[unit], _UNITS[unit])
    for scale in _UNITS.values():
        if _LOW <= value * scale // SECOND < _HIGH:
            return Stamp(value * scale, 0, "", scale)
    return _implausible(value)


def _bounded(ns: int, width: int) -> Stamp | Doubt:
    if ns <= 0:
        return Doubt("an unset clock" if ns == 0 else "before 1970")
    return Stamp(ns, 0, "", width) if ns < 2**63 else Doubt("too large for a time")


def _implausible(value: int) -> Doubt:
    if value == 0:
        return Doubt("an unset clock")
    return Doubt("before 1970" if value < 0 else "as s, ms, µs or ns this number lies outside 2000 to 2100")


def moment(stamp: Stamp) -> datetime:
    """The stamp as a datetime in its own zone, for people; to the microsecond."""
    zone = timezone(timedelta(minutes=stamp.offset or 0))
    seconds, fraction = divmod(stamp.ns, SECOND)
    return datetime.fromtimestamp(seconds, zone).replace(microsecond=fraction // 1000)
