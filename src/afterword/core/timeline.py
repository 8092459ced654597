"""Events to moments: changes, first symptoms, alerts, people, recovery, and the gaps between them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core import chat, order
from afterword.core.cause import topology
from afterword.core.cause.candidate import is_undo
from afterword.core.cause.lane import number
from afterword.model.incident import By, Point, PointName
from afterword.model.time import HOUR, MINUTE, clock, minutes
from afterword.model.timeline import Moment, MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.change import Suspect
    from afterword.core.window import Found
    from afterword.model.event import Event, Fact
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Signal

#: How far before the incident a change is still worth telling.
_CHANGES_BEFORE = 6 * HOUR
#: A silence shorter than this is not a gap.
_GAP = MINUTE
#: Two notices of one alert whose starts lie closer than this speak of the same firing.
_SAME_FIRING = MINUTE
_MOST_SYMPTOMS, _MOST_MESSAGES = 12, 300


def build(
    case: Case, found: Found, signals: Sequence[Signal], points: Sequence[Point], trigger: Suspect | None
) -> tuple[Moment, ...]:
    """All moments in order of time; at the same time, causes before effects."""
    made = [
        *_changes(case, found, trigger),
        *_symptoms(signals),
        *_errors(case, found),
        *_alerts(case, found),
        *_pages(case, found),
        *_messages(case, found, _noticed(points)),
        *_statuses(case, found),
        *_impact(points),
        *gaps(points),
    ]
    kinds = list(MomentKind)
    unique = {moment.id: moment for moment in made}
    return order.told(sorted(unique.values(), key=lambda m: (m.at, kinds.index(m.kind), m.id)), case.skews)


def moment(kind: MomentKind, at: int, title: str, cites: Iterable[Citation], **rest: object) -> Moment:
    """A moment whose id is a hash of its kind and of what it cites."""
    cited = tuple(cites)
    key = "|".join([kind.value, *map(str, cited), "" if cited else title])
    id_ = "m" + hashlib.sha256(key.encode()).hexdigest()[:10]
    return Moment(id=id_, at=at, title=title, kind=kind, cites=cited, **{"component": "", **rest})  # type: ignore[arg-type]


def _within(found: Found, at: int | None, before: int, after: int = HOUR) -> bool:
    return at is not None and found.window.start - before <= at <= found.window.end + after


def _changes(case: Case, found: Found, trigger: Suspect | None) -> Iterator[Moment]:
    guilty = set(trigger.candidate.cites) if trigger else set()
    deployed = {
        f.event.attributes.get("commit", "") for f in case.changes if f.event.attributes.get("change") != "commit"
    }
    together: dict[tuple[str, int], list[Fact]] = {}
    for fact in case.changes:
        event = fact.event
        commit = event.attributes.get("change") == "commit"
        if not _within(found, event.at, _CHANGES_BEFORE) or (
            commit and event.name in deployed and fact.cite not in guilty
        ):
            continue
        kind = MomentKind.TRIGGER if fact.cite in guilty and not commit else MomentKind.CHANGE
        if is_undo(event) and (event.at or 0) > found.window.start:
            kind = MomentKind.MITIGATION
        if kind is MomentKind.CHANGE and event.attributes.get("change") == "deploy" and event.attributes.get("commit"):
            together.setdefault((event.attributes["commit"], (event.at or 0) // MINUTE), []).append(fact)
            continue
        weight = {MomentKind.TRIGGER: 1.0, MomentKind.MITIGATION: 0.95}.get(kind, 0.2 if commit else 0.6)
        yield _of(kind, fact, change_title(event, case.changes), weight)

    for facts in together.values():
        yield _roll_out(facts, case.changes)


def _roll_out(facts: Sequence[Fact], changes: Sequence[Fact]) -> Moment:
    """One version that went to several components within a minute is one moment."""
    facts = sorted(facts, key=lambda f: (f.event.at or 0, f.event.subject, f.cite.place.start))
    first = facts[0]
    if len(facts) == 1:
        return _of(MomentKind.CHANGE, first, change_title(first.event, changes), 0.6)
    names = sorted({f.event.subject for f in facts if f.event.subject})
    event = replace(first.event, subject=", ".join(names[:4]) + (f" and {len(names) - 4} more" if names[4:] else ""))
    return moment(
        MomentKind.CHANGE, event.at or 0, change_title(event, changes), tuple(f.cite for f in facts),
        component=first.event.subject if len(names) == 1 else "", offset=event.offset, weight=0.6, quote="", **_clock(event),
    )  # fmt: skip


def _of(kind: MomentKind, fact: Fact, title: str, weight: float, quote: str = "") -> Moment:
    event = fact.event
    return moment(
        kind, event.at or 0, title, (fact.cite,),
        component=event.subject, offset=event.offset, until=event.until, weight=weight, quote=quote, **_clock(event),
    )  # fmt: skip


def _clock(event: Event) -> dict[str, object]:
    """Whose time a moment has, and how exact it is."""
    return {"clock": event.clock, "granularity": event.granularity, "skew": event.skew}


def change_title(event: Event, changes: Iterable[Fact] = ()) -> str:
    """``Deploy of checkout (559e94ce): tidy the handler``."""
    what = {"commit": "Commit", "deploy": "Deploy of", "flag": "Flag", "config": "Configuration of", "ticket": "Change"}
    kind = event.attributes.get("change", "deploy")
    name = event.subject or "an unnamed component"
    first = event.text.splitlines()[0][:120] if event.text else ""
    if kind == "flag":
        return f"Flag {event.name} on {name}: {first}" if event.subject else f"Flag {event.name}: {first}"
    sha = event.attributes.get("commit") or event.name
    if kind == "deploy":
        message = next(
            (
                f.event.text.splitlines()[0][:120]
                for f in changes
                if f.event.name == sha and f.event.text and f.event is not event
            ),
            "",
        )
        # A roll back puts an old version in place: what the tool calls it says more than what that version once was.
        first = first if is_undo(event) and first else message or first
    short = sha[:8] if sha else ""
    subject = "" if kind == "commit" else f" {name}"
    return (
        f"{what.get(kind, 'Change of')}{subject}" + (f" ({short})" if short else "") + (f": {first}" if first else "")
    )


def _symptoms(signals: Sequence[Signal]) -> Iterator[Moment]:
    dated = [s for s in signals if s.onset is not None]
    strongest = sorted(dated, key=lambda s: (-abs(s.shift), s.component, s.indicator))[:_MOST_SYMPTOMS]
    for signal in strongest:
        assert signal.onset is not None
        way = "rose" if signal.shift > 0 else "fell"
        title = (
            f"{signal.component}: {signal.indicator} {way} from {number(signal.baseline)} towards {number(signal.peak)}"
        )
        yield moment(
            MomentKind.SYMPTOM, signal.onset, title, (signal.cite,),
            component=signal.component, earliest=signal.earliest, latest=signal.latest, clock=signal.clock, weight=min(0.9, 0.4 + abs(signal.shift) / 100),
        )  # fmt: skip
        if signal.back is not None:
            title = f"{signal.component}: {signal.indicator} back inside its baseline"
            yield moment(
                MomentKind.RECOVERY, signal.back, title, (signal.cite,), component=signal.component, weight=0.5
            )


def _first_line(text: str) -> str:
    """What an error says without its trace of calls; where it begins with the trace, the line that ends it."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return text
    return lines[-1] if lines[0].startswith("Traceback (most recent call last)") else lines[0]


