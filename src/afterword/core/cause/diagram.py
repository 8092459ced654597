"""Decision diagrams: one store for binary (BDD) and for zero-suppressed (ZDD) ones. No recursion anywhere.

Bryant 1986 for the BDD, Minato 1993 for the ZDD, Rauzy 1993 for the minimal solutions. Terminals are 0 and 1, and the
children of a node always have smaller numbers, so a sweep over the numbers is a sweep from the bottom up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY, UNIT = 0, 1
#: Level of the terminals: below every variable.
BOTTOM = 1 << 30
#: Remembered steps allowed for each node of the budget: they are cheaper than nodes, but not free.
EFFORT = 16


class TooBigError(Exception):
    """The diagram outgrew its budget; another order or another engine has to be tried."""


class Diagram:
    """Nodes as three parallel lists, unique by (level, high, low)."""

    __slots__ = ("budget", "high", "level", "low", "unique")

    def __init__(self, budget: int) -> None:
        self.level = [BOTTOM, BOTTOM]
        self.high = [0, 1]
        self.low = [0, 1]
        self.unique: dict[tuple[int, int, int], int] = {}
        self.budget = budget

    def __len__(self) -> int:
        return len(self.level)

    def _new(self, key: tuple[int, int, int]) -> int:
        number = len(self.level)
        if number > self.budget:
            raise TooBigError
        self.unique[key] = number
        self.level.append(key[0])
        self.high.append(key[1])
        self.low.append(key[2])
        return number

    def reachable(self, root: int) -> list[int]:
        """Inner nodes below ``root``, children first."""
        seen = {root, 0, 1}
        stack = [root]
        while stack:
            node = stack.pop()
            for child in (self.high[node], self.low[node]):
                if child not in seen:
                    seen.add(child)
                    stack.append(child)
        return sorted(seen)[2:]


class Bdd(Diagram):
    """Binary decision diagram: a node whose two children are one is not needed."""

    __slots__ = ("cache",)

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        #: One memo for each of AND (absorbing 0) and OR (absorbing 1).
        self.cache: tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]] = ({}, {})

    def node(self, level: int, high: int, low: int) -> int:
        if high == low:
            return low
        key = (level, high, low)
        return self.unique.get(key) or self._new(key)

    def combine(self, f: int, g: int, absorbing: int) -> int:
        """AND (``absorbing`` 0) or OR (``absorbing`` 1), on an explicit stack of pairs."""
        done = _trivial(f, g, absorbing)
        if done >= 0:
            return done
        cache, level, high, low = self.cache[absorbing], self.level, self.high, self.low
        root = (f, g) if f < g else (g, f)
        stack = [root]
        while stack:
            pair = stack[-1]
            if pair in cache:
                stack.pop()
                continue
            f, g = pair
            at = min(level[g], level[f])
            f1, f0 = (high[f], low[f]) if level[f] == at else (f, f)
            g1, g0 = (high[g], low[g]) if level[g] == at else (g, g)
            one = _trivial(f1, g1, absorbing)
            if one < 0:
                below = (f1, g1) if f1 < g1 else (g1, f1)
                one = cache.get(below, -1)
                if one < 0:
                    stack.append(below)
            none = _trivial(f0, g0, absorbing)
            if none < 0:
                below = (f0, g0) if f0 < g0 else (g0, f0)
                none = cache.get(below, -1)
                if none < 0:
                    stack.append(below)
            if one >= 0 and none >= 0:
                cache[pair] = self.node(at, one, none)
                stack.pop()
                if len(cache) > EFFORT * self.budget:
                    raise TooBigError
        return cache[root]


def _trivial(f: int, g: int, absorbing: int) -> int:
    """The answer where it needs no expansion, -1 elsewhere."""
    if f == g:
        return f
    if f <= 1:
        return absorbing if f == absorbing else g
    if g <= 1:
        return absorbing if g == absorbing else f
    return -1


class Zdd(Diagram):
    """Zero-suppressed diagram of a set of sets: a node whose high child is empty is not needed."""

    __slots__ = ("less", "minimal")

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        self.less: dict[tuple[int, int], int] = {}
        self.minimal: dict[int, int] = {0: 0, 1: 1}

    def node(self, level: int, high: int, low: int) -> int:
        if high == EMPTY:
            return low
        key = (level, high, low)
        return self.unique.get(key) or self._new(key)

    def minimal_solutions(self, bdd: Bdd, root: int) -> int:
        """The minimal sets of events that make ``root`` true, all others false (Rauzy 1993)."""
        minimal = self.minimal
        for node in bdd.reachable(root):
            if node not in minimal:
                low = minimal[bdd.low[node]]
                high = self.without(minimal[bdd.high[node]], low)
                minimal[node] = self.node(bdd.level[node], high, low)
        return minimal[root]

    def without(self, a: int, b: int) -> int:
        """The sets of ``a`` that contain no set of ``b``."""
        done = self._plain(a, b)
        if done >= 0:
            return done
        less = self.less
        stack = [(a, b)]
        while stack:
            pair = stack[-1]
            if pair in less:
                stack.pop()
                continue
            found = self._step(pair[0], pair[1], stack)
            if found >= 0:
                less[pair] = found
                stack.pop()
                if len(less) > EFFORT * self.budget:
                    raise TooBigError
        return less[(a, b)]

    def _step(self, a: int, b: int, stack: list[tuple[int, int]]) -> int:
        """One pair, once the pairs it rests on are known; -1 when one of them was put on the stack instead."""
        at, other = self.level[a], self.level[b]
        if at > other:
            return self._known(a, self.low[b], stack)
        if at < other:
            high = self._known(self.high[a], b, stack)
            low = self._known(self.low[a], b, stack)
            return self.node(at, high, low) if high >= 0 and low >= 0 else -1
        first = self._known(self.high[a], self.high[b], stack)
        low = self._known(self.low[a], self.low[b], stack)
        if first < 0 or low < 0:
            return -1
        high = self._known(first, self.low[b], stack)
        return self.node(at, high, low) if high >= 0 else -1

    def _known(self, a: int, b: int, stack: list[tuple[int, int]]) -> int:
        done = self._plain(a, b)
        if done < 0:
            done = self.less.get((a, b), -1)
            if done < 0:
                stack.append((a, b))
        return done

    def _plain(self, a: int, b: int) -> int:
        if a in (EMPTY, b) or b == UNIT:
            return EMPTY
        if b == EMPTY:
            return a
        if a == UNIT:
            # The empty set contains a set of b only when that is the empty set, at the end of the low edges.
            while b > UNIT:
                b = self.low[b]
            return EMPTY if b == UNIT else UNIT
        return -1


def totals(zdd: Zdd, root: int, factor: Sequence[int]) -> dict[int, int]:
    """For every node, the sum over its sets of the product of ``factor`` of their members: a count when all are 1."""
    total = {EMPTY: 0, UNIT: 1}
    for node in zdd.reachable(root):
        total[node] = total[zdd.high[node]] * factor[zdd.level[node]] + total[zdd.low[node]]
    return total
