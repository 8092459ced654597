"""One incident: the head that every tab carries, the overview, and the points that people state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from afterword.app import wire
from afterword.core import action as life
from afterword.core import felt
from afterword.core.clock import Doubt, parse_time
from afterword.faces.web import plot
from afterword.faces.web.render import page
from afterword.model.incident import PointName
from afterword.model.refusal import ForbiddenError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from afterword.faces.web.form import Filled
    from afterword.faces.web.visit import Visit
    from afterword.model.incident import Incident
    from afterword.model.timeline import Moment

#: Moments on the overview, in words and in the picture.
GIST, DRAWN = 14, 120


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
    all_ = visit.look("timeline.show", incident=id_)
    words = weightiest(all_, DRAWN)
    points = [point for pair in visit.look("point.list", incident=id_) for point in pair.estimated[:1]]
    causes = visit.told("cause.list", incident=id_)
    listed = [one for one in causes if one["role"] not in {"impact", "ruled out"}]
    return tab(
        visit,
        "overview",
        status=status,
        pairs=pairs,
        names=list(PointName),
        moments=wire.public(weightiest(all_, GIST)),
        impact=felt.sentence(visit.told("incident.show", incident=id_)["incident"]["loss"]),
        picture=plot.timeline(words, points, window(visit, id_)),
        causes=listed[:3],
        more_causes=max(0, len(listed) - 3),
        similar=alike(visit, id_)[:5],
        **({"form": form} if form else {}),
    )


def window(visit: Visit, id_: str) -> list[int]:
    """Start and end of the incident in ns; nothing where none was found."""
    stated = visit.look("incident.show", incident=id_).incident["window"] or []
    found = [parse_time(one) for one in stated]
    return [one.ns for one in found if not isinstance(one, Doubt)]


def weightiest(moments: Sequence[Moment], most: int) -> list[Moment]:
    """Those that matter most, in order of time."""
    kept = sorted(moments, key=lambda one: -one.weight)[:most]
    return sorted(kept, key=lambda one: (one.at, one.id))


def alike(visit: Visit, id_: str) -> list[dict[str, Any]]:
    """Incidents like this one; none where the desk takes the id for a file outside of what it may touch."""
    try:
        found: list[dict[str, Any]] = visit.told("lesson.similar", to=id_)
    except (ForbiddenError, NotFoundError):
        return []
    return found


def state(visit: Visit) -> Response:
    """A person states a point; the estimate stays beside it."""
    id_ = visit.path("incident")

    def act() -> Response:
        visit.change("point.state", blank=("at",), incident=id_)
        return visit.to(f"/incidents/{id_}", "point.state", visit.typed.get("point", [""])[0], anchor="points")

    return visit.attempt("point", act, show)


def close(visit: Visit) -> Response:
    """Close the incident; refused in words while something of it is still open."""
    id_ = visit.path("incident")

    def act() -> Response:
        visit.change("incident.close", incident=id_)
        return visit.to(f"/incidents/{id_}", "incident.close")

    return visit.attempt("close", act, show)
