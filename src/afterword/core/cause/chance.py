"""Probabilities on a diagram: of the top, and of the top given each event, without ever subtracting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.tree import Importance

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.cause.part import Part
    from afterword.model.tree import BasicEvent


def probabilities(part: Part, chance: Sequence[float]) -> dict[int, float]:
    """For every node the probability that it holds, ``chance[level]`` being that of its variable."""
    bdd = part.bdd
    found = {0: 0.0, 1: 1.0}
    for node in bdd.reachable(part.root):
        p = chance[bdd.level[node]]
        found[node] = p * found[bdd.high[node]] + (1.0 - p) * found[bdd.low[node]]
    return found


def conditionals(part: Part, chance: Sequence[float]) -> list[tuple[float, float]]:
    """P(root | variable) and P(root | not variable) for every level.

    Each is a sum over the edges of the diagram: through a node of that level, or past it. Taking what goes past as
    the rest (P - p * Birnbaum) loses every digit where it is near zero, so it is summed: each edge adds to the range of
    levels that it jumps over, kept in a binary tree of ranges.
    """
    bdd, root = part.bdd, part.root
    nodes = bdd.reachable(root)
    holds = probabilities(part, chance)
    size = len(chance)
    reach = dict.fromkeys(nodes, 0.0)
    reach[root] = 1.0
    with_, without, past = [0.0] * size, [0.0] * size, [0.0] * (2 * size)
    _jump(past, 0, min(bdd.level[root], size), holds[root])
    for node in reversed(nodes):
        here, level = reach[node], bdd.level[node]
        with_[level] += here * holds[bdd.high[node]]
        without[level] += here * holds[bdd.low[node]]
        for child, share in ((bdd.high[node], chance[level]), (bdd.low[node], 1.0 - chance[level])):
            if child > 1:
                reach[child] += here * share
            _jump(past, level + 1, min(bdd.level[child], size), here * share * holds[child])
    return [(with_[at] + _sum(past, at), without[at] + _sum(past, at)) for at in range(size)]


def _jump(past: list[float], low: int, high: int, amount: float) -> None:
    """Add to the levels from ``low`` up to, not including, ``high``."""
    size = len(past) // 2
    low, high = low + size, high + size
    while low < high and amount:
        if low & 1:
            past[low] += amount
            low += 1
        if high & 1:
            high -= 1
            past[high] += amount
        low, high = low >> 1, high >> 1


def _sum(past: list[float], level: int) -> float:
    at = level + len(past) // 2
    total = 0.0
    while at:
        total += past[at]
        at >>= 1
    return total


def importance_of(event: BasicEvent, top: float, with_: float, without: float) -> Importance:
    """The five measures of one event. A quotient by zero has no value: it is None, not infinite.

    Fussell-Vesely is the share of the top's probability in which the event is present, P(event | top), as SCRAM
    reports it (its DIF); criticality is the share in which the event decides.
    """
    p = event.probability or 0.0
    return Importance(
        event=event.name,
        fussell_vesely=p * with_ / top if top else None,
        birnbaum=with_ - without,
        criticality=p * (with_ - without) / top if top else None,
        raw=with_ / top if top else None,
        rrw=top / without if without else None,
    )
