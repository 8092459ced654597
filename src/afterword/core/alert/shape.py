"""How the influence of an alert fades with time and with steps of the topology: one shape for all kinds.

A topological Hawkes process (Cai et al., 2022): the rate of alerts of kind j on a component is a rate of its own, plus what
each alert before it, near by, adds: ``strength[i, j] * shape[step, bin]``. Expectation and maximisation (Veen and
Schoenberg, 2008): whose doing is each alert, then how strong must the influences be. The shape is free: no exponential.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.alert.pairs import Pairs

_FIRST, _AGAIN = 30, 20
#: A cell that a round emptied may come back in the next one.
_LEAST = 1e-3
_TINY = 1e-300


def learn(pairs: Pairs) -> NDArray[np.float64]:
    """The shape when any kind may lead to any: per cell, the largest cell is 1."""
    kinds = len(pairs.history.kinds)
    return _fit(pairs, np.ones((kinds, kinds), np.bool_), np.ones(pairs.exposure.shape[1]), _FIRST)


def refine(pairs: Pairs, shape: NDArray[np.float64], links: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The shape of the links that were found; every kind may also lead to itself."""
    allowed = links | np.eye(len(links), dtype=np.bool_)
    return _fit(pairs, allowed, np.maximum(shape, _LEAST * shape.max()), _AGAIN)


def _fit(pairs: Pairs, allowed: NDArray[np.bool_], shape: NDArray[np.float64], rounds: int) -> NDArray[np.float64]:
    kind, kinds = pairs.history.kind, len(allowed)
    effect = kind[pairs.row]
    keep = allowed[pairs.cause, effect]
    row, cell, number = pairs.row[keep], pairs.cell[keep], pairs.count[keep]
    link = pairs.cause[keep] * kinds + effect[keep]
    if not len(row):
        return shape
    own = pairs.history.counts / pairs.watched / 2
    strength = np.full(kinds * kinds, 0.01)
    for _ in range(rounds):
        part = number * strength[link] * shape[cell]
        rate = own[kind] + np.bincount(row, weights=part, minlength=len(kind))
        share = part / rate[row]
        own = np.bincount(kind, weights=own[kind] / rate, minlength=kinds) / pairs.watched
        reached = np.maximum(pairs.exposure @ shape, _TINY)
        strength = (
            np.bincount(link, weights=share, minlength=kinds**2).reshape(kinds, kinds) / reached[:, None]
        ).ravel()
        given = np.maximum(strength.reshape(kinds, kinds).sum(1) @ pairs.exposure, _TINY)
        shape = np.bincount(cell, weights=share, minlength=len(shape)) / given
        largest = max(float(shape.max()), _TINY)
        shape, strength = shape / largest, strength * largest
    return shape
