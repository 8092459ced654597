"""Sets of events on the diagrams of the parts: counted without being made, made one by one in the order that is asked for."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from afterword.core.cause.diagram import UNIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from afterword.core.cause.engine import Table

    #: What is still to be chosen from: whose sets, a node in them, how many members, and what follows.
    Todo = tuple["Family", int, int, "Todo"] | None
    #: The same without the number: a node, its family and what follows.
    Rest = tuple["Family", int, "Rest"] | None


#: A product of the same numbers in another order may differ in the last digits.
_NEARLY = 1.0 - 1e-12


class Leaf(NamedTuple):
    """A member that is no further family: its number, and whether it is there because it did not happen."""

    event: int
    absent: bool = False


class Family:
    """The sets of one part. ``members[level]`` is a leaf, or the family of a part below, one of whose sets stands there."""

    __slots__ = ("best", "high", "level", "low", "members", "packed", "root")

    def __init__(self, table: Table, members: Sequence[Leaf | Family]) -> None:
        self.level: list[int] = table.level.tolist()
        self.high: list[int] = table.high.tolist()
        self.low: list[int] = table.low.tolist()
        self.root = table.root
        self.members = tuple(members)
        self.packed: list[int] = []
        self.best: list[float] = []


class Sets:
    """All sets of the last of some families (those below stand first); ``allowed``: which leaves may be in one."""

    def __init__(self, families: Sequence[Family], allowed: Callable[[Leaf], bool] = lambda _: True) -> None:
        self.families = families
        self.top = families[-1]
        self.allowed = allowed
        self.width = 1
        most = max(max(packed) for packed in self._sums(1))
        self.width = most.bit_length()
        self.mask = (1 << self.width) - 1
        self.packed = dict(zip(map(id, families), self._sums(1 << self.width), strict=True))

    def _sums(self, each: int) -> list[list[int]]:
        """For each node of each family its sets by size, as one number with a field of ``width`` bits for each size.

        Kronecker substitution: the polynomial in z whose coefficients are the counts, evaluated at z = 2^width, where no
        count of any node needs more bits than that. With ``each`` 1 it is the count of all.
        """
        sums: dict[int, list[int]] = {}
        for family in self.families:
            factor = [
                (each if self.allowed(one) else 0) if isinstance(one, Leaf) else sums[id(one)][one.root]
                for one in family.members
            ]
            total = [0, 1]
            high, low, level = family.high, family.low, family.level
            for node in range(2, len(level)):
                total.append(total[high[node]] * factor[level[node]] + total[low[node]])
            sums[id(family)] = total
        return list(sums.values())

    def by_order(self) -> tuple[tuple[int, int], ...]:
        """How many sets there are of every size."""
        return tuple(self._fields(self.packed[id(self.top)][self.top.root]))

    def _fields(self, packed: int) -> Iterator[tuple[int, int]]:
        """The fields of a packed number that are not zero, with their places."""
        size = 0
        while packed:
            if packed & self.mask:
                yield size, packed & self.mask
            packed >>= self.width
            size += 1

    # ---------------------------------------------------------------------------------------- by size

    def of_order(
        self, order: int, chance: Mapping[Leaf, float] | None = None, floor: float = 0.0
    ) -> Iterator[tuple[Leaf, ...]]:
        """Sets of one size, depth first; no branch is entered that holds none.

        With ``chance``, only those as likely as ``floor``, or likelier.
        """
        width, mask = self.width, self.mask
        top = self.top
        if not self.packed[id(top)][top.root] >> width * order & mask:
            return
        if chance is not None:
            self.weigh(chance)
        stack: list[tuple[tuple[Leaf, ...], float, Todo]] = [((), 1.0, (top, top.root, order, None))]
        while stack:
            chosen, likely, todo = stack.pop()
            if chance is not None and likely * _bound(todo) < floor * _NEARLY:
                continue
            if todo is None:
                yield chosen
                continue
            family, node, need, rest = todo
            if node == UNIT:
                stack.append((chosen, likely, rest))
                continue
            counts = self.packed[id(family)]
            low, high = family.low[node], family.high[node]
            if counts[low] >> width * need & mask:
                stack.append((chosen, likely, (family, low, need, rest)))
            member = family.members[family.level[node]]
            if isinstance(member, Family):
                for some, _ in self._fields(self.packed[id(member)][member.root]):
                    if some <= need and counts[high] >> width * (need - some) & mask:
                        stack.append((chosen, likely, (member, member.root, some, (family, high, need - some, rest))))
            elif (counts[node] - counts[low]) >> width * need & mask:
                # What the node has beyond its low child goes through its member: nothing when that is not allowed.
                now = likely * chance[member] if chance is not None else likely
                stack.append(((*chosen, member), now, (family, high, need - 1, rest)))

    # ---------------------------------------------------------------------------------------- by probability

    def weigh(self, chance: Mapping[Leaf, float]) -> None:
        """For each node of each family the probability of its likeliest set."""
        for family in self.families:
            factor = [
                (chance[one] if self.allowed(one) else 0.0) if isinstance(one, Leaf) else one.best[one.root]
                for one in family.members
            ]
            best = [0.0, 1.0]
            high, low, level = family.high, family.low, family.level
            for node in range(2, len(level)):
                best.append(max(best[high[node]] * factor[level[node]], best[low[node]]))
            family.best = best

    def likeliest(self, chance: Mapping[Leaf, float], floor: float = 0.0) -> Iterator[tuple[float, tuple[Leaf, ...]]]:
        """Sets with their probabilities, the likeliest first, down to ``floor``: best first, with the exact bound."""
        self.weigh(chance)
        turn = count()
        top: Rest = (self.top, self.top.root, None)
        heap: list[tuple[float, int, float, tuple[Leaf, ...], Rest]] = []

        def push(likely: float, chosen: tuple[Leaf, ...], rest: Rest) -> None:
            bound = likely * _reach(rest)
            if bound > 0.0 and bound >= floor * _NEARLY:
                heappush(heap, (-bound, -next(turn), likely, chosen, rest))

        push(1.0, (), top)
        while heap:
            _, _, likely, chosen, rest = heappop(heap)
            while rest is not None and rest[1] == UNIT:
                rest = rest[2]
            if rest is None:
                yield likely, chosen
                continue
            family, node, after = rest
            push(likely, chosen, (family, family.low[node], after))
            member = family.members[family.level[node]]
            if isinstance(member, Family):
                push(likely, chosen, (member, member.root, (family, family.high[node], after)))
            elif self.allowed(member):
                push(likely * chance[member], (*chosen, member), (family, family.high[node], after))


def _bound(todo: Todo) -> float:
    """The probability of the likeliest way to finish."""
    bound = 1.0
    while todo is not None:
        bound *= todo[0].best[todo[1]]
        todo = todo[3]
    return bound


def _reach(rest: Rest) -> float:
    bound = 1.0
    while rest is not None:
        bound *= rest[0].best[rest[1]]
        rest = rest[2]
    return bound
