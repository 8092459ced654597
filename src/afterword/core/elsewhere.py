"""What one measure does in healthy times anywhere: how far its windows stray from the usual in all components together.

A latency that is 5 ms and, once in a while in some pod or other, an hour, says little when it is an hour once more. A pod's own
short past may not show that; those of all pods do. The null is empirical: the windows of the healthy past of every series of
the same name, as long as the incident.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import few, statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.window import Found

#: So many components have to have a measure, and so many windows, before they tell what is usual for it.
_COMPONENTS, _WINDOWS = 8, 40
#: What a shift of the outer fifths counts beside one of the middle.
PART = 0.7


def limits(series: Sequence[Series], found: Found) -> dict[int, float]:
    """For each series, by identity, the most that its shift may be taken for; nothing where too few others have it."""
    groups: dict[str, list[Series]] = defaultdict(list)
    for one in series:
        groups[one.indicator].append(one)
    many = Counter(one.component for one in series)
    made: dict[int, float] = {}
    for mine in groups.values():
        if len({one.component for one in mine}) >= _COMPONENTS:
            made.update(_of_group(mine, many, found))
    return made


def _of_group(mine: Sequence[Series], many: Counter[str], found: Found) -> dict[int, float]:
    null: list[NDArray[np.float64]] = []
    raw: list[tuple[Series, float]] = []
    for one in mine:
        usual, now = few.usual(one, found.baseline, found.block, found.window.start), one.within(found.window)
        if len(usual) < few.ENOUGH or not len(now):
            continue
        spread = statistics.scale(usual, statistics.least_spread(one))
        centre = np.percentile(usual, (20, 50, 80))
        raw.append((one, float(_strays(now[None, :], centre, spread)[0])))
        width = min(len(now), len(usual) // 2)
        windows = np.lib.stride_tricks.sliding_window_view(usual, width)[:: max(1, width // 2)]
        null.append(_strays(windows, centre, spread))
    strays = np.sort(np.concatenate(null)) if null else np.empty(0)
    if len(strays) < _WINDOWS:
        return {}
    return {id(one): 2 ** _bits(away, strays, many[one.component]) - 1 for one, away in raw}


def _bits(away: float, strays: NDArray[np.float64], tries: int) -> float:
    """Surprise in bits at a series so far away, when as many of its component were looked at, for the farthest of them.

    Beyond what was ever seen the tail is taken to be as heavy as one over the distance.
    """
    farther = len(strays) - int(np.searchsorted(strays, away))
    beyond = max(0.0, math.log2(away / max(float(strays[-1]), 1.0))) if away > 0 else 0.0
    return max(0.0, math.log2((len(strays) + 1) / (farther + 1)) + beyond - math.log2(tries))


def _strays(windows: NDArray[np.float64], centre: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
    """How far the middle of each window, or one of its outer fifths, lies from that of the usual, in spreads."""
    apart = np.abs(np.percentile(windows, (20, 50, 80), axis=1) - centre[:, None]) / spread
    found: NDArray[np.float64] = np.maximum(apart[1], PART * np.maximum(apart[0], apart[2]))
    return found
