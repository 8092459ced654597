"""Lanes: what each kind of evidence says about each component, in bits. A lane without data is silent."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import indicator
from afterword.core.cause import topology
from afterword.core.derive import ERROR
from afterword.core.indicator import Family
from afterword.model.cause import Reason
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case
    from afterword.core.cause.topology import Blame, Topology
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal

#: Families that a caller inherits from what it calls; the rest is its own.
INHERITED = (Family.ERRORS, Family.LATENCY, Family.TRAFFIC)


#: So many times the usual spread are counted out; beyond it a figure says no more.
_COUNTED = 1000
#: A name that says "my view of something else": the client side of a call, not the thing itself.
PROXY = re.compile(r"[_\-. ](remote|client|proxy|upstream)$", re.IGNORECASE)


@dataclass(slots=True)
class Tally:
    """Bits for one component, split into what it may have inherited and what is its own."""

    own: float = 0.0
    other: float = 0.0
    inherited: dict[Family, float] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    against: list[Reason] = field(default_factory=list)

    @property
    def errors(self) -> float:
        return self.inherited.get(Family.ERRORS, 0.0)

    @property
    def latency(self) -> float:
        return self.inherited.get(Family.LATENCY, 0.0)

    def total(self) -> float:
        return self.own + sum(self.inherited.values())

    def unasked(self, share: float) -> None:
        """Nobody waits for it and it fails nobody: what is left are its own figures, which count in part."""
        self.own *= share
        self.other *= share
        self.inherited = {}

    def inherit(self, family: Family, weight: float) -> None:
        self.inherited[family] = self.inherited.get(family, 0.0) + weight


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
        _inherited(tally, [s for s in ranked if indicator.family(s.indicator) in INHERITED])
        tally.own = _best(s for s in ranked if indicator.family(s.indicator) not in INHERITED)
        # What answers with errors fails itself; what only waits may wait for something else.
        failing = [s for s in ranked if indicator.family(s.indicator) is Family.ERRORS and bits(s) >= 2]
        tally.other = 1.0 if failing else 0.0
        for signal in ranked[:4]:
            tally.reasons.append(Reason(_says(signal), bits(signal), (signal.cite,)))
        made[component] = tally
    return made


def _inherited(tally: Tally, ranked: Sequence[Signal]) -> None:
    """The strongest signal of a family counts whole, each further one a little; beside errors the rest counts half."""
    seen: set[Family] = set()
    failing = any(indicator.family(s.indicator) is Family.ERRORS for s in ranked)
    for signal in ranked[:8]:
        family = indicator.family(signal.indicator)
        share = 0.05 if family in seen else 0.5 if failing and family is not Family.ERRORS else 1.0
        tally.inherit(family, bits(signal) * share)
        seen.add(family)


def _best(signals: Iterable[Signal]) -> float:
    found = [bits(signal) for signal in signals]
    return found[0] + 0.05 * sum(found[1:6]) if found else 0.0


def _says(signal: Signal) -> str:
    way = "rose" if signal.shift > 0 else "fell"
    # What a query answers without a name is called so by its reader; that is no name for people.
    name = "a series without a name" if signal.indicator == "value" else signal.indicator
    return f"{name} {way} from {number(signal.baseline)} to {number(signal.peak)}, {_times(signal.shift)} times its usual spread"


def _times(shift: float) -> str:
    return number(abs(shift)) if abs(shift) <= _COUNTED else f"more than {_COUNTED:,}"


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


def logs(case: Case, found: Found, blames: Sequence[Blame], told: NDArray[np.bool_] | None = None) -> dict[str, Tally]:
    """New or multiplied error lines; a line that names another component counts for that one."""
    made: dict[str, Tally] = defaultdict(Tally)
    healthy = max(found.baseline.length, 1)
    troubled = max(found.window.length, 1)
    shifted: dict[str, float] = defaultdict(float)
    elsewhere = {blame.speaker for blame in blames}
    start, end = found.window.start, found.baseline.end
    before = (case.logs.severity >= ERROR) & (case.logs.at <= end)
    for (component, template), rows, usual in topology.templates_of(case.logs, start, end, told):
        expected = usual * troubled / healthy
        if len(rows) <= 2 * expected + 1:
            continue
        name = case.logs.components[component]
        weight = math.log2(1 + len(rows) / (1 + expected))
        shifted[name] = max(shifted[name], weight)
        # Everyday ones count for nothing, but they were there.
        earlier = case.logs.at[before & (case.logs.component == component) & (case.logs.template == template)]
        often = _often(seen_before(earlier, case.logs.at[rows]))
        says = f"{len(rows)} error lines of a kind seen {often}: “{case.logs.text[rows[0]][:160]}”"
        made[name].reasons.append(Reason(says, weight, (case.logs.rows.cite(rows[0]),)))
    for name, weight in shifted.items():
        made[name].inherit(Family.ERRORS, 0.6 * weight)
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


#: A run of lines may begin so long before what is measured in intervals shows it.
_LEAD = MINUTE


def seen_before(earlier: NDArray[np.int64], now: NDArray[np.int64]) -> int:
    """How many came before the run of ``now`` began: what is as near to it as its own are to one another belongs to it."""
    if not len(now):
        return len(earlier)
    begin = first = int(now.min())
    near = 2 * int(np.median(np.diff(np.sort(now)))) if len(now) > 1 else 0
    for at in sorted((int(one) for one in earlier if first - _LEAD <= one < first), reverse=True):
        if begin - at > near:
            break
        begin = at
    return int((earlier < begin).sum())


def _often(times: int) -> str:
    return {0: "never before", 1: "once before"}.get(times, f"{times} times before")


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


@dataclass(frozen=True, slots=True)
class Account:
    """What a caller's trouble of one family is accounted for by its callees: the share, and the one that has most of it."""

    share: float
    most: str


