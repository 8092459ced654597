"""A release next to what it replaces: instances that a change brought, against those of the same component that stayed.

The same minute, the same callers, another version: what differs is the version's (concurrent control, as in "Canarying
Releases", The Site Reliability Workbook, chapter 16). Only the harmful way counts.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import indicator, statistics
from afterword.core.cause.lane import number
from afterword.core.indicator import Family
from afterword.model.cause import Reason, Scored
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.case import Case, Series
    from afterword.core.cause.rank import Ranking

#: Fewer samples side by side say nothing.
_LEAST = 4
_MOST_SHIFT = 60.0
_HARM = {Family.ERRORS: 1.0, Family.LATENCY: 0.9, Family.SATURATION: 0.5}
#: A shift below three spreads is everyday difference between two machines.
_PLAIN = 3.0
#: An instance that has had so long and never reported anything does not work.
_SETTLED, _SILENT = 5 * MINUTE, 8.0
#: What the machine measures is not the instance's.
_HOST = re.compile(r"^(node|host)", re.IGNORECASE)


def leaned(case: Case, ranking: Ranking) -> Ranking:
    """The ranking with what each release shows next to the instances that it did not reach."""
    found = {
        component: reason
        for component in {f.event.subject for f in case.changes}
        if (reason := contrast(case, component))
    }
    if not found:
        return ranking
    made = [
        Scored(one.component, round(one.score + found[one.component].weight, 6), (found[one.component], *one.reasons))
        if one.component in found
        else one
        for one in ranking.components
    ]
    return replace(ranking, components=tuple(sorted(made, key=lambda one: (-one.score, one.component))))


def contrast(case: Case, component: str) -> Reason | None:
    """The strongest harmful difference between the instances that a change brought and the others; None without one."""
    mine = [one for one in case.series if one.component == component and one.statistic]
    words = {
        word
        for fact in case.changes
        if fact.event.subject == component
        for word in re.findall(r"[\w.-]+", fact.event.text)
    }
    versions = {
        fact.event.attributes.get("version", "") for fact in case.changes if fact.event.subject == component
    } - {""}
    began = min(
        (fact.event.at for fact in case.changes if fact.event.subject == component and fact.event.at is not None),
        default=None,
    )
    if began is None or not mine:
        return None
    groups: dict[str, tuple[list[Series], list[Series]]] = defaultdict(lambda: ([], []))
    for one in mine:
        instance = one.statistic.rsplit(" ", 1)[-1]
        new = int(one.at[0]) >= began and (instance in words or any(f"-{version}-" in instance for version in versions))
        groups[one.indicator][not new].append(one)
    if (silent := _silent(case, component, {one.statistic.rsplit(" ", 1)[-1] for one in mine}, began)) is not None:
        return silent
    reasons = [reason for name, (new, old) in sorted(groups.items()) for reason in _compared(name, new, old)]
    return max(reasons, key=lambda reason: reason.weight, default=None)


def _silent(case: Case, component: str, seen: set[str], began: int) -> Reason | None:
    """None of the instances that the change says it brought ever reported, although those of other changes did."""
    heard = {one.statistic.rsplit(" ", 1)[-1] for one in case.series if one.statistic} | {
        one.component for one in case.series
    }
    brought: dict[str, set[str]] = defaultdict(set)
    cites = []
    for fact in case.changes:
        versions = fact.event.attributes.get("version", "")
        named = {word for word in re.findall(r"[\w.-]+", fact.event.text) if versions and f"-{versions}-" in word}
        brought[fact.event.subject] |= named
        if fact.event.subject == component and named:
            cites.append(fact.cite)
    others = any(names & heard for name, names in brought.items() if name != component)
    if not brought[component] or brought[component] & (heard | seen) or not others:
        return None
    if case.covered.end - began < _SETTLED:
        return None
    says = f"none of the {len(brought[component])} instances that the change brought has reported anything, though those of other changes have"
    return Reason(says, _SILENT, tuple(cites[:2]))


def _compared(name: str, new: Sequence[Series], old: Sequence[Series]) -> Iterator[Reason]:
    harm, worse = _HARM.get(indicator.family(name), 0.0), indicator.worse(name)
    if not new or not old or not harm or not worse or _HOST.match(name):
        return
    since, until = min(int(one.at[0]) for one in new), max(int(one.at[-1]) for one in new)
    now = np.concatenate([one.value for one in new])
    beside = np.concatenate([one.value[(one.at >= since) & (one.at <= until)] for one in old])
    if len(now) < _LEAST or len(beside) < _LEAST:
        return
    usual = float(np.median(beside))
    spread = max(float(statistics.scale(beside, statistics.least_spread(old[0]))), 0.05 * abs(usual))
    middle, far = float(np.median(now)), float(np.percentile(now, 80 if worse > 0 else 20))
    shift = max(worse * (middle - usual), 0.7 * worse * (far - usual)) / spread if spread else 0.0
    if shift >= _PLAIN:
        says = f"{name} of the instances that the change brought is {number(middle)}, of those it did not reach {number(usual)}"
        yield Reason(says, harm * float(np.log2(1 + min(shift, _MOST_SHIFT))), (new[0].cite, old[0].cite))
