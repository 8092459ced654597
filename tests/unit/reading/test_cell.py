"""Cells of tables: times, numbers, nothing."""

from __future__ import annotations

import pytest

from afterword.core.clock import Doubt, Stamp
from afterword.ports import Reading
from afterword.reading.cell import Clock, is_nothing, number, unit


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("time", ""), ("start_time_ms", "ms"), ("StartTimeUnixNano", "ns"), ("Time (s)", "s"), ("duration[us]", "us"), ("durationMicros", "us"),
        ("timestamp", ""), ("items", ""), ("status", ""), ("startTimeMillis", "ms"),
    ],
)  # fmt: skip
def test_units_in_names(column: str, expected: str) -> None:
    assert unit(column) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1.5", 1.5),
        (" 2 ", 2.0),
        ("1,234.5", 1234.5),
        ("12%", 12.0),
        ("1_0", None),
        ("x", None),
        ("1,2", None),
        (3, 3.0),
        (True, None),
    ],
)
def test_numbers(cell: object, expected: float | None) -> None:
    assert number(cell) == expected


def test_nothing_has_many_names() -> None:
    assert all(map(is_nothing, ("", " ", None, "N/A", "null", "-")))
    assert not any(map(is_nothing, ("0", "nan", 0, "x")))


def test_a_column_that_says_utc_is_utc() -> None:
    assert Clock("Time (UTC)", Reading())("2024-05-01 00:00:00") == Stamp(1714521600 * 10**9, 0, "", 10**9)
    found = Clock("Time", Reading())("2024-05-01 00:00:00")
    assert isinstance(found, Stamp)
    assert found.offset is None


def test_nanoseconds_survive() -> None:
    assert Clock("t_ns", Reading())("1700000000123456789") == Stamp(1700000000123456789, 0)
    assert isinstance(Clock("t", Reading())("soon"), Doubt)
