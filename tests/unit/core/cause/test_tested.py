"""A standby pump that is tested every so often: the chance that it does not start, by what a test does and how long it takes."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.core.cause.tested import complete, failed, failed_again, repaired_at_once, repaired_in_time

RATE = st.floats(1e-6, 1e-2)
LENGTH = st.floats(1.0, 500.0)


def test_at_the_time_of_a_test_it_counts_just_before_it() -> None:
    """A mission of a year and a test every 730 hours: the last test ends the mission. It is no reason to call the pump new."""
    assert float(repaired_at_once(1e-3, 730.0, 0.0, 8760.0)) == pytest.approx(1 - exp(-0.73))
    assert float(repaired_at_once(1e-3, 730.0, 0.0, 8761.0)) == pytest.approx(1 - exp(-0.001))


@pytest.mark.parametrize(
    ("between", "repair", "says"),
    [
        (4020, 4e-4, 0.817508), (2010, 4e-4, 0.736611), (120, 4e-4, 0.645377), (120, 7e-4, 0.511579), (120, 0.0, 0.997828),
    ],
)  # fmt: skip
def test_with_a_repair_that_takes_time_it_is_as_scram_says(between: float, repair: float, says: float) -> None:
    """To the six digits that SCRAM 0.16.2 prints."""
    assert float(repaired_in_time(7e-4, repair, between, 4740.0, 8760.0)) == pytest.approx(says, rel=1e-5)


@pytest.mark.parametrize(
    ("time", "at_hand", "says"), [(8760, 1, 0.668316), (8760, 0, 0.668316), (4750, 0, 1.0), (4870, 0, 0.996715), (8710, 0, 0.997478)]
)  # fmt: skip
def test_with_a_test_that_takes_time_it_is_as_scram_says(time: float, at_hand: int, says: float) -> None:
    found = complete(7e-4, 6e-4, 4e-4, 120.0, 4740.0, 0.01, 20.0, at_hand, 0.9, 0.01, float(time))
    assert float(found) == pytest.approx(says, rel=1e-5)


@settings(max_examples=100, deadline=None)
@given(RATE, LENGTH, LENGTH, LENGTH)
def test_a_repair_in_no_time_is_a_repair_at_once_and_no_repair_is_none(
    rate: float, between: float, first: float, time: float
) -> None:
    assert (
        float(repaired_in_time(rate, 1e9, between, first, time + 0.5))
        == pytest.approx(float(repaired_at_once(rate, between, first, time + 0.5)), rel=1e-6, abs=1e-9)
        or abs((time + 0.5 - first) % between) < 1e-6
    )
    assert float(repaired_in_time(rate, 0.0, between, first, time)) == pytest.approx(
        float(failed(rate, time)), rel=1e-9
    )


@settings(max_examples=100, deadline=None)
@given(RATE, RATE, LENGTH, LENGTH, LENGTH)
def test_a_perfect_test_in_no_time_is_the_test_of_five_inputs(
    rate: float, repair: float, between: float, first: float, time: float
) -> None:
    whole = complete(rate, rate, repair, between, first, 0.0, 0.0, 1, 1.0, 0.0, time)
    assert float(whole) == pytest.approx(float(repaired_in_time(rate, repair, between, first, time)), rel=1e-9)


@settings(max_examples=100, deadline=None)
@given(RATE, LENGTH)
def test_equal_rates_are_no_gap(rate: float, time: float) -> None:
    beside = float(failed_again(rate * (1 + 1e-5), rate, time))
    assert float(failed_again(rate, rate, time)) == pytest.approx(beside, rel=1e-3, abs=1e-9)


def test_many_draws_at_once_are_each_what_they_are_alone() -> None:
    rates = np.array([1e-4, 7e-4, 3e-3])
    between = np.array([120.0, 500.0, 4020.0])
    together = complete(rates, rates, 4e-4, between, 100.0, 0.01, 10.0, 0, 0.9, 0.02, 8760.0)
    alone = [
        float(complete(rate, rate, 4e-4, every, 100.0, 0.01, 10.0, 0, 0.9, 0.02, 8760.0))
        for rate, every in zip(rates, between, strict=True)
    ]
    assert together.tolist() == pytest.approx(alone)
