"""The detection ledger: where the time went between the first harm and its end, each moment with its evidence.

A moment that nobody recorded is not known; it is filled in from no other one. A part is measured from the latest moment
before it that is known, so that what lies between two known ones is never lost.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from afterword.core import chat
from afterword.model.cause import Role
from afterword.model.incident import By, Point, PointName
from afterword.model.ledger import DetectionLedger, Entry, Stage
from afterword.model.time import MINUTE, SECOND
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afterword.core.case import Case
    from afterword.model.cause import Explanation
    from afterword.model.event import Fact

#: A page or an alert this long before the estimated start still belongs to the incident: both are uncertain.
_BEFORE = 10 * MINUTE
#: Who did it says so within this time.
_TOLD_AFTER = MINUTE


class Part(NamedTuple):
    """What the time before a stage takes where it is done well, and what shortens it."""

    least: int
    lever: str


#: The least is what no better practice removes: two samples, one evaluation and a short ``for``, a phone that is reached for.
PARTS: Mapping[Stage, Part] = {
    Stage.VISIBLE: Part(30 * SECOND, "a measurement nearer to the user, or a finer sample"),
    Stage.COULD_FIRE: Part(2 * MINUTE, "a rule on the signal that showed it first, with a shorter wait"),
    Stage.FIRED: Part(2 * MINUTE, "a rule on the signal that showed it first, with a shorter wait"),
    Stage.PAGED: Part(30 * SECOND, "a route from the alert to a person"),
    Stage.ACKNOWLEDGED: Part(2 * MINUTE, "who is on call, and how they are reached"),
    Stage.ENGAGED: Part(2 * MINUTE, "an alert that goes to the owner of the component at once"),
    Stage.DIAGNOSED: Part(5 * MINUTE, "a runbook, and the signals of the component beside its changes"),
    Stage.MITIGATION_STARTED: Part(2 * MINUTE, "a mitigation that may be taken before the cause is proven"),
    Stage.EFFECTIVE: Part(5 * MINUTE, "a mitigation that takes effect sooner"),
}

_FROM_POINTS: Mapping[Stage, tuple[PointName, str]] = {
    Stage.IMPACT: (PointName.STARTED, "no harmful signal or request in the evidence dates it"),
    Stage.VISIBLE: (PointName.DETECTABLE, "no series in the evidence left its usual range plainly"),
    Stage.PAGED: (PointName.PAGED, "no page is in the evidence"),
    Stage.ACKNOWLEDGED: (PointName.ACKNOWLEDGED, "no acknowledgement is in the evidence"),
    Stage.DIAGNOSED: (PointName.IDENTIFIED, "no message says that the cause is known"),
    Stage.EFFECTIVE: (PointName.MITIGATION_EFFECTIVE, "the main signals did not all come back in the evidence"),
}


class Tried(NamedTuple):
    """A rule that was replayed over the recording: when it would have fired first inside the incident."""

    name: str
    at: int
    cites: tuple = ()  # type: ignore[type-arg]
    #: It is in no rule file: it is one that is proposed.
    proposed: bool = False


def build(
    case: Case, points: Sequence[Point], explanation: Explanation, tried: Iterable[Tried] = ()
) -> DetectionLedger:
    """Every stage with its evidence. Nothing at all where no start, no alert and no person is known."""
    since = next((p.earliest for p in points if p.name is PointName.STARTED), case.covered.start)
    entries = {stage: _of_point(stage, points) for stage in _FROM_POINTS}
    entries[Stage.COULD_FIRE] = _could_fire(tried, since)
    entries[Stage.FIRED] = _fired(case, since - _BEFORE)
    entries[Stage.MITIGATION_STARTED] = _mitigation(points)
    entries[Stage.PAGED] = _paged(case, entries[Stage.PAGED], since - _BEFORE)
    entries[Stage.ENGAGED] = _engaged(case, points, explanation, since - _BEFORE)
    if all(one.at is None for one in entries.values()):
        return DetectionLedger()
    measured = tuple(_measured([entries[stage] for stage in Stage]))
    longest = max(measured, key=lambda e: e.avoidable or 0)
    return DetectionLedger(measured, longest.stage if longest.avoidable else None)


def engaged(ledger: DetectionLedger) -> tuple[Point, ...]:
    """When the right person was at it, as a point of the incident; none where nobody knows."""
    one = ledger.entry(Stage.ENGAGED)
    if one is None or one.at is None:
        return ()
    return (Point(PointName.ENGAGED, one.at, one.at, one.at, By.ESTIMATE, one.basis, one.cites, one.offset),)


def _unknown(stage: Stage, why: str) -> Entry:
    return Entry(stage, None, None, None, None, why, ())


def _of_point(stage: Stage, points: Sequence[Point]) -> Entry:
    name, why = _FROM_POINTS[stage]
    found = _best(points, name)
    return _from(stage, found) if found is not None else _unknown(stage, why)


def _best(points: Sequence[Point], name: PointName) -> Point | None:
    mine = [p for p in points if p.name is name]
    return min(mine, key=lambda p: p.by is By.STATED, default=None)


def _from(stage: Stage, point: Point) -> Entry:
    return Entry(
        stage, point.at, point.earliest, point.latest, point.by, point.basis, point.cites, offset=point.offset
    )  # fmt: skip


def _at_fact(stage: Stage, fact: Fact, basis: str) -> Entry:
    at = fact.event.at
    return Entry(stage, at, at, at, By.ESTIMATE, basis, (fact.cite,), offset=fact.event.offset)


def _could_fire(tried: Iterable[Tried], since: int) -> Entry:
    inside = [one for one in tried if one.at >= since]
    if not inside:
        return _unknown(Stage.COULD_FIRE, "no rule was replayed over the recording that would have fired")
    first = min(inside, key=lambda t: (t.at, t.name))
    rule = f"a proposed rule, {first.name}, would fire" if first.proposed else f"the rule {first.name} fires"
    basis = f"replayed over the recording, {rule}"
    return Entry(Stage.COULD_FIRE, first.at, first.at, first.at, By.ESTIMATE, basis, first.cites)


def _fired(case: Case, since: int) -> Entry:
    firing = [f for f in case.alerts if f.event.at is not None and f.event.at >= since]
    first = min(firing, key=lambda f: (f.event.at or 0, f.cite), default=None)
    if first is None:
        return _unknown(Stage.FIRED, "no alert is in the evidence")
    of = f" on {first.event.subject}" if first.event.subject else ""
    return _at_fact(Stage.FIRED, first, f"the alert {first.event.name}{of} fired")


def _paged(case: Case, known: Entry, since: int) -> Entry:
    """Where no page was recorded, that somebody speaks of one: it is no time of the page, so none is given."""
    if known.at is not None:
        return known
    said = (f for f in case.messages if f.event.at is not None and f.event.at >= since)
    first = next((f for f in said if chat.speaks_of_a_page(f.event.text)), None)
    return (
        known
        if first is None
        else replace(known, basis="no page is recorded; a message speaks of one", cites=(first.cite,))
    )


def _mitigation(points: Sequence[Point]) -> Entry:
    """The first of what was recorded and what people said that they were doing."""
    mine = [p for p in points if p.name is PointName.MITIGATION_APPLIED]
    first = min(mine, key=lambda p: (p.at, p.by is By.STATED), default=None)
    if first is None:
        return _unknown(Stage.MITIGATION_STARTED, "no change and no message in the evidence tells of one")
    return _from(Stage.MITIGATION_STARTED, first)


# -------------------------------------------------------------------------------------------------- the right person


def _engaged(case: Case, points: Sequence[Point], explanation: Explanation, since: int) -> Entry:
    """When who owns the component that failed, or who did the mitigation, first spoke, took the page or was handed it."""
    right = {**_owners(case, explanation), **_who_mitigated(case, points)}
    if not right:
        why = "no owner of the component that failed is known, nor who did the mitigation"
        return _unknown(Stage.ENGAGED, why)
    noticed = min((p.at for p in points if p.name is PointName.DETECTED), default=since)
    for fact, people in _appearances(case, max(since, noticed - _BEFORE)):
        for person in people:
            why = right.get(_same(person, case.people), "")
            if why:
                return _at_fact(Stage.ENGAGED, fact, f"{_shown(person, case.people)}, {why}, is first seen at it")
    return _unknown(Stage.ENGAGED, "nobody of those who own it or mitigated it is seen in the evidence")


def _appearances(case: Case, since: int) -> Iterator[tuple[Fact, list[str]]]:
    """Messages by their authors, pages by who took them or was handed them; in order of time."""
    facts = [f for f in (*case.messages, *case.pages) if f.event.at is not None and f.event.at >= since]
    for fact in sorted(facts, key=lambda f: (f.event.at or 0, f.cite)):
        if fact.event.kind.value == "message":
            yield fact, [fact.event.name]
        elif fact.event.attributes.get("state") in ("acknowledged", "escalated"):
            yield fact, [p for p in fact.event.attributes.get("person", "").split("\n") if p]


def _owners(case: Case, explanation: Explanation) -> dict[str, str]:
    """Who owns what failed first, by name, with why they are the right ones."""
    failed = {c.component for c in explanation.causes if c.role in (Role.TRIGGER, Role.PROXIMATE) and c.component}
    # What failed first comes first; what it spread to has other owners.
    leading = next((c.component for c in explanation.causes if c.role is Role.PROXIMATE and c.component), "")
    wanted = {leading} if leading else failed
    made: dict[str, str] = {}
    for fact in case.owners:
        pattern = _words(fact.event.subject)
        if fact.event.name and any(_words(name) and _words(name) <= pattern for name in wanted):
            for owner in re.split(r"[\s,]+", fact.event.name):
                made[_same(owner, case.people)] = "who owns what failed"
    made.pop("", None)
    return made


def _words(name: str) -> frozenset[str]:
    """The parts of a name of a component or path that tell it from others."""
    parts = re.split(r"[^a-z0-9]+", name.lower())
    return frozenset(p for p in parts if p and p not in ("service", "services", "svc", "server", "api", "src", "py"))


def _who_mitigated(case: Case, points: Sequence[Point]) -> dict[str, str]:
    """Who did the change that mitigated it, was told to, or wrote that they did. Who orders it of somebody else did not."""
    mine = [p for p in points if p.name is PointName.MITIGATION_APPLIED]
    cited = {c for p in mine for c in p.cites}
    last = max((p.at for p in mine), default=0) + _TOLD_AFTER
    made = [f.event.attributes.get("who", "") for f in case.changes if f.cite in cited]
    for fact in case.messages:
        acts = fact.cite in cited or chat.kind_of(fact.event.text) is MomentKind.MITIGATION
        if acts and mine and min(p.at for p in mine) <= (fact.event.at or 0) <= last:
            made += chat.handed_to(fact.event.text) or (fact.event.name,)
    right = {_same(who, case.people): "who did the mitigation" for who in made}
    right.pop("", None)
    return right


def _same(person: str, people: Mapping[str, str]) -> str:
    """One spelling of a person or team: user ids by their names, without the @, the organisation and the mail domain."""
    name = people.get(person.strip("<@> "), person).strip().lower()
    name = name.removeprefix("@").rpartition("/")[2].partition("@")[0]
    return re.sub(r"[\s._-]+", " ", name).strip()


def _shown(person: str, people: Mapping[str, str]) -> str:
    return people.get(person.strip("<@> "), person)


# ------------------------------------------------------------------------------------------------------- the parts


def _measured(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Each known moment against the latest known one before it in the order of the stages."""
    last: Entry | None = None
    for one in entries:
        if one.at is None or last is None or last.at is None or one.at < last.at:
            yield one
        else:
            took = one.at - last.at
            part = PARTS.get(one.stage, Part(0, ""))
            spare = max(took - sum(p.least for p in _passed(last.stage, one.stage)), 0)
            lever = part.lever if spare else ""
            yield replace(one, after=last.stage, took=took, avoidable=spare, lever=lever)
        # What came early, such as a sign before the harm, is no delay; the next part begins where both have happened.
        if one.at is not None and (last is None or last.at is None or one.at >= last.at):
            last = one


def _passed(after: Stage, until: Stage) -> list[Part]:
    """The parts between two stages, the last one included."""
    order = list(Stage)
    return [PARTS[stage] for stage in order[order.index(after) + 1 : order.index(until) + 1] if stage in PARTS]
