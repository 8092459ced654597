"""A rollout: one change of a component in its steps, the instances that it brought and those that it did not reach.

An instance belongs to the new version when the change names it, when its name bears the version, or when it and all that
share its template first reported after the change began. What stayed is compared for as long as it is itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.candidate import identity
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.core.case import Case, Series
    from afterword.model.event import Fact

_WORD = re.compile(r"(?<![\w.:-])[.:-]*+\w++(?:[.:-]++\w++)*+")
#: Labels that tell one instance, or one version, from its like; the value is what is compared.
_LABEL = re.compile(
    r'(?:,\s*)?(?:pod|pod_name|k8s_pod_name|instance|service_instance_id|version|service_version|app_version|revision|track)="([^"]*)"(?:,(?=[^}]))?'
)
_TAIL = re.compile(r"-[a-z0-9]{4,6}$")
#: A monitor asks so seldom that what was there before may first be seen so late.
_FIRST_SEEN = 2 * MINUTE
#: So many samples that are the same to the last digit are no accident.
_SAME = 3


@dataclass(frozen=True, slots=True)
class Rollout:
    """One change of one component. ``stayed`` gives for each older instance the moment up to which it is itself."""

    component: str
    ref: str
    steps: tuple[Fact, ...]
    began: int
    brought: frozenset[str]
    stayed: Mapping[str, int]
    #: What the change says it brought, whether it ever reported or not.
    named: frozenset[str]

    @property
    def silent(self) -> bool:
        """Nothing that it says it brought has ever been heard."""
        return bool(self.named) and not self.brought & self.named


@dataclass(frozen=True, slots=True)
class Strand:
    """A series without what tells its instance: the name that all instances share, and the instance."""

    name: str
    instance: str
    series: Series


def strand(series: Series) -> Strand | None:
    """The instance that a series is about; None where nothing tells instances apart."""
    if found := _LABEL.search(series.indicator):
        name = series.indicator.replace(found.group(0), "", 1).replace("{}", "")
        return Strand(name, found.group(1), series)
    head, _, tail = series.statistic.rpartition(" ")
    if not tail or not _is_instance(tail, series.component):
        return None
    return Strand(f"{series.indicator} {head}".strip(), tail, series)


def _is_instance(word: str, component: str) -> bool:
    return word.startswith(f"{component}-") or bool(re.search(r"-[a-z0-9]{5}$|:\d+$", word))


def strands(all_of: Iterable[Series]) -> dict[str, list[Strand]]:
    """By component, what belongs to one of its instances."""
    found: dict[str, list[Strand]] = defaultdict(list)
    for series in all_of:
        if len(series.at) and (one := strand(series)) is not None:
            found[series.component].append(one)
    return found


def rollouts(case: Case, by: Mapping[str, Sequence[Strand]]) -> tuple[Rollout, ...]:
    """Every change of a component that can be told apart by its instances, oldest first."""
    steps: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in case.changes:
        event = fact.event
        if event.at is not None and event.subject and event.attributes.get("change", "deploy") == "deploy":
            steps[event.subject, identity(event)].append(fact)
    ordered = sorted(steps.items(), key=lambda item: (min(f.event.at or 0 for f in item[1]), item[0]))
    made = []
    for (component, ref), facts in ordered:
        rivals = [min(f.event.at or 0 for f in other) for (name, _), other in ordered if name == component]
        made.append(_rollout(component, ref, facts, by.get(component, ()), rivals))
    return tuple(made)


def _rollout(component: str, ref: str, facts: Sequence[Fact], mine: Sequence[Strand], rivals: Sequence[int]) -> Rollout:
    began = min(fact.event.at or 0 for fact in facts)
    until = min((at for at in rivals if at > began), default=2**62)
    first = _first_seen(mine)
    marks = {ref, *(f.event.attributes.get(key, "") for f in facts for key in ("version", "commit"))} - {""}
    words = {word for f in facts for word in _WORD.findall(f.event.text)}
    kin: dict[str, int] = {}
    for name, at in first.items():
        kin[_template(name)] = min(kin.get(_template(name), at), at)
    brought = {
        name
        for name, at in first.items()
        if _marked(name, marks) or (at >= began and (name in words or _came(kin[_template(name)], began, until, kin)))
    }
    older = {name for name, at in first.items() if at < began and name not in brought}
    named = frozenset(word for word in words if any(f"-{mark}-" in word for mark in marks)) | (
        frozenset(words) & brought
    )
    return Rollout(component, ref, tuple(facts), began, frozenset(brought), _stayed(mine, older, brought), named)


def _first_seen(mine: Sequence[Strand]) -> dict[str, int]:
    first: dict[str, int] = {}
    for one in mine:
        at = int(one.series.at[0])
        first[one.instance] = min(first.get(one.instance, at), at)
    return first


def _template(instance: str) -> str:
    """What the instances of one version share: a pod's name without its last, random part."""
    return _TAIL.sub("", instance)


def _marked(instance: str, marks: Iterable[str]) -> bool:
    """The name bears the version, or is it, in full or as the first letters of a commit."""
    return any(
        f"-{mark}-" in instance or instance == mark or (len(instance) >= 7 and mark.startswith(instance))
        for mark in marks
    )


def _came(first: int, began: int, until: int, kin: Mapping[str, int]) -> bool:
    """All that share its template came after the change and before the next, and some others had been there before."""
    return began <= first < until and any(at < began - _FIRST_SEEN for at in kin.values())


def _stayed(mine: Sequence[Strand], older: Iterable[str], brought: Iterable[str]) -> dict[str, int]:
    """Until when each older instance is itself: some records go on under the old name with what took its place."""
    by: dict[str, dict[str, Series]] = defaultdict(dict)
    for one in mine:
        if not one.series.derived:
            by[one.instance][one.name] = one.series
    stayed = {}
    for old in sorted(older):
        ends = [at for new in sorted(brought) if (at := _mirrors(by[old], by[new])) is not None]
        stayed[old] = min(ends, default=2**62)
    return stayed


def _mirrors(old: Mapping[str, Series], new: Mapping[str, Series]) -> int | None:
    """From when an older instance's samples are those of a newer one: the same in all that both report."""
    same, varied, start = 0, False, 2**62
    for name in old.keys() & new.keys():
        both, left, right = np.intersect1d(old[name].at, new[name].at, assume_unique=True, return_indices=True)
        if not len(both):
            continue
        values = old[name].value[left]
        if not np.array_equal(values, new[name].value[right]):
            return None
        same += len(both)
        varied = varied or len(np.unique(values)) > 1
        start = min(start, int(new[name].at[0]))
    return start if same >= _SAME and varied else None
