"""Causes: list them with what people decided, judge them, read the graph as whys and as a fault tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

from afterword.model.cause import Cause, Judgement
from afterword.model.postmortem import Postmortem
from afterword.model.refusal import NotFoundError, RefusalError

if TYPE_CHECKING:
    from afterword.app.operations.tree import TreeReport
    from afterword.app.workspace import Workspace
    from afterword.model.cause import Why
    from afterword.model.tree import FaultTree


@dataclass(frozen=True, slots=True)
class JudgementRecord:
    """What a person decided about a cause; the machine's proposal stays as it was."""

    state: Judgement
    reason: str
    by: str
    at: str


def list_(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> tuple[Cause, ...]:
    """List the causes of an incident, ranked, with what people decided about them."""
    return judged(ws, ws.get("postmortem", incident, Postmortem))


def judge(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    cause: Annotated[str, "id of the cause"],
    verdict: Annotated[Literal["accept", "reject"], "accept or reject"],
    reason: Annotated[str, "why; the journal keeps it"] = "",
) -> Cause:
    """Accept or reject a proposed cause, as the person you are."""
    found = _cause(ws.get("postmortem", incident, Postmortem), cause)
    state = Judgement.ACCEPTED if verdict == "accept" else Judgement.REJECTED
    if state is Judgement.REJECTED and not reason.strip():
        raise RefusalError("A cause is rejected with a reason: say what speaks against it.", code="cause-reason")
    made = JudgementRecord(state, reason.strip(), ws.actor, ws.now())
    ws.find("judgement", f"{incident}/{cause}", JudgementRecord)
    ws.keep([("judgement", f"{incident}/{cause}", made)], operation="cause.judge")
    return replace(found, state=state, by=ws.actor)


def whys(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> tuple[Why, ...]:
    """Read the causes as five whys, each answer with its evidence."""
    return ws.get("postmortem", incident, Postmortem).whys


def tree(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> TreeReport:
    """Read the causes as a fault tree, with its minimal cut sets."""
    from afterword.app.operations.tree import shaped
    from afterword.core.cause.tree import solve

    return shaped(solve(tree_of(ws.get("postmortem", incident, Postmortem))))


def tree_of(postmortem: Postmortem) -> FaultTree:
    if postmortem.tree is None:
        raise NotFoundError(f"{postmortem.incident} has no fault tree: no cause of it is supported well enough.")
    return postmortem.tree


def judged(ws: Workspace, postmortem: Postmortem) -> tuple[Cause, ...]:
    """The ranked causes with the judgements of people put upon them."""
    made = []
    for cause in postmortem.explanation.causes:
        decided = ws.find("judgement", f"{postmortem.incident}/{cause.id}", JudgementRecord)
        made.append(replace(cause, state=decided.state, by=decided.by) if decided else cause)
    return tuple(made)


def _cause(postmortem: Postmortem, id_: str) -> Cause:
    for cause in postmortem.explanation.causes:
        if cause.id == id_:
            return cause
    there = ", ".join(cause.id for cause in postmortem.explanation.causes[:10])
    raise NotFoundError(f"There is no cause {id_!r} in {postmortem.incident}. There is {there or 'none at all'}.")
