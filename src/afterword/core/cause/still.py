"""What can be said where no series shows a beginning: by states of the platform, and by which alerts fire where."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core import indicator
from afterword.core.cause import graph, limit, state
from afterword.core.indicator import Family
from afterword.model.cause import Cause, Explanation, Grade, Link, LinkKind, Reason, Role, Scored, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.fault import Fault
    from afterword.core.cause.rank import Ranking
    from afterword.model.event import Fact

#: Families of trouble that a caller may have from what it calls.
_HANDED_ON = (Family.ERRORS, Family.LATENCY, Family.TRAFFIC)
#: A component that an alert of its own resources names stands before one that only waits.
_OWN = 1.6
#: A kind that all replicas have, and one that only this one has.
_SHARED, _ALONE = 0.5, 1.5
_NUMBER, _ORDINAL = re.compile(r"\d+"), re.compile(r"[-_]?(?<!\d)\d++$")
_WELL = frozenset(["resolved", "no data"])
_MOST = 6


def explain(case: Case, faults: Sequence[Fault]) -> Explanation | None:
    """The graph of causes without a time line; None where neither states nor alerts say anything."""
    faults = sorted([*faults, *limit.faults(case)], key=lambda fault: -fault.bits)
    firing = _firing(case)
    ranked = by_alerts(firing, _calls(case))
    clear = state.clear(faults)
    if not clear and len(firing) < 2:
        return None
    causes = list(state.causes(faults)) if clear else []
    causes += [_alerted(one, place) for place, one in enumerate(ranked[:_MOST])] if not clear else []
    if not causes:
        return None
    explanation = Explanation("", (), (), ranked, Verdict.INCONCLUSIVE, bool(case.changes), ())
    return with_impact(explanation, causes, faults)


def with_impact(explanation: Explanation, causes: Sequence[Cause], faults: Sequence[Fault]) -> Explanation:
    """The causes joined to an impact of their own."""
    first = causes[0]
    impact = Cause(graph.identity("impact", first.component), f"{first.component} did not do its work", Role.IMPACT, first.component, first.cites, layer="service")  # fmt: skip
    links = tuple(
        Link(one.id, impact.id, LinkKind.PRODUCES, one.grade, ("the platform or an alert says so",), one.cites[:2])
        for one in causes
    )
    verdict = Verdict.EXPLAINED if state.clear(faults) else Verdict.INCONCLUSIVE
    decide = (
        ()
        if verdict is Verdict.EXPLAINED
        else ("series or logs from before and during the trouble: alerts alone do not tell where it began",)
    )
    return replace(
        explanation, top=impact.id, causes=(*causes, impact), links=links, components=_components(explanation, faults),
        verdict=verdict, would_decide=decide,
    )  # fmt: skip


def with_states(explanation: Explanation, faults: Sequence[Fault]) -> Explanation:
    """The graph of a dated incident with the states of the platform in it: clear ones stand first, the others behind."""
    if not faults:
        return explanation
    made, clear = state.causes(faults), bool(state.clear(faults))
    causes = [replace(c, role=Role.CONTRIBUTING) if clear and _gives_way(c) else c for c in explanation.causes]
    best = max((cause.score for cause in causes if cause.role is Role.CONTRIBUTING), default=0.0)
    made = tuple(
        replace(one, score=one.score + best if one in made[: len(state.clear(faults))] else one.score / 10)
        for one in made
    )
    impact = explanation.top
    links = [
        Link(one.id, impact, LinkKind.PRODUCES, one.grade, ("the state of the platform says so",), one.cites[:2])
        for one in made
    ]
    merged = graph.ranked([*causes, *made])
    verdict = Verdict.EXPLAINED if clear else explanation.verdict
    return replace(
        explanation, causes=merged, links=(*explanation.links, *links), components=_components(explanation, faults), verdict=verdict,
    )  # fmt: skip


def _gives_way(cause: Cause) -> bool:
    """What was only inferred stands behind what the platform says of itself; a convicted change does not."""
    return cause.role is Role.PROXIMATE or (cause.role is Role.TRIGGER and cause.ref is None)


def _components(explanation: Explanation, faults: Sequence[Fault]) -> tuple[Scored, ...]:
    """The ranking with the objects of clear faults before it, each under the name that the rest of the evidence uses."""
    best = max((one.score for one in explanation.components), default=0.0)
    known = {one.component for one in explanation.components}
    lifted: dict[str, Scored] = {}
    for fault in state.clear(faults):
        plain = fault.component.partition("/")[2]
        name = plain if plain in known else fault.component
        lifted.setdefault(
            name, Scored(name, round(best + fault.bits, 6), (Reason(fault.says, fault.bits, fault.cites),))
        )
    rest = [one for one in explanation.components if one.component not in lifted]
    return tuple(sorted([*lifted.values(), *rest], key=lambda one: (-one.score, one.component)))


def by_alerts(alerts: Iterable[Fact], calls: Mapping[str, frozenset[str]]) -> tuple[Scored, ...]:
    """Components by their alerts: kinds that few have count most, and what something they call accounts for least.

    Replicas do the same work beside each other: what one of them has and the others have not is its own.
    """
    kinds: dict[str, dict[str, Fact]] = defaultdict(dict)
    for fact in alerts:
        if fact.event.subject:
            kinds[fact.event.subject].setdefault(_kind(fact), fact)
    spread = Counter(kind for mine in kinds.values() for kind in mine)
    replicas = _replicas({*kinds, *calls, *(name for callees in calls.values() for name in callees)})
    made = {
        name: _weighed(mine, spread, len(kinds), [kinds.get(one, {}) for one in replicas[_plain(name)] if one != name])
        for name, mine in kinds.items()
    }
    below = _one_way(calls)
    scored = [_scored(name, kinds[name], made, below) for name in kinds]
    return tuple(sorted(scored, key=lambda one: (-one.score, one.component)))


def weighed(case: Case, ranking: Ranking) -> Ranking:
    """The ranking where no signal tells: what fires on a component weighs as alerts do, beside what it was given."""
    weights = {one.component: one for one in by_alerts(_firing(case), _calls(case))}
    if len(weights) < 2:
        return ranking
    made = [
        replace(one, score=round(one.score + mine.score, 6), reasons=(*mine.reasons, *one.reasons))
        if (mine := weights.get(one.component))
        else one
        for one in ranking.components
    ]
    return replace(ranking, components=tuple(sorted(made, key=lambda one: (-one.score, one.component))))


def _firing(case: Case) -> list[Fact]:
    return [fact for fact in case.alerts if fact.event.attributes.get("state", "firing") not in _WELL]


def _kind(fact: Fact) -> str:
    """What the alert is about, without its component and without which of several it is."""
    words = fact.event.name.replace(fact.event.subject, " ").replace(_plain(fact.event.subject), " ")
    return " ".join(_NUMBER.sub("#", words).split()).strip(" -_") or fact.event.name


def _plain(name: str) -> str:
    """A replica without its number: ``cart`` for ``cart-1``."""
    return _ORDINAL.sub("", name) or name


def _replicas(names: Iterable[str]) -> dict[str, list[str]]:
    made: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        made[_plain(name)].append(name)
    return made


def _one_way(calls: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Calls without those that are stated both ways: such a graph tells who is near, not who depends on whom."""
    return {
        caller: frozenset(one for one in callees if caller not in calls.get(one, ()))
        for caller, callees in calls.items()
    }


