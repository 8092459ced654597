"""The points of an incident's life: estimated from telemetry as intervals, beside what people stated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import chat, indicator, statistics
from afterword.core.cause.change import is_undo
from afterword.core.clock import Stamp, parse_time
from afterword.core.derive import ERROR
from afterword.core.indicator import Family
from afterword.model.incident import DURATIONS, By, Duration, Measured, Point, PointName
from afterword.model.time import MINUTE, SECOND
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.change import Suspect
    from afterword.core.request import Harm
    from afterword.core.window import Found
    from afterword.model.event import Fact
    from afterword.model.evidence import Citation
    from afterword.model.incident import StatedPoint
    from afterword.model.postmortem import Postmortem, Signal

#: Families in which users feel a shift.
HARM = (Family.ERRORS, Family.LATENCY)
#: An alert this long before the estimated start still belongs to the incident: both are uncertain.
_BEFORE = 10 * MINUTE
#: A sign this long before the harm may have announced it; and so far from the usual it is one.
_VISIBLE_BEFORE = 60 * MINUTE
_PLAIN = 6.0
#: Beyond so many spreads a shift is only the larger because its series hardly ever moved.
_PLAINEST = 800.0
#: Recorded rates look back no longer than this.
_LOOKS_BACK = 90 * SECOND


def harm_signals(signals: Sequence[Signal]) -> list[Signal]:
    """Signals that hurt: errors and latency that moved for the worse; anything that did, when there are none."""
    worse = [s for s in signals if indicator.worse(s.indicator) * s.shift > 0 or indicator.worse(s.indicator) == 0]
    felt = [s for s in worse if indicator.family(s.indicator) in HARM]
    return felt or worse


def estimates(
    case: Case,
    found: Found,
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
    started = started_at(case, found, concerned, trigger.candidate.at if trigger else 0)
    if started is not None and told is not None:
        started = _sharpened(started, told, trigger.candidate.at if trigger else 0)
    if trigger is not None:
        at = trigger.candidate.at
        made.append(_recorded(PointName.TRIGGER, at, "the change that set it off took effect", trigger.candidate.cites))
    if started:
        made.append(started)
        made.extend(_detectable(signals, started, trigger.candidate.at if trigger else 0))
    made.extend(_detected(case, found, started.earliest if started else found.window.start))
    made.extend(_response(case, found, started, trigger))
    made.extend(_recovery(concerned, made, told))
    return tuple(made)


def _recorded(name: PointName, at: int, basis: str, cites: Iterable[Citation], offset: int | None = 0) -> Point:
    return Point(name, at, at, at, By.ESTIMATE, basis, tuple(cites), offset)


def started_at(case: Case, found: Found, signals: Sequence[Signal], not_before: int = 0) -> Point | None:
    """When users were first harmed: the first harmful shift, sharpened by the first new error line inside its interval.

    ``not_before``: when the cause that is known took effect; what was unusual before that is another story.
    """
    tolerance = max(min(3 * MINUTE, found.window.length // 2), found.window.length // 5)
    dated = [
        s
        for s in main_harm(signals)
        if s.onset is not None
        and s.earliest is not None
        and abs(s.onset - found.window.start) <= tolerance
        and 2 * s.onset - s.earliest >= not_before
    ]
    if not dated:
        return None
    first = _agreed(_of_one_episode(dated))
    assert first.onset is not None
    assert first.earliest is not None
    step = max(first.onset - first.earliest, SECOND)
    # A counted bin begins at its time stamp; a recorded sample speaks of what was before it.
    latest = first.onset + (step if first.derived else 0)
    earliest = first.onset if first.derived else first.earliest
    row = _first_new_error(case, found, earliest - step, latest)
    if row is None:
        basis = f"{first.component}: {first.indicator} left its baseline"
        low, high = max(earliest, not_before), max(latest, not_before)
        at = min(max(first.onset, low), high)
        return Point(PointName.STARTED, at, low, high, By.ESTIMATE, basis, (first.cite,))
    at = max(int(case.logs.at[row]), not_before)
    basis = f"first error line of a new kind, inside the interval in which {first.component}: {first.indicator} left its baseline"
    cites = (case.logs.rows.cite(row), first.cite)
    return Point(PointName.STARTED, at, min(at, earliest), max(at, min(latest, at + step)), By.ESTIMATE, basis, cites)


def _sharpened(started: Point, told: Harm, not_before: int) -> Point:
    """The first request that went wrong, where it lies near what the series say."""
    began = told.began
    if abs(began.at - started.at) > _LOOKS_BACK or began.latest < not_before:
        return started
    at, earliest = max(began.at, not_before), max(began.earliest, not_before)
    basis = f"the first of {told.bad} requests went wrong ({started.basis})"
    return replace(
        started, at=at, earliest=min(at, earliest), latest=max(at, began.latest), basis=basis,
        cites=tuple(dict.fromkeys((*began.cites, *started.cites))),
    )  # fmt: skip


def _of_one_episode(dated: Sequence[Signal]) -> Sequence[Signal]:
    """Without the signals that were well again before most of the harm began: theirs was another, smaller trouble."""
    ordered = sorted(dated, key=lambda s: (s.onset or 0, s.component, s.indicator))
    weights = np.cumsum([np.log2(1 + min(abs(s.shift), 200.0)) for s in ordered])
    most = ordered[int(np.argmax(weights >= 0.5 * weights[-1]))].onset or 0
    kept = [s for s in ordered if s.back is None or s.back > most]
    return kept or ordered


def _agreed(dated: Sequence[Signal]) -> Signal:
    """The signal at which a tenth of the shifts has begun: one nervous series alone does not date the impact."""
    ordered = sorted(dated, key=lambda s: (s.onset or 0, s.component, s.indicator))
    weights = np.array([np.log2(1 + min(abs(s.shift), 200.0)) for s in ordered])
    return ordered[int(np.argmax(np.cumsum(weights) >= 0.1 * weights.sum()))]


def _first_new_error(case: Case, found: Found, low: int, high: int) -> int | None:
    logs = case.logs
    bad = np.flatnonzero(logs.severity >= ERROR)
    usual = set(logs.template[bad[logs.at[bad] < min(low, found.baseline.end)]].tolist())
    for row in bad[(logs.at[bad] >= low) & (logs.at[bad] <= high)].tolist():
        if int(logs.template[row]) not in usual:
            return int(row)
    return None


def _detectable(signals: Sequence[Signal], started: Point, not_before: int) -> Iterator[Point]:
    """When the trouble first stood out in data that was being collected: with the harm, or announcing it."""
    since = max(not_before, started.earliest - _VISIBLE_BEFORE)
    dated = [
        s
        for s in signals
        if s.onset is not None
        and s.onset >= since
        and indicator.worse(s.indicator) * s.shift > 0
        and abs(s.shift) >= _PLAIN
    ]
    first = min(dated, key=lambda s: (s.onset or 0, s.component, s.indicator), default=None)
    if first is None or first.onset is None:
        return
    basis = f"{first.component}: {first.indicator} first stood out in data that was being collected"
    at = first.onset if first.onset <= started.latest else started.at
    cite = first.cite if first.onset <= started.latest else started.cites[0]
    earliest = min(at, first.earliest if first.earliest is not None else at)
    yield Point(PointName.DETECTABLE, at, earliest, at, By.ESTIMATE, basis, (cite,))


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
    noticing = (MomentKind.SYMPTOM, MomentKind.DECLARATION)
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
            yield _recorded(
                name, first.event.at, f"the pager recorded it ({first.event.name})", (first.cite,), first.event.offset
            )
    undo = _mitigating_change(case, since, trigger)
    if undo is not None and undo.event.at is not None:
        basis = f"change recorded: {undo.event.text.splitlines()[0][:120] if undo.event.text else undo.event.name}"
        yield _recorded(PointName.MITIGATION_APPLIED, undo.event.at, basis, (undo.cite,), undo.event.offset)


def _mitigating_change(case: Case, since: int, trigger: Suspect | None) -> Fact | None:
    if trigger is not None and trigger.candidate.undone_by is not None:
        return trigger.candidate.undone_by
    after = [
        f
        for f in case.changes
        if f.event.at is not None and f.event.at > since and f.event.attributes.get("change") != "commit"
    ]
    return next((f for f in after if is_undo(f.event)), None)


def _recovery(signals: Sequence[Signal], made: Sequence[Point], told: Harm | None) -> Iterator[Point]:
    felt = main_harm(signals)
    backs = sorted((_back_point(s) for s in felt if s.back is not None), key=lambda p: (p.at, p.basis))
    applied = next((p.at for p in made if p.name is PointName.MITIGATION_APPLIED), None)
    ended = _ended(told, felt) if told is not None else None
    if ended is None and (not felt or len(backs) < len(felt)):
        return
    effective = next((p for p in backs if applied is None or p.at >= applied - MINUTE), backs[0] if backs else ended)
    if effective is None or (ended is not None and effective.at > ended.at):
        effective = ended
    assert effective is not None
    if applied is not None and effective.at < applied <= effective.latest:
        # Inside its bounds it cannot have worked before it was done.
        effective = replace(effective, at=applied, earliest=applied)
    yield replace(effective, name=PointName.MITIGATION_EFFECTIVE, basis=f"{effective.basis} first")
    yield ended or replace(backs[-1], basis=f"{backs[-1].basis} last of the harmful signals")


def _ended(told: Harm, felt: Sequence[Signal]) -> Point | None:
    """When the last request went wrong, unless samples of where it came in say otherwise for longer than they look back.

    What goes on behind it, out of the sight of users, is no impact.
    """
    if told.ended is None:
        return None
    later = [
        s
        for s in felt
        if s.component in told.components and s.back is not None and s.back > told.ended.latest + _LOOKS_BACK
    ]
    if later:
        return None
    end = told.ended
    basis = f"the last of {told.bad} requests went wrong, and the next of its kind did not"
    return Point(PointName.RECOVERED, end.at, end.earliest, end.latest, By.ESTIMATE, basis, end.cites)


def _back_point(signal: Signal) -> Point:
    at = signal.back or 0
    step = max((signal.onset or at) - (signal.earliest or at), SECOND)
    basis = f"{signal.component}: {signal.indicator} came back inside its baseline"
    latest = at + (step if signal.derived else 0)
    return Point(PointName.RECOVERED, at, at - step, latest, By.ESTIMATE, basis, (signal.cite,))


def main_harm(signals: Sequence[Signal]) -> list[Signal]:
    """The harmful signals that decide whether the incident is over: those that shifted clearly and began with it."""
    felt = harm_signals(signals)
    strongest = max((abs(s.shift) for s in felt), default=0.0)
    return [s for s in felt if abs(s.shift) >= max(4.0, 0.03 * min(strongest, _PLAINEST))]


def stated(case: Case, started: Point | None) -> tuple[Point, ...]:
    """Points as people wrote them in the channel; the first message of each kind."""
    made: dict[PointName, Point] = {}
    since = started.earliest - _BEFORE if started else 0
    for fact in case.messages:
        at, text = fact.event.at, fact.event.text
        if at is None or at < since:
            continue
        name = PointName.IDENTIFIED if chat.finds_cause(text) else chat.POINTS.get(chat.kind_of(text))
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
