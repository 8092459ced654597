"""The graph of causes as people make it: add, link, merge, split, restate; every decision is kept and can be withdrawn."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal

from afterword.model.cause import Held, LinkKind, Needs, NodeKind
from afterword.model.edit import Edit, EditKind
from afterword.model.incident import Incident
from afterword.model.postmortem import Postmortem
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace
    from afterword.model.action import ActionItem
    from afterword.model.cause import Explanation

_INCIDENT = "id of the incident"
_CITES = "what shows it, such as E3:12-14"
_REASON = "why; the history keeps it"
_ROLE = "what you were in the incident: responder, author of the change, owner, …"
#: Operations that are not called after the kind of edit that they make.
_CALLED = {EditKind.ACCEPT: "cause.judge", EditKind.REJECT: "cause.judge", EditKind.NEEDS: "cause.need"}


def add(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    effect: Annotated[str, "id of the node that it led to"],
    statement: Annotated[str, "what it was, in a sentence"],
    kind: Annotated[NodeKind, "event, condition, decision, defence or luck"] = NodeKind.CONDITION,
    held: Annotated[Held | None, "of a defence: held, failed or absent"] = None,
    link: Annotated[LinkKind, "how it led there"] = LinkKind.ENABLES,
    at: Annotated[str, "when it was, RFC 3339; empty when nobody knows"] = "",
    component: Annotated[str, "the component that it is about"] = "",
    cites: Annotated[tuple[str, ...], _CITES] = (),
    reason: Annotated[str, _REASON] = "",
    role: Annotated[str, _ROLE] = "",
) -> tuple[Edit, ...]:
    """Add a node to the graph of causes, with the link to what it led to."""
    from afterword.app import period

    if not statement.strip():
        raise InvalidError("statement says what it was", ("statement: empty",))
    if (held is not None) != (kind is NodeKind.DEFENCE):
        raise InvalidError("held belongs to a defence, and a defence has one", ("held: of a defence only",))
    moment = period.instant(at, "at", ws.get("incident", incident, Incident).options.zone)
    return _keep(
        ws, incident, EditKind.ADD, (effect,), reason, cites,
        statements=(statement.strip(),), node=kind, held=held, link=link, moment=moment, component=component,
        role=role.strip(),
    )  # fmt: skip


def link(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    cause: Annotated[str, "id of the cause"],
    effect: Annotated[str, "id of its effect"],
    kind: Annotated[LinkKind, "how it led there"] = LinkKind.ENABLES,
    cites: Annotated[tuple[str, ...], _CITES] = (),
    reason: Annotated[str, _REASON] = "",
    role: Annotated[str, _ROLE] = "",
) -> tuple[Edit, ...]:
    """Link two nodes of the graph; the grade of the link is computed from what it cites and from time."""
    return _keep(ws, incident, EditKind.LINK, (cause, effect), reason, cites, link=kind, role=role.strip())


def unlink(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    cause: Annotated[str, "id of the cause"],
    effect: Annotated[str, "id of its effect"],
    reason: Annotated[str, _REASON],
) -> tuple[Edit, ...]:
    """Take a link out of the graph."""
    return _keep(ws, incident, EditKind.UNLINK, (cause, effect), _said(reason), ())


def merge(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    into: Annotated[str, "id of the node that stays"],
    nodes: Annotated[tuple[str, ...], "ids of those that go into it"],
    statement: Annotated[str, "what it says from now on; empty: what it said"] = "",
    reason: Annotated[str, _REASON] = "",
) -> tuple[Edit, ...]:
    """Make one node of several that say the same."""
    statements = (statement.strip(),) if statement.strip() else ()
    return _keep(ws, incident, EditKind.MERGE, (into, *nodes), reason, (), statements=statements)


def split(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    node: Annotated[str, "id of the node that says two things at once"],
    statements: Annotated[tuple[str, ...], "what each of the new nodes says"],
    reason: Annotated[str, _REASON] = "",
) -> tuple[Edit, ...]:
    """Make several nodes of one that says two things at once."""
    said = tuple(one.strip() for one in statements if one.strip())
    return _keep(ws, incident, EditKind.SPLIT, (node,), reason, (), statements=said)


def restate(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    node: Annotated[str, "id of the node"],
    statement: Annotated[str, "what it says from now on"],
    kind: Annotated[NodeKind | None, "event, condition, decision, defence or luck; empty: as it was"] = None,
    held: Annotated[Held | None, "of a defence: held, failed or absent"] = None,
    reason: Annotated[str, _REASON] = "",
) -> tuple[Edit, ...]:
    """Say a node of the graph in other words."""
    if not statement.strip():
        raise InvalidError("statement says what it was", ("statement: empty",))
    return _keep(
        ws, incident, EditKind.RESTATE, (node,), reason, (), statements=(statement.strip(),), node=kind, held=held
    )


def need(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    node: Annotated[str, "id of the effect"],
    needs: Annotated[Literal["any", "all", "some"], "any one of its causes, all of them, or some"],
    least: Annotated[int, "of some: how many"] = 0,
    reason: Annotated[str, _REASON] = "",
) -> tuple[Edit, ...]:
    """Say how many of its causes an effect needs."""
    return _keep(ws, incident, EditKind.NEEDS, (node,), reason, (), needs=Needs(needs), least=least)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import added to the graph, and what of the drawing could not be placed."""

    edits: tuple[Edit, ...]
    problems: tuple[str, ...]


