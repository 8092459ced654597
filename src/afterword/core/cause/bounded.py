"""A tree too big for exact figures: bounds of its top probability that hold for certain, and cut sets that are minimal.

Modules that fit are solved as ever. One that does not is enclosed between two small diagrams (core/cause/enclose.py), in
several orders and with several weights: each pair of bounds holds, so the tightest of all hold together. An interval of a
module goes through the modules above by interval arithmetic on their diagrams, which is exact where they are monotone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.chance import layers
from afterword.core.cause.engine import TooBigError
from afterword.core.cause.evaluate import held
from afterword.core.cause.part import Cutting, TooBigTreeError
from afterword.core.cause.plain import minimal_sets
from afterword.core.cause.sets import Family, Leaf, Sets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.cause.engine import Engine, Table
    from afterword.core.cause.formula import Formula
    from afterword.core.cause.part import Module, Part
    from afterword.model.tree import BasicEvent

    Interval = tuple[float, float]

#: Orders and weights of the first round; later rounds keep those with the best lower and the best upper bound.
_ORDERS = 4
_POWERS = (1.0, 0.5)
#: Share of the upper bound that the bounds may differ by: then nobody asks for more.
ENOUGH = 0.001
#: Rounding: a sweep rounds at most so often for every level, each time by half a unit of the last place.
_ROUNDINGS = 8.0
#: Nodes for the cut sets of a lower diagram, and how many of them are looked at together.
_SETS = 500_000
_TOGETHER = 1000


@dataclass(slots=True)
class Enclosed:
    """One module: its bounds, and the lower diagram they came from with the variables of its levels."""

    gate: int
    interval: Interval
    lower: Table | None = None
    variables: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bounded:
    """``interval`` is that of the top. ``parts``: all modules, those below first; ``enclosed``: how many did not fit."""

    formula: Formula
    interval: Interval
    parts: tuple[Enclosed, ...]
    enclosed: int

    @property
    def gap(self) -> float:
        """By how much of the upper bound the two differ."""
        lower, upper = self.interval
        return (upper - lower) / upper if upper else 0.0

    def cut_sets(self, chance: Mapping[Leaf, float], *, likeliest: bool) -> Iterator[tuple[int, ...]]:
        """Some minimal cut sets of a monotone tree, as numbers of events: those of the lower diagrams that are minimal."""
        families: dict[int, Family] = {}
        for part in self.parts:
            if part.lower is None:
                return
            try:
                sets = minimal_sets(part.lower, _SETS)
            except TooBigError:
                return
            members = [Leaf(v) if v >= 0 else families[-1 - v] for v in part.variables]
            families[part.gate] = Family(sets, members)
        found = Sets(list(families.values()))
        waiting = _in_turn(found, chance, likeliest=likeliest)
        while some := list(islice(waiting, _TOGETHER)):
            yield from _minimal(self.formula, some)


def _in_turn(sets: Sets, chance: Mapping[Leaf, float], *, likeliest: bool) -> Iterator[tuple[int, ...]]:
    if likeliest:
        yield from (tuple(leaf.event for leaf in leaves) for _, leaves in sets.likeliest(chance))
        return
    for order, _ in sets.by_order():
        yield from (tuple(leaf.event for leaf in leaves) for leaves in sets.of_order(order))


def _minimal(formula: Formula, sets: Sequence[tuple[int, ...]]) -> Iterator[tuple[int, ...]]:
    """Those that bring the top about no more when any one of their events is left out. All are tried in one walk."""
    columns: dict[int, int] = {}
    owner: list[int] = []
    for at, one in enumerate(sets):
        for left_out in one:
            bit = 1 << len(owner)
            owner.append(at)
            for event in one:
                if event != left_out:
                    columns[event] = columns.get(event, 0) | bit
    still = held(formula, columns, len(owner))
    more = {at for number, at in enumerate(owner) if still >> number & 1}
    yield from (one for at, one in enumerate(sets) if at not in more)


def bounded(
    formula: Formula,
    events: Sequence[BasicEvent],
    engine: Engine,
    solved: Sequence[Part],
    told: Callable[[int, int], None] | None = None,
) -> Bounded:
    """``solved``: the first parts, which did fit. Every event has a probability. Raises TooBigTreeError: no bound was found."""
    walk = _Walk(events, engine, monotone=formula.monotone())
    for part in solved:
        walk.take(part)
    cutting = Cutting(formula)
    for done, gate in enumerate(cutting.gates[len(solved) :], len(solved)):
        if told:
            told(done, len(cutting.gates))
        module = cutting.module(gate)
        # The first of them is the one that stopped the race.
        fitting = None if done == len(solved) else _fits(module, engine)
        if fitting:
            walk.take(fitting)
        else:
            walk.enclose(gate, module)
    return Bounded(formula, walk.known[cutting.gates[-1]].interval, tuple(walk.known.values()), walk.enclosed)


def _fits(module: Module, engine: Engine) -> Part | None:
    try:
        return module.part(engine)
    except TooBigTreeError:
        return None


@dataclass(slots=True)
class _Walk:
    """From the modules below to those above."""

    events: Sequence[BasicEvent]
    engine: Engine
    monotone: bool
    known: dict[int, Enclosed] = field(default_factory=dict)
    enclosed: int = 0

    def chances(self, variables: Sequence[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The least and the greatest probability of every level."""
        pairs = [self.known[-1 - v].interval if v < 0 else (self._stated(v),) * 2 for v in variables]
        return np.array([low for low, _ in pairs]), np.array([high for _, high in pairs])

    def _stated(self, event: int) -> float:
        return self.events[event].probability or 0.0

    def take(self, part: Part) -> None:
        interval = between(part.bdd, part.bdd, *self.chances(part.variables))
        self.known[part.gate] = Enclosed(part.gate, interval, part.bdd, part.variables)

    def enclose(self, gate: int, module: Module) -> None:
        """Larger and larger diagrams until the bounds are close, or the engine has no larger size."""
        self.enclosed += 1
        found = Enclosed(gate, (0.0, 1.0))
        tries = [(order, power) for order in module.orders[:_ORDERS] for power in _POWERS]
        for size in self.engine.sizes:
            results = []
            for order, power in tries:
                interval = self._one(found, module, order, power, size)
                results.append((interval, (order, power)))
            if found.interval[1] - found.interval[0] <= ENOUGH * found.interval[1]:
                break
            tries = list(
                dict.fromkeys((max(results, key=lambda one: one[0][0])[1], min(results, key=lambda one: one[0][1])[1]))
            )
        if found.lower is None:
            raise TooBigTreeError("the tree is too big to be computed, and no bounds were found")
        self.known[gate] = found

    def _one(self, found: Enclosed, module: Module, order: tuple[int, ...], power: float, size: int) -> Interval:
        variables = module.in_order(order)
        least, most = self.chances(variables)
        weight = (((least + most) / 2) ** power).tolist()
        try:
            lower, upper = self.engine.enclose(module.program, module.place(order), weight, size, self.monotone)
        except TooBigError:
            return 0.0, 1.0
        low, high = between(lower, upper, least, most)
        if found.lower is None or low > found.interval[0]:
            found.lower, found.variables = lower, variables
        found.interval = max(low, found.interval[0]), min(high, found.interval[1])
        return low, high


def between(lower: Table, upper: Table, least: NDArray[np.float64], most: NDArray[np.float64]) -> Interval:
    """Bounds of a probability from diagrams below and above, each level between ``least`` and ``most``.

    Widened by more than all the rounding of a sweep, so that they hold for the numbers and not only for their floats.
    """
    slack = _ROUNDINGS * float(np.finfo(float).eps) * (len(least) + 1)
    low = _extreme(lower, least, most, np.minimum) * (1.0 - slack)
    high = _extreme(upper, least, most, np.maximum) * (1.0 + slack)
    return max(0.0, low), min(1.0, high)


def _extreme(table: Table, least: NDArray[np.float64], most: NDArray[np.float64], pick: np.ufunc) -> float:
    """Linear in the chance of every level, so that the extreme stands at one end of it."""
    found = np.zeros(len(table.level))
    found[1] = 1.0
    for layer in layers(table):
        level = table.level[layer.start]
        high, low = found[table.high[layer]], found[table.low[layer]]
        ends = [p * high + (1.0 - p) * low for p in (least[level], most[level])]
        found[layer] = pick(*ends)
    return float(found[table.root])
