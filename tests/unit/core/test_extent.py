"""Extent: how many bytes a set of stretches covers."""

from __future__ import annotations

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.core import extent as extent_
from afterword.core.extent import Extent

stretches = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda p: (p[0], p[0] + p[1])), max_size=12)


def extent(found: list[tuple[int, int]]) -> Extent:
    made = Extent()
    for start, end in found:
        made.add(start, end)
    return made


def bytes_of(found: list[tuple[int, int]]) -> set[int]:
    return {at for start, end in found for at in range(start, end)}


@pytest.fixture(autouse=True, params=[3, 1 << 16])
def loose(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All laws hold whether stretches are packed or not."""
    monkeypatch.setattr(extent_, "_LOOSE", request.param)


LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@LAW
@given(stretches)
def test_the_length_is_the_number_of_covered_bytes(found: list[tuple[int, int]]) -> None:
    assert extent(found).length() == len(bytes_of(found))


@LAW
@given(stretches, stretches)
def test_without_counts_what_the_other_does_not_cover(one: list[tuple[int, int]], two: list[tuple[int, int]]) -> None:
    assert extent(one).without(extent(two)) == len(bytes_of(one) - bytes_of(two))


def test_lines_that_follow_each_other_are_one_stretch() -> None:
    """A million log lines in order take one pair of numbers."""
    made = extent([(n * 10, n * 10 + 10) for n in range(1000)])
    assert made.merged() == [(0, 10_000)]
    assert len(made._stretches) == 1


def test_elements_with_commas_between_them_take_eight_bytes_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large array: no two of its elements touch, so that none can be joined."""
    monkeypatch.setattr(extent_, "_LOOSE", 1000)
    made = extent([(n * 10, n * 10 + 9) for n in range(100_000)])
    assert (
        sum(sys.getsizeof(one.pairs.base if one.pairs.base is not None else one.pairs) for one in made._packed)
        < 900_000
    )
    assert made.length() == 900_000
    assert extent([(0, 1_000_000)]).without(made) == 100_000
