"""The course of requests: what a component usually says and calls while it serves one, and where it departs from that.

Inside of one span the same lines are printed and the same calls are made, time and again. A line that was never there and
now is, or one that always was and now is not, tells that the code took another way: an exception cuts off what usually
follows, a wrong answer leads into another branch (the events of a trace as in Nezha, FSE 2023, here with a test that needs
no thresholds). Who calls it departs from its course as well, so what counts is the deepest span that departed.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.heard import Heard
from afterword.core.cause.visit import DEEP, events_of, only, operations_of, passed_on, visits_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Case, Spans
    from afterword.core.cause.visit import Events, Visits
    from afterword.core.window import Found

#: Bits for another rate rather than the same one, from which on a course has changed; and beyond which more says nothing.
_CHANGED, _ENOUGH = 4.0, 24.0
#: Moments of the window from which on a change is looked for: what began is seldom there from its first second on.
_CUTS = 8
#: So many traces that went well are enough to tell how it goes.
_SOME = 3


@dataclass(frozen=True, slots=True)
class Change:
    """An event that became more or less frequent in visits of one kind: shares of visits, and bits for the change."""

    component: str
    operation: str
    event: str
    is_line: bool
    before: float
    now: float
    bits: float
    since: int
    row: int
    #: Whom a call asks.
    callee: str = ""

    @property
    def gone(self) -> bool:
        return self.now < self.before


@dataclass(frozen=True, slots=True)
class Departed:
    """A component that departs from its course where nothing below it does."""

    component: str
    share: float
    traces: int
    changes: tuple[Change, ...]
    #: Codes of these traces.
    where: frozenset[int] = frozenset()

    def weight(self) -> float:
        return math.log2(1 + max(change.bits for change in self.changes)) * self.share


def departed(case: Case, found: Found) -> tuple[Departed, ...]:
    """Components whose own course changed, most telling first."""
    spans = case.spans
    now = (spans.at >= found.window.start) & (spans.at <= found.window.end)
    before = (spans.at >= found.baseline.start) & (spans.at <= found.baseline.end) & ~now
    return _origins(spans, departures(case, before, now))


def departures(case: Case, before: NDArray[np.bool_], now: NDArray[np.bool_]) -> dict[int, list[Change]]:
    """The visits of ``now`` that go another way than those of ``before``, by row of the span, each with what tells."""
    if not now.any() or not before.any():
        return {}
    spans = case.spans
    operation, names = operations_of(spans)
    visits, strange = visits_of(case, operation, before, now)
    events = events_of(case, before | now, operation, names)
    off: dict[int, list[Change]] = defaultdict(list)
    for level in (visits, visits._replace(kind=visits.fine)):
        told = passed_on(level, events, before)
        _off(level, told, _changes(spans, level, told, now), now, off)
    # An error that is not an everyday one is strange in any visit.
    level, told = visits._replace(counted=before | now), only(events, strange)
    _off(level, told, _changes(spans, level, told, now), now, off)
    return dict(off)


def _changes(spans: Spans, visits: Visits, events: Events, now: NDArray[np.bool_]) -> dict[tuple[int, int], Change]:
    """Events that became more or less frequent, by kind of visit and event, each since when that is clearest."""
    if not len(events.visit):
        return {}
    width = int(events.event.max()) + 1
    pairs = visits.kind[events.visit] * width + events.event
    key, first, code = np.unique(pairs, return_index=True, return_inverse=True)
    best = np.full(len(key), -np.inf)
    since, shares = np.zeros(len(key), dtype=np.int64), np.zeros((2, len(key)))
    cuts = np.unique(np.quantile(spans.at[now], np.arange(_CUTS) / _CUTS, method="lower"))
    for cut in cuts.tolist():
        after = now & (spans.at >= cut) & visits.counted
        bits, p, q = _apart(visits, events, code, key // width, visits.counted & ~after, after)
        better = bits > best
        best[better], since[better] = bits[better], cut
        shares[0, better], shares[1, better] = p[better], q[better]
    made = {}
    for k in np.flatnonzero(best - math.log2(len(cuts)) >= _CHANGED).tolist():
        of, event = divmod(int(key[k]), width)
        visit = int(events.visit[first[k]])
        made[of, event] = Change(
            spans.components[spans.component[visit]], spans.operations[spans.operation[visit]], events.said(event),
            event < events.lines, float(shares[0, k]), float(shares[1, k]), min(float(best[k]) - math.log2(len(cuts)), _ENOUGH),
            int(since[k]), int(events.row[first[k]]), events.asks(event, of),
        )  # fmt: skip
    return made


def _apart(
    visits: Visits,
    events: Events,
    code: NDArray[np.int64],
    of: NDArray[np.int64],
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Bits for a change of each event, and its shares of the visits before and after.

    The reference is how things go when they go well: without the traces that tell of an error, where others are left. But
    a change has to be one against all of them, too: errors that are always there are no change.
    """
    p, m = _share(visits, events, code, of, before)
    q, n = _share(visits, events, code, of, after)
    good, k = _share(visits, events, code, of, before & visits.well)
    fine = _traces(visits, of, after & visits.well)
    some = k >= np.minimum(_SOME, m)
    everything = bits_for(p, m, q, n)
    # Where nothing went well before and now something does, nothing tells how it should go.
    unknown = ~some & (fine * m > k * n)
    well = np.where(some, np.minimum(bits_for(good, k, q, n), everything), np.where(unknown, 0.0, everything))
    reference = np.where(some, good, p)
    # What is asked for decides about the rest: only what never or always happens is the code's own.
    fixed = (1 - 4 * reference * (1 - reference)) ** 2
    return well * fixed, reference, q


