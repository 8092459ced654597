"""Probabilities on a diagram: of the top, and of the top given each event, without ever subtracting.

All sweeps go layer by layer over a table (core/cause/engine.py); ``chance`` may hold one probability for every level, or one
row for every level and a column for every sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.model.tree import Importance

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from afterword.core.cause.engine import Table
    from afterword.model.tree import BasicEvent

    Numbers = NDArray[np.float64]


def layers(table: Table) -> Iterator[slice]:
    """Nodes of equal level, deepest first; the terminals are left out."""
    ends = np.flatnonzero(np.diff(table.level[2:])) + 3
    starts = [2, *ends.tolist()]
    for start, end in zip(starts, [*starts[1:], len(table.level)], strict=True):
        if end > start:
            yield slice(start, end)


def holding(table: Table, chance: Numbers) -> Numbers:
    """For every node the probability that it holds, ``chance[level]`` being that of its variable."""
    found = np.zeros((len(table.level), *chance.shape[1:]))
    found[1] = 1.0
    for layer in layers(table):
        p = chance[table.level[layer.start]]
        found[layer] = p * found[table.high[layer]] + (1.0 - p) * found[table.low[layer]]
    return found


def probability(table: Table, chance: Numbers) -> Numbers:
    """Of the root, for every sample."""
    found: Numbers = holding(table, chance)[table.root]
    return found


def conditionals(table: Table, chance: Numbers) -> tuple[Numbers, Numbers]:
    """P(root | variable) and P(root | not variable) for every level.

    Each is a sum over the edges of the diagram: through a node of that level, or past it. Taking what goes past as
    the rest (P - p * Birnbaum) loses every digit where it is near zero, so it is summed: each edge adds to the range of
    levels that it jumps over, kept in a binary tree of ranges.
    """
    size = len(chance)
    holds, reach = holding(table, chance), _reached(table, chance)
    level, high, low = table.level[2:], table.high[2:], table.low[2:]
    here, p = reach[2:], chance[level]
    with_ = np.bincount(level, here * holds[high], size)
    without = np.bincount(level, here * holds[low], size)
    past = np.zeros(2 * size)
    _jump(past, np.zeros(1, np.int64), table.level[[table.root]], holds[[table.root]])
    for child, share in ((high, p), (low, 1.0 - p)):
        _jump(past, level + 1, table.level[child], here * share * holds[child])
    beside = _sums(past)
    return with_ + beside, without + beside


def _reached(table: Table, chance: Numbers) -> Numbers:
    """For every node the probability of the paths that lead to it."""
    reach = np.zeros(len(table.level))
    reach[table.root] = 1.0
    for layer in reversed(list(layers(table))):
        p, here = chance[table.level[layer.start]], reach[layer]
        np.add.at(reach, table.high[layer], here * p)
        np.add.at(reach, table.low[layer], here * (1.0 - p))
    return reach


def _jump(past: Numbers, low: NDArray[np.signedinteger], high: NDArray[np.signedinteger], amount: Numbers) -> None:
    """Add each amount to the levels from ``low`` up to, not including, ``high``: to the few ranges that make it up."""
    size = len(past) // 2
    low, high = low.astype(np.int64) + size, high.astype(np.int64) + size
    while True:
        going = (low < high) & (amount > 0)
        if not going.any():
            return
        low, high, amount = low[going], high[going], amount[going]
        odd = (low & 1).astype(bool)
        np.add.at(past, low[odd], amount[odd])
        low = low + odd
        odd = (high & 1).astype(bool)
        high = high - odd
        np.add.at(past, high[odd], amount[odd])
        low, high = low >> 1, high >> 1


def _sums(past: Numbers) -> Numbers:
    """What was added to every level, by all ranges that hold it."""
    size = len(past) // 2
    at = np.arange(size, 2 * size)
    total = np.zeros(size)
    while at.any():
        total += np.where(at > 0, past[at], 0.0)
        at = at >> 1
    return total


def importance_of(event: BasicEvent, top: float, with_: float, without: float) -> Importance:
    """The measures of one event, all from P(top), P(top | event) and P(top | not event).

    A quotient by zero has no value: it is None, not infinite. Fussell-Vesely is the share of the risk that would be gone
    without the event, 1 - 1 / RRW (as NUREG/CR-3385 and its successors use it); DIF is P(event | top).
    """
    p = event.probability or 0.0
    return Importance(
        event=event.name,
        fussell_vesely=(top - without) / top if top else None,
        birnbaum=with_ - without,
        criticality=p * (with_ - without) / top if top else None,
        raw=with_ / top if top else None,
        rrw=top / without if without else None,
        dif=p * with_ / top if top else None,
    )
