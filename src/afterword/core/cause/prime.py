"""Prime implicants of a tree with negation: smallest sets of "happens" and "does not happen" that suffice for the top.

A part below stands in the primes of the one above as itself or as its negation, and each has primes of its own.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from afterword.core.cause.engine import TooBigError
from afterword.core.cause.sets import Family, Leaf, Sets
from afterword.model.tree import Literal, PrimeImplicants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.cause.part import Part
    from afterword.core.cause.solution import Solution

#: Of the top's first levels in the budgets of an engine: primes may be far more than cut sets, and nobody waits for them.
_ROUND = -3


def prime_implicants(solution: Solution, limit: int) -> PrimeImplicants | None:
    """All counted, the first ``limit`` listed, lowest orders first; None where they do not fit."""
    budget = solution.engine.budgets[max(_ROUND, -len(solution.engine.budgets))]
    made: dict[int, dict[bool, Family]] = {}
    families: list[Family] = []
    try:
        for part in solution.parts:
            needed = (False,) if part is solution.parts[-1] else (False, True)
            made[part.gate] = {
                negated: Family(part.made.primes(budget, negated=negated), _members(part, made)) for negated in needed
            }
            families += made[part.gate].values()
    except TooBigError:
        return None
    sets = Sets(families)
    counts = sets.by_order()
    listed = tuple(islice(_listed(solution, sets), limit))
    return PrimeImplicants(sum(count for _, count in counts), counts, listed)


def _members(part: Part, made: dict[int, dict[bool, Family]]) -> list[Leaf | Family]:
    return [
        Leaf(variable, absent) if variable >= 0 else made[-1 - variable][absent]
        for variable in part.variables
        for absent in (False, True)
    ]


def _listed(solution: Solution, sets: Sets) -> Iterator[tuple[Literal, ...]]:
    for order, _ in sets.by_order():
        for leaves in sets.of_order(order):
            literals = (Literal(solution.events[leaf.event].name, leaf.absent) for leaf in leaves)
            yield tuple(sorted(literals, key=lambda one: (one.event, one.absent)))
