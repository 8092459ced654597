"""Ranking of components: lanes added up, then blame moved down the calls to what nothing below explains."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.core.cause import asked, familiar, handed, heard, lane, topology, traced
from afterword.model.cause import Reason, Scored
from afterword.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.case import Case
    from afterword.core.cause.topology import Blame, Topology
    from afterword.core.window import Found
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Signal


#: What the client side of a call sees counts less than what the thing itself shows.
_VIEW = 0.45
#: So much of what is accounted for is taken off.
_TAKEN = 0.7
#: What slowness counts while others fail without being accounted for, or where more was asked of the component.
_ONLY_SLOW = 0.6
#: What the figures of a component count that serves no request.
_IDLE = 0.5


@dataclass(frozen=True, slots=True)
class Ranking:
    """Components best first, with the graph they were judged on."""

    components: tuple[Scored, ...]
    against: dict[str, tuple[Reason, ...]]
    graph: Topology
    blames: tuple[Blame, ...]
    #: Trouble that something they call accounts for, by component and family.
    explained: lane.Accounts

    def score(self, component: str) -> float:
        return next((one.score for one in self.components if one.component == component), 0.0)

    def place(self, component: str) -> int:
        """Rank from 1; a component that was not seen stands behind all others."""
        names = [one.component for one in self.components]
        return names.index(component) + 1 if component in names else len(names) + 1


def rank(case: Case, found: Found, signals: Sequence[Signal]) -> Ranking:
    """Score every component that the evidence mentions."""
    names = components_of(case)
    case = heard.visited(case)
    everyday = familiar.everyday(case.logs, names, found.baseline, found.window)
    told = everyday | traced.told(case, found)
    blames = topology.blames(case, names, found.window.start, everyday)
    graph = topology.build(case, topology.blames(case, names, found.window.start))
    measured = traced.measured(case, found, signals)
    for name in asked.idle(case, graph) & measured.keys():
        measured[name].unasked(_IDLE)
    tallies = _merge(
        measured,
        lane.logs(case, found, blames, told),
        traced.traces(case, found),
        traced.lines(case, found),
        lane.alerts(case, found),
    )
    _first_to_change(signals, tallies)
    explained = lane.explained(signals, graph, tallies)
    given = handed.errors(case, blames, signals, found.window.start, everyday)
    explained = handed.moved(given, explained, tallies)
    slow = Counter([*lane.discounted(tallies, explained), *lane.loaded(signals, graph, tallies)])
    scored = [_scored(name, tallies.get(name, lane.Tally()), explained, _ONLY_SLOW ** slow[name]) for name in names]
    against = {name: said for name in names if (said := _against(name, explained))}
    return Ranking(
        tuple(sorted(scored, key=lambda one: (-one.score, one.component))), against, graph, blames, explained
    )


def lean(ranking: Ranking, component: str, weight: float, says: str, cites: Sequence[Citation]) -> Ranking:
    """The ranking once more, with what was found out about a change or another explanation."""
    if ranking.score(component) <= 0:
        return ranking
    reason = Reason(says, weight, tuple(cites))
    moved = [
        Scored(one.component, round(one.score + weight, 6), (reason, *one.reasons))
        if one.component == component
        else one
        for one in ranking.components
    ]
    return replace(ranking, components=tuple(sorted(moved, key=lambda one: (-one.score, one.component))))


def components_of(case: Case) -> tuple[str, ...]:
    """Every component that emitted something, changed, or is called."""
    names = {series.component for series in case.series}
    names.update(case.logs.components, case.spans.components)
    names.update(fact.event.subject for fact in (*case.alerts, *case.changes, *case.edges))
    names.update(fact.event.name for fact in case.edges)
    names.discard("")
    return tuple(sorted(names))


def _merge(*lanes: dict[str, lane.Tally]) -> dict[str, lane.Tally]:
    merged: dict[str, lane.Tally] = {}
    for one in lanes:
        for name, tally in one.items():
            into = merged.setdefault(name, lane.Tally())
            into.own += tally.own
            for family, weight in tally.inherited.items():
                into.inherit(family, weight)
            into.other += tally.other
            into.reasons.extend(tally.reasons)
    return merged


def _first_to_change(signals: Sequence[Signal], tallies: dict[str, lane.Tally]) -> None:
    """What changed first is more likely where it began; ten seconds or one sample apart is not first."""
    onsets: dict[str, tuple[int, Signal]] = {}
    for signal in signals:
        if signal.onset is not None and (signal.component not in onsets or signal.onset < onsets[signal.component][0]):
            onsets[signal.component] = (signal.onset, signal)
    if len(onsets) < 2:
        return
    first = min(onset for onset, _ in onsets.values())
    for component, (onset, signal) in onsets.items():
        if onset <= first + max(10 * SECOND, onset - (signal.earliest or onset)):
            tally = tallies.setdefault(component, lane.Tally())
            tally.other += 0.5
            tally.reasons.append(Reason("among the first to change", 0.5, (signal.cite,)))


def _scored(name: str, tally: lane.Tally, explained: lane.Accounts, slow: float) -> Scored:
    left = sum(
        weight * (1 - _TAKEN * explained[name, family].share if (name, family) in explained else 1.0)
        for family, weight in tally.inherited.items()
    )
    total = tally.own + left * slow + tally.other
    if lane.PROXY.search(name):
        total *= _VIEW
    reasons = tuple(sorted(tally.reasons, key=lambda r: (-r.weight, r.says)))
    return Scored(name, round(total, 6), reasons[:6])


def _against(name: str, explained: lane.Accounts) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            f"{round(100 * account.share)} % of its {family.value} are accounted for by what it calls, most by {account.most}",
            -2.0 * account.share,
            (),
        )
        for (component, family), account in sorted(explained.items())
        if component == name
    )
