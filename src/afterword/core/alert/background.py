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
