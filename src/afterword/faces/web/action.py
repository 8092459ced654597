"""Action items, of one incident and of all: proposed, taken on, moved, shown to be done, or declined."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from afterword.app import wire
from afterword.core import action as life
from afterword.faces.web.incident import record_of, tab
from afterword.faces.web.render import page
from afterword.model.action import ActionCategory, ActionKind, ActionState, Priority, Strength
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.responses import Response

    from afterword.faces.web.form import Filled
    from afterword.faces.web.visit import Visit
    from afterword.model.action import ActionItem

_WANT = frozenset({"trigger", "proximate", "contributing", "amplifier", "latent"})
_UNDONE = frozenset({ActionState.DECLINED})
#: Steps with forms of their own; every other step is one button.
_OWN = frozenset({ActionState.VERIFIED, ActionState.DECLINED, ActionState.ACCEPTED_RISK})
_BLANK = {
    "edit": ("title", "done_when", "owner", "due", "ticket"),
    "decline": ("reason",),
}


def show(visit: Visit, form: Filled | None = None, status: int = 200) -> Response:
    """The actions of one incident."""
    id_ = record_of(visit).id
    items = visit.look("action.list", incident=id_)
    causes = visit.told("cause.list", incident=id_)
    gaps = visit.told("timeline.show", incident=id_, kind=("gap",))
    return tab(
        visit,
        "actions",
        status=status,
        items=items,
        cards=[card(visit, item) for item in items],
        unanswered=unanswered(causes, items),
        answerable=[*((c["id"], f"{c['role']}: {c['statement']}") for c in causes if c["role"] in _WANT),
                    *((g["id"], f"gap: {g['title']}") for g in gaps)],
        said={f"{id_}/{one['id']}": one.get("statement") or one["title"] for one in (*causes, *gaps)},
        steps=f"/incidents/{id_}/actions",
        query="",
        choices=choices(),
        **({"form": form} if form else {}),
    )  # fmt: skip


def every(visit: Visit, form: Filled | None = None, status: int = 200) -> Response:
    """The actions of all incidents, and the causes that none of them answers."""
    all_ = visit.look("action.list")
    late = {item.id for item in visit.look("action.list", overdue=True)}
    wanted = {name: visit.query(name) for name in ("state", "owner", "kind", "incident", "q")}
    overdue = visit.query("overdue") == "true"
    kept = [item for item in all_ if _fits(item, wanted) and (not overdue or item.id in late)]
    titles = {one.id: one.title or one.id for one in visit.look("incident.list")}
    causes = _causes(visit, titles)
    kept.sort(key=lambda item: (item.id not in late, item.state not in life.OPEN))
    return page(
        visit.request,
        "all_actions.html",
        status=status,
        here="actions",
        cards=[card(visit, item) for item in kept],
        total=len(all_),
        late=len(late),
        wanted=wanted,
        overdue=overdue,
        titles=titles,
        owners=sorted({item.owner for item in all_ if item.owner}),
        left=[{**c, "incident": id_} for id_, cs in causes.items() for c in unanswered(cs, _of(all_, id_))],
        said={f"{id_}/{c['id']}": c["statement"] for id_, cs in causes.items() for c in cs},
        steps="/actions",
        query=f"?{visit.request.url.query}" if visit.request.url.query else "",
        choices=choices(),
        **({"form": form} if form else {}),
    )


def choices() -> dict[str, list[str]]:
    words = {"kind": ActionKind, "category": ActionCategory, "strength": Strength, "priority": Priority}
    return {name: [one.value for one in word] for name, word in {**words, "state": ActionState}.items()}


def card(visit: Visit, item: ActionItem) -> dict[str, Any]:
    """An item with the steps that are open to it and the days that are left."""
    steps = life.STEPS[item.state]
    shown: dict[str, Any] = wire.public(item)
    shown["steps"] = [one.value for one in steps if one not in _OWN and one is not ActionState.ACCEPTED]
    if ActionState.ACCEPTED in steps and item.state is not ActionState.PROPOSED:
        shown["steps"].append(ActionState.ACCEPTED.value)
    shown["can"] = [one.value for one in steps]
    shown["editable"] = item.state in life.OPEN
    shown["left"] = _days_left(item, visit.ws.today)
    return shown


def _days_left(item: ActionItem, today: str) -> int | None:
    """Days until the due date of promised work, negative when it has passed; None where nothing is promised."""
    if item.state not in {ActionState.ACCEPTED, ActionState.IN_PROGRESS} or not item.due:
        return None
    try:
        return (date.fromisoformat(item.due) - date.fromisoformat(today)).days
    except ValueError:
        return None


def unanswered(causes: Iterable[dict[str, Any]], items: Sequence[ActionItem]) -> list[dict[str, Any]]:
    """Causes that no action answers: declined work answers nothing, an accepted risk does."""
    answered = {one for item in items if item.state not in _UNDONE for one in item.answers}
    return [c for c in causes if c["role"] in _WANT and c["state"] != "rejected" and c["id"] not in answered]


def _causes(visit: Visit, incidents: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for id_ in incidents:
        try:
            found[id_] = visit.told("cause.list", incident=id_)
        except NotFoundError:
            continue
    return found


def _of(items: Iterable[ActionItem], incident: str) -> list[ActionItem]:
    return [item for item in items if item.incident == incident]


def _fits(item: ActionItem, wanted: dict[str, str]) -> bool:
    if any(value and str(getattr(item, name)) != value for name, value in wanted.items() if name != "q"):
        return False
    text = f"{item.id} {item.title} {item.owner} {item.component} {item.ticket}".casefold()
    return wanted["q"].casefold() in text


def add(visit: Visit) -> Response:
    id_ = visit.path("incident")

    def act() -> Response:
        item = visit.change("action.add", incident=id_)
        return visit.to(f"/incidents/{id_}/actions", "action.add", item.id, anchor=item.id)

    return visit.attempt("add", act, show)


def step_here(visit: Visit) -> Response:
    """A step of an item, from the page of its incident."""
    return _step(visit, f"/incidents/{visit.path('incident')}/actions", show)


def step(visit: Visit) -> Response:
    """A step of an item, from the page of all actions."""
    return _step(visit, "/actions", every)


def _step(visit: Visit, back: str, again: Any) -> Response:
    id_, verb = visit.path("action"), visit.path("verb")
    if verb not in {"accept", "edit", "decline", "move", "verify"}:
        raise NotFoundError(f"There is no step {verb!r} of an action.")

    def act() -> Response:
        typed = dict(visit.typed)
        if verb == "accept":
            _prioritise(visit, id_, typed)
        if verb == "verify":
            typed["proof"] = [line for text in typed.get("proof", []) for line in text.splitlines()]
        _changed(visit, typed, verb, id_)
        return visit.to(back, f"action.{verb}", id_, anchor=id_)

    return visit.attempt(f"{verb}-{id_}", act, again)


def _changed(visit: Visit, typed: dict[str, list[str]], verb: str, id_: str) -> None:
    from dataclasses import replace

    replace(visit, typed=typed).change(f"action.{verb}", blank=_BLANK.get(verb, ()), action=id_)


def _prioritise(visit: Visit, id_: str, typed: dict[str, list[str]]) -> None:
    """Priority is part of taking an item on, and an edit for the desk; done first, for the due date follows it."""
    from dataclasses import replace

    wanted = typed.pop("priority", [""])[0]
    item = visit.look("action.show", action=id_)
    if not wanted or wanted == item.priority:
        return
    owner = "".join(typed.get("owner", [])).strip() or item.owner
    if not owner:
        raise InvalidError("owner: an accepted action has one owner", ("owner: say who answers for it",))
    try:
        replace(visit, typed={"priority": [wanted]}).change("action.edit", action=id_)
    except InvalidError:
        raise
    except RefusalError as error:
        raise RefusalError(f"The priority cannot be changed: {error}", code=error.code) from error
