"""Functions over ranges: rates of counters, statistics over time, lines through samples. Written from the documentation
of Prometheus; its source (promql/functions.go) decides where that is silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql.gather import quantile
from afterword.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from afterword.core.promql.track import Windows
    from afterword.core.promql.vector import Row

#: Samples that are laid side by side at once.
_AT_ONCE = 2_000_000


def over(function: str, found: Windows, parameter: NDArray[np.float64] | None) -> Row:
    """The function over each range, and where it has an answer. ``parameter``: its number at each time."""
    if function in _LINES:
        return _line(function, found, parameter)
    if function in _FROM_ENDS:
        value, there = _FROM_ENDS[function](found)
        return value, there
    there = found.count >= 1
    if function == "count_over_time":
        return found.count.astype(np.float64), there
    if function in ("present_over_time", "absent_over_time"):
        return np.ones(len(found)), there
    return _each(found, _STATISTICS.get(function) or _quantiles(parameter)), there


# ------------------------------------------------------------------------------------------- counters and gauges


def extrapolated(found: Windows, *, counter: bool) -> Row:
    """What rate, increase and delta rest on: resets added, and extended to the ends of the range when those are near
    (within 1.1 of the usual distance of samples), else by half of that distance; a counter never to below zero.
    """
    there = found.count >= 2
    if not np.any(there):
        return np.zeros(len(found)), there
    first, last = np.where(there, found.low, 0), np.where(there, found.high - 1, 1)
    at, value = found.at, found.value
    dropped = np.concatenate(([0.0], np.cumsum(np.where(np.diff(value) < 0, value[:-1], 0.0))))
    grown = value[last] - value[first] + ((dropped[last] - dropped[first]) if counter else 0.0)
    sampled = (at[last] - at[first]) / SECOND
    with np.errstate(all="ignore"):
        between = sampled / (last - first)
        before = (at[first] - (found.end - found.width)) / SECOND
        after = (found.end - at[last]) / SECOND
        if counter:
            to_zero = sampled * (value[first] / grown)
            near = (grown > 0) & (value[first] >= 0) & (to_zero < before)
            before = np.where(near, to_zero, before)
        limit = between * 1.1
        covered = sampled + np.where(before < limit, before, between / 2) + np.where(after < limit, after, between / 2)
        return grown * (covered / sampled), there


def _rate(found: Windows) -> Row:
    value, there = extrapolated(found, counter=True)
    return value / (found.width / SECOND), there


def _last_two(found: Windows, *, per_second: bool) -> Row:
    there = found.count >= 2
    last = np.where(there, found.high - 1, 1) if len(found.at) > 1 else np.zeros(len(found), dtype=np.int64)
    before = np.maximum(last - 1, 0)
    if not np.any(there):
        return np.zeros(len(found)), there
    now, then = found.value[last], found.value[before]
    change = np.where(per_second & (now < then), now, now - then)
    if not per_second:
        return change, there
    with np.errstate(all="ignore"):
        return change / ((found.at[last] - found.at[before]) / SECOND), there


def _counted(found: Windows, marks: NDArray[np.bool_]) -> Row:
    """How often a mark stands between the samples of a range."""
    there = found.count >= 1
    so_far = np.concatenate(([0], np.cumsum(marks))) if len(found.at) else np.zeros(1)
    first, last = np.where(there, found.low, 0), np.where(there, found.high - 1, 0)
    return (so_far[last] - so_far[first]).astype(np.float64), there


def _last(found: Windows) -> Row:
    there = found.count >= 1
    return (found.value[np.where(there, found.high - 1, 0)] if len(found.at) else np.zeros(len(found))), there


def _changed(value: NDArray[np.float64]) -> NDArray[np.bool_]:
    both = np.isnan(value[1:]) & np.isnan(value[:-1])
    changed: NDArray[np.bool_] = (value[1:] != value[:-1]) & ~both
    return changed


_FROM_ENDS: Mapping[str, Callable[[Windows], Row]] = {
    "rate": _rate,
    "increase": lambda found: extrapolated(found, counter=True),
    "delta": lambda found: extrapolated(found, counter=False),
    "irate": lambda found: _last_two(found, per_second=True),
    "idelta": lambda found: _last_two(found, per_second=False),
    "changes": lambda found: _counted(found, _changed(found.value)),
    "resets": lambda found: _counted(found, np.diff(found.value) < 0),
    "last_over_time": _last,
}

# ------------------------------------------------------------------------------------------- statistics over time


def _each(
    found: Windows, statistic: Callable[[NDArray[np.float64], NDArray[np.bool_], slice], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """The samples of many ranges side by side, with a mask of those that belong."""
    made = np.zeros(len(found))
    longest = int(found.count.max(initial=0))
    rows = max(1, _AT_ONCE // max(longest, 1))
    for start in range(0, len(found) if longest else 0, rows):
        part = slice(start, start + rows)
        at = found.low[part, None] + np.arange(longest)
        inside = at < found.high[part, None]
        with np.errstate(all="ignore"):
            made[part] = statistic(found.value[np.minimum(at, len(found.value) - 1)], inside, part)
    return made


def _sum(value: NDArray[np.float64], inside: NDArray[np.bool_], _part: slice) -> NDArray[np.float64]:
    total: NDArray[np.float64] = np.sum(np.where(inside, value, 0.0), axis=1)
    return total


def _mean(value: NDArray[np.float64], inside: NDArray[np.bool_], part: slice) -> NDArray[np.float64]:
    found: NDArray[np.float64] = _sum(value, inside, part) / np.sum(inside, axis=1)
    return found


def _variance(value: NDArray[np.float64], inside: NDArray[np.bool_], part: slice) -> NDArray[np.float64]:
    apart = np.where(inside, value - _mean(value, inside, part)[:, None], 0.0)
    found: NDArray[np.float64] = np.sum(apart * apart, axis=1) / np.sum(inside, axis=1)
    return found


def _most(value: NDArray[np.float64], inside: NDArray[np.bool_], _part: slice) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.fmax.reduce(np.where(inside, value, np.nan), axis=1)
    return found


def _least(value: NDArray[np.float64], inside: NDArray[np.bool_], _part: slice) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.fmin.reduce(np.where(inside, value, np.nan), axis=1)
    return found


def _quantiles(
    parameter: NDArray[np.float64] | None,
) -> Callable[[NDArray[np.float64], NDArray[np.bool_], slice], NDArray[np.float64]]:
    assert parameter is not None

    def statistic(value: NDArray[np.float64], inside: NDArray[np.bool_], part: slice) -> NDArray[np.float64]:
        rows = zip(parameter[part].tolist(), value, inside, strict=True)
        return np.array([quantile(q, row[mask]) for q, row, mask in rows])

    return statistic


_STATISTICS: Mapping[str, Callable[[NDArray[np.float64], NDArray[np.bool_], slice], NDArray[np.float64]]] = {
    "sum_over_time": _sum,
    "avg_over_time": _mean,
    "max_over_time": _most,
    "min_over_time": _least,
    "stdvar_over_time": _variance,
    "stddev_over_time": lambda value, inside, part: np.sqrt(_variance(value, inside, part)),
}

# ------------------------------------------------------------------------------------------- lines


def _line(function: str, found: Windows, parameter: NDArray[np.float64] | None) -> Row:
    """Least squares through the samples: its slope a second, or its value so many seconds ahead."""
    there = found.count >= 2
    ahead = np.zeros(len(found)) if parameter is None else parameter

    def statistic(value: NDArray[np.float64], inside: NDArray[np.bool_], part: slice) -> NDArray[np.float64]:
        at = found.low[part, None] + np.arange(value.shape[1])
        taken = found.at[np.minimum(at, len(found.at) - 1)]
        origin = taken[:, :1] if function == "deriv" else found.now[part, None]
        x = np.where(inside, (taken - origin) / SECOND, 0.0)
        y = np.where(inside, value, 0.0)
        n = np.sum(inside, axis=1)
        mean_x, mean_y = np.sum(x, axis=1) / n, np.sum(y, axis=1) / n
        apart = np.where(inside, x - mean_x[:, None], 0.0)
        level = np.where(inside, y - y[:, :1], 0.0)
        flat = ~np.any(level, axis=1)
        raw = np.sum(apart * level, axis=1) / np.sum(apart * apart, axis=1)
        slope: NDArray[np.float64] = np.where(flat, 0.0, raw)
        if function == "deriv":
            return slope
        foot: NDArray[np.float64] = np.where(flat, y[:, 0], mean_y - slope * mean_x)
        return foot + slope * ahead[part]

    return _each(found, statistic), there


_LINES = frozenset(("deriv", "predict_linear"))
#: With the place of their range among the arguments, and the place of their number (-1: none).
RANGED: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys((*_FROM_ENDS, *_STATISTICS), (0, -1)),
    **dict.fromkeys(("count_over_time", "present_over_time", "absent_over_time", "deriv"), (0, -1)),
    "quantile_over_time": (1, 0),
    "predict_linear": (0, 1),
}
