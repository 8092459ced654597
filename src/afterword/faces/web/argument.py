"""The argument: what is weakest in it, what would hold or refute it, what the linter says, and what people decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.faces.web.incident import record_of, tab
from afterword.model.answer import Says
from afterword.model.cause import Held, LinkKind, NodeKind

if TYPE_CHECKING:
    from starlette.responses import Response

    from afterword.faces.web.form import Filled
    from afterword.faces.web.visit import Visit

#: Questions on the page; the weakest place comes first, and each answer brings up the next.
MOST_QUESTIONS = 6


def show(visit: Visit, form: Filled | None = None, status: int = 200) -> Response:
    id_ = record_of(visit).id
    causes = visit.told("cause.list", incident=id_)
    return tab(
        visit,
        "argument",
        status=status,
        items=visit.look("action.list", incident=id_),
        questions=visit.told("cause.ask", incident=id_, most=MOST_QUESTIONS),
        remarks=visit.told("cause.lint", incident=id_)["problems"],
        edits=visit.told("cause.history", incident=id_),
        answers=visit.told("cause.answers", incident=id_),
        nodes=[(one["id"], f"{one['role']}: {one['statement']}") for one in causes if one["role"] != "ruled out"],
        said={one["id"]: one["statement"] for one in causes},
        kinds=[one.value for one in NodeKind],
        helds=[one.value for one in Held],
        links=[one.value for one in LinkKind],
        says=[one.value for one in Says if one is not Says.WAIVED],
        **({"form": form} if form else {}),
    )


def answer(visit: Visit) -> Response:
    return _change(visit, "cause.answer", f"answer-{_typed(visit, 'rule')}-{_typed(visit, 'about')}")


def add(visit: Visit) -> Response:
    return _change(visit, "cause.add", f"add-{_typed(visit, 'place')}")


def link(visit: Visit) -> Response:
    return _change(visit, "cause.link", "link")


def withdraw(visit: Visit) -> Response:
    edit = visit.path("edit")
    return _change(visit, "cause.withdraw", f"withdraw-{edit}", edit)


def _typed(visit: Visit, name: str) -> str:
    return next(iter(visit.typed.get(name, [])), "")


def _change(visit: Visit, name: str, form: str, edit: str = "") -> Response:
    id_ = visit.path("incident")
    visit = type(visit)(visit.request, visit.ws, {key: value for key, value in visit.typed.items() if key != "place"})

    def act() -> Response:
        fixed = {"incident": id_, "edit": edit} if edit else {"incident": id_}
        visit.change(name, blank=(), **fixed)
        return visit.to(f"/incidents/{id_}/argument", name)

    return visit.attempt(form, act, show)
