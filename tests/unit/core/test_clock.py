"""Times as sources write them: exact to the nanosecond, and never two readings taken for one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.clock import Doubt, Stamp, epoch, local, moment, parse_time
from afterword.model.time import SECOND, iso

NINE_TWELVE = 1_773_479_520 * SECOND
MOMENTS = st.integers(10**9 * SECOND, 4 * 10**9 * SECOND - 1)


@given(MOMENTS)
def test_what_is_written_is_read_back_to_the_nanosecond(ns: int) -> None:
    found = parse_time(iso(ns))
    assert isinstance(found, Stamp)
    assert (found.ns, found.offset) == (ns, 0)
    bare = parse_time(iso(ns, zoned=False))
    assert isinstance(bare, Stamp)
    assert (bare.ns, bare.offset, bool(bare.flag)) == (ns, None, True), "no zone was stated, and it is said"


@given(MOMENTS, st.integers(-12 * 60, 14 * 60))
def test_an_offset_moves_the_wall_clock_and_not_the_moment(ns: int, minutes: int) -> None:
    whole = ns // SECOND * SECOND
    there = datetime.fromtimestamp(ns // SECOND, timezone(timedelta(minutes=minutes)))
    assert parse_time(there.isoformat()) == Stamp(whole, minutes, "", SECOND)
    assert moment(Stamp(whole, minutes)) == there


@given(MOMENTS, st.integers(0, 9))
def test_a_time_is_as_wide_as_its_last_written_digit(ns: int, decimals: int) -> None:
    """``09:12:00`` may be any moment of that second: what is not written is not known."""
    text = iso(ns // SECOND * SECOND, zoned=False)
    fraction = f".{ns % SECOND:09d}"[: decimals + 1] if decimals else ""
    found = parse_time(f"{text}{fraction}Z")
    assert isinstance(found, Stamp)
    assert found.granularity == 10 ** (9 - decimals)
    assert found.ns <= ns < found.ns + found.granularity
    number = epoch(f"{ns // SECOND}{fraction}", "s")
    assert isinstance(number, Stamp)
    assert (number.ns, number.granularity) == (found.ns, found.granularity)


@pytest.mark.parametrize(
    ("text", "width"),
    [("2026-03-14", 86400), ("2026-03-14 09:12", 60), ("14/Mar/2026:09:12:00 +0000", 1), ("2026-03-14T24:00:00Z", 1)],
)
def test_a_date_is_a_day_wide_and_a_clock_without_seconds_a_minute(text: str, width: int) -> None:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    assert found.granularity == width * SECOND


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("2026-03-14T09:12:00Z", 0), ("2026-03-14 10:12:00 +01:00", 60), ("14/Mar/2026:09:12:00 +0000", 0), ("Sat, 14 Mar 2026 09:12:00 GMT", 0),
        ("1773479520", 0), ("1773479520000", 0), ("1773479520000000", 0), ("1773479520000000000", 0),
    ],
)  # fmt: skip
def test_one_moment_in_many_hands(text: str, offset: int) -> None:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    assert (found.ns, found.offset) == (NINE_TWELVE, offset)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("03/04/2026 10:00", "day or month first"), ("Mar 14 09:12:00", "no year stated"), ("2026-02-30T00:00:00Z", "no such day"),
        ("2026-03-14T25:00:00Z", ""), ("1970-01-01T00:00:00Z", "unset clock"), ("yesterday", "not a time"), ("2026-03-14T09:12:00-12:01", "no zone has the offset"), ("", "no time"),
    ],
)  # fmt: skip
def test_what_could_be_two_or_none_is_a_doubt_with_its_reason(text: str, says: str) -> None:
    found = parse_time(text)
    assert isinstance(found, Doubt)
    assert says in found.reason


def test_a_year_is_taken_where_one_is_given() -> None:
    found = parse_time("Mar 14 09:12:00", year=2026)
    assert isinstance(found, Stamp)
    assert found.ns == NINE_TWELVE
    assert isinstance(parse_time("Feb 29 09:12:00", year=2026), Doubt)


def test_the_hours_that_a_zone_repeats_or_skips_are_doubts() -> None:
    for wall, says in (("2026-10-25 02:30:00", "ambiguous"), ("2026-03-29 02:30:00", "does not exist")):
        found = parse_time(wall, zone="Europe/Berlin")
        assert isinstance(found, Doubt)
        assert says in found.reason


@given(
    st.integers(0, 2 * 10**9),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
)
def test_a_wall_clock_in_a_zone_is_the_moment_that_it_showed(second: int, zone: str) -> None:
    there = datetime.fromtimestamp(second, ZoneInfo(zone))
    wall = int(there.replace(tzinfo=UTC).timestamp()) * SECOND
    found = local(wall, zone)
    if isinstance(found, Stamp):
        assert found.ns == second * SECOND
    else:
        assert "ambiguous" in found.reason, "a clock did show it, so it existed"


@given(st.integers(10**9, 4 * 10**9))
def test_the_size_of_a_number_tells_its_unit(second: int) -> None:
    for unit, factor in (("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)):
        made = epoch(second * factor, unit)
        assert made == epoch(str(second * factor))
        assert isinstance(made, Stamp)
        assert made.ns == second * SECOND


@given(st.text(max_size=40), st.sampled_from(["", "Europe/Berlin", "No/Where"]), st.sampled_from([None, 2026]))
def test_no_text_is_anything_but_a_time_or_a_doubt(text: str, zone: str, year: int | None) -> None:
    assert isinstance(parse_time(text, zone=zone, year=year), Stamp | Doubt)


def test_an_abbreviation_with_one_meaning_is_read_and_one_with_several_is_not() -> None:
    """PostgreSQL writes CET by default; EST is in America and was in Australia."""
    found = parse_time("2026-03-14 10:12:00 CET")
    assert isinstance(found, Stamp)
    assert (found.ns, found.offset) == (NINE_TWELVE, 60)
    assert "CET" in found.flag, "what was assumed is said"
    for several in ("EST", "CST", "IST", "BST", "MSK"):
        doubt = parse_time(f"2026-03-14 10:12:00 {several}")
        assert isinstance(doubt, Doubt)
        assert several in doubt.reason
