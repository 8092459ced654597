"""One name for what is one component: pods under the name of their workload, versions under the name of their service.

A pod is called after its workload, the hash of its template and five random letters (kubernetes.io: "Deployments", label
``pod-template-hash``; the alphabet is that of ``k8s.io/apimachinery/pkg/util/rand``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.core.case import Case, Logs, Series, Spans
    from afterword.model.event import Fact

_POD = re.compile(
    r"(?P<base>.+)-(?=[a-z]*\d)(?P<hash>[bcdfghjklmnpqrstvwxz2456789]{6,10}|[0-9a-f]{8,10})-[bcdfghjklmnpqrstvwxz2456789]{5}"
)
#: What wrote the telemetry where nothing in it says so.
UNNAMED = "system"
_VERSION = re.compile(r"(?P<base>.+?)-(?:v\d+|canary|stable|primary|blue|green|baseline)")


def merged(case: Case) -> Case:
    """The case with every component under one name; what told its pods apart becomes part of the name of a series.

    Where no line, span or sample names a component, all of them are the ``system``'s.
    """
    names = {series.component for series in case.series} | {*case.logs.components, *case.spans.components}
    stated = {fact.event.subject for fact in (*case.alerts, *case.changes, *case.edges, *case.patterns, *case.undated)}
    stated |= {fact.event.name for fact in case.edges}
    known = resolved(names | stated)
    if names == {""}:
        known[""] = UNNAMED
    if all(name == other for name, other in known.items()):
        return case
    return replace(
        case,
        series=_series(case.series, known),
        logs=_logs(case.logs, known),
        spans=_spans(case.spans, known),
        alerts=_facts(case.alerts, known),
        changes=_facts(case.changes, known),
        patterns=_facts(case.patterns, known),
        undated=_facts(case.undated, known),
        edges=tuple(
            replace(fact, event=replace(fact.event, subject=known[fact.event.subject], name=known[fact.event.name]))
            for fact in case.edges
        ),
    )


def resolved(names: Iterable[str]) -> dict[str, str]:
    """Each name with the one it goes under."""
    made = {name: (found["base"] if (found := _POD.fullmatch(name)) else name) for name in names}
    known = {*made, *made.values()}
    versions: dict[str, set[str]] = defaultdict(set)
    for one in made.values():
        if found := _VERSION.fullmatch(one):
            versions[found["base"]].add(one)
    plain = {base for base, mine in versions.items() if base in known or len(mine) > 1}
    return {
        name: found["base"] if (found := _VERSION.fullmatch(one)) and found["base"] in plain else one
        for name, one in made.items()
    }


def _facts(facts: Sequence[Fact], known: Mapping[str, str]) -> tuple[Fact, ...]:
    return tuple(
        fact if known[fact.event.subject] == fact.event.subject else replace(fact, event=replace(fact.event, subject=known[fact.event.subject]))
        for fact in facts
    )  # fmt: skip


def _series(all_of: Sequence[Series], known: Mapping[str, str]) -> tuple[Series, ...]:
    groups: dict[tuple[str, str, str], list[Series]] = defaultdict(list)
    for one in all_of:
        groups[known[one.component], one.indicator, one.statistic].append(one)
    beside = {component for (component, _, _), mine in groups.items() if len(mine) > 1 and not _follow(_ordered(mine))}
    made = [
        series
        for (component, _, _), mine in groups.items()
        for series in _told_apart(component, mine, component in beside)
    ]
    return tuple(sorted(made, key=lambda one: (one.component, one.indicator, one.statistic)))


def _ordered(mine: Sequence[Series]) -> list[Series]:
    return sorted(mine, key=lambda one: (int(one.at[0]), one.component))


def _follow(ordered: Sequence[Series]) -> bool:
    """Each ends before the next begins."""
    return all(one.at[-1] < other.at[0] for one, other in pairwise(ordered))


def _told_apart(component: str, mine: Sequence[Series], beside: bool) -> list[Series]:
    """One after the other they are one series; side by side each keeps the name of its pod.

    So does what only one of several pods reports, such as errors that the others never had.
    """
    ordered = _ordered(mine)
    if len(mine) == 1 and not beside:
        return [replace(mine[0], component=component)]
    if len(mine) > 1 and _follow(ordered):
        at, value = (np.concatenate([getattr(one, key) for one in ordered]) for key in ("at", "value"))
        return [replace(ordered[-1], component=component, at=at, value=value)]
    return [
        replace(one, component=component, statistic=f"{one.statistic} {one.component}".strip() if one.component != component else one.statistic)
        for one in mine
    ]  # fmt: skip


def _logs(logs: Logs, known: Mapping[str, str]) -> Logs:
    codes, names = _recoded(logs.components, known)
    return replace(logs, component=codes[logs.component] if len(logs) else logs.component, components=names)


def _spans(spans: Spans, known: Mapping[str, str]) -> Spans:
    codes, names = _recoded(spans.components, known)
    return replace(spans, component=codes[spans.component] if len(spans) else spans.component, components=names)


def _recoded(components: Sequence[str], known: Mapping[str, str]) -> tuple[np.ndarray, tuple[str, ...]]:
    names = tuple(sorted({known[name] for name in components}))
    place = {name: code for code, name in enumerate(names)}
    return np.array([place[known[name]] for name in components], dtype=np.int32), names
