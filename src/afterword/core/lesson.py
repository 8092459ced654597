"""What several incidents teach: repeats, couplings nobody drew, what only people notice, work left open."""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from afterword.core import indicator
from afterword.core.indicator import Family
from afterword.core.trend import trends
from afterword.model.action import ActionItem, ActionState
from afterword.model.cause import Role
from afterword.model.incident import By, Measured, PointName
from afterword.model.lesson import Fingerprint, Lesson, Similar
from afterword.model.time import MINUTE, iso
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afterword.model.cause import Cause
    from afterword.model.postmortem import Postmortem

__all__ = [
    "REPEAT",
    "Answer",
    "answers",
    "family_of",
    "fingerprint",
    "ineffective",
    "is_repeat",
    "lessons",
    "outline",
    "promised",
    "similar",
    "trends",
]

#: Share of the mechanism (by weight) that two incidents must have in common to be called a repeat; precision before
#: recall: a repeat accuses an action item of not having worked.
REPEAT = 0.6
#: Weight of each kind of token: how it failed counts for more than where, and both for more than how it looked.
_WEIGHTS = {"mechanism": 3.0, "component": 1.5, "trigger": 1.5, "template": 1.0, "indicator": 1.0, "alert": 1.0}
#: Parts of an indicator's name that say how it was measured, not what.
_MEASURES = frozenset(
    [
        "avg",
        "mean",
        "max",
        "min",
        "sum",
        "count",
        "total",
        "rate",
        "ratio",
        "pct",
        "percent",
        "percentage",
        "p50",
        "p75",
        "p90",
        "p95",
        "p99",
        "p999",
        "ms",
        "seconds",
        "second",
        "sec",
        "s",
        "bytes",
        "mb",
        "gb",
        "in",
        "use",
        "used",
        "usage",
        "utilization",
        "utilisation",
        "active",
        "idle",
        "current",
        "size",
        "length",
        "waiting",
        "pending",
        "free",
        "available",
        "limit",
        "num",
        "number",
        "of",
        "per",
        "value",
        "gauge",
        "milliseconds",
        "micros",
        "ns",
        "us",
    ]
)
_EXCEPTION = re.compile(
    r"\b([A-Z][A-Za-z]{2,40}(?:Exception|Error|Timeout)|OOMKilled|CrashLoopBackOff|E[A-Z]{5,12}|SIG[A-Z]{3,5})\b"
)
_OPEN = {ActionState.PROPOSED, ActionState.ACCEPTED, ActionState.IN_PROGRESS, ActionState.IMPLEMENTED}
_DONE = {ActionState.VERIFIED, ActionState.EFFECTIVE}


# ------------------------------------------------------------------------------------------------ fingerprint


def fingerprint(postmortem: Postmortem, templates: Sequence[str] = ()) -> Fingerprint:
    """What the incident is compared by. ``templates`` are the ids of the log templates that stood out."""
    trigger, proximate = _cause(postmortem, Role.TRIGGER), _cause(postmortem, Role.PROXIMATE)
    causes = [cause for cause in (proximate, trigger) if cause is not None]
    ranked = [one.component for one in postmortem.explanation.components[:3]]
    components = dict.fromkeys([cause.component for cause in causes] or ranked[:1])
    return Fingerprint(
        incident=postmortem.incident,
        title=postmortem.title,
        started=_at(postmortem, PointName.STARTED),
        components=tuple(name for name in components if name),
        trigger=trigger.category if trigger else "",
        category=proximate.category if proximate else "",
        mechanism=tuple(sorted(_mechanism(causes))),
        templates=tuple(sorted(set(templates))),
        indicators=tuple(sorted({family_of(signal.indicator) for signal in postmortem.signals} - {""})),
        alerts=tuple(sorted({_alert(m.title) for m in postmortem.moments if m.kind is MomentKind.ALERT} - {""})),
        minutes=tuple(
            (one.name, _minutes(one.ns) if one.state is Measured.RECORDED else None) for one in postmortem.durations
        ),
    )


