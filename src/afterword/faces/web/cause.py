"""Causes: ranked, for and against, ruled out, whys, fault tree; people accept or reject."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.faces.web.document import pictures
from afterword.faces.web.incident import record_of, tab
from afterword.model.refusal import InvalidError, NotFoundError

if TYPE_CHECKING:
    from starlette.responses import Response

    from afterword.faces.web.form import Filled
    from afterword.faces.web.visit import Visit

_RANKED = ("trigger", "proximate", "contributing", "amplifier")
#: Cut sets on the page; their number is exact anyway.
MOST_SETS = 40


def show(visit: Visit, form: Filled | None = None, status: int = 200) -> Response:
    id_ = record_of(visit).id
    causes = visit.told("cause.list", incident=id_)
    items = visit.look("action.list", incident=id_)
    answered: dict[str, list[str]] = {}
    for item in items:
        for one in item.answers:
            answered.setdefault(one, []).append(item.id)
    return tab(
        visit,
        "causes",
        status=status,
        items=items,
        ranked=[one for one in causes if one["role"] in _RANKED],
        most_score=max((one["score"] for one in causes), default=0.0),
        others=[one for one in causes if one["role"] not in {*_RANKED, "impact", "ruled out"}],
        out=[one for one in causes if one["role"] == "ruled out"],
        said={one["id"]: one["statement"] for one in causes},
        answered=answered,
        whys=visit.told("cause.whys", incident=id_),
        tree=_tree(visit, id_, "cause.tree"),
        facts=_tree(visit, id_, "cause.happened"),
        most_sets=MOST_SETS,
        pictures=pictures(visit, id_),
        **({"form": form} if form else {}),
    )


def _tree(visit: Visit, id_: str, name: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = visit.told(name, incident=id_)
    except (NotFoundError, InvalidError):
        return None
    return found


def judge(visit: Visit) -> Response:
    id_, cause = visit.path("incident"), visit.path("cause")

    def act() -> Response:
        visit.change("cause.judge", incident=id_, cause=cause)
        return visit.to(f"/incidents/{id_}/causes", "cause.judge", cause, anchor=f"c-{cause}")

    return visit.attempt(f"judge-{cause}", act, show)