def _weighed(
    mine: Mapping[str, Fact], spread: Mapping[str, int], size: int, beside: Sequence[Mapping[str, Fact]]
) -> tuple[float, float]:
    """Bits of a component's own trouble, and of trouble that it may have from others; ``beside``: its replicas' kinds."""
    own, handed = 0.0, 0.0
    for kind in mine:
        bits = math.log2(1 + size / spread[kind])
        if beside:
            shared = sum(kind in other for other in beside) / len(beside)
            bits *= _SHARED * shared + _ALONE * (1 - shared)
        if indicator.family(kind) in _HANDED_ON:
            handed += bits
        else:
            own += bits
    return own, handed


def _scored(
    name: str, mine: Mapping[str, Fact], made: Mapping[str, tuple[float, float]], calls: Mapping[str, frozenset[str]]
) -> Scored:
    own, handed = made[name]
    below = max(
        (sum(made[callee]) for callee in calls.get(name, frozenset()) if callee in made and callee != name), default=0.0
    )
    share = min(0.7, 0.7 * below / handed) if handed else 0.0
    total = _OWN * own + handed * (1 - share)
    facts = list(mine.values())
    reasons = tuple(
        Reason(f"alert {fact.event.name} {fact.event.text[:120]}".strip(), 1.0, (fact.cite,)) for fact in facts[:4]
    )
    return Scored(name, round(total, 6), reasons)


def _alerted(one: Scored, place: int) -> Cause:
    cites = tuple(dict.fromkeys(cite for reason in one.reasons for cite in reason.cites))
    said = one.reasons[0].says if one.reasons else ""
    category, defect = graph.categorise(said, [reason.says for reason in one.reasons])
    return Cause(
        graph.identity("alerts", one.component), f"{one.component} raised alerts that few others did", Role.PROXIMATE if place == 0 else Role.CONTRIBUTING,
        one.component, cites, category=category, defect=defect, layer="component", score=one.score, grade=Grade.PRECEDES, reasons_for=one.reasons,
    )  # fmt: skip


def _calls(case: Case) -> dict[str, frozenset[str]]:
    made: dict[str, set[str]] = defaultdict(set)
    for fact in case.edges:
        made[fact.event.subject].add(fact.event.name)
    return {caller: frozenset(callees) for caller, callees in made.items()}
