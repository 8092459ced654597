"""The case with its clocks brought together: what has been added is kept with every event, and told."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.core.case import FACTS, Chosen, Inside
from afterword.core.skew import pair, solve
from afterword.model.skew import Skew
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Logs, Series, Spans
    from afterword.model.event import Fact

#: So many changes must say the same zone, unless nothing in the artefact speaks against the one there is.
_CHANGES = 2


def corrected(case: Case) -> Case:
    """The case with the skew of each clock taken out of its times, and the estimates that this rests on."""
    case = _hosted(case)
    found = solve.skews(pair.pairs(case))
    stated = _unstated(case)
    found = tuple(_zoned(one) if one.clock in stated else one for one in found)
    known = {one.clock for one in found}
    found = tuple(
        sorted((*found, *(one for one in _by_changes(case) if one.clock not in known)), key=lambda s: s.clock)
    )
    applied = {one.clock: one for one in found if one.applied}
    if not applied:
        return replace(case, skews=found, inside=Inside())
    facts: dict[str, Any] = {name: _facts(getattr(case, name), applied) for name in FACTS}
    return replace(
        case,
        skews=found,
        logs=_logs(case.logs, case.spans, applied),
        spans=_spans(case.spans, applied),
        series=tuple(_series(one, applied) for one in case.series),
        inside=Inside(),
        **facts,
    )


def _hosted(case: Case) -> Case:
    """One name for the clock of a process: a line that names only the process has the clock of its one host."""
    hosts: dict[str, set[str]] = defaultdict(set)
    for clock in (*case.logs.clocks, *case.spans.clocks):
        process, _, host = clock.partition(" on ")
        if host:
            hosts[process].add(clock)
    known = {process: clocks.pop() for process, clocks in hosts.items() if len(clocks) == 1}
    codes, clocks = _renamed(case.logs.clock, case.logs.clocks, known)
    span_codes, span_clocks = _renamed(case.spans.clock, case.spans.clocks, known)
    return replace(
        case,
        logs=replace(case.logs, clock=codes, clocks=clocks),
        spans=replace(case.spans, clock=span_codes, clocks=span_clocks),
    )


def _renamed(
    codes: NDArray[np.int32], clocks: tuple[str, ...], known: Mapping[str, str]
) -> tuple[NDArray[np.int32], tuple[str, ...]]:
    names = [known.get(clock, clock) for clock in clocks]
    if names == list(clocks):
        return codes, clocks
    unique = sorted(set(names))
    return np.array([unique.index(name) for name in names], dtype=np.int32)[codes], tuple(unique)


def _unstated(case: Case) -> set[str]:
    """Clocks none of whose times states a zone."""
    logs = case.logs
    zoned = np.unique(logs.clock[logs.offset != -32768]).tolist() if len(logs) else []
    bare = np.unique(logs.clock[logs.offset == -32768]).tolist() if len(logs) else []
    made = {logs.clocks[code] for code in bare if code not in zoned}
    states: dict[str, set[bool]] = defaultdict(set)
    for name in FACTS:
        for fact in getattr(case, name):
            if fact.event.at is not None:
                states[fact.event.clock].add(fact.event.offset is not None)
    return (made | {clock for clock, said in states.items() if said == {False}}) - {
        c for c, s in states.items() if True in s
    }


def _zoned(one: Skew) -> Skew:
    """A clock without a zone that runs whole quarters of an hour ahead keeps the time of another zone."""
    quarters = round(one.ahead / pair.QUARTER)
    apart = quarters * pair.QUARTER
    if not quarters or not one.least - MINUTE <= apart <= one.most + MINUTE or abs(quarters) > 56:
        return one
    inside = one.least <= apart <= one.most
    return replace(one, zone=quarters * 15, applied=-apart if inside else one.applied)


def _by_changes(case: Case) -> Iterable[Skew]:
    """The zone of an artefact without one, from changes that another artefact dates with theirs."""
    apart: dict[str, list[tuple[int, Fact, Fact]]] = defaultdict(list)
    for bare, zoned in pair.deployed(case):
        apart[bare.event.clock].append(((bare.event.at or 0) - (zoned.event.at or 0), bare, zoned))
    for clock, several in sorted(apart.items()):
        quarters = {round(one / pair.QUARTER) for one, _, _ in several}
        quarter = quarters.pop()
        beside = max(abs(one - quarter * pair.QUARTER) for one, _, _ in several)
        if quarters or not quarter or len(several) < _CHANGES or beside > pair.BESIDE:
            continue
        ahead = quarter * pair.QUARTER
        _, bare, zoned = several[0]
        yield Skew(
            clock, zoned.event.clock, ahead - beside, ahead + beside, -ahead, len(several), len(several), ("changes",),
            quarter * 15, (bare.cite, zoned.cite),
        )  # fmt: skip


def _facts(facts: Sequence[Fact], applied: Mapping[str, Skew]) -> tuple[Fact, ...]:
    moved = [_fact(fact, applied.get(fact.event.clock)) for fact in facts]
    return tuple(sorted(moved, key=lambda f: (f.event.at is None, f.event.at or 0, f.cite, f.event.name)))


def _fact(fact: Fact, skew: Skew | None) -> Fact:
    event = fact.event
    if skew is None or event.at is None:
        return fact
    until = None if event.until is None else event.until + skew.applied
    offset = skew.zone if event.offset is None else event.offset
    return replace(
        fact, event=replace(event, at=event.at + skew.applied, until=until, skew=skew.applied, offset=offset)
    )


def _moves(clock: NDArray[np.int32], clocks: Sequence[str], applied: Mapping[str, Skew]) -> NDArray[np.int64]:
    """What is added to the time of each row."""
    each = np.array([applied[name].applied if name in applied else 0 for name in clocks], dtype=np.int64)
    return each[clock] if len(clock) else np.empty(0, dtype=np.int64)


def _logs(logs: Logs, spans: Spans, applied: Mapping[str, Skew]) -> Logs:
    place = _places(spans, applied)
    if len(logs.span) and len(place):
        logs = replace(logs, span=np.where(logs.span >= 0, place[logs.span], -1).astype(np.int32))
    moves = _moves(logs.clock, logs.clocks, applied)
    if not moves.any():
        return logs
    zone = np.array(
        [-32768 if (one := applied.get(name)) is None or one.zone is None else one.zone for name in logs.clocks],
        dtype=np.int16,
    )
    offset = np.where(logs.offset == -32768, zone[logs.clock], logs.offset).astype(np.int16)
    at = logs.at + moves
    order = np.argsort(at, kind="stable")
    return replace(
        logs,
        at=at[order],
        component=logs.component[order],
        template=logs.template[order],
        severity=logs.severity[order],
        text=Chosen(logs.text, order),
        attributes=Chosen(logs.attributes, order),
        rows=logs.rows.taken(order),
        offset=offset[order],
        clock=logs.clock[order],
        granularity=logs.granularity[order],
        weight=None if logs.weight is None else logs.weight[order],
        trace=logs.trace[order] if len(logs.trace) else logs.trace,
        span=logs.span[order] if len(logs.span) else logs.span,
        status=logs.status[order] if len(logs.status) else logs.status,
        took=logs.took[order] if len(logs.took) else logs.took,
        request=logs.request[order] if len(logs.request) else logs.request,
    )


def _places(spans: Spans, applied: Mapping[str, Skew]) -> NDArray[np.int32]:
    """Where each row stands when the rows are in the order of their corrected times; none where no clock is moved."""
    moves = _moves(spans.clock, spans.clocks, applied)
    if not moves.any():
        return np.empty(0, dtype=np.int32)
    order = np.argsort(spans.at + moves, kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return place


def _spans(spans: Spans, applied: Mapping[str, Skew]) -> Spans:
    place = _places(spans, applied)
    if not len(place):
        return spans
    at = spans.at + _moves(spans.clock, spans.clocks, applied)
    order = np.argsort(place)
    parent = spans.parent[order]
    return replace(
        spans,
        at=at[order],
        took=spans.took[order],
        component=spans.component[order],
        operation=spans.operation[order],
        failed=spans.failed[order],
        parent=np.where(parent >= 0, place[parent], -1).astype(np.int32),
        trace=spans.trace[order],
        text=Chosen(spans.text, order),
        attributes=Chosen(spans.attributes, order),
        rows=spans.rows.taken(order),
        clock=spans.clock[order],
    )


def _series(one: Series, applied: Mapping[str, Skew]) -> Series:
    # What a process pushes carries its clock; what is scraped from it carries that of the monitor.
    skew = applied.get(one.clock) or applied.get(f"{one.component} on {one.clock}")
    return one if skew is None else replace(one, at=one.at + skew.applied)
