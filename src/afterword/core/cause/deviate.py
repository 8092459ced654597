"""Uncertain numbers: the distributions of Open-PSA, each with its mean and how it is drawn."""

from __future__ import annotations

from math import erf, sqrt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    Number = Any


class Deviate(NamedTuple):
    """``inputs``: fewest and most. ``wrong``: why its inputs cannot be, empty where they can."""

    inputs: tuple[int, int]
    mean: Callable[..., Number]
    draw: Callable[..., Number]
    wrong: Callable[..., str]


def _uniform_wrong(low: Number, high: Number) -> str:
    return "" if np.all(low <= high) else "the lower end is above the upper one"


def _lognormal(mean: Number, factor: Number, level: Number | None = None) -> tuple[Number, Number]:
    """Mean and deviation of the logarithm. With three inputs: mean, error factor, and the level of the error factor."""
    if level is None:
        return mean, factor
    spread = np.log(factor) / _normal_quantile(float(np.mean(level)))
    return np.log(mean) - spread**2 / 2, spread


def _lognormal_wrong(mean: Number, factor: Number, level: Number | None = None) -> str:
    if level is None:
        return "" if np.all(factor >= 0) else "the deviation is negative"
    if not np.all(mean > 0):
        return "the mean is not positive"
    if not np.all(factor >= 1):
        return "the error factor is below 1"
    return "" if np.all((level > 0.5) & (level < 1)) else "the level is not between 0.5 and 1"


def _lognormal_mean(*inputs: Number) -> Number:
    mean, spread = _lognormal(*inputs)
    return np.exp(mean + spread**2 / 2)


def _lognormal_draw(generator: np.random.Generator, draws: int, *inputs: Number) -> Number:
    mean, spread = _lognormal(*inputs)
    return np.exp(generator.normal(mean, spread, draws))


def _normal_quantile(share: float) -> float:
    """By halving: the distribution function is known in closed form, its inverse is not."""
    low, high = 0.0, 40.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if (1 + erf(middle / sqrt(2))) / 2 < share else (low, middle)
    return (low + high) / 2


def _bins(inputs: tuple[Number, ...]) -> tuple[Number, Number]:
    """Ends of the bins and their weights: the lower end of the first, then upper end and weight of each."""
    ends = np.stack(np.broadcast_arrays(inputs[0], *inputs[1::2]))
    weights = np.stack(np.broadcast_arrays(*inputs[2::2]))
    return ends, weights


def _histogram_mean(*inputs: Number) -> Number:
    ends, weights = _bins(inputs)
    return np.sum((ends[1:] + ends[:-1]) / 2 * weights, axis=0) / np.sum(weights, axis=0)


def _histogram_draw(generator: np.random.Generator, draws: int, *inputs: Number) -> Number:
    ends, weights = _bins(inputs)
    if ends.ndim == 1:
        ends, weights = np.repeat(ends[:, None], draws, 1), np.repeat(weights[:, None], draws, 1)
    until = np.cumsum(weights, axis=0) / np.sum(weights, axis=0)
    at = np.sum(generator.random(draws) >= until[:-1], axis=0)
    column = np.arange(draws)
    return generator.uniform(ends[at, column], ends[at + 1, column])


def _histogram_wrong(*inputs: Number) -> str:
    ends, weights = _bins(inputs)
    if not np.all(np.diff(ends, axis=0) > 0):
        return "the ends of the bins do not grow"
    return "" if np.all(weights >= 0) and np.all(np.sum(weights, axis=0) > 0) else "the weights are not positive"


def _both_positive(a: Number, b: Number) -> str:
    return "" if np.all(a > 0) and np.all(b > 0) else "an input is not positive"


DEVIATES = {
    "uniform-deviate": Deviate((2, 2), lambda a, b: (a + b) / 2, lambda g, n, a, b: g.uniform(a, b, n), _uniform_wrong),
    "normal-deviate": Deviate(
        (2, 2),
        lambda mean, _: mean,
        lambda g, n, mean, spread: g.normal(mean, spread, n),
        lambda _, spread: "" if np.all(spread >= 0) else "the deviation is negative",
    ),
    "lognormal-deviate": Deviate((2, 3), _lognormal_mean, _lognormal_draw, _lognormal_wrong),
    "gamma-deviate": Deviate((2, 2), lambda k, s: k * s, lambda g, n, k, s: g.gamma(k, s, n), _both_positive),
    "beta-deviate": Deviate((2, 2), lambda a, b: a / (a + b), lambda g, n, a, b: g.beta(a, b, n), _both_positive),
    "histogram": Deviate((3, 10_001), _histogram_mean, _histogram_draw, _histogram_wrong),
}
