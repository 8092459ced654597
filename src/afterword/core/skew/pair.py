"""What two clocks saw both: calls between components, lines inside of spans, one record in two artefacts.

Each such pair bounds how far one clock runs ahead of the other. A call of a client holds the work of its server, so with
``d`` the advance of the server's clock ``end(server) - end(client) <= d <= start(server) - start(client)``; a line that names
its span was written inside of it; a record that stands in two artefacts was stamped at one moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.model.time import HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Spans
    from afterword.model.event import Event, Fact
    from afterword.model.evidence import Citation

#: So many pairs of two clocks are looked at; more would not narrow the interval much.
_MOST = 4000
#: Times of one record in two artefacts that lie further apart are not of one record.
_FURTHEST = 26 * HOUR


@dataclass(frozen=True, slots=True)
class Pairs:
    """Bounds for the advance of the clock ``one`` over ``other``; ``needed`` of them at the least make an estimate."""

    one: str
    other: str
    by: str
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    needed: int
    cites: tuple[Citation, ...] = ()
    #: Whether each pair is known to hold, so that pairs which contradict each other mean a clock that moved.
    sure: bool = False


def pairs(case: Case) -> Iterator[Pairs]:
    """All pairs of clocks that saw something both."""
    yield from _calls(case.spans)
    yield from _lines(case)
    for facts in (case.messages, case.alerts, case.pages, case.statuses):
        yield from _records(facts)


def _calls(spans: Spans) -> Iterator[Pairs]:
    """Spans whose parent another clock stamped."""
    if len(spans.clocks) < 2:
        return
    child = np.flatnonzero(spans.parent >= 0)
    parent = spans.parent[child]
    crossing = spans.clock[child] != spans.clock[parent]
    child, parent = child[crossing], parent[crossing]
    key = spans.clock[child].astype(np.int64) * len(spans.clocks) + spans.clock[parent]
    for code in np.unique(key).tolist():
        mine = _some(np.flatnonzero(key == code))
        yield _call(spans, child[mine], parent[mine])


def _some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most ``_MOST`` of the rows, evenly chosen."""
    step = -(-len(rows) // _MOST)
    return rows[::step]


def _call(spans: Spans, child: NDArray[np.int64], parent: NDArray[np.int64]) -> Pairs:
    high = spans.at[child] - spans.at[parent]
    low = (spans.at[child] + spans.took[child]) - (spans.at[parent] + spans.took[parent])
    kinds = [_kind(spans.attributes[int(row)]) for row in child]
    queued = np.array([kind in ("consumer", "producer", "internal") for kind in kinds], dtype=np.bool_)
    # What waits in a queue, or was given up by its caller, runs on after its parent has ended: only its start bounds it.
    low = np.where(queued | (low > high), np.iinfo(np.int64).min // 4, low)
    stated = bool(np.mean([kind == "server" for kind in kinds]) > 0.5)
    cites = (spans.rows.cite(int(child[0])), spans.rows.cite(int(parent[0])))
    one, other = spans.clocks[spans.clock[child[0]]], spans.clocks[spans.clock[parent[0]]]
    return Pairs(one, other, "calls", low, high, 3 if stated else 20, cites, stated)


def _kind(attributes: str) -> str:
    """The kind of a span out of its attributes; empty when none is stated."""
    lowered = attributes.lower()
    return next((kind for kind in ("server", "consumer", "producer", "internal") if f'"kind": "{kind}"' in lowered), "")


def _lines(case: Case) -> Iterator[Pairs]:
    """Lines that name the span or the trace in which they were written."""
    inside = case.inside
    if not len(inside.log):
        return
    logs, spans = case.logs, case.spans
    one, other = logs.clock[inside.log].astype(np.int64), spans.clock[inside.span].astype(np.int64)
    key = one * len(spans.clocks) + other
    for code in np.unique(key).tolist():
        mine = _some(np.flatnonzero(key == code))
        names = logs.clocks[code // len(spans.clocks)], spans.clocks[code % len(spans.clocks)]
        if names[0] == names[1]:
            continue
        at = logs.at[inside.log[mine]]
        cites = (logs.rows.cite(int(inside.log[mine[0]])), spans.rows.cite(int(inside.span[mine[0]])))
        # A logger may cut the digits off: what it calls .000 may be anything up to the next unit.
        width = logs.granularity[inside.log[mine]]
        yield Pairs(*names, "lines in spans", at - inside.high[mine], at + width - inside.low[mine], 3, cites)


def _records(facts: Sequence[Fact]) -> Iterator[Pairs]:
    """Records with the same words in two artefacts, each of them once."""
    by_clock: dict[str, dict[tuple[str, ...], list[Fact]]] = {}
    for fact in facts:
        key = _identity(fact.event)
        if key and fact.event.at is not None:
            by_clock.setdefault(fact.event.clock, {}).setdefault(key, []).append(fact)
    names = sorted(by_clock)
    for index, one in enumerate(names):
        for other in names[index + 1 :]:
            both = [
                (by_clock[one][key][0], by_clock[other][key][0])
                for key in sorted(by_clock[one].keys() & by_clock[other].keys())
                if len(by_clock[one][key]) == len(by_clock[other][key]) == 1
            ]
            yield from _equal(one, other, both)


def _identity(event: Event) -> tuple[str, ...]:
    """What makes a record itself, whoever exported it; nothing for what is too short to be told apart."""
    words = " ".join(event.text.split())
    return (event.name, words) if len(words) >= 12 else ()


def _equal(one: str, other: str, both: Iterable[tuple[Fact, Fact]]) -> Iterator[Pairs]:
    near = [(a, b) for a, b in both if abs(_at(a) - _at(b)) <= _FURTHEST]
    if near:
        apart = np.array([_at(a) - _at(b) for a, b in near], dtype=np.int64)
        yield Pairs(
            one, other, "equal records",
            apart - np.array([b.event.granularity for _, b in near], dtype=np.int64),
            apart + np.array([a.event.granularity for a, _ in near], dtype=np.int64),
            3, (near[0][0].cite, near[0][1].cite),
        )  # fmt: skip


def _at(fact: Fact) -> int:
    return fact.event.at or 0


def deployed(case: Case) -> Iterator[tuple[Fact, Fact]]:
    """One change in two artefacts, the first of them without a zone: they tell in which zone it was written."""
    stated: dict[str, list[Fact]] = {}
    for fact in case.changes:
        if fact.event.offset is not None and fact.event.at is not None:
            for known in _changes(fact.event):
                stated.setdefault(known, []).append(fact)
    for fact in case.changes:
        if fact.event.offset is None and fact.event.at is not None:
            found = {id(other): other for known in _changes(fact.event) for other in stated.get(known, ())}
            near = [o for o in found.values() if abs(_at(fact) - _at(o)) <= 15 * HOUR]
            if len(near) == 1 and near[0].cite.evidence != fact.cite.evidence:
                yield fact, near[0]


def _changes(event: Event) -> set[str]:
    """What a change is known by: its commit, to seven digits, or its number."""
    return {one[:7] if len(one) >= 7 else one for one in (event.name, event.attributes.get("commit", "")) if one}


#: Zones lie a quarter of an hour apart; a deployment is recorded within minutes of being made.
QUARTER, BESIDE = 15 * MINUTE, 7 * MINUTE
