"""Which components touch, found from the alerts themselves where no topology is given.

Links between kinds are looked for as if every two components touched; then each two components are asked how much of what
those links explain happens between them, and those whose share pays for itself (BIC) touch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.alert import near, pairs
from afterword.core.alert.search import influence

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.alert.history import History
    from afterword.core.alert.search import Found

_ROUNDS = 40
#: With more components than this, only what happens on one component counts.
MOST = 1500


def touching(found: Found) -> NDArray[np.bool_]:
    """``found`` is from a search in which all components were one step apart."""
    history, size = found.pairs.history, len(found.pairs.steps)
    row, couple, added, fixed = _across(found)
    exposure = _exposure(found)
    weight = np.ones(size * size)
    for _ in range(_ROUNDS):
        part = added * weight[couple]
        rate = fixed + np.bincount(row, weights=part, minlength=len(history))
        weight = np.bincount(couple, weights=part / rate[row], minlength=size * size) / np.maximum(exposure, 1e-300)
    rate = fixed + np.bincount(row, weights=added * weight[couple], minlength=len(history))
    both, place = np.unique(row * size * size + couple, return_inverse=True)
    mine = np.bincount(place, weights=added * weight[couple])
    without = -np.log1p(-np.minimum(mine / rate[both // (size * size)], 1 - 1e-12))
    gain = np.bincount(both % (size * size), weights=without, minlength=size * size) - weight * exposure
    price = 0.5 * np.log(max(len(history), 2)) + np.log(max(size, 2))
    one_way = gain.reshape(size, size) > price
    return np.asarray(one_way | one_way.T)


def everywhere(history: History) -> NDArray[np.int8]:
    """Every two components one step apart."""
    return near.steps(np.ones((len(history.components),) * 2, np.bool_), 1)


def _across(found: Found) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each pair on two components: the later alert, the two components, what it adds; and the rate without them."""
    history, steps, edges = found.pairs.history, found.pairs.steps, found.pairs.edges
    size, bins = len(steps), found.pairs.bins
    weight = influence(found)
    fixed = _background(found)
    rows, couples, parts = [], [], []
    for later, earlier in pairs.near(history, steps, 1, float(edges[-1])):
        some = weight[history.kind[earlier], history.kind[later]] > 0
        later, earlier = later[some], earlier[some]
        step = steps[history.component[later], history.component[earlier]]
        cell = step * bins + pairs.bin_of(history, edges, later, earlier)
        part = weight[history.kind[earlier], history.kind[later]] * found.shape[cell]
        fixed += np.bincount(later[step == 0], weights=part[step == 0], minlength=len(history))
        one, other = history.component[later][step > 0], history.component[earlier][step > 0]
        rows.append(later[step > 0])
        couples.append(np.minimum(one, other) * size + np.maximum(one, other))
        parts.append(part[step > 0])
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *rows]), np.concatenate([none, *couples]), np.concatenate([none * 1.0, *parts]), fixed


def _background(found: Found) -> NDArray[np.float64]:
    """The rate of each alert that no other explains: its share, spread over its component's usual rate."""
    history = found.pairs.history
    here = np.zeros((len(history.kinds), len(history.components)))
    np.add.at(here, (history.kind, history.component), 1)
    share = np.maximum(found.base.sum(1), 1e-6)
    return np.asarray(share[history.kind] * here[history.kind, history.component] / history.seconds)


def _exposure(found: Found) -> NDArray[np.float64]:
    """What alerts on either of two components reach on the other, per unit of the weight of the two."""
    history, bins = found.pairs.history, found.pairs.bins
    across = float((found.shape[bins:] * pairs.widths(history, found.pairs.edges)).sum())
    reach = influence(found).sum(1) * across
    of = np.bincount(history.component, weights=reach[history.kind], minlength=len(found.pairs.steps))
    return np.asarray((of[:, None] + of[None]).ravel())
