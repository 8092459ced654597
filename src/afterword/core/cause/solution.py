"""The parts of one formula and what is read off them: probability, importance, cut sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.chance import conditionals, importance_of, probability
from afterword.core.cause.part import parts
from afterword.core.cause.sets import Family, Leaf, Sets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.core.cause.engine import Engine
    from afterword.core.cause.formula import Formula
    from afterword.core.cause.part import Part
    from afterword.model.tree import BasicEvent, Importance


class Solution:
    """``events`` stand at their numbers in the formula."""

    def __init__(
        self,
        formula: Formula,
        events: Sequence[BasicEvent],
        engine: Engine,
        told: Callable[[int, int], None] | None = None,
    ) -> None:
        self.events = events
        self.engine = engine
        self.parts = parts(formula, engine, told)
        self.relevant = sorted({v for part in self.parts for v in part.variables if v >= 0})
        self.unstated = [events[v].name for v in self.relevant if events[v].probability is None]
        self.families = _families(self.parts)
        self.sets = Sets(self.families)
        self._chances = {} if self.unstated else self._of_parts()

    def names(self, leaves: Sequence[Leaf]) -> tuple[str, ...]:
        return tuple(sorted(self.events[leaf.event].name for leaf in leaves))

    # ---------------------------------------------------------------------------------------- probability

    def _of_parts(self) -> dict[int, float]:
        """The probability of every part, those below first."""
        chances: dict[int, float] = {}
        for part in self.parts:
            chances[part.gate] = float(probability(part.bdd, self._levels(part, chances)))
        return chances

    def _levels(self, part: Part, chances: dict[int, float]) -> NDArray[np.float64]:
        return np.array([chances[-1 - v] if v < 0 else self._stated(v) for v in part.variables])

    def _stated(self, event: int) -> float:
        stated = self.events[event].probability
        return stated if stated is not None else 0.0

    def probability(self) -> float | None:
        return None if self.unstated else self._chances[self.parts[-1].gate]

    def chance_of_leaves(self) -> dict[Leaf, float]:
        return {Leaf(v): self._stated(v) for v in self.relevant}

    def conditionals(self) -> dict[int, tuple[float, float]]:
        """P(top | event) and P(top | not event) for every event that matters, by the chain rule over the parts."""
        above = {self.parts[-1].gate: (1.0, 0.0)}
        found: dict[int, tuple[float, float]] = {}
        for part in reversed(self.parts):
            yes, no = above[part.gate]
            pairs = conditionals(part.bdd, self._levels(part, self._chances))
            for variable, with_, without in zip(part.variables, *(one.tolist() for one in pairs), strict=True):
                pair = (yes * with_ + no * (1 - with_), yes * without + no * (1 - without))
                if variable < 0:
                    above[-1 - variable] = pair
                else:
                    found[variable] = pair
        return found

    def importance(self) -> tuple[Importance, ...]:
        """Most critical first. Empty when the top has no probability."""
        top = self.probability()
        if top is None:
            return ()
        pairs = self.conditionals()
        rows = [
            importance_of(event, top, *pairs.get(number, (top, top)))
            for number, event in enumerate(self.events)
            if event.probability is not None
        ]
        return tuple(sorted(rows, key=lambda row: (-(row.criticality or 0.0), -(row.birnbaum or 0.0), row.event)))

    # ---------------------------------------------------------------------------------------- cut sets

    def fired(self) -> Iterator[tuple[str, ...]]:
        """Cut sets all of whose events happened."""
        if any(self.events[v].happened for v in self.relevant) or self.sets.by_order()[:1] == ((0, 1),):
            happened = Sets(self.families, lambda leaf: self.events[leaf.event].happened is True)
            for order, _ in happened.by_order():
                yield from map(self.names, happened.of_order(order))


def _families(parts: Sequence[Part]) -> list[Family]:
    made: dict[int, Family] = {}
    for part in parts:
        members = [Leaf(v) if v >= 0 else made[-1 - v] for v in part.variables]
        made[part.gate] = Family(part.sets, members)
    return list(made.values())
