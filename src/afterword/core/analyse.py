"""From a case to a postmortem: the whole of the thinking, in order. Pure: the same case gives the same answer."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core import (
    access,
    chat,
    ended,
    ledger,
    loss,
    point,
    proposal,
    request,
    sampled,
    timeline,
    weakness,
    window,
)
from afterword.core.cause import (
    alternative,
    apart,
    canary,
    change,
    crashing,
    faults,
    graph,
    machine,
    rank,
    spoken,
    state,
    still,
    topology,
    undone,
    whys,
)
from afterword.core.cause.candidate import short
from afterword.core.cause.change import Symptoms
from afterword.core.derive import ERROR, WARN, derived_series, rated
from afterword.core.harm import HARM, harm_signals
from afterword.core.indicator import family
from afterword.core.scene import Scene
from afterword.model.cause import Explanation, Finding, Role, Verdict
from afterword.model.incident import By, PointName
from afterword.model.postmortem import Impact, Postmortem
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from afterword.core.case import Case, Series
    from afterword.core.cause.alternative import Alternative
    from afterword.core.cause.canary import Contrasts
    from afterword.core.cause.change import Suspect
    from afterword.core.cause.rank import Ranking
    from afterword.core.request import Harm
    from afterword.core.window import Found
    from afterword.model.incident import Point
    from afterword.model.lesson import Fingerprint
    from afterword.model.postmortem import Signal

    #: What an analysis does: look at the scene, say what it finds.
    Look = Callable[[Scene], Iterable[Finding]]

_MOST_SIGNALS = 40
#: Bits that a component gains when the trigger is found to have acted on it.
_LEAN = 4.0
_TROUBLE = (MomentKind.SYMPTOM, MomentKind.DECLARATION, MomentKind.ACKNOWLEDGEMENT, MomentKind.MITIGATION)
_ID = re.compile(r"\b[0-9a-f]{12,}\b|\b\d{6,}\b")


class Weighed(NamedTuple):
    """The changes, weighed, and the one that stands out."""

    suspects: tuple[Suspect, ...]
    guilty: Suspect | None


def all_series(case: Case) -> tuple[Series, ...]:
    """Recorded series, counters among them as rates, and those counted from logs and spans."""
    return (*map(rated, machine.unmoved(case)), *derived_series(case))


def analyse(
    case: Case,
    analyses: Iterable[Look] = (),
    objectives: Sequence[tuple[str, float]] = (),
    earlier: Sequence[Fingerprint] = (),
) -> Postmortem:
    """The postmortem of a case. Where no signal leaves its usual range there is no incident, and it says so."""
    series = all_series(case)
    found = apart.find(case, series) or window.told(_told(case), case.covered)
    found = found or window.failing(case.logs.at[case.logs.severity >= ERROR], len(case.logs), case.covered)
    broken = state.faults(case)
    if found is None:
        explanation = still.explain(case, broken)
        return _undated(case, explanation, analyses, earlier) if explanation else _nothing(case)
    signals = window.signals(found, series) or window.signals(found, series, window.WEAK)
    ranking, contrasts = _ranked(case, found, signals)
    calls = access.calls(case, ranking.graph.callees, found.baseline)
    told = request.harm(case.spans, found) or access.harm(case, found, calls)
    symptoms = _symptoms(case, found, signals, ranking, _recovered(found, series, signals, ranking, told))
    others = _others(case, found, signals, ranking)
    first = ranking

    def weigh(said: Symptoms) -> Weighed:
        suspects = change.suspects(case, said, first, contrasts)
        return Weighed(suspects, change.convicted(suspects, alternative.rival(others, suspects)))

    suspects, guilty = weighed = weigh(symptoms)
    ranking = _leaned(ranking, guilty, others, signals)
    concerned = graph.concerned(ranking, signals)
    points = point.estimates(case, found, series, signals, concerned, guilty, told)
    suspects, guilty = _as_told(symptoms, points, weighed, weigh)
    started = next((p for p in points if p.name is PointName.STARTED), None)
    points = (*points, *point.stated(case, started))
    explanation = graph.explain(found, signals, symptoms, ranking, suspects, guilty, others, started)
    explanation = still.with_states(explanation, broken)
    detection = ledger.build(case, points, explanation)
    points = (*points, *ledger.engaged(detection))
    scene = Scene(case, found.baseline, found.window, _estimated(points), signals, explanation, tuple(earlier))
    findings = _findings(scene, analyses)
    explanation = graph.with_findings(explanation, findings)
    moments = timeline.build(case, found, signals, points, guilty)
    actions, unanswered = proposal.propose(case.incident, explanation, findings, moments)
    return Postmortem(
        incident=case.incident,
        title=_title(explanation, ranking),
        covered=case.covered,
        baseline=found.baseline,
        window=found.window,
        points=points,
        durations=point.durations(points),
        signals=signals[:_MOST_SIGNALS],
        moments=moments,
        explanation=explanation,
        findings=findings,
        whys=whys.read(explanation),
        tree=faults.build(explanation),
        actions=actions,
        not_over=point.not_over(case, found, concerned, told),
        impact=_impact(case, found, signals, explanation),
        unanswered=unanswered,
        skews=case.skews,
        ledger=detection,
        loss=loss.assess(case, found, series, signals, points, explanation, told, calls, objectives),
    )


def _ranked(case: Case, found: Found, signals: Sequence[Signal]) -> tuple[Ranking, Contrasts]:
    """The components by all lanes and by what changes show where they reached, and that contrast."""
    ranking = rank.rank(case, found, signals)
    if not signals:
        ranking = still.weighed(case, ranking)
    contrasts = canary.shown(case, ranking.graph)
    return canary.leaned(ranking, contrasts), contrasts


def _told(case: Case) -> list[int]:
    """When alerts, pages and people spoke of trouble; what is left where no telemetry shows any."""
    facts = [*case.alerts, *case.pages, *(m for m in case.messages if chat.kind_of(m.event.text) in _TROUBLE)]
    return sorted(fact.event.at for fact in facts if fact.event.at is not None)


def _others(case: Case, found: Found, signals: Sequence[Signal], ranking: Ranking) -> tuple[Alternative, ...]:
    """What else than a change can have done it, best first."""
    said = spoken.mechanisms(case, found, signals, rank.components_of(case))
    made = (*alternative.alternatives(case, found, signals, ranking), *said, *crashing.loops(case, found, signals))
    return tuple(sorted(made, key=lambda a: (-a.bits, a.category, a.component)))


def _leaned(
    ranking: Ranking, guilty: Suspect | None, others: Sequence[Alternative], signals: Sequence[Signal]
) -> Ranking:
    """A convicted change, or an explanation outside the changes, says which component it acted on."""
    if guilty is not None:
        component = guilty.candidate.component
        says = f"the change that set it off acted on it ({short(guilty.candidate.ref)})"
        weight = max(_LEAN, _short(ranking, component) if _first_to_suffer(component, signals) else 0.0)
        return rank.lean(ranking, component, weight, says, guilty.candidate.cites)
    if others and others[0].bits >= change.CONVICTION:
        best = others[0]
        # What is outside is not ranked: whom it failed stands for it.
        touched = best.component if ranking.score(best.component) > 0 else best.failed or best.component
        return rank.lean(ranking, touched, _LEAN, best.reasons[0].says, best.cites)
    return ranking


def _short(ranking: Ranking, component: str) -> float:
    """What a component lacks to lead."""
    best = ranking.components[0].score if ranking.components else 0.0
    return best - ranking.score(component) + 0.5


def _first_to_suffer(component: str, signals: Sequence[Signal]) -> bool:
    """No other component left its usual range before this one did."""
    onsets = [(s.onset, s.component) for s in signals if s.onset is not None]
    mine = [onset for onset, name in onsets if name == component]
    return bool(mine) and min(mine) <= min(onset for onset, _ in onsets)


def _estimated(points: Sequence[Point]) -> dict[PointName, Point]:
    known: dict[PointName, Point] = {}
    for one in sorted(points, key=lambda p: p.by is By.STATED):
        known.setdefault(one.name, one)
    return known


def _findings(scene: Scene, analyses: Iterable[Look]) -> tuple[Finding, ...]:
    made = [replace(f, classes=weakness.named(f)) for look in analyses for f in look(scene)]
    unique = {finding.id: finding for finding in made}
    return tuple(sorted(unique.values(), key=lambda f: (-f.weight, f.area, f.id)))


def _nothing(case: Case) -> Postmortem:
    verdict = Explanation("", (), (), (), Verdict.INCONCLUSIVE, none_of_the_changes=bool(case.changes), would_decide=(
        "evidence from the time of the trouble: in what was given, no signal leaves its usual range",
    ))  # fmt: skip
    return Postmortem(
        case.incident, "No incident found in this evidence", case.covered, None, None, (), point.durations(()), (), (), verdict, (), (), None, (), (),
        Impact((), ()),
    )  # fmt: skip


def _undated(
    case: Case, explanation: Explanation, analyses: Iterable[Look], earlier: Sequence[Fingerprint]
) -> Postmortem:
    """States and alerts tell what is wrong; no series tells since when."""
    findings = _findings(Scene(case, None, None, {}, (), explanation, tuple(earlier)), analyses)
    explanation = graph.with_findings(explanation, findings)
    actions, unanswered = proposal.propose(case.incident, explanation, findings, ())
    first = explanation.causes[0]
    return Postmortem(
        case.incident, first.statement, case.covered, None, None, (), point.durations(()), (), (), explanation, findings, whys.read(explanation),
        faults.build(explanation), actions, (), Impact((), (first.component,)), unanswered,
    )  # fmt: skip


def _recovered(
    found: Found, series: Sequence[Series], signals: Sequence[Signal], ranking: Ranking, told: Harm | None
) -> int | None:
    """When it was over, before it is known what set it off."""
    felt = graph.concerned(ranking, signals)
    over = ended.points(sampled.by_name(series), found, felt, found.window.start, None, told)
    return over[1].at if over else None


def _as_told(
    symptoms: Symptoms, points: Sequence[Point], suspects: Weighed, weigh: Callable[[Symptoms], Weighed]
) -> Weighed:
    """The suspects, weighed again where the recovery that is told is another: there is one, and all speak of it.

    Who stands accused decided what is told; it must not turn around on that.
    """
    told = next((p.at for p in points if p.name is PointName.RECOVERED and p.by is By.ESTIMATE), None)
    if told == symptoms.recovered:
        return suspects
    again = weigh(replace(symptoms, recovered=told))
    accused = [one.guilty.candidate.ref if one.guilty else "" for one in (suspects, again)]
    return again if accused[0] == accused[1] else suspects


def _symptoms(case: Case, found: Found, signals: Sequence[Signal], ranking: Ranking, recovered: int | None) -> Symptoms:
    """What the failure said: error lines by how often, alerts, summarised patterns, failing operations."""
    dated = [s for s in harm_signals(signals) if s.onset is not None and s.onset >= found.window.start]
    onset = min((s.onset or 0 for s in dated), default=found.window.start)
    troubled = tuple(one.component for one in ranking.components if one.score > 0)[:8]
    return Symptoms(
        text=_words(case, found),
        indicators=tuple(f"{s.component} {s.indicator}" for s in signals[:20]),
        onset=min(onset, found.window.start),
        latest=max(found.window.start, onset),
        recovered=recovered,
        troubled=troubled,
        healthy=found.baseline,
        until=found.block.end,
        bad=undone.bad_events(case, found),
        messages=case.messages,
        named=topology.named_in_paths(_failing(case, found), (fact.event.subject for fact in case.changes)),
    )


def _failing(case: Case, found: Found) -> str:
    """The words of what failed, one line of each kind."""
    logs = case.logs
    rows = np.flatnonzero((logs.severity >= ERROR) & (logs.at >= found.window.start) & (logs.at <= found.window.end))
    _, first = np.unique(logs.template[rows], return_index=True)
    return "\n".join(logs.text[row] for row in rows[first].tolist())


def _words(case: Case, found: Found) -> str:
    logs = case.logs
    rows = np.flatnonzero((logs.severity >= WARN) & (logs.at >= found.window.start) & (logs.at <= found.window.end))
    usual = set(logs.template[(logs.severity >= WARN) & (logs.at <= found.baseline.end)].tolist())
    counted: Counter[int] = Counter(logs.template[rows].tolist())
    first: dict[int, int] = {}
    for row in rows.tolist():
        first.setdefault(int(logs.template[row]), row)
    ranked = sorted(counted, key=lambda t: (t in usual, -counted[t], t))[:25]
    said = [logs.text[first[t]][:600] + " " + logs.attributes[first[t]][:400] for t in ranked]
    said += [f"{f.event.name} {f.event.text} {f.event.attributes.get('metric', '')}" for f in case.alerts]
    said += [f.event.text for f in case.patterns if f.event.attributes.get("sentiment") != "neutral"]
    spans = case.spans
    if len(spans):
        failing = np.flatnonzero(spans.failed & (spans.at >= found.window.start) & (spans.at <= found.window.end))[:50]
        said += [
            f"{spans.operations[spans.operation[r]]} {spans.text[r]} {spans.attributes[r][:300]}"
            for r in failing.tolist()
        ]
        slow = np.flatnonzero((spans.at >= found.window.start) & (spans.at <= found.window.end))
        said += [
            spans.operations[spans.operation[r]]
            for r in slow[np.argsort(-spans.took[slow], kind="stable")][:30].tolist()
        ]
    return "\n".join(_ID.sub("", one) for one in said)


def _title(explanation: Explanation, ranking: Ranking) -> str:
    proximate = next((c for c in explanation.causes if c.role is Role.PROXIMATE), None)
    impact = next((c for c in explanation.causes if c.role is Role.IMPACT), None)
    if proximate is None or impact is None:
        return "Incident"
    del ranking
    if proximate.component in impact.statement:
        return impact.statement
    return f"{impact.statement}: {proximate.statement}"


def _impact(case: Case, found: Found, signals: Sequence[Signal], explanation: Explanation) -> Impact:
    felt = [s for s in harm_signals(signals) if family(s.indicator) in HARM][:8]
    says = tuple((f"{signal.component}: {signal.indicator}", (signal.cite,)) for signal in felt)
    del case, found
    components = tuple(
        c.component
        for c in explanation.causes
        if c.role in (Role.PROXIMATE, Role.CONTRIBUTING) and c.component and c.ref is None
    )
    return Impact(says, tuple(dict.fromkeys(components)))


def severity(case: Case) -> str:
    """The severity that the channel states last; empty when nobody states one."""
    stated = [chat.severity(fact.event.text) for fact in case.messages]
    return next((one for one in reversed(stated) if one), "")
