"""A module between two small diagrams, one that never holds where it does not, one that always holds where it does.

Every gate is made twice, from the lower and from the upper diagrams of its inputs (a negated input changes sides). Whenever
one of them has more nodes than wanted, the nodes that matter least are given up towards its side: to a constant, or, where
more events never undo the module, to one child. That is Shiple's safe replacement and the remapping of Ravi and Somenzi
(1998), with events weighed by their chance in place of counted minterms. Whatever is given up, the two sides hold.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.diagram import Bdd
from afterword.core.cause.engine import KINDS
from afterword.core.cause.formula import Op

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.cause.engine import Table

#: One cut leaves this share of what is wanted, so that not every step cuts again.
_LEFT = 0.75
#: Nodes of the store for each that a diagram may have: beyond half of it, what nobody needs is dropped.
_ROOM = 400
_LEAST_ROOM = 40_000


class Enclosure:
    """``weight[level]``: the chance by which the nodes of a level are weighed. ``size``: nodes kept of every diagram."""

    def __init__(self, place: Sequence[int], weight: Sequence[float], size: int, *, monotone: bool) -> None:
        self.weight = weight
        self.size = size
        self.monotone = monotone
        self.bdd = Bdd(max(_LEAST_ROOM, _ROOM * size))
        #: Lower and upper diagram of every variable and gate.
        self.made = [(leaf, leaf) for leaf in (self.bdd.node(level, 1, 0) for level in place)]

    def tables(self, program: Sequence[int]) -> tuple[Table, Table]:
        """Raises TooBigError: one step alone outgrew the store."""
        last = _last_uses(program, len(self.made))
        at = 0
        while at < len(program):
            kind, k, size = program[at : at + 3]
            inputs = [self._signed(one) for one in program[at + 3 : at + 3 + size]]
            self.made.append(self._gate(kind, k, inputs))
            at += 3 + size
            self._tidy(last)
        lower, upper = self.made[-1]
        return self.bdd.table(lower, len(self.weight)), self.bdd.table(upper, len(self.weight))

    def _signed(self, literal: int) -> tuple[int, int]:
        lower, upper = self.made[literal >> 1]
        return (self.bdd.negate(upper), self.bdd.negate(lower)) if literal & 1 else (lower, upper)

    # ---------------------------------------------------------------------------------------- gates

    def _gate(self, kind: int, k: int, inputs: list[tuple[int, int]]) -> tuple[int, int]:
        if kind == KINDS[Op.XOR]:
            return self._parity(inputs)
        sides = [self._side(kind, k, [one[up] for one in inputs], up=bool(up)) for up in (0, 1)]
        return sides[0], sides[1]

    def _side(self, kind: int, k: int, inputs: list[int], *, up: bool) -> int:
        inputs.sort(key=self.bdd.level.__getitem__, reverse=True)
        if kind == KINDS[Op.ATLEAST]:
            return self._at_least(k, inputs, up=up)
        made = inputs[0]
        join = self.bdd.meet if kind == KINDS[Op.AND] else self.bdd.join
        for one in inputs[1:]:
            made = self.small(join(made, one), up=up)
        return made

    def _at_least(self, k: int, inputs: Sequence[int], *, up: bool) -> int:
        bdd = self.bdd
        row = [1] + [0] * k
        for one in inputs:
            for j in range(k, 0, -1):
                row[j] = self.small(bdd.join(row[j], bdd.meet(one, row[j - 1])), up=up)
        return row[k]

    def _parity(self, inputs: Sequence[tuple[int, int]]) -> tuple[int, int]:
        """One holds and the other does not: for certain below, possibly above."""
        bdd = self.bdd
        lower, upper = inputs[0]
        for low, high in inputs[1:]:
            below = bdd.join(bdd.meet(lower, bdd.negate(high)), bdd.meet(bdd.negate(upper), low))
            above = bdd.join(bdd.meet(upper, bdd.negate(low)), bdd.meet(bdd.negate(lower), high))
            lower, upper = self.small(below, up=False), self.small(above, up=True)
        return lower, upper

    # ---------------------------------------------------------------------------------------- giving up

    def small(self, root: int, *, up: bool) -> int:
        """The same where it is small enough; otherwise one of few nodes, above (``up``) or below it."""
        nodes = self.bdd.reachable(root)
        if len(nodes) <= self.size:
            return root
        constant, child = self._costs(root, nodes, up=up)
        least = sorted(map(min, constant, child), reverse=True)[int(self.size * _LEFT)]
        bdd, side = self.bdd, bdd_side(self.bdd, up=up)
        new = {0: 0, 1: 1}
        for node, dear, passed in zip(nodes, constant, child, strict=True):
            if min(dear, passed) > least:
                new[node] = bdd.node(bdd.level[node], new[bdd.high[node]], new[bdd.low[node]])
            else:
                new[node] = int(up) if dear <= passed else new[side[node]]
        return new[root]

    def _costs(self, root: int, nodes: Sequence[int], *, up: bool) -> tuple[list[float], list[float]]:
        """What the side moves by, for every node, if it becomes a constant or its child of that side."""
        bdd = self.bdd
        level, high, low, weight = bdd.level, bdd.high, bdd.low, self.weight
        held, reached = {0: 0.0, 1: 1.0}, dict.fromkeys((0, 1, *nodes), 0.0)
        for node in nodes:
            p = weight[level[node]]
            held[node] = p * held[high[node]] + (1.0 - p) * held[low[node]]
        reached[root] = 1.0
        for node in sorted(nodes, key=level.__getitem__):
            p = weight[level[node]]
            reached[high[node]] += reached[node] * p
            reached[low[node]] += reached[node] * (1.0 - p)
        constant = [reached[node] * (1.0 - held[node] if up else held[node]) for node in nodes]
        if not self.monotone:
            return constant, [float("inf")] * len(nodes)
        gained = [reached[node] * (held[high[node]] - held[low[node]]) for node in nodes]
        chance = [weight[level[node]] for node in nodes]
        return constant, [one * (1.0 - p if up else p) for one, p in zip(gained, chance, strict=True)]

    # ---------------------------------------------------------------------------------------- room

    def _tidy(self, last: Sequence[int]) -> None:
        """A new store of what later gates need, once the old one is half full. ``last``: the gate after which nobody does."""
        if len(self.bdd.level) < self.bdd.budget // 2 and self.bdd.steps < self.bdd.budget * 8:
            return
        old, self.bdd = self.bdd, Bdd(self.bdd.budget)
        now = len(self.made) - 1
        needed = [last[at] > now or at == now for at in range(len(self.made))]
        copied = _copied(old, self.bdd, [root for at, pair in enumerate(self.made) if needed[at] for root in pair])
        self.made = [
            (copied[lower], copied[upper]) if kept else (0, 0)
            for (lower, upper), kept in zip(self.made, needed, strict=True)
        ]


def bdd_side(bdd: Bdd, *, up: bool) -> list[int]:
    """The child of every node that lies on a side of it: with the event it holds more often than without."""
    return bdd.high if up else bdd.low


def _last_uses(program: Sequence[int], variables: int) -> list[int]:
    """For every variable and gate, the number of the last gate that uses it; its own where none does."""
    last = list(range(variables))
    at = 0
    while at < len(program):
        size = program[at + 2]
        last.append(len(last))
        for literal in program[at + 3 : at + 3 + size]:
            last[literal >> 1] = len(last) - 1
        at += 3 + size
    return last


def _copied(old: Bdd, new: Bdd, roots: Sequence[int]) -> dict[int, int]:
    """Nodes of the new store by those of the old one. The children of a node have smaller numbers."""
    seen = set(roots)
    stack = list(seen)
    while stack:
        node = stack.pop()
        below = {old.high[node], old.low[node]} - seen
        seen |= below
        stack.extend(below)
    copied = {0: 0, 1: 1}
    for node in sorted(seen - {0, 1}):
        copied[node] = new.node(old.level[node], copied[old.high[node]], copied[old.low[node]])
    return copied


def enclose(
    program: Sequence[int], place: Sequence[int], weight: Sequence[float], size: int, monotone: bool
) -> tuple[Table, Table]:
    """The diagrams below and above a module. Raises TooBigError."""
    return Enclosure(place, weight, size, monotone=monotone).tables(program)
