"""Ranges of lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from afterword.core import ranges


def test_what_follows_one_another_is_one_range() -> None:
    assert ranges.said([8, 1, 2, 3, 5, 2]) == "1-3,5,8"
    assert ranges.read("1-3,5,8") == {1, 2, 3, 5, 8}


def test_what_is_no_number_and_what_is_endless_is_left_out() -> None:
    assert ranges.read("a,4-2,-1,1-999999999,7") == {7}


@given(st.sets(st.integers(0, 500)))
def test_what_is_said_is_read_back(numbers: set[int]) -> None:
    assert ranges.read(ranges.said(numbers)) == numbers