def outline(incident: str, causes: Iterable[Cause]) -> Fingerprint:
    """As much of a fingerprint as the causes alone give: enough to tell a repeat."""
    told = [one for role in (Role.PROXIMATE, Role.TRIGGER) for one in causes if one.role is role]
    first = {role: next((one for one in told if one.role is role), None) for role in (Role.PROXIMATE, Role.TRIGGER)}
    mine = [one for one in first.values() if one is not None]
    trigger, proximate = first[Role.TRIGGER], first[Role.PROXIMATE]
    return Fingerprint(
        incident, "", None, tuple(dict.fromkeys(one.component for one in mine if one.component)), trigger.category if trigger else "",
        proximate.category if proximate else "", tuple(sorted(_mechanism(mine))), (), (), (),
    )  # fmt: skip


def promised(incident: str, actions: Iterable[ActionItem]) -> tuple[str, ...]:
    """The action items of an incident that are neither done nor declined, in words; those that were accepted come first."""
    mine = [one for one in actions if one.incident == incident and one.state in _OPEN]
    mine.sort(key=lambda one: (one.state is ActionState.PROPOSED, len(one.id), one.id))
    return tuple(f"{one.id} “{one.title}” ({one.state})" for one in mine)


def _minutes(ns: int | None) -> float | None:
    return None if ns is None else ns / MINUTE


def _cause(postmortem: Postmortem, role: Role) -> Cause | None:
    return next((cause for cause in postmortem.explanation.causes if cause.role is role), None)


def _at(postmortem: Postmortem, name: PointName) -> int | None:
    return next((point.at for point in postmortem.points if point.name is name), None)


def _mechanism(causes: Iterable[Cause]) -> set[str]:
    """Normalised words of how it failed. Only words from closed lists and type names: never a person, a file or an id."""
    found: set[str] = set()
    for cause in causes:
        found.update(
            f"{name} {value}" for name, value in (("category", cause.category), ("defect", cause.defect)) if value
        )
        if cause.indicator and (family := family_of(cause.indicator)):
            found.add(f"indicator {family}")
        texts = [cause.statement, *(reason.says for reason in cause.reasons_for)]
        found.update(f"exception {match[1]}" for text in texts for match in _EXCEPTION.finditer(text))
    return found


def family_of(indicator: str) -> str:
    """``db_pool_in_use_max`` and ``db_pool_waiting`` are both about ``db_pool``."""
    words = re.findall(
        r"[a-z]+[0-9]*", re.sub(r"([a-z])([A-Z])", r"\1_\2", indicator.split("{", maxsplit=1)[0]).lower()
    )
    kept = [word for word in words if word not in _MEASURES]
    return "_".join(kept) or "_".join(words)


def _alert(title: str) -> str:
    """The name of an alert without numbers, times and identifiers, and without what became of it."""
    name = re.sub(r"^Alert | fired( and was later resolved)?$", "", title)
    return " ".join(word for word in name.split() if not re.search(r"\d", word))[:80]


# ------------------------------------------------------------------------------------------------ similar


def similar(one: Fingerprint, others: Iterable[Fingerprint]) -> tuple[Similar, ...]:
    """Other incidents by likeness, most alike first; those that share nothing are left out.

    Weighted Jaccard: what both have over what either has, rare tokens counting more (inverse document frequency).
    """
    compared = [other for other in others if other.incident != one.incident]
    weight = _weights([one, *compared])
    found = [_compare(one, other, weight) for other in compared]
    return tuple(sorted((s for s in found if s.shared), key=lambda s: (-s.score, s.incident)))


def _tokens(one: Fingerprint) -> set[tuple[str, str]]:
    kinds = (
        ("mechanism", one.mechanism),
        ("component", one.components),
        ("trigger", (one.trigger,) if one.trigger else ()),
        ("template", one.templates),
        ("indicator", one.indicators),
        ("alert", one.alerts),
    )
    return {(kind, value) for kind, values in kinds for value in values}


