"""Alert rules for an incident: tried on its own recording, and proposed where they would have told earlier."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from afterword.model.action import ActionItem
from afterword.model.incident import Incident
from afterword.model.refusal import InvalidError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.app.workspace import Workspace
    from afterword.core.backtest import Backtest
    from afterword.core.proposed_rule import Proposed
    from afterword.model.postmortem import Postmortem


@dataclass(frozen=True, slots=True)
class RuleProposal:
    """What there is and what would have been better; ``text`` is the rule file."""

    incident: str
    #: How long it took until somebody or something noticed; empty where it is not known.
    time_to_detect: str
    existing: tuple[Backtest, ...]
    proposed: tuple[Backtest, ...]
    #: Of each proposal in its turn: what it rests on.
    why: tuple[str, ...] = ()
    text: str = ""
    file: str = ""
    #: Who found the file valid.
    checked: str = ""
    #: The action item that carries the table; empty where nothing is proposed.
    action: str = ""
    says: tuple[str, ...] = ()


def propose(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    out: Annotated[str, "rule file to write"] = "",
    objective: Annotated[
        str, "share of requests that has to go well, such as 99.9, where the evidence states none"
    ] = "",
) -> RuleProposal:
    """Propose alert rules that would have told of an incident earlier, tried on its recording."""
    from afterword.app import backtesting, pipeline, recorded
    from afterword.app.operations.incident import evidence_of
    from afterword.core.rule_action import gap

    record = ws.get("incident", incident, Incident)
    aim = _objective(objective)
    worked = pipeline.work(record, evidence_of(ws, record), ws.lake, ws.blobs)
    found = recorded.recording(worked.case, ws.blobs)
    if not found.tracks:
        raise UnreadableError(
            f"{incident} has no series with the labels that Prometheus had, so no rule can be told that its server would "
            "understand. Collect what it holds for the time of the incident (afterword collect, or an answer of "
            "its /api/v1/query_range, an export or a dump), add that file as evidence, and analyze again."
        )
    existing = backtesting.replayed(found.rules, found, worked.case, worked.postmortem)
    known = backtesting.objectives(found, worked.case, worked.postmortem) | aim
    better = backtesting.proposed(found, worked.case, worked.postmortem, known)
    made = RuleProposal(
        incident, gap(worked.postmortem), existing, tuple(one.trial for one in better), tuple(one.why for one in better), says=found.notes
    )  # fmt: skip
    if not better:
        says = "no rule over what was recorded would have told earlier without telling in vain too"
        return replace(made, says=(*made.says, says))
    text, checked = _written(incident, better, out)
    action = _action(ws, better, worked.postmortem, out)
    return replace(made, text=text, checked=checked, file=str(Path(out).resolve()) if out else "", action=action)


def _objective(said: str) -> dict[str, float]:
    from afterword.core.objective import number

    if not said:
        return {}
    share = number(said)
    if share is None:
        reason = f"objective: a share such as 99.9 or 0.999 is needed, not {said[:40]!r}"
        raise InvalidError(reason, (reason,))
    return {"": share}


def _written(incident: str, better: Sequence[Proposed], out: str) -> tuple[str, str]:
    """The rule file, checked before it is written."""
    from afterword.app import file, rule_text
    from afterword.core.rule_action import annotated

    text = rule_text.text(f"afterword {incident}", [annotated(one, incident) for one in better])
    try:
        checked = rule_text.checked(text)
    except ValueError as error:
        raise InvalidError(f"the proposed rules are not valid: {error}", (str(error),)) from error
    if out:
        try:
            with file.whole(Path(out)) as part:
                part.write_text(text, encoding="utf-8")
        except OSError as error:
            raise InvalidError(f"{out} cannot be written: {error.strerror}", ("out",)) from error
    return text, checked


def _action(ws: Workspace, better: Sequence[Proposed], postmortem: Postmortem, out: str) -> str:
    from afterword.app.operations.action import next_id
    from afterword.app.operations.incident import actions_of
    from afterword.core.rule_action import item

    made = item(postmortem, better, actions_of(ws, postmortem.incident), out)
    new = not made.id
    if new:
        made = replace(made, id=next_id(ws), opened=ws.today)
    if new or made != ws.get("action", made.id, ActionItem):
        ws.keep([("action", made.id, made)], operation="alert.propose", new=new)
    return made.id
