"""Lanes: what each kind of evidence says about each component, in bits. A lane without data is silent."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import indicator
from afterword.core.cause import topology
from afterword.core.derive import self_time
from afterword.core.indicator import Family
from afterword.model.cause import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.topology import Blame, Topology
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal

#: Families that a caller inherits from what it calls; the rest is its own.
INHERITED = (Family.ERRORS, Family.LATENCY, Family.TRAFFIC)


@dataclass(slots=True)
class Tally:
    """Bits for one component, split into what it may have inherited and what is its own."""

    own: float = 0.0
    inherited: float = 0.0
    other: float = 0.0
    reasons: list[Reason] = field(default_factory=list)
    against: list[Reason] = field(default_factory=list)


def bits(signal: Signal) -> float:
    """Strength of a signal: logarithm of its calibrated shift, less when it moved the harmless way."""
    found = math.log2(1 + abs(signal.shift))
    worse = indicator.worse(signal.indicator)
    if worse and worse * signal.shift < 0:
        found *= 0.3
    if indicator.family(signal.indicator) is Family.TRAFFIC:
        found *= 0.6
    return found * (0.7 if signal.derived else 1.0)


def metrics(signals: Sequence[Signal]) -> dict[str, Tally]:
    """The strongest inherited and the strongest own signal of each component, with a little for the others."""
    by: dict[str, list[Signal]] = defaultdict(list)
    for signal in signals:
        by[signal.component].append(signal)
    made = {}
    for component, mine in by.items():
        tally = Tally()
        ranked = sorted(mine, key=lambda s: (-bits(s), s.indicator))
        tally.inherited = _best(s for s in ranked if indicator.family(s.indicator) in INHERITED)
        tally.own = _best(s for s in ranked if indicator.family(s.indicator) not in INHERITED)
        # What answers with errors fails itself; what only waits may wait for something else.
        failing = [s for s in ranked if indicator.family(s.indicator) is Family.ERRORS and bits(s) >= 2]
        tally.other = 1.0 if failing else 0.0
        for signal in ranked[:4]:
            tally.reasons.append(Reason(_says(signal), bits(signal), (signal.cite,)))
        made[component] = tally
    return made


def _best(signals: Iterable[Signal]) -> float:
    found = [bits(signal) for signal in signals]
    return found[0] + 0.05 * sum(found[1:6]) if found else 0.0


def _says(signal: Signal) -> str:
    way = "rose" if signal.shift > 0 else "fell"
    return f"{signal.indicator} {way} from {number(signal.baseline)} to {number(signal.peak)}, {number(abs(signal.shift))} times its usual spread"


def number(value: float) -> str:
    """A number as people read it: three figures, no exponent for everyday sizes."""
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 1e6 or size < 1e-3:
        return f"{value:.2e}"
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def logs(case: Case, found: Found, blames: Sequence[Blame]) -> dict[str, Tally]:
    """New or multiplied error lines; a line that names another component counts for that one."""
    made: dict[str, Tally] = defaultdict(Tally)
    healthy = max(found.baseline.length, 1)
    troubled = max(found.window.length, 1)
    shifted: dict[str, float] = defaultdict(float)
    elsewhere = {blame.speaker for blame in blames}
    for (component, _), rows, usual in topology.templates_of(case.logs, found.window.start, found.baseline.end):
        expected = usual * troubled / healthy
        if len(rows) <= 2 * expected + 1:
            continue
        name = case.logs.components[component]
        weight = math.log2(1 + len(rows) / (1 + expected))
        shifted[name] = max(shifted[name], weight)
        says = f"{len(rows)} error lines of a kind seen {usual} times before: “{case.logs.text[rows[0]][:160]}”"
        made[name].reasons.append(Reason(says, weight, (case.logs.rows.cite(rows[0]),)))
    for name, weight in shifted.items():
        made[name].inherited = 0.6 * weight
        if name not in elsewhere:
            made[name].other = 0.5
    for blame in blames:
        if not blame.external:
            credit = made[blame.named]
            weight = 0.3 * math.log2(1 + blame.count)
            credit.other += weight
            says = f"{blame.count} warnings or errors of {blame.speaker} name it"
            credit.reasons.append(Reason(says, weight, (blame.cite,)))
    return dict(made)


def traces(case: Case, found: Found) -> dict[str, Tally]:
    """Failing spans without a failing child are where errors start; self time is where time is spent."""
    spans = case.spans
    made: dict[str, Tally] = defaultdict(Tally)
    if not len(spans):
        return made
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
    _self_time(case, now, made)
    return dict(made)


def _self_time(case: Case, now: np.ndarray, made: dict[str, Tally]) -> None:
    own, spans = self_time(case.spans), case.spans
    before = ~now & (spans.at < spans.at[now].min()) if now.any() else now
    for code, name in enumerate(spans.components):
        mine = spans.component == code
        usual, troubled = own[mine & before], own[mine & now]
        if len(usual) < 10 or len(troubled) < 5:
            continue
        ratio = float(np.quantile(troubled, 0.9)) / max(float(np.quantile(usual, 0.9)), 1e5)
        if ratio >= 2:
            made[name].own += min(2.0, 0.7 * math.log2(ratio))
            row = int(np.flatnonzero(mine & now)[int(np.argmax(troubled))])
            says = f"time spent in its own spans grew {number(ratio)} times (90th percentile)"
            made[name].reasons.append(Reason(says, min(2.0, 0.7 * math.log2(ratio)), (spans.rows.cite(row),)))


def alerts(case: Case, found: Found) -> dict[str, Tally]:
    """An alert names what somebody measures; it leans towards its component and no more."""
    made: dict[str, Tally] = defaultdict(Tally)
    for fact in case.alerts:
        event = fact.event
        near = event.at is None or event.at >= found.window.start - found.window.length // 4
        if event.subject and near and not made[event.subject].reasons:
            made[event.subject].other = 0.7
            made[event.subject].reasons.append(Reason(f"alert {event.name}: {event.text[:160]}", 0.7, (fact.cite,)))
    return dict(made)


def explained(signals: Sequence[Signal], graph: Topology, tallies: Mapping[str, Tally]) -> dict[str, tuple[float, str]]:
    """The share of each caller's inherited trouble that its callees account for, and the one that accounts for most."""
    worst = _worst_by_measure(signals)
    made: dict[str, tuple[float, str]] = {}
    for caller, callees in graph.callees.items():
        shares = {callee: _share(caller, callee, worst, tallies) for callee in callees}
        shares = {callee: share for callee, share in shares.items() if share > 0}
        if shares:
            most = max(shares, key=lambda name: (shares[name], name))
            made[caller] = (min(1.0, sum(shares.values())), most)
    return made


def _worst_by_measure(signals: Sequence[Signal]) -> dict[tuple[str, str], float]:
    """Rise over the usual level by (component, indicator), for latency and errors."""
    rises = {}
    for signal in signals:
        if indicator.family(signal.indicator) in (Family.LATENCY, Family.ERRORS):
            rises[signal.component, signal.indicator] = signal.peak - signal.baseline
    return rises


def _share(caller: str, callee: str, rises: Mapping[tuple[str, str], float], tallies: Mapping[str, Tally]) -> float:
    """Same measure: rise of the callee over rise of the caller. Different ones: their bits, at a discount."""
    ratios = [
        rises[callee, name] / rise
        for (component, name), rise in rises.items()
        if component == caller and rise and (callee, name) in rises and rises[callee, name] / rise > 0
    ]
    if ratios:
        return min(1.0, max(ratios))
    mine, theirs = tallies.get(caller), tallies.get(callee)
    if mine is None or theirs is None or mine.inherited <= 0:
        return 0.0
    return (
        min(0.8, 0.8 * (theirs.inherited + theirs.own) / mine.inherited)
        if theirs.inherited + theirs.own >= 1.5
        else 0.0
    )
