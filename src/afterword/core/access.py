"""Requests as log lines tell them: whoever takes them in writes one line for each, with the status of its answer.

A trace may be one of many, kept because it failed; a line is written for every request. The lines come as spans without a
parent, so that all that is worked out of single requests is worked out of them as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core import request
from afterword.core.case import Chosen, Spans
from afterword.model.time import MILLISECOND

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from afterword.core.case import Case, Logs
    from afterword.core.request import Harm
    from afterword.core.window import Found
    from afterword.model.time import Span

#: From here on the server failed, not who asked (RFC 9110).
FAILED = 500
#: Fewer lines are no access log.
_SOME = 20
#: A component at which so small a share of the traces begins takes in no users.
_FEW = 0.05
#: A status that comes no more than so many times as often as when all is well, and a few more, is everyday.
_OFTENER, _BY_CHANCE = 2.0, 3
#: A failure that is told twice is told within so many ns.
_TWICE = 5 * MILLISECOND


class Calls(NamedTuple):
    """The requests that came in, as spans without a parent, with the status of the answer of each."""

    spans: Spans
    status: NDArray[np.int16]


def calls(case: Case, callees: Mapping[str, frozenset[str]], healthy: Span) -> Calls | None:
    """The requests that came in from outside, by the lines of the component that answered them; None where none tells."""
    logs = case.logs
    if not len(logs.status):
        return None
    rows = np.flatnonzero(logs.status)
    rows = rows[np.isin(logs.component[rows], _entries(case, rows, callees, healthy))]
    rows = _once(logs, _of_one_kind(case, rows))
    if len(rows) < _SOME:
        return None
    rows = rows[np.argsort(logs.at[rows] - logs.took[rows], kind="stable")]
    return Calls(_as_spans(logs, rows), logs.status[rows])


def harm(case: Case, found: Found, told: Calls | None) -> Harm | None:
    """When requests went wrong, by the lines that answered them; failures that are everyday ones date nothing."""
    if told is None:
        return None
    spans = told.spans
    made = request.harm(replace(spans, failed=spans.failed & ~_everyday(told, found)), found)
    if made is None:
        return None
    # A line that states whole seconds was written inside of its second.
    grain = int(case.logs.granularity[case.logs.status > 0].max(initial=1)) - 1
    ended = made.ended and made.ended._replace(latest=made.ended.latest + grain)
    return made._replace(began=made.began._replace(latest=made.began.latest + grain), ended=ended)


def _everyday(told: Calls, found: Found) -> NDArray[np.bool_]:
    """Which requests were answered with a status that comes as often when all is well."""
    at, status = told.spans.at, told.status
    healthy = status[(at >= found.baseline.start) & (at <= found.baseline.end)]
    now = status[(at >= found.window.start) & (at <= found.window.end)]
    usual = [
        code
        for code in np.unique(healthy[healthy >= FAILED]).tolist()
        if int((now == code).sum())
        <= _OFTENER * int((healthy == code).sum()) * found.window.length / max(found.baseline.length, 1) + _BY_CHANCE
    ]
    return np.isin(status, usual)


def _entries(
    case: Case, rows: NDArray[np.int64], callees: Mapping[str, frozenset[str]], healthy: Span
) -> NDArray[np.int64]:
    """Codes of the components where users come in: where traces begin, else what nothing calls, and of these the busiest."""
    logs = case.logs
    count = np.bincount(logs.component[rows], minlength=len(logs.components))
    known = np.flatnonzero(count >= _SOME)
    begun = _begun(case, healthy)
    if begun:
        some = {logs.components[code] for code in known.tolist()}
        if not begun & some:
            # Traces that begin in the browser, or in what makes load: what they call first takes the users in.
            begun = {name for caller in begun for name in callees.get(caller, ())} & some
        return np.array([code for code in known.tolist() if logs.components[code] in begun], dtype=np.int64)
    called = {name for found in callees.values() for name in found}
    outer = np.array([code for code in known.tolist() if logs.components[code] not in called], dtype=np.int64)
    chosen = outer if len(outer) else known
    return chosen[[int(np.argmax(count[chosen]))]] if len(chosen) else chosen


def _begun(case: Case, healthy: Span) -> set[str]:
    spans = case.spans
    rows = request.from_outside(spans, healthy) if len(spans) else np.empty(0, dtype=np.int64)
    count = np.bincount(spans.component[rows], minlength=len(spans.components)) if len(rows) else rows
    return {spans.components[code] for code in np.flatnonzero(count >= max(_FEW * len(rows), 1)).tolist()}


def _of_one_kind(case: Case, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those of one format of each component: a proxy in front of it may write of the same requests under its name."""
    logs = case.logs
    sources = np.array([one.source for one in case.evidence] or [""])
    kept = []
    for code in np.unique(logs.component[rows]).tolist():
        mine = rows[logs.component[rows] == code]
        _, kind = np.unique(sources[np.minimum(logs.rows.evidence[mine], len(sources) - 1)], return_inverse=True)
        kept.append(mine[kind == np.argmax(np.bincount(kind))])
    return np.sort(np.concatenate(kept)) if kept else rows


def _once(logs: Logs, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Without the lines that tell a failure again in other words, as an error beside the line of every request."""
    last: dict[tuple[int, int, int], int] = {}
    again = []
    for row in rows[logs.status[rows] >= FAILED].tolist():
        key = (int(logs.component[row]), int(logs.request[row]), int(logs.status[row]))
        before = last.get(key)
        if before is not None and _repeats(logs, before, row):
            again.append(row)
        else:
            last[key] = row
    return rows[~np.isin(rows, again)]


def _repeats(logs: Logs, before: int, row: int) -> bool:
    return bool(logs.at[row] - logs.at[before] <= _TWICE and logs.template[row] != logs.template[before])


def _as_spans(logs: Logs, rows: NDArray[np.int64]) -> Spans:
    """One span a line. It begins so long before the line as the line says that it took; its text is that of the line."""
    at = logs.at[rows] - logs.took[rows]
    order = np.argsort(at, kind="stable")
    rows = rows[order]
    return Spans(
        at=at[order],
        took=logs.took[rows],
        component=logs.component[rows],
        operation=logs.request[rows],
        failed=logs.status[rows] >= FAILED,
        parent=np.full(len(rows), -1, dtype=np.int32),
        trace=np.arange(len(rows), dtype=np.int32),
        components=logs.components,
        operations=logs.requests,
        text=Chosen(logs.text, rows),
        attributes=Chosen(logs.attributes, rows),
        rows=logs.rows.taken(rows),
    )
