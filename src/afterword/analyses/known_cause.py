"""The same cause as in an earlier incident of this workspace, whose action items are still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import lesson
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.model.incident import PointName
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "known-cause"
LIMITS = "Only the incidents of this workspace are compared; whether the open work would have prevented this one is for people to say."


def run(scene: Scene) -> Iterator[Finding]:
    started = scene.points.get(PointName.STARTED)
    mine = lesson.outline(scene.case.incident, scene.explanation.causes)
    before = [
        one
        for one in scene.earlier
        if one.incident != scene.case.incident
        and started is not None
        and one.started is not None
        and one.started < started.at
        and one.promised
        and lesson.is_repeat(mine, one)
    ]
    cause = next(
        (one for one in scene.explanation.causes if one.role in (Role.PROXIMATE, Role.TRIGGER) and one.cites), None
    )
    if not before or cause is None:
        return
    last = max(before, key=lambda one: (one.started or 0, one.incident))
    more = f" and {len(last.promised) - 2} more" if len(last.promised) > 2 else ""
    says = f"The same cause brought on {last.incident}, and action items of then are still open: {', '.join(last.promised[:2])}{more}."
    about = cause.component
    yield Finding(identity(NAME, about, last.incident), NAME, "knowledge", says, about, cause.cites[:3], LIMITS, 0.8)


ANALYSIS = Analysis(NAME, "the same cause as before, with the work of then still open", run)
