"""What a report got right of a trial. Strict: whatever ties with the right answer counts as standing before it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.app.bench.trial import Trial
    from afterword.model.alert import AlertGraph

#: Worse than any rank: not named at all.
_ABSENT = 999
_PLACES = (1, 3, 5)
#: A change is convicted by a trigger of this grade or more (contracts.md).
_CONVICTED = 2


class Said(Protocol):
    """The parts of a report that are judged."""

    @property
    def incident(self) -> dict[str, Any]: ...
    @property
    def timeline(self) -> list[dict[str, Any]]: ...
    @property
    def causes(self) -> list[dict[str, Any]]: ...
    @property
    def components(self) -> list[dict[str, Any]]: ...


@dataclass(frozen=True)
class _Nothing:
    incident: dict[str, Any] = field(default_factory=dict)
    timeline: list[dict[str, Any]] = field(default_factory=list)
    causes: list[dict[str, Any]] = field(default_factory=list)
    components: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Verdict:
    """What was asked of a trial and whether it was right, by name; and what went wrong, in words."""

    marks: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def place(self, what: str, rank: int, said: str) -> None:
        self.marks |= {f"{what}@{place}": rank <= place for place in _PLACES}
        if rank > 1:
            self.wrong.append(said)

    def mark(self, what: str, said: str, *, right: bool) -> None:
        self.marks[what] = right
        if not right:
            self.wrong.append(said)


def judge(trial: Trial, report: Said) -> Verdict:
    """Everything that the trial has an answer for."""
    made = Verdict()
    if trial.component:
        _component(trial, report.components, made)
    if trial.indicator:
        _indicator(trial, report.causes, made)
    if trial.commit:
        _commit(trial, report.causes, made)
    if trial.change:
        _change(trial, report.causes, made)
    if trial.fault[0]:
        _fault(trial, report.causes, made)
    if trial.words or trial.healthy:
        _said(trial, report, made)
    return made


def judge_links(trial: Trial, found: AlertGraph) -> Verdict:
    """The links between kinds of alerts; g = max(0, right - wrong) / known, as the challenge on them measures it."""
    said = {(one.cause, one.effect) for one in found.links}
    right, wrong = len(said & trial.links), len(said - trial.links)
    g = max(0, right - wrong) / len(trial.links)
    made = Verdict({"g": g, "links found": right / len(trial.links), "links right": right / max(1, len(said))})
    if g < 1:
        made.wrong.append(f"{len(trial.links) - right} of {len(trial.links)} links not found, {wrong} wrong")
    return made


def refused(trial: Trial, why: str) -> Verdict:
    """Nothing was right of a trial that was not even read."""
    asked = judge(trial, _Nothing())
    return Verdict({"read": False, **dict.fromkeys(asked.marks, False)}, [why])


def strict_rank(components: Sequence[dict[str, Any]], wanted: str) -> int:
    """The rank of a component when all that tie with it stand before it."""
    score: float | None = next((one["score"] for one in components if one["component"] == wanted), None)
    if score is None:
        return _ABSENT
    others = [one for one in components if one["component"] != wanted]
    return 1 + len([one for one in others if one["score"] >= score])


def _component(trial: Trial, components: Sequence[dict[str, Any]], made: Verdict) -> None:
    rank = strict_rank(components, trial.component)
    before = [one["component"] for one in components if one["component"] != trial.component][: min(rank - 1, 3)]
    made.place("component", rank, f"{trial.component} is {_th(rank)}, behind {', '.join(before)}")


def _indicator(trial: Trial, causes: Sequence[dict[str, Any]], made: Verdict) -> None:
    first = causes[0] if causes else {"component": "", "indicator": ""}
    right = first["component"] == trial.component and trial.indicator in (first["indicator"] or "").split("_")
    said = f"the first cause is {first['component']} {first['indicator']}, not {trial.component} {trial.indicator}"
    made.mark("indicator@1", said, right=right)


def _commit(trial: Trial, causes: Sequence[dict[str, Any]], made: Verdict) -> None:
    named = [one["ref"] for one in causes if one["role"] == "trigger" and one["grade"] >= _CONVICTED and one["ref"]]
    right = not named if trial.commit == "none" else trial.commit in named
    said = f"convicted {', '.join(ref[:8] for ref in named) or 'none'}, not {trial.commit[:8]}"
    made.mark("change", said, right=right)
    made.mark("no decoy", "", right=not any(ref in trial.decoys for ref in named))


def _change(trial: Trial, causes: Sequence[dict[str, Any]], made: Verdict) -> None:
    best: dict[str, float] = {}
    for one in causes:
        if one["ref"]:
            best[one["ref"]] = max(best.get(one["ref"], one["score"]), one["score"])
    mine = best.get(trial.change)
    ahead = sorted((ref for ref in best if mine is None or best[ref] >= mine), key=lambda ref: (-best[ref], ref))
    ahead = [ref for ref in ahead if ref != trial.change]
    rank = _ABSENT if mine is None else 1 + len(ahead)
    made.place("change", rank, f"the change {trial.change} is {_th(rank)}, behind {', '.join(ahead[:3])}")


def _fault(trial: Trial, causes: Sequence[dict[str, Any]], made: Verdict) -> None:
    named = [(one["component"], one["indicator"]) for one in causes]
    rank = named.index(trial.fault) + 1 if trial.fault in named else _ABSENT
    objects = list(dict.fromkeys(component for component, _ in named))
    before = ", ".join(f"{component} {kind}" for component, kind in named[: min(rank - 1, 3)] if component)
    made.place("fault", rank, f"{' '.join(trial.fault)} is {_th(rank)}, behind {before}")
    made.marks["object@1"] = objects[:1] == [trial.fault[0]]


def _said(trial: Trial, report: Said, made: Verdict) -> None:
    if trial.healthy:
        first = report.causes[0]["statement"] if report.causes else ""
        made.mark("left alone", f"nothing was wrong, and it says: {first}", right=not report.causes)
        return
    told = json.dumps([report.causes, report.timeline, report.incident], default=str).lower()
    missing = [word for word in trial.words if word.lower() not in told]
    said = f"not said: {', '.join(missing)}" if report.causes else "no cause is put forward"
    made.mark("said", said, right=bool(report.causes) and not missing)


def _th(rank: int) -> str:
    return "not named" if rank == _ABSENT else f"number {rank}"
