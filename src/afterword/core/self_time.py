"""Self time: what a span spends itself, without what it waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Spans

#: Times inside one parent are kept in so many bits of ns (38 minutes); what lies beyond counts as its end.
_BITS = 41
#: So much of a sibling has to run within the span that waits for it: its last bytes may come later.
_WITHIN = 0.9


def self_time(spans: Spans) -> NDArray[np.float64]:
    """Duration of each span without the time in which a child ran, in ns. Children that run side by side count once.

    Asynchronous frameworks hang a call on the same parent as the span that waits for it: a span without children waits
    for a later sibling of its own component that has some, as far as it runs within it.
    """
    child = np.flatnonzero(spans.parent >= 0)
    pairs = [(spans.parent[child].astype(np.int64), child), _adopted(spans, child)]
    parent, below = (np.concatenate(part) for part in zip(*pairs, strict=True))
    busy = _covered(spans, parent, below)
    found: NDArray[np.float64] = np.maximum(spans.took - busy, 0).astype(np.float64)
    return found


def _adopted(spans: Spans, child: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a waiting sibling and the sibling that it waits for."""
    none = np.empty(0, dtype=np.int64)
    if not len(child):
        return none, none
    leaf = np.ones(len(spans), dtype=np.bool_)
    leaf[spans.parent[child]] = False
    end = spans.at + spans.took
    order = child[np.lexsort((-end[child], spans.at[child], spans.component[child], spans.parent[child]))]
    family = _numbered(spans.parent[order], spans.component[order])
    base = spans.at[spans.parent[order]]
    begun, until = (np.clip(one[order] - base, 0, (1 << _BITS) - 2) + 1 for one in (spans.at, end))
    key = (family << _BITS) + np.where(leaf[order], until, 0)
    most = np.maximum.accumulate(np.concatenate(([-1], key[:-1])))
    place = np.arange(len(order))
    latest = np.maximum.accumulate(np.where(key >= most, place, 0))
    before = np.concatenate(([0], latest[:-1]))
    within = np.minimum(most & ((1 << _BITS) - 1), until) - begun
    waits = ((most >> _BITS) == family) & ~leaf[order] & (before < place) & (within >= _WITHIN * (until - begun))
    return order[before[waits]], order[waits]


def _numbered(*columns: NDArray[np.int32]) -> NDArray[np.int64]:
    """Groups of equal neighbours in rows that are sorted by these columns, from 0."""
    new = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.cumsum(new)


def _covered(spans: Spans, parent: NDArray[np.int64], child: NDArray[np.int64]) -> NDArray[np.int64]:
    """How long, inside of each parent, at least one of its children ran.

    A child that began before its parent has another clock: it is moved in. One that runs on after it was not waited for.
    """
    total = np.zeros(len(spans), dtype=np.int64)
    if not len(parent):
        return total
    start = np.maximum(spans.at[child] - spans.at[parent], 0)
    end = np.minimum(start + spans.took[child], spans.took[parent])
    order = np.lexsort((start, parent))
    parent, start, end = parent[order], start[order], np.clip(end[order], 0, (1 << _BITS) - 1)
    start = np.minimum(start, (1 << _BITS) - 1)
    group = np.cumsum(np.concatenate(([0], (parent[1:] != parent[:-1]).astype(np.int64))))
    reached = np.maximum.accumulate((group << _BITS) + end)
    before = np.concatenate(([0], reached[:-1]))
    same = np.concatenate(([-1], group[:-1])) == group
    begun = np.where(same, before & ((1 << _BITS) - 1), 0)
    np.add.at(total, parent, np.maximum(end - np.maximum(start, begun), 0))
    return total
