"""One incident: the head that every tab carries, the overview, and the points that people state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from afterword.core import action as life
from afterword.faces.web import plot
from afterword.faces.web.render import page
from afterword.model.incident import PointName
from afterword.model.refusal import NotFoundError

if TYPE_CHECKING:
    from starlette.responses import Response

    from afterword.faces.web.form import Filled
    from afterword.faces.web.visit import Visit
    from afterword.model.incident import Incident

#: Moments on the overview.
GIST = 14


def record_of(visit: Visit) -> Incident:
    """The record of the incident in the path. Raises NotFoundError in the words of the desk."""
    id_ = visit.path("incident")
    for one in visit.look("incident.list"):
        if one.id == id_:
            found: Incident = one
            return found
    raise NotFoundError(f"There is no incident {id_!r} in this workspace.")


def tab(visit: Visit, name: str, *, status: int = 200, **known: Any) -> Response:
    """A tab of the incident under its head."""
    record = record_of(visit)
    report = visit.look("incident.show", incident=record.id)
    items = known.pop("items", None)
    if items is None:
        items = visit.look("action.list", incident=record.id)
    return page(
        visit.request,
        f"{name}.html",
        status=status,
        here="incidents",
        tab=name,
        id=record.id,
        base=f"/incidents/{quote(record.id, safe='')}",
        record=record,
        report=report,
        items=items,
        open_actions=sum(item.state in life.OPEN for item in items),
        **known,
    )


def show(visit: Visit, form: Filled | None = None, status: int = 200) -> Response:
    """The overview: how it went, when, why, and what is to be done."""
    id_ = record_of(visit).id
    pairs = visit.told("point.list", incident=id_)
    words = visit.look("timeline.show", incident=id_, most=120)
    points = [point for pair in visit.look("point.list", incident=id_) for point in pair.estimated[:1]]
    causes = visit.told("cause.list", incident=id_)
    listed = [one for one in causes if one["role"] not in {"impact", "ruled out"}]
    return tab(
        visit,
        "overview",
        status=status,
        pairs=pairs,
        names=list(PointName),
        moments=visit.told("timeline.show", incident=id_, most=GIST),
        picture=plot.timeline(words, points),
        causes=listed[:3],
        more_causes=max(0, len(listed) - 3),
        similar=visit.told("lesson.similar", to=id_)[:5],
        **({"form": form} if form else {}),
    )


def state(visit: Visit) -> Response:
    """A person states a point; the estimate stays beside it."""
    id_ = visit.path("incident")

    def act() -> Response:
        visit.change("point.state", blank=("at",), incident=id_)
        return visit.to(f"/incidents/{id_}", "point.state", visit.typed.get("point", [""])[0], anchor="points")

    return visit.attempt("point", act, show)
