"""The page went through several hands before somebody had it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "escalation-chain"
LIMITS = "A page may be passed on by design; calls outside the pager are not seen."
#: One hand-over is usual.
LEAST = 2


def run(scene: Scene) -> Iterator[Finding]:
    started = scene.points.get(PointName.STARTED)
    if started is None:
        return
    pages = [f for f in scene.case.pages if f.event.at is not None and f.event.at >= started.earliest - 10 * MINUTE]
    first = next((f for f in pages if f.event.attributes.get("state", "triggered") == "triggered"), None)
    taken = next((f for f in pages if f.event.attributes.get("state") == "acknowledged"), None)
    until = taken.event.at if taken else None
    passed = [
        f
        for f in pages
        if f.event.attributes.get("state") == "escalated" and (until is None or (f.event.at or 0) <= until)
    ]
    if first is None or len(passed) < LEAST:
        return
    end = (taken or passed[-1]).event.at or 0
    says = (
        f"The page of {clock(first.event.at or 0)} was passed on {len(passed)} times"
        + (" before it was acknowledged at " if taken else "; the last time at ")
        + f"{clock(end)}, {minutes(end - (first.event.at or 0))} later."
    )
    cites = (first.cite, *(f.cite for f in passed), *((taken.cite,) if taken else ()))
    about = first.event.subject
    yield Finding(identity(NAME, about), NAME, "ownership", says, about, cites, LIMITS, 0.6)


ANALYSIS = Analysis(NAME, "a page passed on more than once before it was acknowledged", run)
