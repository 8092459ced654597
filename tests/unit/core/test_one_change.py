"""The second method for finalists: the same change that ruptures finds by trying all of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import change_point, one_change, onset


@given(st.lists(st.integers(-50, 50), min_size=2, max_size=40))
def test_no_other_place_leaves_less(values: list[int]) -> None:
    x = np.array(values, dtype=np.float64)
    row = one_change.split(x)
    left = [((x[:k] - x[:k].mean()) ** 2).sum() + ((x[k:] - x[k:].mean()) ** 2).sum() for k in range(1, len(x))]
    if row is None:
        assert np.ptp(x) == 0
    else:
        assert left[row - 1] <= min(left) + 1e-6


@pytest.mark.parametrize("least", [1, 3])
def test_it_is_the_change_that_ruptures_finds(least: int) -> None:
    """The peer by dynamic programming, which is exact too, on a hundred seeded series."""
    ruptures = pytest.importorskip("ruptures", reason="the peer is not installed")
    for seed in range(100):
        rng = np.random.default_rng(seed)
        values = rng.normal(size=80)
        values[int(rng.integers(5, 75)) :] += rng.choice([0.5, 2.0, 6.0])
        theirs = ruptures.Dynp(model="l2", min_size=least, jump=1).fit(values[:, None]).predict(n_bkps=1)[0]
        assert one_change.split(values, least) == theirs


def test_the_finalists_of_the_scan_are_dated_alike() -> None:
    """Steps of four spreads that the scan sees: both methods name the same sample in nine of ten, and nobody is far off."""
    apart = []
    for seed in range(100):
        rng = np.random.default_rng(500 + seed)
        began = int(rng.integers(60, 100))
        values = rng.normal(size=140)
        values[began:] += 4
        found = change_point.scan(values[None], strength=5.0)[0]
        assert found is not None
        gap = onset.gap(values, found.start, found.end)
        row = one_change.split(values)
        assert gap is not None
        assert row is not None
        apart.append(max(gap.first - row, row - gap.last, 0))
    assert np.mean(np.array(apart) == 0) >= 0.9
    assert max(apart) <= 2


def test_where_nothing_moves_there_is_no_change() -> None:
    assert one_change.split(np.ones(20)) is None
    assert one_change.split(np.ones(1)) is None
    assert one_change.split(np.array([0.0, 1.0, 1.0]), least=2) is None
