"""Evidence: how each artefact was read, what did not fit, and the very line of a citation in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.faces.web.incident import record_of, tab
from afterword.faces.web.render import page

if TYPE_CHECKING:
    from starlette.responses import Response

    from afterword.faces.web.form import Filled
    from afterword.faces.web.visit import Visit

_CONTEXTS = (3, 15, 60, 200)


def show(visit: Visit, form: Filled | None = None, status: int = 200) -> Response:
    """The artefacts; with ``?cite=E3:12-14`` that place, and with ``fragment=1`` nothing but it."""
    id_ = record_of(visit).id
    if not visit.query("cite"):
        artefacts = visit.told("evidence.list", incident=id_)
        return tab(visit, "evidence", status=status, artefacts=artefacts, **({"form": form} if form else {}))
    asked = visit.query("context", "3")
    context = int(asked) if asked in map(str, _CONTEXTS) else _CONTEXTS[0]
    passage = visit.told("evidence.show", incident=id_, citation=visit.query("cite"), context=context)
    known = {
        "passage": passage,
        "context": context,
        "wider": next((one for one in _CONTEXTS if one > context), None),
        "incident": id_,
    }
    if visit.query("fragment") == "1":
        return page(visit.request, "passage.html", **known)
    return tab(visit, "line", **known)


def drop(visit: Visit) -> Response:
    id_, evidence = visit.path("incident"), visit.path("evidence")

    def act() -> Response:
        visit.change("evidence.drop", blank=("reason",), incident=id_, evidence=evidence)
        return visit.to(f"/incidents/{id_}/evidence", "evidence.drop", evidence, anchor=evidence)

    return visit.attempt(f"drop-{evidence}", act, show)


def reread(visit: Visit) -> Response:
    id_ = visit.path("incident")
    visit.do("evidence.reread", incident=id_)
    return visit.to(f"/incidents/{id_}/evidence", "evidence.reread")
