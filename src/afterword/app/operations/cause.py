"""Causes: list them with what people decided, judge them, read the graph as whys and as a fault tree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

from afterword.app.operations import graph
from afterword.model.cause import Cause, Judgement
from afterword.model.edit import EditKind
from afterword.model.refusal import NotFoundError, RefusalError

if TYPE_CHECKING:
    from afterword.app.operations.tree import TreeReport
    from afterword.app.workspace import Workspace
    from afterword.core.cause.happened import Happened
    from afterword.model.cause import Why
    from afterword.model.postmortem import Postmortem
    from afterword.model.tree import FaultTree


@dataclass(frozen=True, slots=True)
class JudgementRecord:
    """What a person decided about a cause, as workspaces before 2026-11-25 kept it; an edit of the graph says it today."""

    state: Judgement
    reason: str
    by: str
    at: str


def list_(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> tuple[Cause, ...]:
    """List the causes of an incident, ranked, with what people decided about them."""
    return judged(ws, graph.of(ws, incident))


def judge(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    cause: Annotated[str, "id of the cause"],
    verdict: Annotated[Literal["accept", "reject"], "accept or reject"],
    reason: Annotated[str, "why; the journal keeps it"] = "",
) -> Cause:
    """Accept or reject a proposed cause, as the person you are."""
    _cause(graph.of(ws, incident), cause)
    state = Judgement.ACCEPTED if verdict == "accept" else Judgement.REJECTED
    if state is Judgement.REJECTED and not reason.strip():
        raise RefusalError("A cause is rejected with a reason: say what speaks against it.", code="cause-reason")
    graph.decide(ws, incident, EditKind.ACCEPT if verdict == "accept" else EditKind.REJECT, cause, reason)
    return _cause(graph.of(ws, incident), cause)


def whys(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> tuple[Why, ...]:
    """Read the causes as five whys, each answer with its evidence."""
    return graph.of(ws, incident).whys


def tree(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> TreeReport:
    """Read the causes as a fault tree, with its minimal cut sets."""
    from afterword.app.operations.tree import shaped
    from afterword.core.cause.tree import solve

    return shaped(solve(tree_of(graph.of(ws, incident))))


def happened(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> Happened:
    """Hold the fault tree against what happened: what fired, what was near, and what each action would have cut."""
    from afterword.app.operations.incident import actions_of
    from afterword.core.cause.happened import happened as hold
    from afterword.model.postmortem import Postmortem as Kept

    postmortem = graph.of(ws, incident)
    archive = [graph.of(ws, one.incident).explanation for one in ws.all("postmortem", Kept)]
    return hold(tree_of(postmortem), postmortem.explanation, actions_of(ws, incident), archive)


def tree_of(postmortem: Postmortem) -> FaultTree:
    if postmortem.tree is None:
        raise NotFoundError(f"{postmortem.incident} has no fault tree: no cause of it is supported well enough.")
    return postmortem.tree


def judged(ws: Workspace, postmortem: Postmortem) -> tuple[Cause, ...]:
    """The ranked causes with the judgements of people put upon them."""
    made = []
    for cause in postmortem.explanation.causes:
        decided = ws.find("judgement", f"{postmortem.incident}/{cause.id}", JudgementRecord)
        open_ = cause.state is Judgement.PROPOSED
        made.append(replace(cause, state=decided.state, by=decided.by) if decided and open_ else cause)
    return tuple(made)


def _cause(postmortem: Postmortem, id_: str) -> Cause:
    for cause in postmortem.explanation.causes:
        if cause.id == id_:
            return cause
    there = ", ".join(cause.id for cause in postmortem.explanation.causes[:10])
    raise NotFoundError(f"There is no cause {id_!r} in {postmortem.incident}. There is {there or 'none at all'}.")