def _weights(all_: Sequence[Fingerprint]) -> dict[tuple[str, str], float]:
    seen = Counter(token for one in all_ for token in _tokens(one))
    return {token: _WEIGHTS[token[0]] * (1 + math.log(len(all_) / count)) for token, count in seen.items()}


def _compare(one: Fingerprint, other: Fingerprint, weight: Mapping[tuple[str, str], float]) -> Similar:
    mine, theirs = _tokens(one), _tokens(other)
    both = mine & theirs
    whole = sum(weight[token] for token in mine | theirs)
    score = sum(weight[token] for token in both) / whole if whole else 0.0
    shared = tuple(f"{kind}: {value}" for kind, value in sorted(both, key=lambda token: (-weight[token], token)))
    return Similar(other.incident, other.title, round(score, 4), shared, is_repeat(one, other))


def is_repeat(one: Fingerprint, other: Fingerprint) -> bool:
    """The same mechanism, and the same place or the same kind of trigger.

    A category alone ("config") is no mechanism, nor is that both were slow or answered with errors: at least one of what
    was exhausted, how, or which exception must agree. What has another defect failed another way.
    """
    mine, theirs = set(one.mechanism), set(other.mechanism)
    both = mine & theirs
    telling = [token for token in both if not token.startswith("category ") and not _symptom(token)]
    if not telling or len(both) < 2 or len(both) < REPEAT * len(mine | theirs):
        return False
    defects = [{token for token in one if token.startswith("defect ")} for one in (mine, theirs)]
    if defects[0] != defects[1]:
        return False
    return bool(set(one.components) & set(other.components)) or bool(one.trigger and one.trigger == other.trigger)


def _symptom(token: str) -> bool:
    """Whether a word of the mechanism says only how it looked: slow, or with errors."""
    kind, _, name = token.partition(" ")
    slow = re.search(r"(?<![a-z])(time|latency|duration)(?![a-z])", name)
    return kind == "indicator" and (bool(slow) or indicator.family(name) in (Family.ERRORS, Family.LATENCY))


# ------------------------------------------------------------------------------------------------ lessons


def lessons(
    postmortems: Sequence[Postmortem],
    actions: Sequence[ActionItem],
    *,
    since: Mapping[str, str] | None = None,
    edges: Iterable[tuple[str, str]] = (),
) -> tuple[Lesson, ...]:
    """Everything the incidents say together. ``since``: the date from which each action has its present state.

    ``edges`` are calls known beside those of the explanations. Nothing is changed here: a lesson proposes.
    """
    ordered = sorted(postmortems, key=lambda one: (_when(one), one.incident))
    return (
        *_repeats(ordered, actions, since or {}),
        *_couplings(ordered, {frozenset(edge) for edge in edges}),
        *_blind_spots(ordered),
        *_debt(ordered, actions),
    )


def _when(postmortem: Postmortem) -> int:
    started = _at(postmortem, PointName.STARTED)
    return postmortem.covered.start if started is None else started


def _id(kind: str, *parts: str) -> str:
    return f"{kind}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:8]}"


def _repeats(
    ordered: Sequence[Postmortem], actions: Sequence[ActionItem], since: Mapping[str, str]
) -> Iterator[Lesson]:
    for group in _groups(ordered):
        first, last = group[0], group[-1]
        shared = set.intersection(*(set(fingerprint(one).mechanism) for one in group))
        pattern = ", ".join(sorted(shared))
        incidents = tuple(one.incident for one in group)
        said = [_story(answer, since) for answer in answers(group, actions, pattern)]
        says = (
            f"{len(group)} incidents failed the same way ({pattern}): {', '.join(incidents)}; the last on {_day(last)}."
        )
        if not said:
            says += _unanswered(first, actions)
        yield Lesson(_id("repeat", *incidents), pattern, incidents, " ".join([says, *said]), tuple(said))


