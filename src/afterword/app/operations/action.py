"""Action items: list, add, accept, edit, decline, move, verify."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from afterword.app.workspace import Scope
from afterword.core import action as life
from afterword.model.action import ActionCategory, ActionItem, ActionKind, ActionState, Priority, Strength
from afterword.model.refusal import ForbiddenError, InvalidError

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace


_S = ActionState
#: Steps that are decisions of their own, with their own arguments and rights; None: from any state.
_DECISIONS = {
    (_S.PROPOSED, _S.ACCEPTED): "accept",
    (None, _S.VERIFIED): "verify",
    (None, _S.DECLINED): "decline",
    (None, _S.ACCEPTED_RISK): "decline --risk",
}
_DECIDED = frozenset({_S.VERIFIED, _S.EFFECTIVE, _S.INEFFECTIVE, _S.DECLINED, _S.ACCEPTED_RISK})


def list_(
    ws: Workspace,
    *,
    overdue: Annotated[bool, "only those whose day has passed"] = False,
    state: Annotated[ActionState | None, "only those in this state"] = None,
    owner: Annotated[str, "only those of this person"] = "",
    incident: Annotated[str, "only those of this incident"] = "",
) -> tuple[ActionItem, ...]:
    """List action items, those that are due first."""
    items = [item for item in ws.all("action", ActionItem) if not incident or item.incident == incident]
    if overdue:
        items = list(life.overdue(items, ws.today))
    kept = [item for item in items if (state is None or item.state is state) and (not owner or item.owner == owner)]
    return tuple(kept if overdue else sorted(kept, key=lambda one: (one.due or "9999", one.priority, _number(one.id))))


def show(ws: Workspace, *, action: Annotated[str, "id of the action, such as A-1"]) -> ActionItem:
    """Show one action item."""
    return ws.get("action", action, ActionItem)


def add(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    title: Annotated[str, "what will be done; starts with a verb"],
    answers: Annotated[tuple[str, ...], "ids of the causes, findings or gaps that it answers"] = (),
    done_when: Annotated[str, "how anybody can tell that it is finished"] = "",
    kind: Annotated[ActionKind, "kind of change"] = ActionKind.CODE_FIX,
    category: Annotated[ActionCategory, "what it does about the incident"] = ActionCategory.PREVENT,
    strength: Annotated[Strength, "strength of the control"] = Strength.ENGINEER_OUT,
    priority: Annotated[Priority, "how soon: P0, P1 or P2"] = Priority.P1,
    owner: Annotated[str, "the one person who answers for it"] = "",
    component: Annotated[str, "the component that changes"] = "",
    ticket: Annotated[str, "its ticket elsewhere"] = "",
) -> ActionItem:
    """Propose an action item that answers something of an incident."""
    _check_answers(ws, incident, answers)
    item = life.propose(
        ActionItem(
            next_id(ws), incident, title.strip(), kind, category, strength, answers, done_when.strip(),
            owner=owner, priority=priority, component=component, ticket=ticket, by=ws.actor, opened=ws.today,
        )
    )  # fmt: skip
    ws.keep([("action", item.id, item)], operation="action.add", new=True)
    return item


def edit(
    ws: Workspace,
    *,
    action: Annotated[str, "id of the action"],
    title: Annotated[str | None, "what will be done"] = None,
    done_when: Annotated[str | None, "how anybody can tell that it is finished"] = None,
    owner: Annotated[str | None, "the one person who answers for it"] = None,
    due: Annotated[str | None, "due date, as 2026-12-24"] = None,
    priority: Annotated[Priority | None, "P0, P1 or P2"] = None,
    ticket: Annotated[str | None, "its ticket elsewhere"] = None,
    answers: Annotated[tuple[str, ...], "ids of what it answers; replaces those before"] = (),
) -> ActionItem:
    """Change the words of an action item; what is not given stays."""
    item = ws.get("action", action, ActionItem)
    if item.state is not ActionState.PROPOSED:
        _only_people(ws, f"{item.id} is {item.state.value}: somebody has promised it as it stands")
    given = {"title": title, "done_when": done_when, "owner": owner, "due": due, "priority": priority, "ticket": ticket}
    changes = {name: value for name, value in given.items() if value is not None}
    if answers:
        _check_answers(ws, item.incident, answers)
    if not changes and not answers:
        raise InvalidError("nothing to change was given", ("give at least one thing to change",))
    return _kept(ws, life.edit(item, {**changes, **({"answers": answers} if answers else {})}), "action.edit")


def accept(
    ws: Workspace,
    *,
    action: Annotated[str, "id of the action"],
    owner: Annotated[str, "the one person who answers for it"] = "",
    due: Annotated[str, "due date, as 2026-12-24; by its priority when not given"] = "",
) -> ActionItem:
    """Take an action item on: it gets one owner and a due date."""
    item = ws.get("action", action, ActionItem)
    taken = life.accept(item, owner=owner, due=due, today=ws.today, days=ws.config.due_days)
    return _kept(ws, taken, "action.accept")


def decline(
    ws: Workspace,
    *,
    action: Annotated[str, "id of the action"],
    reason: Annotated[str, "why it will not be done"],
    risk: Annotated[bool, "the risk stays and is accepted; signed with your name"] = False,
) -> ActionItem:
    """Decide not to do an action item, with a reason."""
    declined = life.decline(ws.get("action", action, ActionItem), reason, risk=risk)
    return _kept(ws, replace(declined, by=ws.actor) if risk else declined, "action.decline")


def move(
    ws: Workspace,
    *,
    action: Annotated[str, "id of the action"],
    state: Annotated[ActionState, "the state it comes to"],
) -> ActionItem:
    """Move an action item on: in progress, implemented, or back."""
    item = ws.get("action", action, ActionItem)
    name = _DECISIONS.get((item.state, state)) or _DECISIONS.get((None, state))
    if name and state in life.STEPS[item.state]:
        raise InvalidError(f"use “action {name}” for that: it asks for what the step needs", (f"state: {name} it",))
    if item.state in _DECIDED:
        _only_people(ws, f"{item.id} is {item.state.value}: that was decided by a person")
    return _kept(ws, life.move(item, state), "action.move")


def verify(
    ws: Workspace,
    *,
    action: Annotated[str, "id of the action"],
    proof: Annotated[tuple[str, ...], "what shows it: citations, links, commits"],
) -> ActionItem:
    """Record the proof that an implemented action item does what it should."""
    return _kept(ws, life.verify(ws.get("action", action, ActionItem), proof), "action.verify")


def _only_people(ws: Workspace, why: str) -> None:
    if Scope.JUDGE not in ws.may:
        raise ForbiddenError(f"{why}. Machines propose, people decide.")


def next_id(ws: Workspace) -> str:
    return f"A-{1 + max((_number(record.id) for record in ws.records.all('action')), default=0)}"


def _number(id_: str) -> int:
    digits = id_.removeprefix("A-")
    return int(digits) if digits.isdigit() else 0


def _kept(ws: Workspace, item: ActionItem, operation: str) -> ActionItem:
    ws.keep([("action", item.id, item)], operation=operation)
    return item


def _check_answers(ws: Workspace, incident: str, answers: tuple[str, ...]) -> None:
    """An answer to something that is not in the incident is a typing mistake, and would look like a good action."""
    from afterword.model.incident import Incident
    from afterword.model.postmortem import Postmortem

    ws.get("incident", incident, Incident)
    postmortem = ws.find("postmortem", incident, Postmortem)
    if postmortem is None:
        return
    known = {
        *(cause.id for cause in postmortem.explanation.causes),
        *(finding.id for finding in postmortem.findings),
        *(moment.id for moment in postmortem.moments),
    }
    unknown = tuple(f"answers: {one} is no cause, finding or gap of {incident}" for one in answers if one not in known)
    if unknown:
        raise InvalidError("; ".join(unknown), unknown)
