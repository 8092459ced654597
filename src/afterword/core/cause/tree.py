"""Solve a fault tree: exact probability, minimal cut sets counted without being enumerated, importance, what fired."""

from __future__ import annotations

from itertools import islice
from math import prod
from typing import TYPE_CHECKING

from afterword.core.cause.chance import conditionals, importance_of, probabilities
from afterword.core.cause.diagram import UNIT, totals
from afterword.core.cause.formula import TRUE, compile_tree, flatten
from afterword.core.cause.part import BUDGETS, is_constant, parts
from afterword.model.refusal import InvalidError
from afterword.model.tree import TreeResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from afterword.core.cause.formula import Formula
    from afterword.core.cause.part import Part
    from afterword.model.tree import BasicEvent, FaultTree, Importance

    #: What is still to be chosen from: a part, a node in it, how many events, and what follows.
    Todo = tuple[Part, int, int, "Todo"] | None

_METHOD = (
    "Exact: binary decision diagram of each module; minimal cut sets by Rauzy's minimal solutions on a zero-suppressed "
    "diagram, counted without enumeration. Importance from P(top | event) and P(top | not event), each computed "
    "directly; Fussell-Vesely is P(event | top)."
)
_NEGATED = (
    " The tree uses negation: a cut set here is a smallest set of events that brings the top about when no other event"
    " happens."
)


def solve(
    tree: FaultTree,
    *,
    limit_order: int | None = None,
    cut_off: float | None = None,
    limit: int = 10_000,
    budgets: Sequence[int] = BUDGETS,
) -> TreeResult:
    """Everything about one tree. ``limit_order``, ``cut_off`` and ``limit`` shorten the list, never the count.

    Raises InvalidError: the tree contradicts itself (code ``invalid``), or no order of its events gives a diagram
    within the last of ``budgets`` (code ``too-big``): then there is no answer rather than an approximate one.
    """
    formula = flatten(compile_tree(tree))
    events = {event.name: event for event in tree.events if not event.house}
    solution = _Solution(formula, [events[name] for name in formula.events], budgets)
    if cut_off is not None and solution.unstated:
        raise InvalidError(
            f"a cut-off needs a probability for every event; missing: {', '.join(solution.unstated[:5])}"
        )
    counts = solution.by_order()
    orders = [order for order, _ in counts if limit_order is None or order <= limit_order]
    listed = tuple(islice(solution.sets(orders, cut_off=cut_off), max(0, limit)))
    total = sum(count for _, count in counts)
    return TreeResult(
        tree=tree,
        top_probability=solution.probability(),
        cut_set_count=total,
        by_order=counts,
        cut_sets=listed,
        importance=solution.importance(),
        method=_method(formula, solution.unstated, len(listed), total),
        exact=True,
        fired=tuple(islice(solution.fired(), max(0, limit))),
    )


def _method(formula: Formula, unstated: Sequence[str], listed: int, total: int) -> str:
    text = _METHOD + (_NEGATED if formula.negated(formula.top) else "")
    if unstated:
        text += f" No top probability: nobody stated one for {', '.join(unstated[:5])}"
        text += f" and {len(unstated) - 5} more." if len(unstated) > 5 else "."
    if listed < total:
        text += f" {listed} of {total} cut sets are listed, lowest orders first."
    return text


