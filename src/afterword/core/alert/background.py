"""What the rate of an alert is when no other alert leads to it: not the same everywhere, and not the same at all times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.alert.history import History

#: A storm is told from a cascade by the hour around an alert, before and after it alike. Seconds.
_AROUND = 3600.0


@dataclass(frozen=True, slots=True)
class Background:
    """Per alert three rates that may explain it, and per kind the mass of each over all components and times.

    Everywhere the same; as often as on this component otherwise; and with all that goes on here around this time, in both
    directions of time. The last is what a hidden common cause looks like, and what an alert that leads to another does not.
    """

    rates: NDArray[np.float64]
    masses: NDArray[np.float64]


def background(history: History, watched: float) -> Background:
    counts = history.counts.astype(np.float64)
    here = np.zeros((len(counts), len(history.components)))
    np.add.at(here, (history.kind, history.component), 1)
    usual = (here[history.kind, history.component] - 0.5) / max(history.seconds, history.tick)
    rates = np.stack([np.ones(len(history)), usual, _busy(history)], 1)
    masses = np.stack([np.full(len(counts), watched), counts, len(history) - counts], 1)
    return Background(rates, masses)


def _busy(history: History) -> NDArray[np.float64]:
    """Alerts of other kinds a second, on the same component, in the hour before and the hour after."""
    found = np.zeros(len(history))
    key = history.component * len(history.kinds) + history.kind
    for group, sign in ((history.component, 1), (key, -1)):
        order = np.argsort(group, kind="stable")
        starts = np.flatnonzero(np.diff(group[order], prepend=-1))
        for rows in np.split(order, starts[1:]):
            at = history.at[rows]
            many = np.searchsorted(at, at + _AROUND, "right") - np.searchsorted(at, at - _AROUND, "left")
            found[rows] += sign * many
    return found / (2 * _AROUND)


def around(history: History, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Of each kind the alerts a second, on the component of each of these rows, in the hour before and the hour after."""
    found = np.zeros((len(rows), len(history.kinds)))
    order = np.lexsort((history.at, history.kind, history.component))
    key = (history.component * len(history.kinds) + history.kind)[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    of: dict[int, list[tuple[int, NDArray[np.float64]]]] = {}
    for some in np.split(order, starts[1:]) if len(order) else ():
        of.setdefault(int(history.component[some[0]]), []).append((int(history.kind[some[0]]), history.at[some]))
    for component in np.unique(history.component[rows]):
        mine = np.flatnonzero(history.component[rows] == component)
        at = history.at[rows[mine]]
        for kind, times in of[int(component)]:
            last, first = np.searchsorted(times, at + _AROUND, "right"), np.searchsorted(times, at - _AROUND, "left")
            found[mine, kind] = last - first
    return found / (2 * _AROUND)
