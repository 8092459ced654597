"""The action item for rules that were proposed and tried: it carries the table of what they would have done."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.model.action import ActionCategory, ActionItem, ActionKind, ActionState, Priority, Strength
from afterword.model.cause import Role
from afterword.model.incident import Measured
from afterword.model.time import HOUR, SECOND, clock, minutes
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.backtest import Backtest
    from afterword.core.proposed_rule import Proposed
    from afterword.core.rule import AlertRule
    from afterword.model.postmortem import Postmortem

HEAD = ("rule", "would have fired", "than the detection", "firings outside of the incident", "healthy recording")
#: Weaknesses that a better alert answers.
_ANSWERS = ("late-detection", "unwatched-signal", "reported-first")


def rows(trials: Sequence[Backtest]) -> tuple[tuple[str, ...], ...]:
    """The table with its head, as texts."""
    return (HEAD, *(_row(one) for one in trials))


def _row(one: Backtest) -> tuple[str, ...]:
    earlier = one.minutes_earlier
    than = (
        "–"
        if earlier is None
        else f"{minutes(round(abs(earlier) * 60) * SECOND)} {'earlier' if earlier >= 0 else 'later'}"
    )
    return (
        one.alert,
        "never in the incident" if one.fired_at is None else clock(one.fired_at),
        than,
        str(one.extra),
        minutes(round(one.healthy_hours * HOUR)),
    )


def annotated(one: Proposed, incident: str) -> AlertRule:
    """The rule with what its trial showed, for who meets it in the rule file."""
    trial = _row(one.trial)
    told = f"Would have fired at {trial[1]} ({trial[2]} than the detection of {incident}), {trial[3]} times outside of it in {trial[4]}."
    about = one.about or "a component"
    what = {
        "burn rate": "uses up its error budget",
        "error ratio": "fails for too many",
        "error rate": "fails",
        "latency": "is slow",
    }
    notes = "; ".join((one.why, *one.trial.notes))
    said = {
        "summary": f"{about} {what.get(one.kind, 'is short of a resource')}",
        "description": f"{told} {notes[:1].upper()}{notes[1:]}." if notes else told,
    }
    return replace(one.rule, annotations=tuple(said.items()))


def item(postmortem: Postmortem, proposed: Sequence[Proposed], known: Sequence[ActionItem], file: str) -> ActionItem:
    """The proposed item of the incident that asks for a better alert with the table upon it, or a new one without an id."""
    names = ", ".join(one.rule.name for one in proposed)
    title = f"Add the alert {names}" if len(proposed) == 1 else f"Add the alerts {names}"
    done = (
        "the rules run in production, and replaying the evidence of this incident fires them as the table says"
        if len(proposed) > 1
        else "the rule runs in production, and replaying the evidence of this incident fires it as the table says"
    )
    table = rows([one.trial for one in proposed])
    about = next((one.about for one in proposed if one.about), "")
    open_ = [
        a
        for a in known
        if a.kind is ActionKind.ALERT_THRESHOLD and a.state is ActionState.PROPOSED and (a.trial or a.by == "afterword")
    ]
    reason = f"written to {file}" if file else "the rule file is in the answer of alert propose"
    if open_:
        mine = next((a for a in open_ if a.trial), open_[0])
        return replace(
            mine,
            title=title,
            done_when=done,
            trial=table,
            reason=mine.reason or reason,
            component=mine.component or about,
        )
    return ActionItem(
        "", postmortem.incident, title, ActionKind.ALERT_THRESHOLD, ActionCategory.DETECT, Strength.DETECT, _answers(postmortem), done,
        priority=Priority.P1, reason=reason, component=about, pattern="monitoring:late_detection", trial=table,
    )  # fmt: skip


def carrying(postmortem: Postmortem, trials: Sequence[Backtest]) -> Postmortem:
    """The proposed items that ask for a better alert, with the table of the rules that would have told earlier."""
    wanted = set(_answers(postmortem))
    table = rows(trials)
    return replace(
        postmortem,
        actions=tuple(
            replace(one, trial=table)
            if one.kind is ActionKind.ALERT_THRESHOLD
            and one.category is ActionCategory.DETECT
            and wanted & set(one.answers)
            else one
            for one in postmortem.actions
        ),
    )


def _answers(postmortem: Postmortem) -> tuple[str, ...]:
    """The weakness in detection that was found, else the gap in which nobody knew, else the harm itself."""
    found = tuple(one.id for one in postmortem.findings if one.analysis in _ANSWERS)
    gaps = tuple(m.id for m in postmortem.moments if m.kind is MomentKind.GAP and "nobody knew" in m.title)
    harm = tuple(c.id for c in postmortem.explanation.causes if c.role in (Role.IMPACT, Role.PROXIMATE))[:1]
    return found or gaps or harm


def gap(postmortem: Postmortem) -> str:
    """How long it took to be noticed, in words; empty where it is not known."""
    one = next((d for d in postmortem.durations if d.name == "time to detect"), None)
    return minutes(one.ns) if one is not None and one.state is Measured.RECORDED and one.ns is not None else ""
