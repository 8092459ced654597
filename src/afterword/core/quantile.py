"""Medians and percentiles of one series: to the last bit those of numpy, without what numpy does for other shapes.

A case has thousands of series of some hundred samples each; for these most of numpy's time goes into finding out that the
array is a plain one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


def median(values: NDArray[np.float64]) -> float:
    """The middle value, or the mean of the two middle ones; NaN for no values, or where one is NaN."""
    return of_sorted(np.sort(values))


def of_sorted(values: NDArray[np.float64]) -> float:
    """The median of values in order."""
    count = len(values)
    if not count or values[-1] != values[-1]:
        return float("nan")
    half = count // 2
    return float(values[half]) if count % 2 else float((values[half - 1] + values[half]) / 2)


def percentiles(values: NDArray[np.float64], shares: Sequence[float]) -> list[float]:
    """Percentiles of values in any order, between two samples by the straight line through them."""
    return [percentile_of_sorted(values, share) for values in [np.sort(values)] for share in shares]


def percentile_of_sorted(values: NDArray[np.float64], share: float) -> float:
    """One percentile of values in order; ``share`` is 0 to 100, and there is a value."""
    if values[-1] != values[-1]:
        return float("nan")
    at = (share / 100) * (len(values) - 1)
    below = int(at)
    low = float(values[below])
    high = float(values[min(below + 1, len(values) - 1)])
    part = at - below
    # From the nearer end, as numpy does it: at an end it is that sample, bit by bit.
    return low + (high - low) * part if part < 0.5 else high - (high - low) * (1 - part)
