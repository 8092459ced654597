"""A test that watches: when it could first have said that a series has risen, without a look at what came later."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.statistics import Least

#: Half of the smallest rise that is looked for, in spreads; and the most that one sample says.
_HALF, _MOST = 0.5, 12.0
#: Standard error of a median, in spreads, times the root of the number of samples.
_ERROR_OF_MEDIAN = 1.2533
#: What the healthy stretch itself has reached is exceeded by so much before it is an alarm.
_OVER = 1.25
#: Siegmund (1985): a bound behaves like one that lies so much higher, because samples overshoot it.
_OVERSHOOT = 1.166


def first_alarm(usual: NDArray[np.float64], now: NDArray[np.float64], least: Least, chance: float) -> int | None:
    """Row of ``now`` at which the cumulative sum (Page 1954) passes its bound; None where it never does.

    ``chance``: of a false alarm in as many healthy samples as ``usual`` has.
    """
    middle, spread = float(np.median(usual)), statistics.scale(usual, least)
    # The usual itself is known to so many spreads only.
    unsure = _ERROR_OF_MEDIAN / math.sqrt(len(usual))
    # So many spreads away that it is no number any more is as far as one sample counts.
    with np.errstate(over="ignore"):
        before, after = (usual - middle) / spread, (now - middle) / spread
    bound = max(bound_of(len(usual), chance), _OVER * float(_sums(before).max(initial=0.0)))
    alarms = np.flatnonzero(_sums(after - unsure) > bound)
    return int(alarms[0]) if len(alarms) else None


def _sums(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of what each sample lies above, started again whenever it falls below nothing."""
    total = np.cumsum(np.clip(z, -_MOST, _MOST) - _HALF)
    # A sum that never goes below zero is the walk less its lowest point so far.
    lowest = np.minimum.accumulate(np.minimum(total, 0.0))
    made: NDArray[np.float64] = total - np.minimum(np.concatenate(([0.0], lowest[:-1])), total)
    return made


def bound_of(samples: int, chance: float) -> float:
    """The bound at which so many healthy samples raise a false alarm with that chance (Siegmund 1985, by bisection)."""
    wanted = samples / chance
    low, high = 0.0, 60.0
    for _ in range(40):
        middle = (low + high) / 2
        width = 2 * _HALF * (middle + _OVERSHOOT)
        run = (math.exp(width) - width - 1) / (2 * _HALF * _HALF)
        low, high = (middle, high) if run < wanted else (low, middle)
    return high
