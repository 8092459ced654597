"""Timeline and points: what happened when, as estimated from evidence and as stated by people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from afterword.model.incident import By, Incident, Point, PointName, StatedPoint
from afterword.model.postmortem import Postmortem
from afterword.model.refusal import InvalidError
from afterword.model.time import iso

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace
    from afterword.model.timeline import Moment, MomentKind


@dataclass(frozen=True, slots=True)
class PointPair:
    """One point of the incident's life: what the evidence says and what people say, side by side."""

    name: PointName
    estimated: tuple[Point, ...]
    stated: tuple[StatedPoint, ...]


def show(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    kind: Annotated[tuple[MomentKind, ...], "only moments of these kinds"] = (),
    component: Annotated[str, "only moments of this component"] = "",
    most: Annotated[int | None, "only so many, those that matter most"] = None,
) -> tuple[Moment, ...]:
    """Show the timeline of an incident, gaps included."""
    from afterword.app.operations import graph

    if most is not None and most < 1:
        raise InvalidError("most is at least 1", ("most: at least 1",))
    found = [
        moment
        for moment in graph.of(ws, incident).moments
        if (not kind or moment.kind in kind) and (not component or moment.component == component)
    ]
    kept = {moment.id for moment in sorted(found, key=lambda moment: -moment.weight)[:most]}
    return tuple(moment for moment in found if moment.id in kept)


def points(ws: Workspace, *, incident: Annotated[str, "id of the incident"]) -> tuple[PointPair, ...]:
    """List the points of an incident: estimated and stated, side by side."""
    from afterword.app.operations import graph

    stated = ws.get("incident", incident, Incident).stated
    postmortem = ws.find("postmortem", incident, Postmortem)
    found = graph.of(ws, incident).points if postmortem else ()
    said = [*stated, *(StatedPoint(p.name, _written(p), "the channel", p.basis) for p in found if p.by is By.STATED)]
    estimated = [p for p in found if p.by is By.ESTIMATE]
    return tuple(
        PointPair(name, tuple(p for p in estimated if p.name is name), tuple(s for s in said if s.name is name))
        for name in PointName
    )


def _written(point: Point) -> str:
    return iso(point.at, zoned=point.offset is not None)


def state(
    ws: Workspace,
    *,
    incident: Annotated[str, "id of the incident"],
    point: Annotated[PointName, "which point"],
    at: Annotated[str, "when, RFC 3339 with its offset; empty takes your statement back"],
    note: Annotated[str, "what it rests on"] = "",
) -> tuple[PointPair, ...]:
    """State a point of an incident yourself; the estimate stays beside it."""
    from afterword.core.clock import Doubt, parse_time

    record = ws.get("incident", incident, Incident)
    found = parse_time(at, zone=record.options.zone) if at.strip() else None
    if isinstance(found, Doubt):
        raise InvalidError(f"at is not a time that can be relied on: {found.reason}", (f"at: {found.reason}",))
    # One person states a point once; what others stated stays.
    kept = tuple(one for one in record.stated if (one.name, one.by) != (point, ws.actor))
    written = iso(found.ns, zoned=found.offset is not None) if found else ""
    made = (StatedPoint(point, written, ws.actor, note.strip()),) if found else ()
    ws.keep([("incident", incident, replace(record, stated=(*kept, *made)))], operation="point.state")
    return points(ws, incident=incident)
