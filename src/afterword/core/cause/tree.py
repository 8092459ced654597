"""Solve a fault tree: exact probability, minimal cut sets counted without being enumerated, importance, what fired."""

from __future__ import annotations

from itertools import islice
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from afterword.core.cause.bounded import bounded
from afterword.core.cause.coupled import expand
from afterword.core.cause.formula import FALSE, TRUE, compile_tree
from afterword.core.cause.part import TooBigTreeError
from afterword.core.cause.plain import Plain
from afterword.core.cause.prime import prime_implicants
from afterword.core.cause.sets import Leaf
from afterword.core.cause.simplify import settled, simplify
from afterword.core.cause.solution import Solution
from afterword.core.cause.uncertainty import propagate, uncertain
from afterword.model.refusal import InvalidError
from afterword.model.tree import TreeResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from afterword.core.cause.engine import Engine
    from afterword.core.cause.formula import Formula
    from afterword.core.cause.part import Part
    from afterword.model.tree import BasicEvent, FaultTree, PrimeImplicants, Uncertainty

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
_BOUNDED = (
    "Certified bounds: {error}. The top probability lies between the bounds for certain, rounding included; they differ by "
    "{gap} of the upper one. {parts} did not fit: a diagram that never holds where the module does not, and one that always "
    "holds where it does, take their place. The cut sets listed are minimal; there may be more, also of low order. No "
    "importance."
)
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

    Where no order of its events gives a diagram within the last budget of the engine, there are bounds of the top
    probability in its place, which hold for certain. Raises InvalidError: the tree contradicts itself (code ``invalid``),
    or it does not fit and an event has no probability (code ``too-big``).
    """
    asked = Asked(limit_order, cut_off, limit, likeliest, trials, seed)
    whole = expand(tree)
    formula = simplify(compile_tree(whole))
    events = {event.name: event for event in whole.events if not event.house}
    ordered = [events[name] for name in formula.events]
    if formula.top in (FALSE, TRUE):
        return _constant(whole, certain=formula.top == TRUE)
    used = engine or Plain()
    try:
        solution = Solution(formula, ordered, used, told)
        if constants := _constants(solution):
            formula = settled(formula, constants)
            ordered = [events[name] for name in formula.events]
            if formula.top in (FALSE, TRUE):
                return _constant(whole, certain=formula.top == TRUE)
            solution = Solution(formula, ordered, used, told)
    except TooBigTreeError as error:
        return _bounded(whole, formula, ordered, used, asked, error, told)
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


def _constants(solution: Solution) -> dict[int, bool]:
    """Modules that hold always, or never: their smallest statement is empty, and says nothing beside others."""
    return {
        part.gate: (part.bdd.root == 1) == (part.literal >= 0)
        for part in solution.parts[:-1]
        if part.bdd.root in (0, 1)
    }


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


def _bounded(
    tree: FaultTree,
    formula: Formula,
    events: Sequence[BasicEvent],
    engine: Engine,
    asked: Asked,
    error: TooBigTreeError,
    told: Callable[[int, int], None] | None,
) -> TreeResult:
    unstated = [event.name for event in events if event.probability is None]
    if unstated:
        raise TooBigTreeError(f"{error}; bounds need a probability for every event; missing: {_some(unstated)}")
    found = bounded(formula, events, engine, error.made, told)
    listed: tuple[tuple[str, ...], ...] = ()
    if formula.monotone():
        sets = _within(found.cut_sets(_leaves(events), likeliest=asked.likeliest), events, asked)
        listed = tuple(islice(sets, max(0, asked.limit)))
    method = _BOUNDED.format(
        error=str(error).capitalize(),
        parts=f"{found.enclosed} of {len(found.parts)} module{'s' if len(found.parts) != 1 else ''}",
        gap=f"{found.gap:.2g}",
    )
    happened = {event.name for event in events if event.happened}
    return TreeResult(
        tree=tree,
        top_probability=None,
        cut_set_count=None,
        by_order=(),
        cut_sets=listed,
        importance=(),
        method=f"{method} Engine: {engine.name}.",
        exact=False,
        fired=tuple(one for one in listed if happened.issuperset(one)),
        modules=len(found.parts),
        bounds=found.interval,
    )


def _leaves(events: Sequence[BasicEvent]) -> dict[Leaf, float]:
    return {Leaf(number): event.probability or 0.0 for number, event in enumerate(events)}


def _within(sets: Iterator[tuple[int, ...]], events: Sequence[BasicEvent], asked: Asked) -> Iterator[tuple[str, ...]]:
    for one in sets:
        likely = prod(events[number].probability or 0.0 for number in one)
        short = asked.limit_order is None or len(one) <= asked.limit_order
        if short and (asked.cut_off is None or likely >= asked.cut_off):
            yield tuple(sorted(events[number].name for number in one))


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
