"""The engine of fault trees that needs nothing: dictionaries and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.diagram import EMPTY, UNIT, Bdd, Zdd
from afterword.core.cause.enclose import enclose
from afterword.core.cause.engine import KINDS, Table, TooBigError
from afterword.core.cause.formula import Op

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Plain:
    """The engine that needs nothing: dictionaries and lists."""

    name = "plain Python"

    def __init__(
        self, budgets: Sequence[int] = (5_000, 25_000, 125_000, 625_000), sizes: Sequence[int] = (150, 600)
    ) -> None:
        self.budgets = tuple(budgets)
        self.sizes = tuple(sizes)

    def make(self, program: Sequence[int], place: Sequence[int], budget: int) -> PlainMade:
        bdd = Bdd(budget)
        made = [bdd.node(level, 1, 0) for level in place]
        at = 0
        try:
            while at < len(program):
                kind, k, size = program[at : at + 3]
                literals = program[at + 3 : at + 3 + size]
                made.append(_gate(bdd, kind, k, [_signed(bdd, made[one >> 1], one & 1) for one in literals]))
                at += 3 + size
        except TooBigError:
            raise TooBigError(at / len(program)) from None
        return PlainMade(bdd, made[-1], len(place))

    def enclose(
        self, program: Sequence[int], place: Sequence[int], weight: Sequence[float], size: int, monotone: bool
    ) -> tuple[Table, Table]:
        return enclose(program, place, weight, size, monotone)


class PlainMade:
    def __init__(self, bdd: Bdd, root: int, levels: int) -> None:
        self.bdd = bdd
        self.root = root
        self.levels = levels

    def diagram(self) -> Table:
        return self.bdd.table(self.root, self.levels)

    def minimal(self, budget: int) -> Table:
        return minimal_sets(self.diagram(), budget)

    def primes(self, budget: int, *, negated: bool = False) -> Table:
        zdd, bdd = Zdd(budget), self.bdd
        bdd.budget, bdd.steps = budget, 0
        root = bdd.negate(self.root) if negated else self.root
        done = {0: EMPTY, 1: UNIT}
        stack = [root]
        while stack:
            node = stack[-1]
            if node in done:
                stack.pop()
                continue
            high, low = bdd.high[node], bdd.low[node]
            needed = [one for one in (bdd.meet(high, low), high, low) if one not in done]
            if needed:
                stack += needed
                continue
            both = done[bdd.meet(high, low)]
            yes, no = zdd.less(done[high], both), zdd.less(done[low], both)
            level = 2 * bdd.level[node]
            done[node] = zdd.node(level, yes, zdd.node(level + 1, no, both))
            stack.pop()
        return zdd.table(done[root], 2 * self.levels)


def minimal_sets(table: Table, budget: int) -> Table:
    """The smallest sets of variables that make a diagram true while no other holds. Raises TooBigError."""
    zdd = Zdd(budget)
    level, high, low = table.level.tolist(), table.high.tolist(), table.low.tolist()
    done = [EMPTY, UNIT]
    for node in range(2, len(level)):
        less = done[low[node]]
        done.append(zdd.node(level[node], zdd.without(done[high[node]], less), less))
    return zdd.table(done[table.root], level[0])


def _signed(bdd: Bdd, f: int, negated: int) -> int:
    return bdd.negate(f) if negated else f


def _gate(bdd: Bdd, kind: int, k: int, inputs: list[int]) -> int:
    # Deepest first: what was made so far then lies below the next input, and the two grow only where they overlap.
    inputs.sort(key=bdd.level.__getitem__, reverse=True)
    if kind == KINDS[Op.ATLEAST]:
        return _at_least(bdd, k, inputs)
    join: Callable[[int, int], int] = (bdd.meet, bdd.join, bdd.join, bdd.differ)[kind]
    made = inputs[0]
    for one in inputs[1:]:
        made = join(made, one)
    return made


def _at_least(bdd: Bdd, k: int, inputs: Sequence[int]) -> int:
    """By table: ``table[j]`` is "at least j of the inputs so far", and "at least j" implies "at least j - 1"."""
    table = [1] + [0] * k
    for one in inputs:
        for j in range(k, 0, -1):
            table[j] = bdd.join(table[j], bdd.meet(one, table[j - 1]))
    return table[k]
