"""The lane of traces: where errors start, which component departs from its course, and where time is lost."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause import chain, course, waiting
from afterword.core.cause.heard import Heard
from afterword.core.cause.lane import Tally, metrics, number
from afterword.core.derive import SPAN_LATENCY, SPAN_SELF_TIME
from afterword.core.indicator import Family
from afterword.model.cause import Reason

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case
    from afterword.core.cause.course import Change, Departed
    from afterword.core.cause.waiting import Lost
    from afterword.core.window import Found
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Signal

#: Less than that is not worth a reason.
_LEAST = 0.1
_MS = 1e6
#: What a monitor's latency counts beside spans.
_MONITOR = 0.5
#: So much of a departure is taken off where who departs had waited too long for another.
_GIVEN_UP = 0.7
#: What a departure, or lost time, counts beside a shift of as many bits: blame has been moved to where it belongs.
_BLAMED = 1.5


def traces(case: Case, found: Found) -> dict[str, Tally]:
    """Bits for each component from spans and the lines inside of them; nothing where there are no spans."""
    made: dict[str, Tally] = defaultdict(Tally)
    if not len(case.spans):
        return made
    if not isinstance(case.spans, Heard):
        _failing(case, found, made)
    losts = waiting.lost(case, found)
    for one in course.departed(case, found):
        weight = _BLAMED * one.weight() * (1 - _GIVEN_UP * _waited(one, losts))
        _add(made[one.component], weight, _course(case, one), _of_change(case, one.changes[0]))
    for lost in losts:
        _add(made[lost.component], _BLAMED * lost.weight(), _time(lost), case.spans.rows.cite(_worst(lost)))
    return dict(made)


def _waited(one: Departed, losts: Sequence[Lost]) -> float:
    """The share of the departed traces in which the component first lost time on the way to another that is to blame for it.

    Who gives up waiting takes another way: that is the other one's doing.
    """
    given_up = [
        one.where & place.traces
        for lost in losts
        if lost.component != one.component
        for place in lost.places
        if one.component in place.ends
    ]
    return len(frozenset().union(*given_up)) / max(len(one.where), 1)


def lines(case: Case, found: Found) -> dict[str, Tally]:
    """Bits for components at which requests end, told by the lines that come no more; nothing where traces tell."""
    made: dict[str, Tally] = defaultdict(Tally)
    if len(case.spans):
        return made
    cut = chain.broken(case, found, np.zeros(len(case.logs), dtype=np.bool_))
    total = sum(one.requests for one in cut)
    for one in cut:
        weight = _BLAMED * math.log2(1 + one.bits) * one.requests / total
        said = case.logs.text[one.row][:120]
        says = f"{one.requests} of {one.of} requests end here: “{said}” no longer follows what it always came with"
        _add(made[one.component], weight, says, case.logs.rows.cite(one.row))
    return dict(made)


def measured(case: Case, found: Found, signals: Sequence[Signal]) -> dict[str, Tally]:
    """The lane of metrics, where spans tell of the same thing: then what was measured from them adds nothing.

    And a monitor's latency of what spans pass counts in part: spans tell where the time was lost, it only that some was.
    """
    if not waiting.compares(case, found):
        return metrics(signals)
    made = metrics([one for one in signals if one.indicator not in (SPAN_LATENCY, SPAN_SELF_TIME)])
    for name in made.keys() & set(case.spans.components):
        if Family.LATENCY in made[name].inherited:
            made[name].inherited[Family.LATENCY] *= _MONITOR
    return made


def told(case: Case, found: Found) -> NDArray[np.bool_]:
    """Lines that were printed inside of spans, where spans of both times tell how it went: they are judged there."""
    logs = case.logs
    inside: NDArray[np.bool_] = logs.span >= 0 if len(logs.span) else np.zeros(len(logs), dtype=np.bool_)
    return inside & (waiting.compares(case, found) and not isinstance(case.spans, Heard))


def _add(tally: Tally, weight: float, says: str, cite: Citation) -> None:
    if weight >= _LEAST:
        tally.own += weight
        tally.reasons.append(Reason(says, weight, (cite,)))


def _failing(case: Case, found: Found, made: dict[str, Tally]) -> None:
    """Failing spans without a failing child are where errors start."""
    spans = case.spans
    now = (spans.at >= found.window.start) & (spans.at <= found.window.end)
    origin = spans.failed & now
    failing_children = spans.parent[spans.failed & (spans.parent >= 0)]
    origin[failing_children] = False
    total = int((spans.failed & now).sum())
    for code, name in enumerate(spans.components):
        rows = np.flatnonzero(origin & (spans.component == code))
        if len(rows) and total:
            weight = 2.0 * len(rows) / total * min(1.0, len(rows) / 3)
            made[name].other += weight
            says = f"{len(rows)} of {total} failing spans fail here first: no span below them failed"
            made[name].reasons.append(Reason(says, weight, (spans.rows.cite(int(rows[0])),)))


def _course(case: Case, one: Departed) -> str:
    change = one.changes[0]
    told = case.logs.text[change.row][:120] if change.is_line else change.event
    often = f"{round(100 * change.before)} % of the times before, {round(100 * change.now)} % now"
    asked = "requests" if one.traces > 1 else "request"
    return f"{one.traces} {asked} went another way here and in nothing that it calls: {change.operation} with “{told}” {often}"


def _of_change(case: Case, change: Change) -> Citation:
    rows = case.logs.rows if change.is_line else case.spans.rows
    return rows.cite(change.row)


def _time(lost: Lost) -> str:
    """The place with most of the time that a component accounts for."""
    most = max(lost.places, key=lambda place: (place.lost, place.operation))
    where = f"on the way from {most.caller} to {most.callee}" if most.callee else "in its own work"
    more = f", and in {len(lost.places) - 1} places more" if len(lost.places) > 1 else ""
    took = f"from {number(most.usual / _MS)} to {number(most.now / _MS)} ms"
    return f"{round(100 * lost.share)} % of the time that is lost is lost here: {most.operation} {where} {took}{more}"


def _worst(lost: Lost) -> int:
    return max(lost.places, key=lambda place: (place.lost, place.operation)).row
