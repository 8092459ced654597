"""Trends and lessons: what incidents say together, never more than their number allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.faces.web import plot
from afterword.faces.web.incident import alike
from afterword.faces.web.render import page

if TYPE_CHECKING:
    from starlette.responses import Response

    from afterword.faces.web.visit import Visit
    from afterword.model.lesson import Lesson

#: The three that answer first; the others follow.
_FIRST = ("time to detect", "time to mitigate", "time to recover")


def show(visit: Visit) -> Response:
    trends = sorted(visit.look("lesson.trends"), key=lambda one: one.name not in _FIRST)
    titles = {one.id: one.title or one.id for one in visit.look("incident.list")}
    to = visit.query("to")
    return page(
        visit.request,
        "trends.html",
        here="trends",
        trends=[(one, plot.dots(one)) for one in trends],
        lessons=[(_head(one), one) for one in visit.look("lesson.list")],
        titles=titles,
        to=to,
        similar=alike(visit, to) if to in titles else None,
    )


def _head(lesson: Lesson) -> str:
    """What the lesson says before it tells of each action."""
    return lesson.says.removesuffix(" ".join(lesson.actions)).strip()


def learn(visit: Visit) -> Response:
    """Mark finished actions as ineffective where the same incident came again."""
    changed = visit.do("lesson.learn")
    return visit.to("/trends", "lesson.learn", str(len(changed)), anchor="lessons")
