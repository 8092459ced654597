"""Episodes: when a component began to depart from its course, and when it went the usual way again.

A departure is dated by the visits that show it: it began after the last one that went the usual way, and it is over where
so many go the usual way again that it cannot be on any more. Two faults that are on at once are told apart by these times.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause import course

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Spans

#: A departure is over where its visits would all go well again with so little chance if it were still on.
_CHANCE = 0.05


@dataclass(frozen=True, slots=True)
class Episode:
    """Visits of one component that went another way: ns of the first and the last of them, and what shows it.

    ``earliest``: the last usual visit before; ``until``: the first usual one after it was over, None while it is still on.
    """

    component: str
    earliest: int
    begin: int
    last: int
    until: int | None
    traces: int
    bits: float
    change: course.Change
    #: The first span that shows it.
    row: int
    #: When visits of that kind were seen, and whether each went another way.
    at: NDArray[np.int64]
    off: NDArray[np.bool_]


def episodes(case: Case, before: NDArray[np.bool_], now: NDArray[np.bool_]) -> tuple[Episode, ...]:
    """One for each component that departs from its course in ``now`` where nothing below it does; first to begin first."""
    spans = case.spans
    off = course.departures(case, before, now)
    by: dict[int, list[int]] = defaultdict(list)
    for visit in course.deepest(spans, off):
        by[int(spans.component[visit])].append(visit)
    made = [_episode(spans, rows, off, before | now) for rows in by.values()]
    return tuple(sorted(made, key=lambda one: (one.begin, one.component)))


def _episode(
    spans: Spans, rows: Sequence[int], off: dict[int, list[course.Change]], known: NDArray[np.bool_]
) -> Episode:
    """The episode of one component, whose departed visits are ``rows``, among all its visits of the same kinds."""
    code = spans.component[rows[0]]
    kinds = np.unique(spans.operation[rows])
    alike = np.flatnonzero(known & (spans.component == code) & np.isin(spans.operation, kinds))
    traces = np.unique(spans.trace[rows])
    went = np.isin(spans.trace[alike], traces)
    at = spans.at[alike]
    begin, last = int(at[went].min()), int(at[went].max())
    usual_before, after = at[~went & (at < begin)], at[~went & (at > last)]
    inside = int((~went & (at > begin) & (at < last)).sum())
    change = max((one for row in rows for one in off[row]), key=lambda one: (one.bits, one.operation, one.event))
    return Episode(
        spans.components[code],
        int(usual_before.max(initial=int(spans.at[0]))),
        begin,
        last,
        int(after[0]) if len(after) and _over(len(traces), inside, len(after)) else None,
        len(traces),
        change.bits,
        change,
        int(alike[went][0]),
        at,
        went,
    )


def _over(off: int, usual: int, after: int) -> bool:
    """Whether so many usual visits in a row are no chance, by the share that was off before (Jeffreys' prior)."""
    gone = _beta(off + 0.5, usual + after + 0.5) - _beta(off + 0.5, usual + 0.5)
    return gone <= math.log(_CHANCE)


def _beta(one: float, other: float) -> float:
    return math.lgamma(one) + math.lgamma(other) - math.lgamma(one + other)