def draw(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    format: Annotated[  # noqa: A002 - the word people type
        Literal["json", "mermaid", "dot", "graphml", "whys", "openpsa"],
        "how it is written; whys is a Markdown list, openpsa the fault tree",
    ] = "mermaid",
) -> str:
    """Write the graph of causes for other tools."""
    from afterword.app import openpsa
    from afterword.app.graph_format import WRITERS
    from afterword.core.cause import drawn

    postmortem = of(ws, incident)
    if format == "openpsa":
        if postmortem.tree is None:
            raise NotFoundError(f"{incident} has no fault tree: no cause of it is supported well enough.")
        return openpsa.write(postmortem.tree).decode()
    return WRITERS[format](drawn.of(postmortem.explanation))


def import_(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    file: Annotated[str, "JSON, Mermaid, DOT, GraphML, or five whys as a Markdown list"],
) -> Imported:
    """Put what was drawn elsewhere into the graph: as edits, each of which can be withdrawn."""
    from afterword.app.graph_format import read
    from afterword.core.cause import drawn, edit

    record = ws.get("incident", incident, Incident)
    found = read(ws.path(file).read_bytes())
    now = edit.applied(ws.get("postmortem", incident, Postmortem).explanation, record.edits).explanation
    made, problems = drawn.edits(now, found, by=ws.actor, at=ws.now(), taken=len(record.edits))
    if made:
        _written(ws, replace(record, edits=(*record.edits, *made)), "cause.import")
    return Imported(made, (*found.problems, *problems))


def history(ws: Workspace, *, incident: Annotated[str, _INCIDENT]) -> tuple[Edit, ...]:
    """List what people decided about the graph, in order, with what was withdrawn."""
    return ws.get("incident", incident, Incident).edits


def withdraw(
    ws: Workspace,
    *,
    incident: Annotated[str, _INCIDENT],
    edit: Annotated[str, "id of the edit, such as g2"],
    reason: Annotated[str, _REASON],
) -> tuple[Edit, ...]:
    """Take a decision about the graph back; it stays in the history."""
    record = ws.get("incident", incident, Incident)
    if edit not in {one.id for one in record.edits}:
        raise NotFoundError(f"There is no edit {edit!r} in {incident}; it has {len(record.edits)}.")
    said = f"{ws.actor}, {ws.now()}: {_said(reason)}"
    edits = tuple(replace(one, withdrawn=said) if one.id == edit else one for one in record.edits)
    return _written(ws, replace(record, edits=edits), "cause.withdraw")


