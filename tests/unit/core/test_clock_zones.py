"""Wall clocks around every change of every zone: the hours that are skipped or told twice are never guessed.

The oracle is an enumeration: all readings of a wall clock are the instants whose local time it is, found by asking
``zoneinfo`` what the clock shows at instants near it, the direction in which the database is certain.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, available_timezones

import pytest

from afterword.core.clock import Doubt, Stamp, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterator

#: ``AFTERWORD_LONG=1`` looks at all zones and all years; else at some zones with every kind of change, and fewer years.
LONG = bool(os.environ.get("AFTERWORD_LONG"))
SHORT = [
    "Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran",
    "Pacific/Apia", "America/Sao_Paulo", "Antarctica/Troll", "Asia/Pyongyang", "America/Caracas", "Europe/Dublin",
]  # fmt: skip
ZONES = sorted(available_timezones()) if LONG else SHORT
YEARS = (2000, 2041) if LONG else (2008, 2025)
DAY = timedelta(days=1)


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """Every instant at which the offset of the zone changes, to the second, by halving the days in which it does."""
    rule, found = ZoneInfo(zone), []
    at, end = datetime(YEARS[0], 1, 1, tzinfo=UTC), datetime(YEARS[1], 1, 1, tzinfo=UTC)
    while at < end:
        low, high = at, at + DAY
        if _offset(low, rule) != _offset(high, rule):
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if _offset(middle, rule) == _offset(low, rule) else (low, middle)
            found.append(high)
        at += DAY
    return tuple(found)


def _offset(at: datetime, rule: ZoneInfo) -> timedelta:
    return at.astimezone(rule).utcoffset() or timedelta()


def readings(wall: datetime, zone: str) -> set[datetime]:
    """All instants that show this wall clock."""
    rule = ZoneInfo(zone)
    near = {_offset(wall.replace(tzinfo=UTC) + n * DAY, rule) for n in (-1, 0, 1)}
    near |= {_offset(wall.replace(tzinfo=UTC) + timedelta(hours=n), rule) for n in range(-14, 15)}
    found = {(wall - offset).replace(tzinfo=UTC) for offset in near}
    return {at for at in found if at.astimezone(rule).replace(tzinfo=None) == wall}


def walls(zone: str) -> Iterator[datetime]:
    """Clocks a second before, at and after each change and its hour, and through the days around it."""
    for change in changes(zone):
        for before in (change - timedelta(seconds=1), change):
            edge = (change + _offset(before, ZoneInfo(zone))).replace(tzinfo=None)
            for seconds in (-86_400, -3_601, -3_600, -1800, -1, 0, 1, 1_799, 1_800, 3_599, 3_600, 86_400):
                yield edge + timedelta(seconds=seconds)


@pytest.mark.parametrize("zone", ZONES)
def test_a_wall_clock_has_one_reading_or_is_doubted(zone: str) -> None:
    silent, wrong = [], []
    for wall in walls(zone):
        found = parse_time(wall.isoformat(sep=" "), zone=zone)
        possible = readings(wall, zone)
        if len(possible) != 1:
            if not isinstance(found, Doubt):
                silent.append((wall, found))
        elif not isinstance(found, Stamp) or found.ns != int(next(iter(possible)).timestamp()) * 10**9:
            wrong.append((wall, found, possible))
    assert silent == []
    assert wrong == []


def test_both_readings_are_named() -> None:
    told_twice = parse_time("2024-10-27 02:30:00", zone="Europe/Berlin")
    skipped = parse_time("2024-03-31 02:30:00", zone="Europe/Berlin")
    assert isinstance(told_twice, Doubt)
    assert "2024-10-27T00:30:00Z" in told_twice.reason
    assert "2024-10-27T01:30:00Z" in told_twice.reason
    assert isinstance(skipped, Doubt)
    assert "does not exist" in skipped.reason


def test_the_standard_library_alone_would_guess() -> None:
    """Negative control: what ``zoneinfo`` answers for a clock that does not exist, or exists twice, raises nothing."""
    rule = ZoneInfo("Europe/Berlin")
    for wall in (datetime(2024, 3, 31, 2, 30, tzinfo=rule), datetime(2024, 10, 27, 2, 30, tzinfo=rule)):
        assert wall.utcoffset() is not None
        assert len(readings(wall.replace(tzinfo=None), "Europe/Berlin")) != 1


def test_there_are_changes_to_look_at() -> None:
    assert sum(len(changes(zone)) for zone in ZONES) > 150
