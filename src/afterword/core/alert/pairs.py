"""Which alerts came shortly before each alert, near by: counted by kind, by steps of the topology and by delay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from afterword.core.alert.history import History

#: More pairs than this are not counted; the window becomes shorter instead.
MOST = 12_000_000
#: Delays are looked at up to this, and up to so many ticks of a coarse clock. Seconds.
_REACH, _TICKS = 1024.0, 16


@dataclass(frozen=True, slots=True)
class Pairs:
    """Sparse counts: ``count`` alerts of ``cause`` in delay bin and steps ``cell`` came before the alert ``row``.

    ``cell`` is ``step * bins + bin``. ``exposure[cause, cell]`` is how many component-seconds alerts of ``cause`` reached
    there: what an alert that does not care for them falls into by chance, per unit of its rate.
    """

    history: History
    steps: NDArray[np.int8]
    #: Borders of the delay bins in seconds, from 0.
    edges: NDArray[np.float64]
    most: int
    row: NDArray[np.int64]
    cause: NDArray[np.int64]
    cell: NDArray[np.int64]
    count: NDArray[np.float64]
    exposure: NDArray[np.float64]
    #: Component-seconds that were watched.
    watched: float

    @property
    def bins(self) -> int:
        return len(self.edges) - 1


def borders(history: History) -> NDArray[np.float64]:
    """Delay bins that double, from a tick (or a second) on."""
    first = max(history.tick, 1.0)
    reach = max(_REACH, _TICKS * first)
    while reach > 2 * first and _expected(history, reach) > MOST:
        reach /= 2
    found = [0.0, first]
    while found[-1] < reach:
        found.append(found[-1] * 2)
    return np.array(found)


def _expected(history: History, reach: float) -> float:
    """Pairs of alerts that lie at most ``reach`` apart, wherever they are."""
    return float((np.arange(len(history)) - np.searchsorted(history.at, history.at - reach)).sum())


def widths(history: History, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """Seconds in each bin. Of two alerts in one tick, half the time the one that is written first came first."""
    found = np.diff(edges)
    found[0] -= min(history.tick, found[0]) / 2
    return found


def near(history: History, steps: NDArray[np.int8], most: int, reach: float) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:  # fmt: skip
    """For each component: its alerts, and beside each one an alert before it, near by, at most ``reach`` seconds ago."""
    order = np.argsort(history.component, kind="stable")
    starts = np.searchsorted(history.component[order], np.arange(len(steps) + 1))
    of = [order[starts[c] : starts[c + 1]] for c in range(len(steps))]
    for component, own in enumerate(of):
        if not len(own):
            continue
        around = np.sort(np.concatenate([of[other] for other in np.flatnonzero(steps[component] <= most)]))
        at = history.at[around]
        low = np.searchsorted(at, history.at[own] - reach, "right")
        number = np.searchsorted(at, history.at[own], "right") - low
        later = np.repeat(own, number)
        place = np.arange(number.sum()) - np.repeat(np.cumsum(number) - number, number) + np.repeat(low, number)
        earlier = around[place]
        other = earlier != later
        yield later[other], earlier[other]


def bin_of(history: History, edges: NDArray[np.float64], later: NDArray[np.int64], earlier: NDArray[np.int64]) -> NDArray[np.int64]:  # fmt: skip
    """The delay bin of each pair; times are whole ticks, so that a thousandth of one undoes the rounding of seconds."""
    delay = history.at[later] - history.at[earlier] + history.tick / 1000
    return np.clip(np.searchsorted(edges, delay, "right") - 1, 0, len(edges) - 2)


def count(history: History, steps: NDArray[np.int8], most: int) -> Pairs:
    """All pairs within reach and at most ``most`` steps apart."""
    edges = borders(history)
    cells = (most + 1) * (len(edges) - 1)
    size = len(history.kinds) * cells
    keys = []
    for later, earlier in near(history, steps, most, float(edges[-1])):
        step = steps[history.component[later], history.component[earlier]].astype(np.int64)
        cell = step * (len(edges) - 1) + bin_of(history, edges, later, earlier)
        keys.append(later * size + history.kind[earlier] * cells + cell)
    found, number = np.unique(np.concatenate([*keys, np.zeros(0, np.int64)]), return_counts=True)
    return Pairs(
        history, steps, edges, most, found // size, found % size // cells, found % cells, number.astype(np.float64),
        _exposure(history, steps, most, edges), history.seconds * len(steps),
    )  # fmt: skip


def _exposure(history: History, steps: NDArray[np.int8], most: int, edges: NDArray[np.float64]) -> NDArray[np.float64]:
    kinds, bins = len(history.kinds), len(edges) - 1
    left = history.seconds - history.at + history.at[:1].sum()
    spans = np.clip(left[:, None] - edges[None, :-1], 0, widths(history, edges)[None])
    made = np.zeros((kinds, (most + 1) * bins))
    for step in range(most + 1):
        number = (steps == step).sum(1)[history.component]
        for bin_ in range(bins):
            reached = np.bincount(history.kind, weights=spans[:, bin_] * number, minlength=kinds)
            made[:, step * bins + bin_] = reached
    return made
