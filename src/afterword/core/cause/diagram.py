"""Decision diagrams in plain Python: one store for binary (BDD) and for zero-suppressed (ZDD) ones. No recursion anywhere.

Bryant 1986 for the BDD, Minato 1993 for the ZDD, Rauzy 1993 for the minimal solutions, Coudert and Madre 1992 for the
prime implicants. Terminals are 0 and 1, and the children of a node always have smaller numbers, so a sweep over the numbers
is a sweep from the bottom up.
"""

from __future__ import annotations

import numpy as np

from afterword.core.cause.engine import Table, TooBigError

EMPTY, UNIT = 0, 1
#: Level of the terminals: below every variable.
BOTTOM = 1 << 30
#: Remembered steps allowed for each node of the budget: they are cheaper than nodes, but not free.
EFFORT = 16


class Diagram:
    """Nodes as three parallel lists, unique by (level, high, low)."""

    __slots__ = ("budget", "high", "level", "low", "steps", "unique")

    def __init__(self, budget: int) -> None:
        self.level = [BOTTOM, BOTTOM]
        self.high = [0, 1]
        self.low = [0, 1]
        self.unique: dict[tuple[int, int, int], int] = {}
        self.budget = budget
        self.steps = 0

    def _new(self, key: tuple[int, int, int]) -> int:
        number = len(self.level)
        if number > self.budget:
            raise TooBigError
        self.unique[key] = number
        self.level.append(key[0])
        self.high.append(key[1])
        self.low.append(key[2])
        return number

    def worked(self) -> None:
        self.steps += 1
        if self.steps > EFFORT * self.budget:
            raise TooBigError

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

    def table(self, root: int, levels: int) -> Table:
        """The part below ``root`` as arrays, deepest level first."""
        nodes = sorted(self.reachable(root), key=self.level.__getitem__, reverse=True)
        number = {0: 0, 1: 1} | {node: at for at, node in enumerate(nodes, 2)}
        return Table(
            np.array([levels, levels, *(self.level[node] for node in nodes)], np.int32),
            np.array([0, 1, *(number[self.high[node]] for node in nodes)], np.int32),
            np.array([0, 1, *(number[self.low[node]] for node in nodes)], np.int32),
            number[root],
        )


class Bdd(Diagram):
    """Binary decision diagram: a node whose two children are one is not needed."""

    __slots__ = ("cache", "negated")

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        #: One memo for each of AND (absorbing 0) and OR (absorbing 1).
        self.cache: tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]] = ({}, {})
        self.negated = {0: 1, 1: 0}

    def node(self, level: int, high: int, low: int) -> int:
        if high == low:
            return low
        key = (level, high, low)
        return self.unique.get(key) or self._new(key)

    def negate(self, f: int) -> int:
        """Only what was not negated before is walked."""
        negated, high, low = self.negated, self.high, self.low
        stack = [f]
        while stack:
            node = stack[-1]
            if node in negated:
                stack.pop()
                continue
            below = [one for one in (high[node], low[node]) if one not in negated]
            if below:
                stack += below
                continue
            other = self.node(self.level[node], negated[high[node]], negated[low[node]])
            negated[node], negated[other] = other, node
            stack.pop()
        return negated[f]

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
                self.worked()
        return cache[root]

    def meet(self, f: int, g: int) -> int:
        return self.combine(f, g, 0)

    def join(self, f: int, g: int) -> int:
        return self.combine(f, g, 1)

    def differ(self, f: int, g: int) -> int:
        return self.join(self.meet(f, self.negate(g)), self.meet(self.negate(f), g))


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

    __slots__ = ("known",)

    def __init__(self, budget: int) -> None:
        super().__init__(budget)
        #: One memo for each of "without" and "less".
        self.known: tuple[dict[tuple[int, int], int], dict[tuple[int, int], int]] = ({}, {})

    def node(self, level: int, high: int, low: int) -> int:
        if high == EMPTY:
            return low
        key = (level, high, low)
        return self.unique.get(key) or self._new(key)

    def without(self, a: int, b: int) -> int:
        """The sets of ``a`` that contain no set of ``b``."""
        return self._taken(a, b, 0)

    def less(self, a: int, b: int) -> int:
        """The sets of ``a`` that are not in ``b``."""
        return self._taken(a, b, 1)

    def _taken(self, a: int, b: int, kind: int) -> int:
        done = self._plain(a, b, kind)
        if done >= 0:
            return done
        known = self.known[kind]
        step = self._step_less if kind else self._step_without
        stack = [(a, b)]
        while stack:
            pair = stack[-1]
            if pair in known:
                stack.pop()
                continue
            found = step(pair[0], pair[1], stack)
            if found >= 0:
                known[pair] = found
                stack.pop()
                self.worked()
        return known[(a, b)]

    def _step_without(self, a: int, b: int, stack: list[tuple[int, int]]) -> int:
        """One pair, once the pairs it rests on are known; -1 when one of them was put on the stack instead."""
        at, other = self.level[a], self.level[b]
        if at > other:
            return self._known(a, self.low[b], 0, stack)
        if at < other:
            high = self._known(self.high[a], b, 0, stack)
            low = self._known(self.low[a], b, 0, stack)
            return self.node(at, high, low) if high >= 0 and low >= 0 else -1
        first = self._known(self.high[a], self.high[b], 0, stack)
        low = self._known(self.low[a], self.low[b], 0, stack)
        if first < 0 or low < 0:
            return -1
        high = self._known(first, self.low[b], 0, stack)
        return self.node(at, high, low) if high >= 0 else -1

    def _step_less(self, a: int, b: int, stack: list[tuple[int, int]]) -> int:
        at, other = self.level[a], self.level[b]
        if at > other:
            return self._known(a, self.low[b], 1, stack)
        same = at == other
        high = self._known(self.high[a], self.high[b], 1, stack) if same else self.high[a]
        low = self._known(self.low[a], self.low[b] if same else b, 1, stack)
        return self.node(at, high, low) if high >= 0 and low >= 0 else -1

    def _known(self, a: int, b: int, kind: int, stack: list[tuple[int, int]]) -> int:
        done = self._plain(a, b, kind)
        if done < 0:
            done = self.known[kind].get((a, b), -1)
            if done < 0:
                stack.append((a, b))
        return done

    def _plain(self, a: int, b: int, kind: int) -> int:
        if a in (EMPTY, b):
            return EMPTY
        if b == EMPTY:
            return a
        if b == UNIT and kind == 0:
            return EMPTY
        if a == UNIT:
            return EMPTY if self.holds_empty(b) else UNIT
        return -1

    def holds_empty(self, a: int) -> bool:
        """Whether the empty set is one of them: it stands at the end of the low edges."""
        while a > UNIT:
            a = self.low[a]
        return a == UNIT
