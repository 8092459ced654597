"""Change points: the stretch of each series that differs most from the rest, many series at once."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import change_point
from afterword.core.change_point import Change

NUMBERS = st.lists(st.integers(-1000, 1000), min_size=1, max_size=80).map(lambda v: np.array(v, dtype=np.float64))


def change(values: np.ndarray) -> Change | None:
    return change_point.scan(values[None])[0]


def noise(seed: int, n: int = 120) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


@given(NUMBERS)
def test_scores_are_centred_and_equal_values_have_equal_ones(values: np.ndarray) -> None:
    scores = change_point.normal_scores(values[None])[0]
    assert abs(scores.mean()) < 1e-9
    assert scores.std() == pytest.approx(1.0) or np.ptp(values) == 0
    for value in set(values.tolist()):
        assert len(set(scores[values == value].tolist())) == 1


@given(NUMBERS, st.integers(1, 9), st.integers(-100, 100))
def test_the_unit_of_a_series_does_not_matter(values: np.ndarray, factor: int, offset: int) -> None:
    """Milliseconds or seconds, Celsius or Kelvin: the same change, as strong."""
    assert change(values) == change(values * factor + offset)


@given(NUMBERS)
def test_upside_down_is_the_same_change_the_other_way(values: np.ndarray) -> None:
    one, other = change(values), change(-values)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.strength == pytest.approx(other.strength)
        assert 3 <= one.start < one.end <= len(values)


@pytest.mark.parametrize(("start", "end"), [(60, 120), (40, 70), (20, 30), (100, 120)])
def test_a_planted_stretch_is_found_where_it_is(start: int, end: int) -> None:
    values = noise(7)
    values[start:end] += 6
    found = change(values)
    assert found is not None
    assert (abs(found.start - start), abs(found.end - end)) <= (1, 1)
    assert found.direction == 1
    assert found.strength > 5


def test_noise_is_seldom_called_a_change() -> None:
    """The bound of 5 sigmas that the search for an incident uses, on two hundred series in which nothing happens."""
    strengths = [found.strength for seed in range(200) if (found := change(noise(seed)))]
    assert sum(strength > 5 for strength in strengths) <= 4


@pytest.mark.parametrize("values", [[], [1.0], [1.0] * 7, [5.0] * 50])
def test_too_little_or_nothing_moving_is_no_change(values: list[float]) -> None:
    assert change(np.array(values)) is None


def test_the_run_that_leads_into_a_change_belongs_to_it() -> None:
    """It crept up over three samples before it jumped."""
    values = np.array([10.0, 10.1, 9.9] * 10 + [12, 14, 17] + [40.0] * 10)
    assert change_point.walk_back(values, Change(33, 43, 9.0, 1)) == 30


def slow(values: np.ndarray, least: int = 3) -> float:
    """The strongest stretch by trying each of them."""
    scores, n = change_point.normal_scores(values[None])[0], len(values)
    tried = [
        abs(scores[a:b].sum()) * np.sqrt(n / ((b - a) * (n - b + a)))
        for a in range(least, n)
        for b in range(a + least, n + 1)
        if n - b + a >= least
    ]
    return float(max(tried, default=0.0)) * change_point.deflation(scores)


@given(st.lists(st.integers(-9, 9), min_size=8, max_size=40).map(lambda v: np.array(v, dtype=np.float64)))
def test_it_is_what_trying_every_stretch_finds(values: np.ndarray) -> None:
    found = change(values)
    assert (found.strength if found else 0.0) == pytest.approx(slow(values))


def test_a_series_among_many_is_as_it_is_alone() -> None:
    """Three hundred series of four lengths; some of them changed."""
    rng = np.random.default_rng(5)
    many = [rng.normal(size=int(n)) for n in rng.choice([7, 60, 200, 500], size=300)]
    for one in many[::5]:
        one[len(one) // 2 :] += 4
    together = change_point.changes(many, 4.0)
    alone = [change_point.scan(one[None], strength=4.0)[0] for one in many]
    assert together == alone
    assert sum(one is not None for one in together) > 30


def test_fourteen_thousand_series_take_a_second() -> None:
    """240 samples each, a tenth of them changed. Half of the rate that was measured, for machines that are busy."""
    rows = np.random.default_rng(1).normal(size=(2000, 240))
    rows[:200, 120:180] += 3
    began = time.process_time()
    found = change_point.scan(rows, strength=5.0)
    assert len(rows) / (time.process_time() - began) > 7000
    assert sum(one is not None for one in found) >= 195
