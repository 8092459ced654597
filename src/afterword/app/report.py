"""What ``analyze --json`` prints: the shape that scripts rely on (contracts.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from afterword.model.cause import Grade, Role
from afterword.model.evidence import Citation
from afterword.model.incident import By, PointName
from afterword.model.time import iso, zone_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.model.cause import Cause, Finding
    from afterword.model.evidence import Evidence
    from afterword.model.incident import Point
    from afterword.model.ledger import DetectionLedger, Entry
    from afterword.model.loss import Amount, Loss
    from afterword.model.postmortem import Postmortem
    from afterword.model.skew import Skew
    from afterword.model.timeline import Moment

#: Roles that are listed among the causes, in the order of the ranking.
_LISTED = (Role.TRIGGER, Role.PROXIMATE, Role.CONTRIBUTING, Role.AMPLIFIER, Role.LATENT, Role.DEFENCE)


@dataclass(frozen=True)
class Report:
    """The result of one analysis, as plain JSON values."""

    incident: dict[str, Any]
    timeline: list[dict[str, Any]]
    causes: list[dict[str, Any]]
    components: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    outputs: dict[str, str]
    verdict: str
    ruled_out: list[dict[str, Any]]
    would_decide: list[str]
    not_over: list[str]
    clocks: list[dict[str, Any]]
    weaknesses: list[dict[str, Any]]


def report(pm: Postmortem, evidence: Sequence[Evidence], outputs: Mapping[str, str], title: str) -> Report:
    """Shape a postmortem for scripts. Points that nobody knows are null."""
    causes = [c for c in pm.explanation.causes if c.role in _LISTED]
    return Report(
        incident={
            "id": pm.incident,
            "title": title,
            "points": {name.value: _point(pm.points, name) for name in PointName},
            "window": [iso(pm.window.start), iso(pm.window.end)] if pm.window else None,
            "durations": [
                {
                    "name": d.name,
                    "from": d.start.value,
                    "to": d.end.value,
                    "state": d.state.value,
                    "seconds": None if d.ns is None else d.ns / 1e9,
                }
                for d in pm.durations
            ],
            "loss": _loss(pm.loss),
            "ledger": [_entry(one, pm.ledger) for one in pm.ledger.entries],
        },
        timeline=[_moment(m) for m in pm.moments],
        causes=[_cause(rank, c) for rank, c in enumerate(_by_mechanism(causes, pm), start=1)],
        components=[
            {"rank": i, "component": c.component, "score": round(c.score, 4)}
            for i, c in enumerate(pm.explanation.components, start=1)
        ],
        problems=_problems(evidence),
        outputs=dict(outputs),
        verdict=pm.explanation.verdict.value,
        ruled_out=[
            _cause(rank, c)
            for rank, c in enumerate([c for c in pm.explanation.causes if c.role is Role.RULED_OUT], start=1)
        ],
        would_decide=list(pm.explanation.would_decide),
        not_over=list(pm.not_over),
        clocks=[_skew(one) for one in pm.skews],
        weaknesses=[_weakness(one) for one in pm.findings],
    )


def _weakness(one: Finding) -> dict[str, Any]:
    return {
        "id": one.id,
        "analysis": one.analysis,
        "area": one.area,
        "says": one.says,
        "about": one.about,
        "limits": one.limits,
        "classes": list(one.classes),
        "weight": one.weight,
        "cites": _cites(one.cites),
    }


def _skew(one: Skew) -> dict[str, Any]:
    return {
        "clock": one.clock,
        "reference": one.reference,
        "ahead_ns": one.ahead,
        "least_ns": one.least,
        "most_ns": one.most,
        "applied_ns": one.applied,
        "pairs": one.pairs,
        "agreeing": one.agreeing,
        "by": list(one.by),
        "zone": zone_text(one.zone),
        "steady": one.steady,
        "cites": _cites(one.cites),
    }


def _by_mechanism(causes: Iterable[Cause], pm: Postmortem) -> list[Cause]:
    """Trigger and proximate causes, then what else stands; every strong indicator of a component is one line."""
    made = list(causes)
    return made + _indicators(made, pm)


def _indicators(causes: Sequence[Cause], pm: Postmortem) -> list[Cause]:
    """Further indicators of the ranked components: a component may be named several times, once for each."""
    named = {(c.component, c.indicator) for c in causes}
    by_component = {c.component: c for c in causes if c.role in (Role.PROXIMATE, Role.CONTRIBUTING) and c.indicator}
    more = []
    for signal in pm.signals:
        base = by_component.get(signal.component)
        if base is not None and (signal.component, signal.indicator) not in named:
            named.add((signal.component, signal.indicator))
            says = f"{signal.component} left its usual range ({signal.indicator})"
            more.append(
                replace(
                    base,
                    statement=says,
                    indicator=signal.indicator,
                    cites=(signal.cite,),
                    score=base.score * 0.5,
                    role=Role.CONTRIBUTING,
                    grade=Grade.PRECEDES,
                )
            )
    return more[:20]


def _point(points: Iterable[Point], name: PointName) -> dict[str, Any] | None:
    found = [p for p in points if p.name is name]
    if not found:
        return None
    best = next((p for p in found if p.by is By.ESTIMATE), found[0])
    made = _point_body(best)
    other = next((p for p in found if p.by is not best.by), None)
    if other is not None:
        made["stated"] = _point_body(other)
    return made


def _point_body(point: Point) -> dict[str, Any]:
    zoned = point.offset is not None
    return {
        "at": iso(point.at, zoned=zoned),
        "earliest": iso(point.earliest, zoned=zoned),
        "latest": iso(point.latest, zoned=zoned),
        "zone": zone_text(point.offset),
        "by": point.by.value,
        "confidence": point.confidence,
        "basis": point.basis,
        "cites": _cites(point.cites),
    }


def _loss(found: Loss) -> dict[str, Any]:
    """What was lost; null where the evidence does not tell."""

    def bounded(one: Amount | None) -> dict[str, float] | None:
        return None if one is None else {"value": one.value, "least": one.least, "most": one.most}

    return {
        "method": found.method,
        "component": found.component or None,
        "requests": bounded(found.requests),
        "of": found.of,
        "customer_minutes_share": bounded(found.minutes),
        "worst_share": found.worst,
        "slow": found.slow,
        "going_on": found.going_on,
        "budgets": [{"name": b.name, "objective": b.objective, "burned": bounded(b.burned)} for b in found.budgets],
        "cites": _cites(found.cites),
    }


def _entry(one: Entry, ledger: DetectionLedger) -> dict[str, Any]:
    """A stage of the ledger; what nobody knows is null, and the basis says what is missing."""
    zoned = one.offset is not None
    return {
        "stage": one.stage.value,
        "at": None if one.at is None else iso(one.at, zoned=zoned),
        "by": one.by.value if one.by else None,
        "after": one.after.value if one.after else None,
        "seconds": None if one.took is None else one.took / 1e9,
        "avoidable_seconds": None if one.avoidable is None else one.avoidable / 1e9,
        "largest": one.stage is ledger.largest,
        "lever": one.lever or None,
        "basis": one.basis,
        "cites": _cites(one.cites),
    }


def _moment(moment: Moment) -> dict[str, Any]:
    zoned = moment.offset is not None
    return {
        "id": moment.id,
        "at": iso(moment.at, zoned=zoned),
        "until": None if moment.until is None else iso(moment.until, zoned=zoned),
        "zone": zone_text(moment.offset),
        "title": moment.title,
        "kind": moment.kind.value,
        "component": moment.component,
        "quote": moment.quote,
        "weight": round(moment.weight, 3),
        "cites": _cites(moment.cites),
        "clock": moment.clock,
        "granularity_ns": moment.granularity,
        "skew_ns": moment.skew,
        "order": moment.order.value,
        "unsure": list(moment.unsure),
    }


def _cause(rank: int, cause: Cause) -> dict[str, Any]:
    return {
        "rank": rank,
        "id": cause.id,
        "component": cause.component,
        "indicator": cause.indicator or None,
        "role": cause.role.value,
        "category": cause.category or None,
        "defect": cause.defect or None,
        "ref": cause.ref,
        "statement": cause.statement,
        "score": round(cause.score, 4),
        "grade": int(cause.grade),
        "for": [r.says for r in cause.reasons_for],
        "against": [r.says for r in cause.reasons_against],
        "cites": _cites(cause.cites),
    }


def _cites(cites: Iterable[Citation]) -> list[str]:
    return [str(cite) for cite in cites]


def _problems(evidence: Sequence[Evidence]) -> list[dict[str, Any]]:
    made = []
    for index, one in enumerate(evidence, start=1):
        made += [
            {
                "message": problem.message,
                "cite": str(Citation(f"E{index}", problem.place)),
                "code": problem.code,
                "gravity": problem.gravity.value,
                "name": one.name,
            }
            for problem in one.problems
        ]
        if one.more_problems:
            made.append(
                {
                    "message": f"{one.more_problems} more problems of this artefact are counted, not listed",
                    "cite": f"E{index}:1",
                    "code": "more",
                    "gravity": "info",
                    "name": one.name,
                }
            )
    return made