def _errors(case: Case, found: Found) -> Iterator[Moment]:
    """The first line of each kind of error that the baseline did not have."""
    logs = case.logs
    groups = [g for g in topology.templates_of(logs, found.window.start - 5 * MINUTE, found.baseline.end) if g[2] == 0]
    skews = {one.clock: one.applied for one in case.skews}
    for (component, _), rows, _ in sorted(groups, key=lambda g: (-len(g[1]), g[0]))[:_MOST_SYMPTOMS]:
        row = rows[0]
        name = logs.components[component]
        title = f"{name or 'A component'} logs an error of a new kind, {len(rows)} times in all"
        yield moment(
            MomentKind.SYMPTOM, int(logs.at[row]), title, (logs.rows.cite(row),),
            component=name, weight=min(0.9, 0.4 + len(rows) / 200), quote=_first_line(logs.text[row])[:300],
            offset=None if logs.offset[row] == -32768 else int(logs.offset[row]),
            clock=logs.clocks[logs.clock[row]], granularity=int(logs.granularity[row]), skew=skews.get(logs.clocks[logs.clock[row]], 0),
        )  # fmt: skip


def _alerts(case: Case, found: Found) -> Iterator[Moment]:
    """One moment a firing: the same alert comes again with every notification, and from every system that knows it."""
    groups: dict[tuple[str, str], list[list[Fact]]] = {}
    for fact in case.alerts:
        if not _within(found, fact.event.at, HOUR):
            continue
        firings = groups.setdefault((fact.event.name, fact.event.subject), [])
        if firings and (fact.event.at or 0) - (firings[-1][0].event.at or 0) <= _SAME_FIRING:
            firings[-1].append(fact)
        else:
            firings.append([fact])
    for firings in groups.values():
        yield from (_firing(one) for one in firings)


def _firing(facts: Sequence[Fact]) -> Moment:
    first = max(facts, key=lambda f: (len(f.event.text) > 0, -(f.event.at or 0), -f.cite.place.start)).event
    at = min(f.event.at or 0 for f in facts)
    ends = [f.event.until for f in facts if f.event.until is not None]
    resolved = bool(ends) and any(f.event.attributes.get("state") == "resolved" for f in facts)
    title = f"Alert {first.name}" + (f" on {first.subject}" if first.subject else "")
    return moment(
        MomentKind.ALERT, at, title + (" fired and was later resolved" if resolved else " fired"),
        tuple(f.cite for f in facts), component=first.subject, offset=first.offset, until=max(ends, default=None),
        weight=0.85, quote=first.text[:300], **_clock(first),
    )  # fmt: skip