def of(ws: Workspace, incident: str) -> Postmortem:
    """The postmortem with the graph as people have made it. Raises NotFoundError."""
    from afterword.core.cause import edit

    return edit.upon(ws.get("postmortem", incident, Postmortem), ws.get("incident", incident, Incident).edits)


def decide(ws: Workspace, incident: str, kind: EditKind, cause: str, reason: str) -> tuple[Edit, ...]:
    """Accept or reject a node."""
    return _keep(ws, incident, kind, (cause,), reason, ())


def _said(reason: str) -> str:
    if not reason.strip():
        raise RefusalError("What is taken out goes with a reason: the history keeps it.", code="graph-reason")
    return reason.strip()


def _keep(
    ws: Workspace, incident: str, kind: EditKind, about: tuple[str, ...], reason: str, cites: tuple[str, ...],
    **values: object,
) -> tuple[Edit, ...]:  # fmt: skip
    """Try the edit on the graph as it is now, and write it down when it fits."""
    from afterword.app.operations import evidence
    from afterword.core.cause import edit

    record = ws.get("incident", incident, Incident)
    cited = tuple(evidence.cited(ws, incident, one) for one in cites)
    if kind is EditKind.ADD and values.get("moment") is None:
        # What is cited for a node has a time of its own: time is law, also where nobody typed it.
        values["moment"] = evidence.moment(ws, incident, cited)
    id_ = f"g{len(record.edits) + 1}"
    made = Edit(id_, kind, about, ws.actor, ws.now(), reason.strip(), cites=cited, **values)  # type: ignore[arg-type]
    _fits(edit.applied(ws.get("postmortem", incident, Postmortem).explanation, record.edits).explanation, made)
    return _written(ws, replace(record, edits=(*record.edits, made)), _CALLED.get(kind, f"cause.{kind.value}"))


def _fits(explanation: Explanation, made: Edit) -> None:
    from afterword.core.cause import edit

    why = edit.refusal(explanation, made)
    if why.startswith("there is no "):
        there = ", ".join(one.id for one in explanation.causes[:10])
        raise NotFoundError(f"{why[0].upper()}{why[1:]}. There is {there or 'none at all'}.")
    if why:
        raise RefusalError(f"This cannot stand in the graph: {why}.", code="graph")


#: Why a proposal is no longer one; it is proposed again when the cause is.
_IN_VAIN = "what it answers was rejected"


def _followed(ws: Workspace, record: Incident) -> list[tuple[str, str, ActionItem]]:
    """Proposals that answer only what was rejected are set aside, and taken up again with it. What people took up stays."""
    from afterword.app.operations.incident import actions_of
    from afterword.core.cause import edit
    from afterword.model.action import ActionState

    explanation = edit.upon(ws.get("postmortem", record.id, Postmortem), record.edits).explanation
    made = []
    for item in actions_of(ws, record.id):
        vain = edit.answered_in_vain(explanation, item.answers)
        if vain and item.state is ActionState.PROPOSED:
            made.append(replace(item, state=ActionState.DECLINED, reason=_IN_VAIN))
        elif not vain and item.state is ActionState.DECLINED and item.reason == _IN_VAIN:
            made.append(replace(item, state=ActionState.PROPOSED, reason=""))
    return [("action", one.id, one) for one in made]


def _written(ws: Workspace, record: Incident, operation: str) -> tuple[Edit, ...]:
    from afterword.app.operations.incident import refresh

    ws.find("incident", record.id, Incident)
    ws.keep([("incident", record.id, record), *_followed(ws, record)], operation=operation)
    # What was decided stands, also where the evidence is gone that the document would be composed from.
    with suppress(NotFoundError):
        refresh(ws, record.id)
    return record.edits
