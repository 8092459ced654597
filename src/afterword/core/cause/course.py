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
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core.cause.familiar import errors
from afterword.core.cause.statement import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Spans
    from afterword.core.window import Found

#: Bits for another rate rather than the same one, from which on a course has changed; and beyond which more says nothing.
_CHANGED, _ENOUGH = 4.0, 24.0
#: Depth of calls that is looked at.
_DEEP = 64
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

    def weight(self) -> float:
        return math.log2(1 + max(change.bits for change in self.changes)) * self.share


class _Events(NamedTuple):
    """What happened in which visit, each pair once: rows of spans, codes of events, and the row of a line or a span."""

    visit: NDArray[np.int64]
    event: NDArray[np.int64]
    row: NDArray[np.int64]
    #: Codes below it are statements, the others are calls.
    lines: int
    #: Whether each is a call of another component.
    across: NDArray[np.bool_]
    said: Callable[[int], str]


class _Visits(NamedTuple):
    """Spans as visits: what kind each is (broadly and finely), its trace, when it began, whether it is counted, went well."""

    kind: NDArray[np.int64]
    fine: NDArray[np.int64]
    trace: NDArray[np.int32]
    at: NDArray[np.int64]
    counted: NDArray[np.bool_]
    well: NDArray[np.bool_]


def departed(case: Case, found: Found) -> tuple[Departed, ...]:
    """Components whose own course changed, most telling first."""
    spans = case.spans
    now = (spans.at >= found.window.start) & (spans.at <= found.window.end)
    before = (spans.at >= found.baseline.start) & (spans.at <= found.baseline.end) & ~now
    if not now.any() or not before.any():
        return ()
    operation, names = _operations(spans)
    visits, strange = _visits(case, operation, before, now)
    events = _events(case, before | now, operation, names)
    off: dict[int, list[Change]] = defaultdict(list)
    for level in (visits, visits._replace(kind=visits.fine)):
        told = _passed_on(level, events, before)
        _off(level, told, _changes(spans, level, told, now), now, off)
    # An error that is not an everyday one is strange in any visit.
    level, told = visits._replace(counted=before | now), _only(events, strange)
    _off(level, told, _changes(spans, level, told, now), now, off)
    return _origins(spans, off)


def _visits(
    case: Case, operation: NDArray[np.int64], before: NDArray[np.bool_], now: NDArray[np.bool_]
) -> tuple[_Visits, NDArray[np.int64]]:
    """Visits by component and operation, and the rows of error lines that are not everyday ones.

    Finely, also by who asks and by the everyday errors of the trace. Who is asked by somebody new is asked something new, and
    a trace with an everyday error goes as such traces go: what has no example in the reference is not counted.
    """
    spans = case.spans
    kind = spans.component.astype(np.int64) * (operation.max() + 1) + operation
    _, kind = np.unique(kind, return_inverse=True)
    traces = np.zeros((2, int(spans.trace.max()) + 1), dtype=np.bool_)
    traces[0, spans.trace[before]], traces[1, spans.trace[now]] = True, True
    said = errors(case.logs, spans.components, traces[0], traces[1])
    ill = np.zeros(traces.shape[1], dtype=np.bool_)
    ill[spans.trace[spans.failed]], ill[case.logs.trace[said.strange]] = True, True
    mix = said.mix[spans.trace]
    setting = _numbers(_asked(spans, operation), mix)
    known, example = np.zeros(kind.max() + 1, dtype=np.bool_), np.zeros(setting.max() + 1, dtype=np.bool_)
    known[kind[before]], example[setting[before]] = True, True
    counted = (before | now) & (example[setting] | (~known[kind] & (mix == 0)))
    return _Visits(kind, setting, spans.trace, spans.at, counted, ~ill[spans.trace]), said.strange


