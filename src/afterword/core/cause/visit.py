"""Visits: spans as what is asked of a component, and the events in each: lines printed and calls made inside of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core.cause.familiar import errors
from afterword.core.cause.heard import Heard
from afterword.core.cause.statement import statements

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Spans

#: Depth of calls that is looked at.
DEEP = 64


class Events(NamedTuple):
    """What happened in which visit, each pair once: rows of spans, codes of events, and the row of a line or a span."""

    visit: NDArray[np.int64]
    event: NDArray[np.int64]
    row: NDArray[np.int64]
    #: Codes below it are statements, the others are calls.
    lines: int
    #: Whether each is a call of another component.
    across: NDArray[np.bool_]
    said: Callable[[int], str]
    #: The component that a call asks in a kind of visit; empty for lines, and where it is not always the same one.
    asks: Callable[[int, int], str]


class Visits(NamedTuple):
    """Spans as visits: what kind each is (broadly and finely), its trace, when it began, whether it is counted, went well."""

    kind: NDArray[np.int64]
    fine: NDArray[np.int64]
    trace: NDArray[np.int32]
    at: NDArray[np.int64]
    counted: NDArray[np.bool_]
    well: NDArray[np.bool_]


def visits_of(
    case: Case, operation: NDArray[np.int64], before: NDArray[np.bool_], now: NDArray[np.bool_]
) -> tuple[Visits, NDArray[np.int64]]:
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
    return Visits(kind, setting, spans.trace, spans.at, counted, ~ill[spans.trace]), said.strange


def _numbers(*columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for each distinct row of these columns."""
    _, found = np.unique(np.stack(columns), axis=1, return_inverse=True)
    return found.reshape(-1)


def operations_of(spans: Spans) -> tuple[NDArray[np.int64], list[str]]:
    """The operation of each span; a call of another component is called after that, whatever the client names it.

    Where no span of the client was recorded, the one that was asked names the call.
    """
    if isinstance(spans, Heard):
        return spans.operation.astype(np.int64), list(spans.operations)
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
    for _ in range(DEEP):
        inside = (asked >= 0) & (spans.component[asked] == spans.component)
        if not inside.any():
            break
        entry[inside], asked[inside] = asked[inside], spans.parent[asked[inside]]
    of = np.where(asked >= 0, entry[asked], -1)
    asker = np.where(of >= 0, spans.component[of].astype(np.int64) * (operation.max() + 1) + operation[of] + 1, 0)
    return _numbers(spans.component.astype(np.int64), operation, asker)


def events_of(case: Case, wanted: NDArray[np.bool_], operation: NDArray[np.int64], names: Sequence[str]) -> Events:
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

    def asks(one: int, _: int) -> str:
        return spans.components[(one - len(texts)) // many] if one >= len(texts) else ""

    far = np.zeros(len(visit), dtype=np.bool_)
    if isinstance(spans, Heard):
        far[len(line) :] = spans.component[child] != spans.component[spans.parent[child]]
    else:
        far[len(line) :] = [" to " in names[of] for of in operation[child].tolist()]
    return Events(visit[first], event[first], row[first], len(texts), far[first], said, asks)


def only(events: Events, rows: NDArray[np.int64]) -> Events:
    """The events of statements that these rows of lines were printed by."""
    lines = events.event < events.lines
    kept = lines & np.isin(events.event, events.event[lines & np.isin(events.row, rows)])
    return events._replace(
        visit=events.visit[kept], event=events.event[kept], row=events.row[kept], across=events.across[kept]
    )


def passed_on(visits: Visits, events: Events, before: NDArray[np.bool_]) -> Events:
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

    asked: dict[int, set[str]] = defaultdict(set)
    usual = alike & before[events.visit]
    for kind, one in np.unique(np.stack([visits.kind[events.visit[usual]], events.event[usual]]), axis=1).T.tolist():
        asked[kind].add(events.asks(one, kind))

    def asks(one: int, kind: int) -> str:
        if one != any_call:
            return events.asks(one, kind)
        return next(iter(asked[kind])) if len(asked[kind]) == 1 else ""

    return Events(events.visit[first], event[first], events.row[first], events.lines, events.across[first], said, asks)