Accounts = dict[tuple[str, Family], Account]


def explained(signals: Sequence[Signal], graph: Topology, tallies: Mapping[str, Tally]) -> Accounts:
    """For each caller and family of trouble, the share that what it calls accounts for."""
    rises = _rises(signals)
    made: Accounts = {}
    for caller, callees in graph.callees.items():
        for family in INHERITED:
            shares = {callee: _share(caller, callee, family, rises, tallies) for callee in callees}
            shares = {callee: share for callee, share in shares.items() if share > 0}
            if shares:
                most = max(shares, key=lambda name: (shares[name], name))
                made[caller, family] = Account(min(1.0, sum(shares.values())), most)
    return made


def _rises(signals: Sequence[Signal]) -> dict[tuple[str, str], float]:
    """Rise over the usual level by (component, indicator), for latency and errors."""
    return {
        (s.component, s.indicator): s.peak - s.baseline
        for s in signals
        if indicator.family(s.indicator) in (Family.LATENCY, Family.ERRORS)
    }


def _share(
    caller: str, callee: str, family: Family, rises: Mapping[tuple[str, str], float], tallies: Mapping[str, Tally]
) -> float:
    """Same measure: rise of the callee over rise of the caller. Different ones: their bits, at a discount."""
    ratios = _ratios(caller, callee, family, rises)
    if ratios and PROXY.search(caller):
        # It has no trouble of its own: what it sees is what the thing behind it does.
        return 1.0
    if ratios:
        return min(1.0, max(ratios))
    mine, theirs = tallies.get(caller), tallies.get(callee)
    if mine is None or theirs is None or not mine.inherited.get(family):
        return 0.0
    if family is Family.ERRORS and theirs.errors <= 0 and not _waited(caller, callee, rises):
        return 0.0
    weight = theirs.total() if family is not Family.ERRORS else theirs.errors + 0.5 * theirs.latency + theirs.own
    return min(0.8, 0.8 * weight / mine.inherited[family]) if weight >= 1.5 else 0.0


def _ratios(caller: str, callee: str, family: Family, rises: Mapping[tuple[str, str], float]) -> list[float]:
    pairs = [
        (rises[callee, name], rise)
        for (component, name), rise in rises.items()
        if component == caller and rise and (callee, name) in rises and indicator.family(name) is family
    ]
    return [theirs / mine for theirs, mine in pairs if theirs / mine > 0]


def _waited(caller: str, callee: str, rises: Mapping[tuple[str, str], float]) -> bool:
    """Slowness becomes an error where the caller gives up waiting: then it has waited about as long itself.

    Where their latencies cannot be compared, it may have.
    """
    ratios = _ratios(callee, caller, Family.LATENCY, rises)
    return max(ratios, default=1.0) >= 0.5


def discounted(tallies: Mapping[str, Tally], accounts: Accounts) -> frozenset[str]:
    """Components that are only slow, while others fail for a reason that nothing they call accounts for."""
    fail = any(
        tally.errors >= 2 and accounts.get((name, Family.ERRORS), Account(0.0, "")).share < 0.5
        for name, tally in tallies.items()
    )
    return frozenset(name for name, tally in tallies.items() if fail and tally.errors <= 0 and tally.latency > 0)


def loaded(signals: Sequence[Signal], graph: Topology, tallies: Mapping[str, Tally]) -> frozenset[str]:
    """Components that are only slow while a caller in trouble asks far more of them: the caller made them slow."""
    more = {s.component for s in signals if is_more_traffic(s)}
    troubled = {caller for caller, callees in graph.callees.items() if callees and _in_trouble(tallies.get(caller))}
    asked = {callee for caller in troubled for callee in graph.callees[caller]}
    return frozenset(name for name in more & asked if (tally := tallies.get(name)) and tally.errors <= 0)


def is_more_traffic(signal: Signal) -> bool:
    """Clearly more was asked of the component: at least twice what is usual, by requests or by spans."""
    asked = indicator.family(signal.indicator) is Family.TRAFFIC or signal.indicator == "spans"
    return asked and signal.shift > 0 and signal.peak > 2 * abs(signal.baseline) and bits(signal) >= 2


def _in_trouble(tally: Tally | None) -> bool:
    return tally is not None and tally.errors + tally.latency >= 2