_PAGE = {
    "triggered": (MomentKind.PAGE, "People were paged for"),
    "acknowledged": (MomentKind.ACKNOWLEDGEMENT, "The page was acknowledged:"),
    "escalated": (MomentKind.ESCALATION, "The page was escalated:"),
    "resolved": (MomentKind.RESOLUTION, "The pager closed"),
}


def _pages(case: Case, found: Found) -> Iterator[Moment]:
    for fact in case.pages:
        if _within(found, fact.event.at, HOUR):
            kind, says = _PAGE.get(fact.event.attributes.get("state", "triggered"), _PAGE["triggered"])
            yield _of(kind, fact, f"{says} {fact.event.name}", 0.8)


def _noticed(points: Sequence[Point]) -> int | None:
    return min((p.at for p in points if p.name is PointName.DETECTED), default=None)


def _messages(case: Case, found: Found, noticed: int | None) -> Iterator[Moment]:
    near = [f for f in case.messages if _within(found, f.event.at, HOUR, 12 * HOUR) and f.event.text.strip()]
    for fact in near[:_MOST_MESSAGES]:
        kind = chat.kind_of(fact.event.text)
        weight = 0.3 if kind is MomentKind.COMMUNICATION and not chat.informs_customers(fact.event.text) else 0.7
        title = _MESSAGE.get(kind, "A message in the channel")
        if kind is MomentKind.SYMPTOM and noticed is not None and (fact.event.at or 0) > noticed:
            # Once it is known, who speaks of symptoms looks into them rather than reports them.
            title = "The responders speak of what they see"
        yield _of(kind, fact, title, weight, fact.event.text[:500])


_MESSAGE: Mapping[MomentKind, str] = {
    MomentKind.ACKNOWLEDGEMENT: "A responder takes it on",
    MomentKind.DECLARATION: "The incident is declared",
    MomentKind.DIAGNOSIS: "The responders reason about the cause",
    MomentKind.MITIGATION: "The responders act",
    MomentKind.RECOVERY: "The responders see recovery",
    MomentKind.RESOLUTION: "The incident is called resolved",
    MomentKind.SYMPTOM: "Somebody reports trouble",
    MomentKind.ESCALATION: "More people are called in",
}


def _statuses(case: Case, found: Found) -> Iterator[Moment]:
    for fact in case.statuses:
        if _within(found, fact.event.at, 2 * HOUR):
            yield _of(
                MomentKind.COMMUNICATION,
                fact,
                f"Status page of {fact.event.subject or 'a provider'}: {fact.event.name}",
                0.6,
                fact.event.text[:300],
            )


def _impact(points: Sequence[Point]) -> Iterator[Moment]:
    said = {
        PointName.STARTED: (MomentKind.IMPACT, "Users are first harmed"),
        PointName.MITIGATION_EFFECTIVE: (MomentKind.RECOVERY, "The harm begins to stop"),
        PointName.RECOVERED: (MomentKind.RECOVERY, "The signals that shifted most are back inside their baselines"),
    }
    for point in points:
        if point.by is By.ESTIMATE and point.name in said:
            kind, title = said[point.name]
            made = moment(
                kind, point.at, title, point.cites, earliest=point.earliest, latest=point.latest, weight=1.0, quote=""
            )
            # The same line may also stand as a symptom of its own; the point keeps an id of its own.
            key = hashlib.sha256(f"{point.name}|{made.id}".encode()).hexdigest()[:10]
            yield Moment(
                "m" + key,
                made.at,
                made.title,
                made.kind,
                "",
                made.cites,
                None,
                made.earliest,
                made.latest,
                point.offset,
                1.0,
            )


#: Endpoint, endpoint, what nobody did in between.
_GAPS = (
    (PointName.DETECTABLE, PointName.DETECTED, "in which the signal was visible and nobody knew"),
    (PointName.DETECTED, PointName.ACKNOWLEDGED, "between the first sign and somebody taking it on"),
    (PointName.ACKNOWLEDGED, PointName.IDENTIFIED, "of looking for the cause"),
    (PointName.IDENTIFIED, PointName.MITIGATION_APPLIED, "between knowing the cause and acting on it"),
    (PointName.MITIGATION_APPLIED, PointName.RECOVERED, "between the action and full recovery"),
)


def gaps(points: Sequence[Point]) -> Iterator[Moment]:
    """Stretches in which something could have happened and did not."""
    best: dict[PointName, Point] = {}
    for point in sorted(points, key=lambda p: p.by is By.STATED):
        best.setdefault(point.name, point)
    acted = min((p for p in points if p.name is PointName.MITIGATION_APPLIED), key=lambda p: p.at, default=None)
    for start, end, says in _GAPS:
        one, other = best.get(start), best.get(end)
        if one and other and acted and one.name is not acted.name and one.at <= acted.at < other.at:
            other = acted  # from there on somebody acts, whatever is found out later
        if one is None or other is None or other.at - one.at < _GAP:
            continue
        title = f"{minutes(other.at - one.at)} {says} ({clock(one.at)} to {clock(other.at)})"
        cites = tuple(dict.fromkeys((*one.cites, *other.cites)))
        yield moment(
            MomentKind.GAP, one.at, title, cites, until=other.at, weight=min(0.9, 0.5 + (other.at - one.at) / HOUR)
        )
