"""Blocks of time: an hour of trouble and a healthy day of another month are told apart, and nothing else is."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.block import blocks, choose
from afterword.core.case import Series
from afterword.model.evidence import Citation, Place
from afterword.model.incident import Options
from afterword.model.time import DAY, HOUR, MINUTE, Span

CITE = Citation("E1", Place(0, 1, 1, 1))


def series(*times: int) -> Series:
    at = np.array(sorted(set(times)), dtype=np.int64)
    return Series("shop", "cpu", at, np.zeros(len(at)), CITE)


def every_minute(start: int, length: int) -> Series:
    return series(*range(start, start + length, MINUTE))


@given(
    st.lists(st.lists(st.integers(0, 10**6).map(lambda n: n * MINUTE), min_size=1, max_size=20), min_size=1, max_size=4)
)
def test_every_sample_lies_in_exactly_one_block(times: list[list[int]]) -> None:
    found = blocks([series(*one) for one in times])
    for at in {at for one in times for at in one}:
        assert sum(at in span for span in found) == 1
    assert all(one.end < other.start for one, other in pairwise(found))


def test_a_day_in_between_parts_and_a_pause_does_not() -> None:
    assert len(blocks([every_minute(0, HOUR), every_minute(2 * DAY, HOUR)])) == 2
    assert len(blocks([every_minute(0, HOUR), every_minute(HOUR + 30 * MINUTE, HOUR)])) == 1
    assert blocks([]) == ()


HEALTHY, TROUBLE = Span(0, DAY), Span(10 * DAY, 10 * DAY + HOUR)


def test_the_short_block_is_the_incident_and_the_long_one_is_health() -> None:
    assert choose([HEALTHY, TROUBLE], Options()) == (TROUBLE, HEALTHY)


def test_of_two_alike_the_later_is_the_trouble() -> None:
    first, second = Span(0, HOUR), Span(5 * DAY, 5 * DAY + HOUR)
    assert choose([first, second], Options()) == (second, first)


def test_what_was_stated_decides() -> None:
    assert choose([HEALTHY, TROUBLE], Options(at=5 * HOUR)) == (HEALTHY, TROUBLE)
    assert choose([HEALTHY, TROUBLE], Options(window=(HOUR, 2 * HOUR)))[0] == HEALTHY
    near = choose([HEALTHY, TROUBLE], Options(at=9 * DAY))
    assert near[0] == TROUBLE, "a moment between the blocks means the nearer one"
    stated = (TROUBLE.start, TROUBLE.end)
    assert choose([HEALTHY, TROUBLE], Options(baseline=stated)) == (HEALTHY, TROUBLE)
