"""Solve a fault tree: exact probability, minimal cut sets counted without being enumerated, importance, what fired."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from afterword.core.cause.coupled import expand
from afterword.core.cause.diagram import Plain
from afterword.core.cause.formula import FALSE, TRUE, compile_tree
from afterword.core.cause.prime import prime_implicants
from afterword.core.cause.simplify import simplify
from afterword.core.cause.solution import Solution
from afterword.core.cause.uncertainty import propagate, uncertain
from afterword.model.refusal import InvalidError
from afterword.model.tree import TreeResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from afterword.core.cause.engine import Engine
    from afterword.core.cause.formula import Formula
    from afterword.core.cause.part import Part
    from afterword.model.tree import FaultTree, PrimeImplicants, Uncertainty

_METHOD = (
    "Exact: binary decision diagram of each module; minimal cut sets by Rauzy's minimal solutions on a zero-suppressed "
    "diagram, counted without enumeration. Importance from P(top | event) and P(top | not event), each computed "
    "directly."
)
_NEGATED = (
    " The tree uses negation: a cut set here is a smallest set of events that brings the top about when no other event"
    " happens."
)
_PRIMES = " The prime implicants also say which events must not happen."
_NO_PRIMES = " The prime implicants do not fit into the budget and are left out."
_COUPLED = " An event in brackets is a common cause: exactly those members of its group fail together."


class Asked(NamedTuple):
    """What to list and draw. Nothing here changes a count or the probability.

    ``limit_order`` and ``cut_off`` leave out larger and less likely sets, ``limit`` is the longest list, ``likeliest``
    lists by probability and not by order, ``trials`` is how often uncertain numbers are drawn (0: never).
    """

    limit_order: int | None = None
    cut_off: float | None = None
    limit: int = 10_000
    likeliest: bool = False
    trials: int = 0
    seed: int = 1


def solve(
    tree: FaultTree,
    *,
    limit_order: int | None = None,
    cut_off: float | None = None,
    limit: int = 10_000,
    likeliest: bool = False,
    trials: int = 0,
    seed: int = 1,
    engine: Engine | None = None,
    told: Callable[[int, int], None] | None = None,
) -> TreeResult:
    """Everything about one tree. ``told`` hears how many modules are done, and of how many.

    Raises InvalidError: the tree contradicts itself (code ``invalid``), or no order of its events gives a diagram
    within the last budget of the engine (code ``too-big``): then there is no answer rather than an approximate one.
    """
    asked = Asked(limit_order, cut_off, limit, likeliest, trials, seed)
    whole = expand(tree)
    formula = simplify(compile_tree(whole))
    events = {event.name: event for event in whole.events if not event.house}
    ordered = [events[name] for name in formula.events]
    if formula.top in (FALSE, TRUE):
        return _constant(whole, certain=formula.top == TRUE)
    used = engine or Plain()
    solution = Solution(formula, ordered, used, told)
    if (asked.cut_off is not None or asked.likeliest) and solution.unstated:
        what = "a cut-off" if asked.cut_off is not None else "a list by probability"
        raise InvalidError(f"{what} needs a probability for every event; missing: {_some(solution.unstated)}")
    counts = solution.sets.by_order()
    listed = tuple(islice(_listed(solution, asked, counts), max(0, limit)))
    total = sum(count for _, count in counts)
    primes = None if formula.monotone() else prime_implicants(solution, max(0, limit))
    return TreeResult(
        tree=whole,
        top_probability=solution.probability(),
        cut_set_count=total,
        by_order=counts,
        cut_sets=listed,
        importance=solution.importance(),
        method=_method(formula, solution, primes, used.name) + _shortened(tree, len(listed), total, asked),
        exact=True,
        fired=tuple(islice(solution.fired(), max(0, limit))),
        primes=primes,
        uncertainty=_uncertainty(whole, solution, asked),
        modules=len(solution.parts),
    )


def _listed(solution: Solution, asked: Asked, counts: Sequence[tuple[int, int]]) -> Iterator[tuple[str, ...]]:
    if asked.likeliest:
        for _, leaves in solution.sets.likeliest(solution.chance_of_leaves(), asked.cut_off or 0.0):
            if asked.limit_order is None or len(leaves) <= asked.limit_order:
                yield solution.names(leaves)
        return
    chance = None if asked.cut_off is None else solution.chance_of_leaves()
    for order, _ in counts:
        if asked.limit_order is None or order <= asked.limit_order:
            for leaves in solution.sets.of_order(order, chance, asked.cut_off or 0.0):
                yield solution.names(leaves)


def _uncertainty(tree: FaultTree, solution: Solution, asked: Asked) -> Uncertainty | None:
    if not asked.trials or solution.unstated or not uncertain(tree):
        return None
    return propagate(tree, solution.parts, solution.events, trials=asked.trials, seed=asked.seed)


def _constant(tree: FaultTree, *, certain: bool) -> TreeResult:
    """The top is decided by house events alone: the empty set suffices, or nothing does."""
    sets: tuple[tuple[str, ...], ...] = ((),) if certain else ()
    method = f"The top is {'certain' if certain else 'impossible'} whatever the events do."
    orders = ((0, 1),) if certain else ()
    return TreeResult(tree, float(certain), len(sets), orders, sets, (), method, exact=True, fired=sets, modules=0)


def _method(formula: Formula, solution: Solution, primes: PrimeImplicants | None, engine: str) -> str:
    text = _METHOD
    if not formula.monotone():
        text += _NEGATED + (_PRIMES if primes else _NO_PRIMES)
    if solution.unstated:
        text += f" No top probability: nobody stated one for {_some(solution.unstated)}."
    return text + f" Engine: {engine}; {_parts(solution.parts)}."


def _parts(parts: Sequence[Part]) -> str:
    nodes = sum(len(part.bdd.level) - 2 for part in parts)
    return f"{len(parts)} module{'s' if len(parts) != 1 else ''}, {nodes} nodes"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _shortened(tree: FaultTree, listed: int, total: int, asked: Asked) -> str:
    text = _COUPLED if tree.groups else ""
    if listed < total:
        text += (
            f" {listed} of {total} cut sets are listed, {'likeliest' if asked.likeliest else 'lowest orders'} first."
        )
    return text