def _unanswered(first: Postmortem, actions: Sequence[ActionItem]) -> str:
    """That nothing was done about an incident, and whether anything was proposed."""
    named = f"{first.incident} (“{first.title}”)"
    proposed = sum(one.incident == first.incident and one.state is ActionState.PROPOSED for one in actions)
    if not proposed:
        return f" No action item answered {named}."
    return f" Of the action items that were proposed for {named}, {proposed} in all, none was accepted."


def _groups(ordered: Sequence[Postmortem]) -> list[list[Postmortem]]:
    """Incidents joined by repeats, in time order."""
    prints = [fingerprint(one) for one in ordered]
    group = list(range(len(ordered)))
    for a, b in combinations(range(len(ordered)), 2):
        if group[a] != group[b] and is_repeat(prints[a], prints[b]):
            old, new = group[b], group[a]
            group = [new if one == old else one for one in group]
    sizes = Counter(group)
    return [[ordered[at] for at in range(len(ordered)) if group[at] == key] for key, size in sizes.items() if size > 1]


@dataclass(frozen=True, slots=True)
class Answer:
    """An action item that answered an incident, and the next incident that came all the same."""

    action: ActionItem
    again: Postmortem


def answers(group: Sequence[Postmortem], actions: Sequence[ActionItem], pattern: str) -> tuple[Answer, ...]:
    """The items of each incident of a group but the last, with the incident that followed it."""
    found = []
    for earlier, later in pairwise(group):
        for action in actions:
            mine = action.incident == earlier.incident or (action.pattern and action.pattern == pattern)
            answered = {
                cause.id for cause in earlier.explanation.causes if cause.role in {Role.TRIGGER, Role.PROXIMATE}
            }
            about = not action.answers or bool(answered & set(action.answers)) or action.pattern == pattern
            if mine and about and action.opened[:10] <= _day(later):
                found.append(Answer(action, later))
    return tuple(found)


def _story(answer: Answer, since: Mapping[str, str]) -> str:
    """What had become of the item when it happened again."""
    action, again = answer.action, answer.again
    name, day = f"{action.id} '{action.title}'", _day(again)
    done_by_then = _before(since.get(action.id, action.opened), again)
    if action.state in _DONE and done_by_then:
        return f"{name} was verified before {day} and it happened again: it did not work; proposed state: ineffective."
    if action.state in {ActionState.DECLINED, ActionState.ACCEPTED_RISK} and done_by_then:
        return f"{name} was {_state(action)} ({action.reason or 'no reason given'}) when this happened again."
    if action.state is ActionState.INEFFECTIVE:
        return f"{name} is known not to have worked."
    return f"{name} was open{_for_days(action.opened, day)} when this happened again."


def _before(said: str, again: Postmortem) -> bool:
    """Whether something was so when it happened again; a day without an hour has to be an earlier one."""
    return said <= iso(_when(again)) if len(said) > 10 else said < _day(again)


def _state(action: ActionItem) -> str:
    return "declined" if action.state is ActionState.DECLINED else "accepted as a risk"


def _for_days(opened: str, day: str) -> str:
    try:
        days = (date.fromisoformat(day) - date.fromisoformat(opened[:10])).days
    except ValueError:
        return ""
    return f" for {days} day" + ("" if days == 1 else "s")


def _day(postmortem: Postmortem) -> str:
    return iso(_when(postmortem))[:10]


def ineffective(
    postmortems: Sequence[Postmortem], actions: Sequence[ActionItem], *, since: Mapping[str, str] | None = None
) -> tuple[tuple[str, str], ...]:
    """Actions whose state should become ineffective, each with the incident that shows it."""
    known = since or {}
    found: dict[str, str] = {}
    for group in _groups(sorted(postmortems, key=lambda one: (_when(one), one.incident))):
        shared = set.intersection(*(set(fingerprint(one).mechanism) for one in group))
        for answer in answers(group, actions, ", ".join(sorted(shared))):
            action = answer.action
            if action.state in _DONE and _before(known.get(action.id, action.opened), answer.again):
                found.setdefault(action.id, answer.again.incident)
    return tuple(sorted(found.items()))


