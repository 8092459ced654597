"""The timeline of an incident: all moments, filtered, folded where there are too many, gaps as bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from afterword.app import wire
from afterword.faces.web import plot
from afterword.faces.web.document import pictures
from afterword.faces.web.incident import record_of, tab, window
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from starlette.responses import Response

    from afterword.faces.web.visit import Visit
    from afterword.model.timeline import Moment

#: So many moments are shown at once; the less weighty ones between them are folded and counted.
SHOWN = 250
#: And so many on a page when all are wanted.
PAGE = 500


@dataclass(frozen=True, slots=True)
class Fold:
    """Moments that were left out between two that are shown."""

    count: int
    page: int


def show(visit: Visit) -> Response:
    id_ = record_of(visit).id
    all_ = visit.look("timeline.show", incident=id_)
    kinds = [one for one in visit.request.query_params.getlist("kind") if one in list(MomentKind)]
    component, wanted = visit.query("component"), visit.query("q").strip().casefold()
    found = [
        one
        for one in all_
        if (not kinds or one.kind in kinds)
        and (not component or one.component == component)
        and (not wanted or wanted in f"{one.title} {one.quote} {one.component} {one.kind}".casefold())
    ]
    everything = visit.query("all") == "1"
    number, pages = _page(visit, len(found)) if everything else (1, 1)
    rows = list(_paged(found, number) if everything else _folded(found, visit.query("moment")))
    shown = [one for one in rows if not isinstance(one, Fold)]
    points = [point for pair in visit.look("point.list", incident=id_) for point in pair.estimated[:1]]
    counts = {kind: sum(one.kind is kind for one in all_) for kind in MomentKind}
    return tab(
        visit,
        "timeline",
        rows=[(one if isinstance(one, Fold) else None, wire.public(one)) for one in rows],
        picture=plot.timeline(shown, points, window(visit, id_)),
        counts={kind.value: count for kind, count in counts.items() if count},
        components=sorted({one.component for one in all_ if one.component}),
        chosen=kinds,
        component=component,
        wanted=visit.query("q").strip(),
        total=len(all_),
        found=len(found),
        everything=everything,
        number=number,
        pages=pages,
        same=_same(visit),
        pictures=pictures(visit, id_),
    )


def _page(visit: Visit, count: int) -> tuple[int, int]:
    pages = max(1, -(-count // PAGE))
    asked = visit.query("page", "1")
    return min(pages, max(1, int(asked[:9]) if asked.isdecimal() else 1)), pages


def _paged(found: Sequence[Moment], number: int) -> Sequence[Moment]:
    return found[(number - 1) * PAGE : number * PAGE]


def _folded(found: Sequence[Moment], asked: str) -> Iterator[Moment | Fold]:
    """The weightiest moments in order of time; what stands between them is counted. One that is asked for stays."""
    weighty = sorted(found, key=lambda one: (one.id != asked, one.kind != MomentKind.GAP, -one.weight))[:SHOWN]
    kept = {one.id for one in weighty}
    left = 0
    for at, one in enumerate(found):
        if one.id not in kept:
            left += 1
            continue
        if left:
            yield Fold(left, (at - left) // PAGE + 1)
            left = 0
        yield one
    if left:
        yield Fold(left, (len(found) - left) // PAGE + 1)


def _same(visit: Visit) -> Any:
    """A link to this page with one thing changed; filters stay."""

    def link(**changed: str) -> str:
        gone = {*changed, "page", "moment", "done", "on"}
        kept = [(k, v) for k, v in visit.request.query_params.multi_items() if k not in gone]
        return "?" + urlencode([*kept, *((k, v) for k, v in changed.items() if v)])

    return link
