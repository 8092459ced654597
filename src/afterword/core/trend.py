"""Durations over several incidents: medians with intervals, and a trend only where chance does not explain it."""

from __future__ import annotations

import math
from itertools import combinations, permutations
from typing import TYPE_CHECKING

import numpy as np

from afterword.model.incident import DURATIONS, Measured, PointName
from afterword.model.lesson import Trend
from afterword.model.time import DAY, MINUTE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.model.postmortem import Postmortem

ALPHA = 0.05
#: With fewer incidents no trend is ever claimed: the smallest possible p of four values is 2/24.
LEAST = 5


def trends(postmortems: Sequence[Postmortem]) -> tuple[Trend, ...]:
    """One trend for every duration of the house; an incident without a value is named with its reason, never counted as 0."""
    ordered = sorted(postmortems, key=lambda one: (_began(one), one.incident))
    return tuple(_trend(ordered, name, start, end) for name, start, end in DURATIONS)


def _began(postmortem: Postmortem) -> int:
    return next((point.at for point in postmortem.points if point.name is PointName.STARTED), postmortem.covered.start)


def _trend(ordered: Sequence[Postmortem], name: str, start: PointName, end: PointName) -> Trend:
    values: list[tuple[str, float]] = []
    days: list[float] = []
    left_out: list[tuple[str, str]] = []
    for one in ordered:
        duration = next((each for each in one.durations if each.name == name), None)
        if duration is not None and duration.state is Measured.RECORDED and duration.ns is not None:
            values.append((one.incident, duration.ns / MINUTE))
            days.append(_began(one) / DAY)
        else:
            unknown = duration is None or duration.state is Measured.RECORDED
            left_out.append((one.incident, "not known" if unknown or duration is None else str(duration.state)))
    numbers = [value for _, value in values]
    low, high = interval(numbers)
    return Trend(
        name=name,
        start=str(start),
        end=str(end),
        n=len(values),
        values=tuple(values),
        median=float(np.median(numbers)) if numbers else None,
        low=low,
        high=high,
        says=describe(days, numbers),
        left_out=tuple(left_out),
    )


def interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """A 95 % interval for the median from order statistics: no assumption about the distribution, none below six values.

    The k-th value from either end is outside the median with probability P(Bin(n, 1/2) < k) (Thompson 1936).
    """
    n = len(values)
    k, tail = 0, 0.0
    while k < n:
        tail += math.comb(n, k) / 2**n
        if 2 * tail > ALPHA:
            break
        k += 1
    if k == 0:
        return None, None
    ordered = sorted(values)
    return ordered[k - 1], ordered[n - k]


def describe(days: Sequence[float], values: Sequence[float]) -> str:
    """What the test found, in a sentence that always carries n."""
    n = len(values)
    if n == 0:
        return "no value (n=0)"
    note = "" if n >= 6 else "; too few for an interval of the median"
    if n < 2:
        return f"cannot be told from chance (n={n}){note}"
    p = mann_kendall(values)
    if n < LEAST or p >= ALPHA:
        return f"cannot be told from chance (n={n}, p={p:.2g}){note}"
    slope = 30 * theil_sen(days, values)
    way = "rises" if slope > 0 else "falls"
    return f"{way} by about {abs(slope):.3g} minutes in 30 days (Theil-Sen; Mann-Kendall n={n}, p={p:.2g}){note}"


def score(values: Sequence[float]) -> int:
    """Pairs that go up minus pairs that go down, in the order given."""
    return sum((b > a) - (b < a) for a, b in combinations(values, 2))


def mann_kendall(values: Sequence[float]) -> float:
    """Two-sided p of no trend: exact without ties, exact by permutation with ties up to eight values, else normal."""
    n, s = len(values), abs(score(values))
    if len(set(values)) == n and n <= 100:
        return _exact(n, s)
    if n <= 8:
        scores = [abs(score(order)) for order in permutations(values)]
        return sum(one >= s for one in scores) / len(scores)
    return _normal(values, s)


def _exact(n: int, s: int) -> float:
    """The null distribution of the score is that of inversions (Kendall 1938), counted by adding one value at a time."""
    counts = [1]
    for size in range(2, n + 1):
        new = [0] * (len(counts) + size - 1)
        for at, count in enumerate(counts):
            for shift in range(size):
                new[at + shift] += count
        counts = new
    pairs = n * (n - 1) // 2
    extreme = sum(count for inversions, count in enumerate(counts) if abs(pairs - 2 * inversions) >= s)
    return extreme / math.factorial(n)


def _normal(values: Sequence[float], s: int) -> float:
    """Normal approximation with the correction for ties and for continuity (Kendall 1975)."""
    n = len(values)
    ties = [list(values).count(value) for value in set(values)]
    variance = (n * (n - 1) * (2 * n + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)) / 18
    if variance <= 0 or s == 0:
        return 1.0
    return math.erfc((s - 1) / math.sqrt(2 * variance))


def theil_sen(days: Sequence[float], values: Sequence[float]) -> float:
    """The median slope over all pairs (Sen 1968), minutes a day."""
    slopes = [
        (v2 - v1) / (d2 - d1) for (d1, v1), (d2, v2) in combinations(zip(days, values, strict=True), 2) if d2 != d1
    ]
    return float(np.median(slopes)) if slopes else 0.0
