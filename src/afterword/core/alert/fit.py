"""Which kinds lead to one kind: links are added and taken away as long as that pays for itself (BIC)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

_TINY = 1e-300
_EM, _NEWTON, _LINE = 10, 40, 15
#: Fewer alerts of a kind than this tell nothing about what leads to it.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Design:
    """One effect: a row per alert of it, a column per background rate and per kind that may lead to it.

    ``mass[c]`` is the integral of column ``c`` over all components and times.
    """

    effect: int
    base: NDArray[np.float64]
    base_mass: Vector
    causes: NDArray[np.float64]
    mass: Vector
    #: Alerts of each kind a second, on the same component, before and after alike; and how many there are in all.
    around: NDArray[np.float64]
    around_mass: Vector


@dataclass(frozen=True, slots=True)
class Fitted:
    """``gains[n]``: what the likelihood loses without ``parents[n]``, in nats; ``weights`` has the background first."""

    parents: tuple[int, ...]
    weights: Vector
    gains: tuple[float, ...]

    def rate(self, design: Design) -> Vector:
        """The rate at each alert of the effect."""
        return np.asarray(_columns(design, self.parents) @ self.weights)


def select(design: Design, allowed: NDArray[np.bool_], forced: NDArray[np.bool_], price: float) -> Fitted:
    """Forward, then backward. A kind may always lead to itself: alerts that repeat explain themselves."""
    must = [design.effect, *(int(i) for i in np.flatnonzero(forced) if i != design.effect)]
    if len(design.base) < FEWEST:
        return Fitted(tuple(must), np.zeros(design.base.shape[1] + len(must)), (0.0,) * len(must))
    parents, level, weights = _forward(design, must, allowed, price)
    chosen = _backward(design, parents, len(must), level, weights, price)
    return _controlled(design, chosen, len(must), price) if len(chosen.parents) > len(must) else chosen


def _controlled(design: Design, chosen: Fitted, fixed: int, price: float) -> Fitted:
    """Only what also pays beside the same kinds before and after alike: two kinds of one storm come in either order.

    The control takes its part of true links too; how strong those are is told without it.
    """
    others = list(chosen.parents[fixed:])
    base = np.concatenate([design.base, design.around[:, others]], 1)
    masses = np.concatenate([design.base_mass, design.around_mass[others]])
    control = replace(design, base=base, base_mass=masses)
    strict = _backward(control, list(chosen.parents), fixed, *_climb(control, chosen.parents), price)
    _, weights = _climb(design, strict.parents)
    return Fitted(strict.parents, weights, strict.gains)


def _forward(design: Design, must: Sequence[int], allowed: NDArray[np.bool_], price: float) -> tuple[list[int], float, Vector]:  # fmt: skip
    parents = list(must)
    level, weights = _climb(design, parents)
    open_ = allowed & (design.causes > 0).any(0)
    open_[parents] = False
    while True:
        candidates = np.flatnonzero(open_)
        if not len(candidates):
            return parents, level, weights
        rate = _columns(design, parents) @ weights
        gains, sizes = alone(rate, design.causes[:, candidates], design.mass[candidates])
        # What explains nothing on its own explains nothing beside others.
        open_[candidates[gains <= 0]] = False
        best = int(np.argmax(gains))
        start = np.maximum(np.append(weights * 0.95, sizes[best]), 1e-15)
        higher, refit = _climb(design, [*parents, int(candidates[best])], start)
        if higher - level < price:
            return parents, level, weights
        parents, level, weights = [*parents, int(candidates[best])], higher, refit
        open_[candidates[best]] = False


def _backward(design: Design, parents: list[int], fixed: int, level: float, weights: Vector, price: float) -> Fitted:
    while True:
        without = {n: _climb(design, parents[:n] + parents[n + 1 :]) for n in range(fixed, len(parents))}
        gains = {n: level - lower for n, (lower, _) in without.items()}
        worst = min(gains, key=lambda n: gains[n], default=None)
        if worst is None or gains[worst] >= price:
            return Fitted(tuple(parents), weights, tuple(gains.get(n, np.inf) for n in range(len(parents))))
        level, weights = without[worst]
        parents = parents[:worst] + parents[worst + 1 :]


def _columns(design: Design, parents: Sequence[int]) -> NDArray[np.float64]:
    return np.concatenate([design.base, design.causes[:, list(parents)]], 1)


def _climb(design: Design, parents: Sequence[int], start: Vector | None = None) -> tuple[float, Vector]:
    """The highest likelihood with these parents, and its weights: concave, so that there is one summit."""
    columns = _columns(design, parents)
    mass = np.maximum(np.concatenate([design.base_mass, design.mass[list(parents)]]), _TINY)
    weights = len(columns) / len(mass) / mass if start is None else start
    for _ in range(_EM):
        weights = weights * (columns / (columns @ weights)[:, None]).sum(0) / mass
    level = float(np.log(columns @ weights).sum() - mass @ weights)
    for _ in range(_NEWTON):
        found = _step(columns, mass, weights, level)
        if found is None:
            break
        gained, (level, weights) = found[0] - level, found
        if gained < 1e-4:
            break
    return level, weights


def _step(columns: NDArray[np.float64], mass: Vector, weights: Vector, level: float) -> tuple[float, Vector] | None:
    """One Newton step that keeps weights at 0 or above; None when none goes up."""
    parts = columns / (columns @ weights)[:, None]
    slope = parts.sum(0) - mass
    free = (weights > 1e-14 / mass) | (slope > 0)
    curve = parts[:, free].T @ parts[:, free]
    scale = np.sqrt(np.diag(curve)) + _TINY
    solved = np.linalg.solve(curve / np.outer(scale, scale) + 1e-9 * np.eye(len(scale)), slope[free] / scale) / scale
    move = np.zeros_like(weights)
    move[free] = solved
    length = 1.0
    while length > 1e-4:
        there = np.maximum(weights + length * move, 0)
        rate = columns @ there
        if (rate > 0).all():
            higher = float(np.log(rate).sum() - mass @ there)
            if higher >= level:
                return higher, there
        length /= 2
    return None


def alone(rate: Vector, columns: NDArray[np.float64], mass: Vector) -> tuple[Vector, Vector]:
    """What each column would add to the likelihood at a given rate, and how large it would be, all others as they are."""
    parts = columns / rate[:, None]
    size = np.maximum(parts.sum(0) - mass, 0) / np.maximum((parts**2).sum(0), _TINY)
    for _ in range(_LINE):
        share = parts / (1 + parts * size)
        size = np.maximum(size + (share.sum(0) - mass) / np.maximum((share**2).sum(0), _TINY), size / 10)
    size = np.where(parts.sum(0) > mass, size, 0.0)
    return np.log1p(parts * size).sum(0) - size * mass, size
