"""Uncertainty of the top probability: all uncertain numbers drawn together, again and again, on the finished diagrams."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.chance import probability
from afterword.core.cause.expression import Numbers, is_uncertain
from afterword.model.tree import Uncertainty

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.cause.part import Part
    from afterword.model.tree import BasicEvent, FaultTree

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
#: Numbers held for one sweep: 64 MB.
_ROOM = 8_000_000


def uncertain(tree: FaultTree) -> bool:
    stated = {one.name: one.expression for one in tree.parameters}
    return any(is_uncertain(event.expression, stated) for event in tree.events)


def propagate(
    tree: FaultTree, parts: Sequence[Part], events: Sequence[BasicEvent], *, trials: int, seed: int
) -> Uncertainty:
    """Quantiles of the top probability over ``trials`` draws, reproducible by ``seed``. ``events`` by their numbers.

    A drawn probability outside of 0 to 1 is taken as the nearer end.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    largest = max(len(part.bdd.level) for part in parts)
    block = max(1, min(trials, _ROOM // largest))
    found = []
    for start in range(0, trials, block):
        draws = min(block, trials - start)
        numbers = Numbers(tree.parameters, generator, draws)
        found.append(_tops(parts, _drawn(events, numbers, draws), draws))
    tops = np.concatenate(found)
    deviation = float(np.std(tops, ddof=1)) if trials > 1 else 0.0
    return Uncertainty(
        trials,
        seed,
        float(np.mean(tops)),
        deviation,
        tuple(zip(SHARES, np.quantile(tops, SHARES).tolist(), strict=True)),
        1.96 * deviation / trials**0.5,
    )


def _drawn(events: Sequence[BasicEvent], numbers: Numbers, draws: int) -> NDArray[np.float64]:
    drawn = np.empty((len(events), draws))
    for number, event in enumerate(events):
        drawn[number] = numbers.value(event.expression) if event.expression else event.probability or 0.0
    return np.clip(drawn, 0.0, 1.0)


def _tops(parts: Sequence[Part], drawn: NDArray[np.float64], draws: int) -> NDArray[np.float64]:
    """The top probability of every draw: parts below first."""
    known: dict[int, NDArray[np.float64]] = {}
    for part in parts:
        chance = np.empty((len(part.variables), draws))
        for level, variable in enumerate(part.variables):
            chance[level] = drawn[variable] if variable >= 0 else known[-1 - variable]
        known[part.gate] = probability(part.bdd, chance)
    return known[parts[-1].gate]
