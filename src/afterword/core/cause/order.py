"""Orders of the variables of a module: a portfolio of cheap ones, because no single rule is good for every tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.formula import node_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from afterword.core.cause.formula import Formula

#: Rounds of FORCE; it settles in a few dozen.
_ROUNDS = 50


def orders(formula: Formula, gate: int, nodes: Sequence[int], cut: frozenset[int]) -> Iterator[tuple[int, ...]]:
    """Leaves of the module ``gate`` (whose ``nodes`` are given, inputs first) in orders to try, best guess first."""
    shape = _Shape(formula, gate, nodes, cut)
    weight, depth, used, leaf = shape.weight, shape.depth, shape.used, shape.leaf
    keys: tuple[Callable[[int], tuple[int, ...]], ...] = (
        lambda n: (-used[n], -weight[n]),
        lambda n: (leaf[n], -used[n], weight[n]),
        lambda n: (-used[n], weight[n]),
        lambda n: (1 - leaf[n], -used[n]),
        lambda n: (-depth[n], weight[n]),
        lambda n: (depth[n],),
        lambda _: (),
        lambda n: (leaf[n], -used[n]),
    )
    walks = [shape.walk(key) for key in keys]
    yield from walks[:3]
    yield shape.drawn_together(walks[-1])
    yield from walks[3:-1]
    yield shape.walk(lambda _: (), backward=True)
    yield shape.walk(lambda n: (weight[n],))
    yield shape.by_rings()


class _Shape:
    """What the orders look at: leaves below a node, longest way down, how many gates use it, whether it is a leaf."""

    def __init__(self, formula: Formula, gate: int, nodes: Sequence[int], cut: frozenset[int]) -> None:
        self.gate = gate
        self.below = {
            number: () if number in cut and number != gate else tuple(map(node_of, formula.inputs(number)))
            for number in nodes
        }
        self.leaf = {number: int(not self.below[number]) for number in nodes}
        self.weight: dict[int, int] = {}
        self.depth: dict[int, int] = {}
        self.used = dict.fromkeys(nodes, 0)
        for number in nodes:
            below = self.below[number]
            self.weight[number] = sum(self.weight[one] for one in below) if below else 1
            self.depth[number] = 1 + max(self.depth[one] for one in below) if below else 0
            for one in below:
                self.used[one] += 1

    def walk(self, key: Callable[[int], tuple[int, ...]], *, backward: bool = False) -> tuple[int, ...]:
        """Leaves as a depth-first walk meets them, inputs of each gate sorted by ``key``."""
        order: list[int] = []
        seen: set[int] = set()
        stack = [self.gate]
        while stack:
            number = stack.pop()
            if number in seen:
                continue
            seen.add(number)
            below = self.below[number]
            if not below:
                order.append(number)
            else:
                inputs = sorted(below, key=key)
                stack.extend(inputs if backward else reversed(inputs))
        return tuple(order)

    def by_rings(self) -> tuple[int, ...]:
        """Leaves by their distance from the top."""
        order: list[int] = []
        seen = {self.gate}
        ring = [self.gate]
        while ring:
            order += [number for number in ring if not self.below[number]]
            ring = list(dict.fromkeys(one for number in ring for one in self.below[number] if one not in seen))
            seen.update(ring)
        return tuple(order)

    def drawn_together(self, start: Sequence[int]) -> tuple[int, ...]:
        """Every leaf moves to the middle of the gates it is in, again and again (FORCE: Aloul, Markov, Sakallah 2003)."""
        place = {leaf: float(at) for at, leaf in enumerate(start)}
        gates = [(number, below) for number, below in self.below.items() if below]
        best, shortest = tuple(start), self._length(place, gates)
        for _ in range(_ROUNDS):
            for number, below in gates:
                place[number] = sum(place[one] for one in below) / len(below)
            pulled = dict.fromkeys(start, 0.0)
            for number, below in gates:
                for one in below:
                    if one in pulled:
                        pulled[one] += place[number] / self.used[one]
            order = sorted(start, key=pulled.__getitem__)
            place = {leaf: float(at) for at, leaf in enumerate(order)}
            length = self._length(place, gates)
            if length >= shortest:
                break
            best, shortest = tuple(order), length
        return best

    @staticmethod
    def _length(place: dict[int, float], gates: Sequence[tuple[int, tuple[int, ...]]]) -> float:
        """Sum over the gates of how far apart the leaves right below them stand."""
        total = 0.0
        for _, below in gates:
            at = [place[one] for one in below if one in place]
            if len(at) > 1:
                total += max(at) - min(at)
        return total
