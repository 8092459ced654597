"""What speaks for a link: the pairs of alerts behind it, their delays, and how many there would be by chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.alert import pairs
from afterword.core.alert.search import Found, designs, influence, rate_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The window of the graph holds this share of all consequences.
_NEARLY_ALL = 0.95


@dataclass(frozen=True, slots=True)
class Proof:
    """Pairs of one link. ``doing``: how likely it is that the later alert is the doing of the earlier one."""

    earlier: NDArray[np.int64]
    later: NDArray[np.int64]
    doing: NDArray[np.float64]
    delay: NDArray[np.float64]
    same: NDArray[np.bool_]

    def share(self, of: NDArray[np.bool_]) -> float:
        """The part of the consequences for which something holds."""
        return float(self.doing[of].sum() / max(float(self.doing.sum()), 1e-12))

    def quartiles(self) -> tuple[float, float, float]:
        """Delays in seconds: a quarter, half and three quarters of the consequences have followed by then."""
        if not len(self.delay):
            return 0.0, 0.0, 0.0
        order = np.argsort(self.delay, kind="stable")
        done = np.cumsum(self.doing[order])
        at = np.searchsorted(done, np.array([0.25, 0.5, 0.75]) * done[-1])
        low, middle, high = self.delay[order][np.minimum(at, len(order) - 1)].tolist()
        return low, middle, high


def window(found: Found) -> float:
    """The delay by which nearly all consequences have followed, in seconds: the end of a bin."""
    steps = found.pairs.most + 1
    mass = (found.shape.reshape(steps, -1) * pairs.widths(found.pairs.history, found.pairs.edges)).sum(0)
    done = np.cumsum(mass) / max(float(mass.sum()), 1e-300)
    return float(found.pairs.edges[int(np.searchsorted(done, _NEARLY_ALL)) + 1])


def proofs(found: Found) -> dict[tuple[int, int], Proof]:
    """The pairs of every link within reach; two kinds by their positions."""
    history, steps, edges = found.pairs.history, found.pairs.steps, found.pairs.edges
    rate = np.ones(len(history))
    for design in designs(found):
        rate[history.kind == design.effect] = rate_of(found, design)
    weight = np.where(found.links, influence(found), 0.0)
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]] = []
    for later, earlier in pairs.near(history, steps, found.pairs.most, float(edges[-1])):
        linked = found.links[history.kind[earlier], history.kind[later]]
        behind, first = later[linked], earlier[linked]
        step = steps[history.component[behind], history.component[first]]
        cell = step * found.pairs.bins + pairs.bin_of(history, edges, behind, first)
        doing = weight[history.kind[first], history.kind[behind]] * found.shape[cell] / rate[behind]
        parts.append((behind, first, doing, step == 0))
    if not parts:
        return {}
    behind, first, doing, same = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _by_link(found, behind, first, doing, same)


def _by_link(
    found: Found, later: NDArray[np.int64], earlier: NDArray[np.int64], doing: NDArray[np.float64], same: NDArray[np.bool_]
) -> dict[tuple[int, int], Proof]:  # fmt: skip
    history = found.pairs.history
    link = history.kind[earlier] * len(history.kinds) + history.kind[later]
    order = np.lexsort((later, earlier, link))
    made = {}
    for cause, effect in np.argwhere(found.links).tolist():
        wanted = cause * len(history.kinds) + effect
        rows = order[slice(*np.searchsorted(link[order], [wanted, wanted + 1]))]
        delay = history.at[later[rows]] - history.at[earlier[rows]]
        made[cause, effect] = Proof(earlier[rows], later[rows], doing[rows], delay, same[rows])
    return made


def by_chance(found: Found, cause: int, effect: int, seconds: float) -> float:
    """Pairs within ``seconds`` if alerts of the effect came as often as they do, and cared for nothing."""
    history = found.pairs.history
    size = len(found.pairs.steps)
    usual = np.bincount(history.component[history.kind == effect], minlength=size) / max(history.seconds, history.tick)
    around = (found.pairs.steps <= found.pairs.most) @ usual
    return float(around[history.component[history.kind == cause]].sum() * seconds)