def _share(
    visits: Visits, events: Events, code: NDArray[np.int64], of: NDArray[np.int64], part: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Share of the visits of its kind in which each event happened, and in how many traces there are any."""
    many = int(visits.kind.max()) + 1
    here = np.bincount(visits.kind[part], minlength=many)
    seen = np.bincount(code[part[events.visit]], minlength=len(of))
    return seen / np.maximum(here[of], 1), _traces(visits, of, part)


def _traces(visits: Visits, of: NDArray[np.int64], part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """In how many traces there are visits of these kinds: visits of one trace tell the same thing."""
    pairs = np.unique((visits.kind[part] << 32) + visits.trace[part])
    return np.bincount(pairs >> 32, minlength=int(visits.kind.max()) + 1)[of]


def bits_for(
    p: NDArray[np.float64], m: NDArray[np.int64], q: NDArray[np.float64], n: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Bits for two rates rather than one (beta-binomial, Jeffreys' prior), with traces as the sample."""
    apart = _beta(p * m, m) + _beta(q * n, n)
    alike = _beta(p * m + q * n, m + n)
    found: NDArray[np.float64] = np.where((m > 0) & (n > 0), (apart - alike) / math.log(2), 0.0)
    return found


def _beta(hits: NDArray[np.float64], of: NDArray[np.int64]) -> NDArray[np.float64]:
    """Logarithm of the marginal likelihood of so many hits among so many."""
    gamma = np.vectorize(math.lgamma, otypes=[np.float64])
    found: NDArray[np.float64] = gamma(hits + 0.5) + gamma(of - hits + 0.5) - gamma(of + 1.0) - 2 * math.lgamma(0.5)
    return found


def deepest(spans: Spans, off: dict[int, list[Change]]) -> list[int]:
    """The departed visits that have none below them: where it began."""
    above = _above(spans, np.fromiter(off, dtype=np.int64, count=len(off)))
    return [visit for visit in off if not above[visit]]


def _origins(spans: Spans, off: dict[int, list[Change]]) -> tuple[Departed, ...]:
    """The deepest departed visits of each trace, counted by component."""
    gathered: dict[str, dict[int, float]] = defaultdict(dict)
    seen: dict[str, set[Change]] = defaultdict(set)
    for visit in deepest(spans, off):
        component, trace = whose(spans, visit, off[visit]), int(spans.trace[visit])
        best = max(change.bits for change in off[visit])
        gathered[component][trace] = max(best, gathered[component].get(trace, 0.0))
        seen[component].update(off[visit])
    total = sum(sum(by.values()) for by in gathered.values())
    made = [
        Departed(component, sum(by.values()) / total, len(by), _best(seen[component]), frozenset(by))
        for component, by in gathered.items()
    ]
    return tuple(sorted(made, key=lambda one: (-one.weight(), one.component)))


def whose(spans: Spans, visit: int, changes: list[Change]) -> str:
    """The component whose departure a visit shows.

    Where visits are known by lines alone, one that says nothing is not seen. Who asked goes on as ever, only without it.
    """
    silent = {change.callee for change in changes if change.gone}
    if isinstance(spans, Heard) and len(silent) == 1 and all(change.gone and change.callee for change in changes):
        return silent.pop()
    name: str = spans.components[spans.component[visit]]
    return name


def _best(changes: set[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda one: (-one.bits, one.operation, one.event, one.row))[:3])


def _off(
    visits: Visits,
    events: Events,
    changes: dict[tuple[int, int], Change],
    now: NDArray[np.bool_],
    off: dict[int, list[Change]],
) -> None:
    """Add the visits of the incident that hold something new, or lack something that was always there."""
    for (of, event), change in changes.items():
        mine = np.flatnonzero(now & visits.counted & (visits.kind == of) & (visits.at >= change.since))
        has = np.isin(mine, events.visit[events.event == event])
        for visit in mine[~has if change.gone else has].tolist():
            off[visit].append(change)


def _above(spans: Spans, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Spans that have one of these below them."""
    found = np.zeros(len(spans), dtype=np.bool_)
    for _ in range(DEEP):
        rows = spans.parent[rows].astype(np.int64)
        rows = np.unique(rows[rows >= 0])
        rows = rows[~found[rows]]
        if not len(rows):
            break
        found[rows] = True
    return found
