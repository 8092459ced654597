"""The points of an incident's life: estimated from telemetry as intervals, beside what people stated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import chat, detectable, ended, error_line, impact, sampled, statistics
from afterword.core.cause import undone
from afterword.core.cause.candidate import is_undo
from afterword.core.clock import Stamp, parse_time
from afterword.core.harm import main_harm
from afterword.model.event import Meaning
from afterword.model.incident import DURATIONS, By, Duration, Measured, Point, PointName
from afterword.model.time import MINUTE, SECOND
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from afterword.core.case import Case, Series
    from afterword.core.cause.change import Suspect
    from afterword.core.request import Harm
    from afterword.core.window import Found
    from afterword.model.event import Event, Fact
    from afterword.model.evidence import Citation
    from afterword.model.incident import StatedPoint
    from afterword.model.postmortem import Postmortem, Signal

#: An alert this long before the estimated start still belongs to the incident: both are uncertain.
_BEFORE = 10 * MINUTE


def estimates(
    case: Case,
    found: Found,
    series: Sequence[Series],
    signals: Sequence[Signal],
    concerned: Sequence[Signal],
    trigger: Suspect | None,
    told: Harm | None,
) -> tuple[Point, ...]:
    """Every point that the telemetry can date; a point that nobody knows is left out.

    ``concerned`` are the signals of what failed and of what calls it: they say when users were hurt, and until when;
    ``told`` is what single requests say of it.
    """
    made: list[Point] = []
    named = sampled.by_name(series)
    not_before = trigger.candidate.at if trigger else 0
    started = impact.started_at(case, found, named, concerned, not_before)
    by_lines = error_line.of_lines(case, found) if started is None and told is None else ()
    started = started or next((p for p in by_lines if p.name is PointName.STARTED and p.latest >= not_before), None)
    if told is not None:
        started = impact.sharpened(started, told, found, not_before)
    if trigger is not None:
        basis = "the change that set it off took effect"
        made.append(_recorded(PointName.TRIGGER, trigger.candidate.at, basis, trigger.candidate.cites))
    if started:
        seen = detectable.detectable_at(named, found, signals, started, not_before)
        made += [started, seen] if seen else [started]
    made.extend(_detected(case, found, started.earliest if started else found.window.start))
    made.extend(_response(case, found, started, trigger))
    applied = next((p.at for p in made if p.name is PointName.MITIGATION_APPLIED), None)
    since = started.at if started else found.window.start
    over = ended.points(named, found, concerned, since, applied, told, undone.bad_events(case, found).tolist())
    still = any(s.back is None for s in main_harm(concerned))
    made.extend(over or (p for p in by_lines if p.name is not PointName.STARTED and not still))
    return tuple(made)


def _recorded(name: PointName, at: int, basis: str, cites: Iterable[Citation], offset: int | None = 0) -> Point:
    return Point(name, at, at, at, By.ESTIMATE, basis, tuple(cites), offset)


def _detected(case: Case, found: Found, since: int) -> Iterator[Point]:
    """When a monitor fired or a person noticed, whichever came first."""
    until = max(found.window.end, case.covered.end) + 60 * MINUTE
    alert, report = first_alert(case, since - _BEFORE, until), _first_report(case, since)
    facts = [fact for fact in (alert, report) if fact is not None]
    if not facts:
        return
    first = min(facts, key=lambda f: (f.event.at or 0, f.cite))
    at = first.event.at or 0
    if first is alert:
        basis = f"alert {first.event.name} fired"
    elif alert is not None and alert.event.at is not None:
        basis = (
            f"a person reported it, {(alert.event.at - at) / SECOND:.0f} s before the alert {alert.event.name} fired"
        )
    else:
        basis = "a person reported it; no alert is in the evidence"
    yield _recorded(PointName.DETECTED, at, basis, (first.cite,), first.event.offset)


def first_alert(case: Case, since: int, until: int) -> Fact | None:
    """The first alert or page that fired in that stretch."""
    facts = [
        f
        for f in (*case.alerts, *case.pages)
        if f.event.at is not None and f.event.attributes.get("state") != "resolved"
    ]
    mine = [f for f in facts if since <= (f.event.at or 0) <= until]
    return min(mine, key=lambda f: (f.event.at or 0, f.cite), default=None)


def _first_report(case: Case, since: int) -> Fact | None:
    noticing = (MomentKind.SYMPTOM, MomentKind.DECLARATION, MomentKind.ACKNOWLEDGEMENT)
    for fact in case.messages:
        if fact.event.at is not None and fact.event.at >= since and chat.kind_of(fact.event.text) in noticing:
            return fact
    return None


def _response(case: Case, found: Found, started: Point | None, trigger: Suspect | None) -> Iterator[Point]:
    since = started.earliest - _BEFORE if started else found.window.start
    pages = [f for f in case.pages if f.event.at is not None and f.event.at >= since]
    for state, name in (("triggered", PointName.PAGED), ("acknowledged", PointName.ACKNOWLEDGED)):
        first = next((f for f in pages if f.event.attributes.get("state", "triggered") == state), None)
        if first is not None and first.event.at is not None:
            yield _recorded(name, first.event.at, _told_by(first.event), (first.cite,), first.event.offset)
    undo = _mitigating_change(case, since, trigger)
    if undo is not None and undo.event.at is not None:
        basis = f"change recorded: {undo.event.text.splitlines()[0][:120] if undo.event.text else undo.event.name}"
        yield _recorded(PointName.MITIGATION_APPLIED, undo.event.at, basis, (undo.cite,), undo.event.offset)


def _told_by(event: Event) -> str:
    if event.meaning is Meaning.REPORTED:
        return f"its notification came in ({event.name})"
    return f"the pager recorded it ({event.name})"


def _mitigating_change(case: Case, since: int, trigger: Suspect | None) -> Fact | None:
    if trigger is not None and trigger.candidate.undone_by is not None:
        return trigger.candidate.undone_by
    after = [
        f
        for f in case.changes
        if f.event.at is not None and f.event.at > since and f.event.attributes.get("change") != "commit"
    ]
    return next((f for f in after if is_undo(f.event)), None)


def stated(case: Case, started: Point | None) -> tuple[Point, ...]:
    """Points as people wrote them in the channel; the first message of each kind."""
    made: dict[PointName, Point] = {}
    since = started.earliest - _BEFORE if started else 0
    for fact in case.messages:
        at, text = fact.event.at, fact.event.text
        if at is None or at < since:
            continue
        name = chat.point_of(text)
        if name is not None and name not in made and _in_order(name, made):
            basis = "a message in the channel says so"
            made[name] = Point(name, at, at, at, By.STATED, basis, (fact.cite,), fact.event.offset)
    return tuple(made.values())


def with_stated(postmortem: Postmortem, stated_points: Sequence[StatedPoint]) -> Postmortem:
    """The postmortem with what people stated in their own record, before what the channel says.

    A duration is worked out anew where a statement is the only thing known of one of its ends.
    """
    said = [made for one in stated_points if (made := _stated_point(one)) is not None]
    if not said:
        return postmortem
    estimated = tuple(p for p in postmortem.points if p.by is By.ESTIMATE)
    channel = tuple(p for p in postmortem.points if p.by is By.STATED)
    points = (*estimated, *said, *channel)
    filled = {p.name for p in said} - {p.name for p in estimated}
    anew = {d.name: d for d in durations(points) if {d.start, d.end} & filled}
    return replace(postmortem, points=points, durations=tuple(anew.get(d.name, d) for d in postmortem.durations))


def _stated_point(one: StatedPoint) -> Point | None:
    found = parse_time(one.at)
    if not isinstance(found, Stamp):
        return None
    basis = f"stated by {one.by}" + (f": {one.note}" if one.note else "")
    return Point(one.name, found.ns, found.ns, found.ns, By.STATED, basis, (), found.offset)


def _in_order(name: PointName, made: dict[PointName, Point]) -> bool:
    """Nobody recovers before anybody mitigates or acknowledges: early words of that kind are hopes."""
    if name in (PointName.RECOVERED, PointName.RESOLVED):
        return bool({PointName.MITIGATION_APPLIED, PointName.IDENTIFIED} & made.keys())
    return True


def durations(points: Sequence[Point]) -> tuple[Duration, ...]:
    """Every duration of the house with its endpoints; pending, not applicable or invalid where it cannot be given."""
    best: dict[PointName, Point] = {}
    for point in sorted(points, key=lambda p: p.by is By.STATED):
        best.setdefault(point.name, point)
    return tuple(_duration(name, start, end, best) for name, start, end in DURATIONS)


def _duration(name: str, start: PointName, end: PointName, best: dict[PointName, Point]) -> Duration:
    one, other = best.get(start), best.get(end)
    if one is None:
        return Duration(name, start, end, Measured.NOT_APPLICABLE)
    if other is None:
        return Duration(name, start, end, Measured.PENDING)
    if other.latest < one.earliest:
        return Duration(name, start, end, Measured.INVALID)
    ns = max(other.at - one.at, 0)
    shortest = max(other.earliest - one.latest, 0)
    return Duration(name, start, end, Measured.RECORDED, ns, min(shortest, ns), max(other.latest - one.earliest, ns))


def not_over(case: Case, found: Found, signals: Sequence[Signal], told: Harm | None) -> tuple[str, ...]:
    """Harmful signals still outside their baseline at the end of the evidence, each by name.

    Where the requests of users are seen to go well again, only what is measured where they come in keeps it open.
    """
    served = told.components if told is not None and told.ended is not None else ()
    still = [s for s in main_harm(signals) if s.back is None and (not served or s.component in served)]
    names = {(s.component, s.indicator) for s in still}
    last = {(x.component, x.indicator): x for x in case.series}
    alive = [n for n in sorted(names) if n not in last or last[n].at[-1] >= found.window.start]
    return tuple(f"{component}: {name}" for component, name in alive)


def usual_step(case: Case) -> int:
    """The usual distance between samples, in ns; one second where there are no series."""
    steps = [statistics.step_of(s.at) for s in case.series if len(s.at) > 2]
    return int(np.median(steps)) if steps else SECOND