class _Solution:
    """The parts of one formula and what is read off them."""

    def __init__(self, formula: Formula, events: Sequence[BasicEvent], budgets: Sequence[int]) -> None:
        self.formula = formula
        self.events = events
        self.parts = () if is_constant(formula) else parts(formula, budgets)
        self.relevant = sorted({v for part in self.parts for v in part.variables if v >= 0})
        self.unstated = [events[v].name for v in self.relevant if events[v].probability is None]

    # ---------------------------------------------------------------------------------------- probability

    def probability(self) -> float | None:
        if self.unstated:
            return None
        return self._chances()[self.formula.top] if self.parts else float(self.formula.top == TRUE)

    def _chances(self) -> dict[int, float]:
        """The probability of every part, those below first."""
        chances: dict[int, float] = {}
        for part in self.parts:
            chance = self._levels(part, chances)
            chances[part.gate] = probabilities(part, chance).get(part.root, float(part.root))
        return chances

    def _levels(self, part: Part, chances: dict[int, float]) -> list[float]:
        return [chances[-1 - v] if v < 0 else self._stated(v) for v in part.variables]

    def _stated(self, event: int) -> float:
        stated = self.events[event].probability
        return stated if stated is not None else 0.0

    def conditionals(self) -> dict[int, tuple[float, float]]:
        """P(top | event) and P(top | not event) for every event that matters, by the chain rule over the parts."""
        chances = self._chances()
        above = {self.formula.top: (1.0, 0.0)}
        found: dict[int, tuple[float, float]] = {}
        for part in reversed(self.parts):
            yes, no = above[part.gate]
            levels = self._levels(part, chances)
            for variable, (with_, without) in zip(part.variables, conditionals(part, levels), strict=True):
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

    def by_order(self) -> tuple[tuple[int, int], ...]:
        """How many minimal cut sets there are of every order."""
        if not self.parts:
            return ((0, 1),) if self.formula.top == TRUE else ()
        packed, width = self._packed(lambda _: True)
        part = self.parts[-1]
        return tuple(_unpack(packed[part.gate][part.sets], width))

    def _packed(self, allowed: Callable[[BasicEvent], bool]) -> tuple[dict[int, dict[int, int]], int]:
        """For each node of each part its counts by order, as one number with a field of ``width`` bits each.

        Kronecker substitution: the polynomial in z whose coefficients are the counts, evaluated at z = 2^width,
        where no count of any node needs more bits than that.
        """
        sums = self._sums(1, allowed)
        width = max(max(one.values()) for one in sums.values()).bit_length()
        return self._sums(1 << width, allowed), width

    def _sums(self, each: int, allowed: Callable[[BasicEvent], bool]) -> dict[int, dict[int, int]]:
        sums: dict[int, dict[int, int]] = {}
        for part in self.parts:
            factor = [
                (each if allowed(self.events[v]) else 0) if v >= 0 else sums[-1 - v][self._root(v)]
                for v in part.variables
            ]
            sums[part.gate] = totals(part.zdd, part.sets, factor)
        return sums

    def _root(self, variable: int) -> int:
        return self._by_gate()[-1 - variable].sets

    def _by_gate(self) -> dict[int, Part]:
        return {part.gate: part for part in self.parts}

    def fired(self) -> Iterator[tuple[str, ...]]:
        """Cut sets all of whose events happened."""
        orders = list(range(len(self.events) + 1))
        return self.sets(orders, allowed=lambda event: event.happened is True)

    def sets(
        self,
        orders: Sequence[int],
        *,
        allowed: Callable[[BasicEvent], bool] = lambda _: True,
        cut_off: float | None = None,
    ) -> Iterator[tuple[str, ...]]:
        """Minimal cut sets, lowest order first, made one by one; no branch is entered that holds none."""
        if not self.parts:
            yield from [()] if self.formula.top == TRUE and 0 in orders else []
            return
        packed, width = self._packed(allowed)
        floor = -1.0 if cut_off is None else cut_off
        for order in orders:
            yield from self._of_order(order, packed, width, floor)

    def _of_order(
        self, order: int, packed: dict[int, dict[int, int]], width: int, floor: float
    ) -> Iterator[tuple[str, ...]]:
        """Depth first over (what is chosen, what is still to be chosen from); the latter is a linked list."""
        mask = (1 << width) - 1
        by_gate = self._by_gate()
        top = self.parts[-1]
        if not packed[top.gate][top.sets] >> width * order & mask:
            return
        stack: list[tuple[tuple[int, ...], Todo]] = [((), (top, top.sets, order, None))]
        while stack:
            chosen, todo = stack.pop()
            if todo is None:
                yield tuple(sorted(self.events[v].name for v in chosen))
                continue
            part, node, need, rest = todo
            if node == UNIT:
                stack.append((chosen, rest))
                continue
            counts = packed[part.gate]
            low, high = part.zdd.low[node], part.zdd.high[node]
            if counts[low] >> width * need & mask:
                stack.append((chosen, (part, low, need, rest)))
            variable = part.variables[part.zdd.level[node]]
            if variable >= 0:
                more = (*chosen, variable)
                # What the node has beyond its low child goes through its event: nothing when that is not allowed.
                if (counts[node] - counts[low]) >> width * need & mask and self._likely(more, floor):
                    stack.append((more, (part, high, need - 1, rest)))
                continue
            below = by_gate[-1 - variable]
            for some, _ in _unpack(packed[below.gate][below.sets], width):
                if some <= need and counts[high] >> width * (need - some) & mask:
                    stack.append((chosen, (below, below.sets, some, (part, high, need - some, rest))))

    def _likely(self, chosen: tuple[int, ...], floor: float) -> bool:
        return floor < 0 or prod(self._stated(v) for v in chosen) >= floor


def _unpack(packed: int, width: int) -> Iterator[tuple[int, int]]:
    """The fields of a packed number that are not zero, with their places."""
    mask = (1 << width) - 1
    order = 0
    while packed:
        if packed & mask:
            yield order, packed & mask
        packed >>= width
        order += 1
