"""From a history of alerts to the links between kinds of them, with a topology, with knowledge, or with neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.alert import near, pairs, touching
from afterword.core.alert.search import Found, Known, search

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from afterword.core.alert.history import History

#: Alerts lead to others on the same component and on those that touch it; what is further takes more than one link.
HOPS = 1


@dataclass(frozen=True, slots=True)
class Learnt:
    """``touching``: which components touch; ``basis``: ``given``, ``learnt`` or ``same component only``."""

    found: Found
    touching: NDArray[np.bool_]
    basis: str


def learn(
    history: History,
    edges: Iterable[tuple[str, str]] | None = None,
    holds: Iterable[tuple[str, str]] = (),
    fails: Iterable[tuple[str, str]] = (),
) -> Learnt:
    """``edges`` join components, ``holds`` and ``fails`` are links between kinds that are known to be or not to be."""
    known = Known(_matrix(history, holds), _matrix(history, fails))
    if edges is not None:
        given = near.joined(history.components, edges)
        return Learnt(_search(history, given, known), given, "given")
    alone = np.zeros((len(history.components),) * 2, np.bool_)
    if 1 < len(history.components) <= touching.MOST:
        wide = search(pairs.count(history, touching.everywhere(history), HOPS), known, rounds=1)
        alone = touching.touching(wide)
    return Learnt(_search(history, alone, known), alone, "learnt" if alone.any() else "same component only")


def _search(history: History, beside: NDArray[np.bool_], known: Known) -> Found:
    hops = HOPS if beside.any() else 0
    return search(pairs.count(history, near.steps(beside, hops), hops), known)


def _matrix(history: History, links: Iterable[tuple[str, str]]) -> NDArray[np.bool_]:
    position = {name: number for number, name in enumerate(history.kinds)}
    made = np.zeros((len(position),) * 2, np.bool_)
    for cause, effect in links:
        if cause in position and effect in position and cause != effect:
            made[position[cause], position[effect]] = True
    return made
