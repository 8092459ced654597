"""Robust statistics: a planted change is found where it is, and noise is not called one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import statistics
from afterword.core.case import Series
from afterword.core.statistics import Change, Least
from afterword.model.evidence import Citation, Place
from afterword.model.time import SECOND, Span

CITE = Citation("E1", Place(0, 1, 1, 1))
NUMBERS = st.lists(st.integers(-1000, 1000), min_size=1, max_size=80).map(lambda v: np.array(v, dtype=np.float64))


def series(values: list[float], name: str = "error_rate", derived: str = "") -> Series:
    at = np.arange(len(values), dtype=np.int64) * SECOND
    return Series("shop", name, at, np.array(values, dtype=np.float64), CITE, derived=derived)


def noise(seed: int, n: int = 120) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(n)


@given(NUMBERS)
def test_a_spread_is_never_zero(values: np.ndarray) -> None:
    """Something that stood still for an hour is divided by all the same."""
    assert statistics.scale(values) > 0
    assert statistics.scale(np.empty(0)) == 1.0


@given(NUMBERS, NUMBERS)
def test_what_rises_from_one_falls_from_the_other(one: np.ndarray, other: np.ndarray) -> None:
    assert np.sign(statistics.shift(one, other)) == -np.sign(statistics.shift(other, one))
    assert statistics.shift(one, one) == 0.0
    assert statistics.shift(one, np.empty(0)) == 0.0


@given(NUMBERS, NUMBERS)
def test_calibration_only_ever_lowers_a_shift(one: np.ndarray, other: np.ndarray) -> None:
    raw, made = statistics.shift(one, other), statistics.calibrated(one, other)
    assert abs(made) <= abs(raw)
    assert raw * made >= 0


def test_a_series_that_wanders_by_itself_is_given_less_credit() -> None:
    """Two baselines with the same spread: in one, stretches as far off as the incident were there before."""
    calm = np.tile([0.0, 1.0], 40)
    wandering = np.repeat([0.0, 1.0], 40)
    now = np.full(10, 3.0)
    assert statistics.calibrated(wandering, now) <= statistics.calibrated(calm, now)


@given(NUMBERS)
def test_scores_are_centred_and_equal_values_have_equal_ones(values: np.ndarray) -> None:
    scores = statistics.normal_scores(values)
    assert abs(scores.mean()) < 1e-9
    assert scores.std() == pytest.approx(1.0) or np.ptp(values) == 0
    for value in set(values.tolist()):
        assert len(set(scores[values == value].tolist())) == 1


@given(NUMBERS, st.integers(1, 9), st.integers(-100, 100))
def test_the_unit_of_a_series_does_not_matter(values: np.ndarray, factor: int, offset: int) -> None:
    """Milliseconds or seconds, Celsius or Kelvin: the same change, as strong."""
    assert statistics.epidemic(values) == statistics.epidemic(values * factor + offset)


@given(NUMBERS)
def test_upside_down_is_the_same_change_the_other_way(values: np.ndarray) -> None:
    one, other = statistics.epidemic(values), statistics.epidemic(-values)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one.strength == pytest.approx(other.strength)
        assert 3 <= one.start < one.end <= len(values)


@pytest.mark.parametrize(("start", "end"), [(60, 120), (40, 70), (20, 30), (100, 120)])
def test_a_planted_stretch_is_found_where_it_is(start: int, end: int) -> None:
    values = noise(7)
    values[start:end] += 6
    found = statistics.epidemic(values)
    assert found is not None
    assert (abs(found.start - start), abs(found.end - end)) <= (1, 1)
    assert found.direction == 1
    assert found.strength > 5


def test_noise_is_seldom_called_a_change() -> None:
    """The bound of 5 sigmas that the search for an incident uses, on two hundred series in which nothing happens."""
    strengths = [found.strength for seed in range(200) if (found := statistics.epidemic(noise(seed)))]
    assert sum(strength > 5 for strength in strengths) <= 4


@pytest.mark.parametrize("values", [[], [1.0], [1.0] * 7, [5.0] * 50])
def test_too_little_or_nothing_moving_is_no_change(values: list[float]) -> None:
    assert statistics.epidemic(np.array(values)) is None


def test_the_run_that_leads_into_a_change_belongs_to_it() -> None:
    """It crept up over three samples before it jumped."""
    values = np.array([10.0, 10.1, 9.9] * 10 + [12, 14, 17] + [40.0] * 10)
    assert statistics.walk_back(values, Change(33, 43, 9.0, 1)) == 30


@pytest.mark.parametrize(
    ("tail", "back"),
    [
        ([9.0] * 10 + [1.0] * 10, 40),
        ([9.0] * 20, None),
        ([9.0] * 10 + [1.0] * 8 + [9.0] * 2, None),
        ([9.0] * 5 + [1.0] + [9.0] * 4 + [1.0] * 10, 40),
    ],
    ids=["it came back", "it did not", "it went away again", "a lull is no end"],
)
def test_when_a_series_came_back_for_good(tail: list[float], back: int | None) -> None:
    one = series([1.0, 1.1, 0.9] * 10 + tail)
    found = statistics.back_inside(one, Span(0, 29 * SECOND), Span(30 * SECOND, 60 * SECOND))
    assert found == (None if back is None else back * SECOND)


def test_a_latency_that_lost_nearly_all_of_its_rise_is_back_and_an_error_rate_is_not() -> None:
    values = [0.01, 0.012] * 15 + [1.0] * 10 + [0.04] * 10
    spans = Span(0, 29 * SECOND), Span(30 * SECOND, 60 * SECOND)
    assert statistics.back_inside(series(values, "latency_seconds"), *spans) == 40 * SECOND
    assert statistics.back_inside(series(values, "error_ratio"), *spans) is None


def test_the_least_spread_of_counts_shares_and_the_rest() -> None:
    assert statistics.least_spread(series([0, 0, 3], "errors", "counted from log lines")) == Least(1.0)
    assert statistics.least_spread(series([100.0, 99.0], "availability")).share < statistics.RELATIVE_FLOOR
    assert statistics.least_spread(series([1.0, 2.0, 3.0], "failures")).still == 1.0
    assert statistics.least_spread(series([0.1, 10.0], "latency")).still == pytest.approx(0.2)


def test_the_usual_step_survives_a_hole() -> None:
    assert statistics.step_of(np.array([0, 10, 20, 500, 510])) == 10
    assert statistics.step_of(np.array([7])) == 0