def _failing(postmortem: Postmortem) -> set[str]:
    """Components that failed: those users felt, and those at fault. Not everything whose numbers moved."""
    causes = {
        cause.component for cause in postmortem.explanation.causes if cause.role in {Role.TRIGGER, Role.PROXIMATE}
    }
    return (causes | set(postmortem.impact.components)) - {""}


def _couplings(ordered: Sequence[Postmortem], known: set[frozenset[str]]) -> Iterator[Lesson]:
    """Pairs that fail together in two incidents or more, with no known call between them."""
    edges = known | {edge for one in ordered for edge in _drawn(one)}
    alone = Counter(name for one in ordered for name in _failing(one))
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in ordered:
        for pair in combinations(sorted(_failing(one)), 2):
            together[pair].append(one.incident)
    for (a, b), incidents in sorted(together.items()):
        rarer = min(alone[a], alone[b])
        if len(incidents) >= 2 and frozenset((a, b)) not in edges and len(incidents) * 3 >= rarer * 2:
            says = f"{a} and {b} failed together in {len(incidents)} incidents ({', '.join(incidents)}), and no known call joins them."
            yield Lesson(_id("coupling", a, b), f"{a} with {b}", tuple(incidents), says)


def _drawn(postmortem: Postmortem) -> Iterator[frozenset[str]]:
    component = {cause.id: cause.component for cause in postmortem.explanation.causes}
    for link in postmortem.explanation.links:
        yield frozenset((component.get(link.cause, ""), component.get(link.effect, "")))


def _blind_spots(ordered: Sequence[Postmortem]) -> Iterator[Lesson]:
    """Incidents that people noticed before any alert."""
    found = [one for one in ordered if _people_first(one)]
    if found:
        incidents = tuple(one.incident for one in found)
        known = sum(_at(one, PointName.DETECTED) is not None for one in ordered)
        says = f"People noticed {len(found)} of {known} incidents before any alert fired: {', '.join(incidents)}."
        yield Lesson(_id("blind-spot", *incidents), "noticed by people first", incidents, says)


def _people_first(postmortem: Postmortem) -> bool:
    """The first detection was stated by a person, or stands beside a message, with no alert up to then."""
    detected = min((p for p in postmortem.points if p.name is PointName.DETECTED), key=lambda p: p.at, default=None)
    if detected is None:
        return False
    alerts = [m.at for m in postmortem.moments if m.kind in {MomentKind.ALERT, MomentKind.PAGE}]
    spoken = [m.at for m in postmortem.moments if m.kind in {MomentKind.COMMUNICATION, MomentKind.DECLARATION}]
    said = detected.by is By.STATED or (bool(spoken) and min(spoken) <= detected.at + MINUTE)
    return said and (not alerts or min(alerts) > detected.at)


def _debt(ordered: Sequence[Postmortem], actions: Sequence[ActionItem]) -> Iterator[Lesson]:
    """Items that were past their date when the latest incident began."""
    if not ordered:
        return
    day = _day(ordered[-1])
    late = [one for one in actions if one.due and one.due[:10] < day and one.state in _OPEN - {ActionState.IMPLEMENTED}]
    if late:
        says = f"{len(late)} action items were past their date when {ordered[-1].incident} began on {day}: "
        said = tuple(f"{one.id} '{one.title}' was due on {one.due[:10]} ({one.state})" for one in late)
        incidents = tuple(dict.fromkeys(one.incident for one in late))
        yield Lesson(
            _id("debt", *(one.id for one in late)), "overdue work", incidents, says + "; ".join(said) + ".", said
        )
