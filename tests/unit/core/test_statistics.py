"""Robust statistics: a planted change is found where it is, and noise is not called one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import statistics
from afterword.core.case import Series
from afterword.core.statistics import Least
from afterword.model.evidence import Citation, Place
from afterword.model.time import SECOND, Span

CITE = Citation("E1", Place(0, 1, 1, 1))
NUMBERS = st.lists(st.integers(-1000, 1000), min_size=1, max_size=80).map(lambda v: np.array(v, dtype=np.float64))


def series(values: list[float], name: str = "error_rate", derived: str = "") -> Series:
    at = np.arange(len(values), dtype=np.int64) * SECOND
    return Series("shop", name, at, np.array(values, dtype=np.float64), CITE, derived=derived)


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


def test_errors_that_come_in_ones_and_twos_are_not_over_after_a_lucky_bin() -> None:
    """Two logins in ten fail for ten minutes: many bins hold few errors, some hold none, and then it is over for an hour."""
    failing = np.random.default_rng(5).poisson(2.0, 40).astype(float)
    failing[39] = 3.0
    values = [0.0] * 80 + failing.tolist() + [0.0] * 200
    counted = series(values, "error lines", "counted from log lines")
    assert statistics.back_inside(counted, Span(0, 79 * SECOND), Span(80 * SECOND, 400 * SECOND)) == 120 * SECOND
    # The same numbers of something else have no reason to be zero.
    other = series(values, "log lines", "counted from log lines")
    assert statistics.back_inside(other, Span(0, 79 * SECOND), Span(80 * SECOND, 400 * SECOND)) != 120 * SECOND


def test_one_bad_hour_in_two_healthy_days_is_no_habit_and_a_nightly_job_is_one() -> None:
    """Availability falls to 95 % for three samples. It did so once two days ago: that hides nothing. It does so every
    few hours: then it is usual.
    """
    now, least = np.array([95.0, 95.0, 95.0]), Least(0.5, 0.005)
    once, often = np.full(576, 100.0), np.full(576, 100.0)
    once[10:20] = 94.0
    for start in range(0, 576, 48):
        often[start : start + 4] = 94.0
    assert statistics.calibrated(once, now, least) == statistics.shift(once, now, least) == -10.0
    assert abs(statistics.calibrated(often, now, least)) < 1


def test_a_share_that_never_leaves_its_ceiling_counts_what_is_lost() -> None:
    """Two of five samples at 98 and 99 %: the median is perfect, and in 500 samples before not one request failed."""
    lost = statistics.lost_shift(
        series([1.0], "availability"), np.full(500, 100.0), np.array([100, 98, 99, 100, 100.0])
    )
    assert lost < -3


def test_a_share_that_is_often_below_its_ceiling_is_no_rare_loss() -> None:
    """It wanders between 90 and 99 %; nor is a latency a share of anything."""
    usual, now = np.linspace(90, 99, 500), np.array([90.0, 91.0])
    assert statistics.lost_shift(series([1.0], "availability"), usual, now) == 0
    assert statistics.lost_shift(series([1.0], "latency"), np.full(500, 100.0), now) == 0


def test_losses_in_bursts_are_measured_by_their_own_bursts() -> None:
    """Every tenth sample loses 5 % as it is: one more such sample says nothing."""
    usual = np.where(np.arange(500) % 10 == 0, 95.0, 100.0)
    lost = statistics.lost_shift(series([1.0], "availability"), usual, np.array([100.0, 95.0, 100.0, 100.0]))
    assert -3 < lost <= 0


@pytest.mark.parametrize(
    ("sick", "well", "back"),
    [([1, 0, 2, 0, 1, 1, 0, 3], [0] * 20, 8), ([1, 0, 2, 0, 1, 1, 0, 3], [0, 0], None), ([1, 0, 1, 0] * 10, [], None)],
    ids=["it stopped", "a lucky bin", "it goes on"],
)
def test_rare_errors_are_over_when_their_number_says_so(sick: list[int], well: list[int], back: int | None) -> None:
    """Most bins held none while it lasted: one that holds none is no end."""
    usual = np.zeros(60)
    usual[7] = 1
    assert statistics.rare_end(np.array([*sick, *well], dtype=np.float64), usual) == back
