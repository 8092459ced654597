"""Medians and percentiles of one series are those of numpy, to the last bit."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import quantile

VALUES = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=60).map(np.array)


@given(values=VALUES)
def test_the_median_is_that_of_numpy(values: np.ndarray) -> None:
    assert quantile.median(values) == np.median(values)


@given(values=VALUES, share=st.integers(0, 100))
def test_percentiles_are_those_of_numpy(values: np.ndarray, share: int) -> None:
    assert quantile.percentiles(values, (share, 50)) == np.percentile(values, [share, 50]).tolist()


def test_what_is_no_number_makes_no_number() -> None:
    gap = np.array([1.0, math.nan, 2.0])
    assert math.isnan(quantile.median(gap))
    assert math.isnan(quantile.percentiles(gap, (25,))[0])
    assert math.isnan(quantile.median(np.array([])))