def _numbers(*columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each distinct row of these columns."""
    _, found = np.unique(np.stack(columns), axis=1, return_inverse=True)
    return found.reshape(-1)


def _operations(spans: Spans) -> tuple[NDArray[np.int64], list[str]]:
    """The operation of each span; a call of another component is called after that, whatever the client names it."""
    child = np.flatnonzero(spans.parent >= 0)
    parent = spans.parent[child]
    across = spans.component[parent] != spans.component[child]
    callee = np.full(len(spans), -1, dtype=np.int64)
    callee[parent[across]] = spans.component[child[across]]
    key = spans.operation.astype(np.int64) * (len(spans.components) + 1) + callee + 1
    keys, codes = np.unique(key, return_inverse=True)
    names = []
    for one in keys.tolist():
        operation, to = divmod(one, len(spans.components) + 1)
        names.append(spans.operations[operation] + (f" to {spans.components[to - 1]}" if to else ""))
    return codes, names


def _asked(spans: Spans, operation: NDArray[np.int64]) -> NDArray[np.int64]:
    """Visits of one operation that another component asks for in the same operation of its own have one number."""
    asked = spans.parent.astype(np.int64)
    entry = np.arange(len(spans))
    for _ in range(_DEEP):
        inside = (asked >= 0) & (spans.component[asked] == spans.component)
        if not inside.any():
            break
        entry[inside], asked[inside] = asked[inside], spans.parent[asked[inside]]
    of = np.where(asked >= 0, entry[asked], -1)
    asker = np.where(of >= 0, spans.component[of].astype(np.int64) * (operation.max() + 1) + operation[of] + 1, 0)
    return _numbers(spans.component.astype(np.int64), operation, asker)


def _events(case: Case, wanted: NDArray[np.bool_], operation: NDArray[np.int64], names: Sequence[str]) -> _Events:
    """Lines printed and calls made inside of the wanted spans."""
    spans, logs = case.spans, case.logs
    line = np.flatnonzero(logs.span >= 0) if len(logs.span) else np.empty(0, dtype=np.int64)
    line = line[wanted[logs.span[line]]] if len(line) else line
    code, texts = statements(logs, line)
    child = np.flatnonzero(spans.parent >= 0)
    child = child[wanted[spans.parent[child]]]
    many = len(names)
    called = len(texts) + spans.component[child].astype(np.int64) * many + operation[child]
    visit = np.concatenate([logs.span[line] if len(line) else line, spans.parent[child]]).astype(np.int64)
    event, row = np.concatenate([code, called]), np.concatenate([line, child])
    width = len(texts) + len(spans.components) * many
    _, first = np.unique(visit * width + event, return_index=True)

    def said(one: int) -> str:
        if one < len(texts):
            return texts[one]
        component, of = divmod(one - len(texts), many)
        return f"{names[of]} of {spans.components[component]}"

    far = np.zeros(len(visit), dtype=np.bool_)
    far[len(line) :] = [" to " in names[of] for of in operation[child].tolist()]
    return _Events(visit[first], event[first], row[first], len(texts), far[first], said)


def _only(events: _Events, rows: NDArray[np.int64]) -> _Events:
    """The events of statements that these rows of lines were printed by."""
    lines = events.event < events.lines
    kept = lines & np.isin(events.event, events.event[lines & np.isin(events.row, rows)])
    return events._replace(
        visit=events.visit[kept], event=events.event[kept], row=events.row[kept], across=events.across[kept]
    )


def _passed_on(visits: _Visits, events: _Events, before: NDArray[np.bool_]) -> _Events:
    """What only passes requests on calls whom it is asked to: there any call of another component is as good as another."""
    calls = np.bincount(events.visit[events.across], minlength=len(visits.kind))
    several = np.zeros(int(visits.kind.max()) + 1, dtype=np.bool_)
    several[visits.kind[before & (calls > 1)]] = True
    alike = events.across & ~several[visits.kind[events.visit]]
    any_call = int(events.event.max(initial=0)) + 1
    event = np.where(alike, any_call, events.event)
    _, first = np.unique(events.visit * (any_call + 1) + event, return_index=True)

    def said(one: int) -> str:
        return "a call of another component" if one == any_call else events.said(one)

    return _Events(events.visit[first], event[first], events.row[first], events.lines, events.across[first], said)


def _changes(spans: Spans, visits: _Visits, events: _Events, now: NDArray[np.bool_]) -> dict[tuple[int, int], Change]:
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
            int(since[k]), int(events.row[first[k]]),
        )  # fmt: skip
    return made


def _apart(
    visits: _Visits,
    events: _Events,
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
    everything = _bits(p, m, q, n)
    # Where nothing went well before and now something does, nothing tells how it should go.
    unknown = ~some & (fine * m > k * n)
    well = np.where(some, np.minimum(_bits(good, k, q, n), everything), np.where(unknown, 0.0, everything))
    reference = np.where(some, good, p)
    # What is asked for decides about the rest: only what never or always happens is the code's own.
    fixed = (1 - 4 * reference * (1 - reference)) ** 2
    return well * fixed, reference, q


def _share(
    visits: _Visits, events: _Events, code: NDArray[np.int64], of: NDArray[np.int64], part: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Share of the visits of its kind in which each event happened, and in how many traces there are any."""
    many = int(visits.kind.max()) + 1
    here = np.bincount(visits.kind[part], minlength=many)
    seen = np.bincount(code[part[events.visit]], minlength=len(of))
    return seen / np.maximum(here[of], 1), _traces(visits, of, part)


def _traces(visits: _Visits, of: NDArray[np.int64], part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """In how many traces there are visits of these kinds: visits of one trace tell the same thing."""
    pairs = np.unique((visits.kind[part] << 32) + visits.trace[part])
    return np.bincount(pairs >> 32, minlength=int(visits.kind.max()) + 1)[of]


def _bits(
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


def _origins(spans: Spans, off: dict[int, list[Change]]) -> tuple[Departed, ...]:
    """The deepest departed visits of each trace, counted by component."""
    above = _above(spans, np.fromiter(off, dtype=np.int64, count=len(off)))
    gathered: dict[int, dict[int, float]] = defaultdict(dict)
    seen: dict[int, set[Change]] = defaultdict(set)
    for visit, mine in off.items():
        if not above[visit]:
            component, trace = int(spans.component[visit]), int(spans.trace[visit])
            best = max(change.bits for change in mine)
            gathered[component][trace] = max(best, gathered[component].get(trace, 0.0))
            seen[component].update(mine)
    total = sum(sum(by.values()) for by in gathered.values())
    made = [
        Departed(spans.components[code], sum(by.values()) / total, len(by), _best(seen[code]))
        for code, by in gathered.items()
    ]
    return tuple(sorted(made, key=lambda one: (-one.weight(), one.component)))


def _best(changes: set[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda one: (-one.bits, one.operation, one.event, one.row))[:3])


def _off(
    visits: _Visits,
    events: _Events,
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
    for _ in range(_DEEP):
        rows = spans.parent[rows].astype(np.int64)
        rows = np.unique(rows[rows >= 0])
        rows = rows[~found[rows]]
        if not len(rows):
            break
        found[rows] = True
    return found
