"""A test that watches: it says so soon after a change, and seldom without one."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.core import sequential
from afterword.core.statistics import NOTHING


def noise(seed: int, n: int = 120) -> np.ndarray:
    return 100 + 10 * np.random.default_rng(seed).standard_normal(n)


def test_false_alarms_are_as_rare_as_they_are_said_to_be() -> None:
    """A thousand healthy stretches, each tested by the healthy stretch before it."""
    alarms = [sequential.first_alarm(noise(2 * k), noise(2 * k + 1), NOTHING, 0.05) is not None for k in range(1000)]
    assert np.mean(alarms) <= 0.05


@pytest.mark.parametrize(("height", "most"), [(200.0, 1), (40.0, 4), (15.0, 14)])
def test_it_says_so_the_sooner_the_plainer_the_change_is(height: float, most: int) -> None:
    """Four spreads are plain after a few samples, one and a half after a dozen; twenty at once."""
    rows = [sequential.first_alarm(noise(k), noise(1000 + k) + height, NOTHING, 0.05) for k in range(50)]
    assert None not in rows
    assert np.median([row for row in rows if row is not None]) <= most


def test_what_came_later_changes_nothing() -> None:
    """It sees only the past: the answer is the same when the evidence ends right after it."""
    now = noise(7) + np.r_[np.zeros(40), np.full(80, 40.0)]
    row = sequential.first_alarm(noise(6), now, NOTHING, 0.05)
    assert row is not None
    assert row >= 40
    assert sequential.first_alarm(noise(6), now[: row + 1], NOTHING, 0.05) == row
    assert sequential.first_alarm(noise(6), now[:row], NOTHING, 0.05) is None


def test_the_bound_grows_with_the_number_of_series() -> None:
    assert sequential.bound_of(120, 0.05) < sequential.bound_of(120, 0.05 / 1000) < 20
