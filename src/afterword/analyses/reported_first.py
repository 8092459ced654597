"""Users, or those who talk to them, reported the trouble before any alert fired."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core import chat
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, clock, minutes
from afterword.model.timeline import MomentKind
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "reported-first"
LIMITS = "The report may speak of another trouble, and alerts outside the evidence are not seen."
#: Less than this is a matter of chance, not of monitoring.
LEAST = MINUTE
_USERS = re.compile(
    r"\b(customers?|users?|clients?|merchants?|support|tickets?|call cent(?:er|re)|complain\w*|twitter|zendesk)\b",
    re.IGNORECASE,
)


def run(scene: Scene) -> Iterator[Finding]:
    started = scene.points.get(PointName.STARTED)
    since = started.earliest if started else scene.window.start if scene.window else None
    alerts = [f for f in (*scene.case.alerts, *scene.case.pages) if f.event.at is not None]
    if since is None or not alerts:
        return
    mine = [f for f in alerts if (f.event.at or 0) >= since - 10 * MINUTE]
    first = min(mine, key=lambda f: f.event.at or 0, default=None)
    for fact in scene.case.messages:
        at, text = fact.event.at, fact.event.text
        if first is None or at is None or at < since or at >= (first.event.at or 0):
            continue
        if (first.event.at or 0) - at < LEAST:
            return
        if _USERS.search(text) and chat.kind_of(text) is MomentKind.SYMPTOM:
            ahead = minutes((first.event.at or 0) - at)
            says = f"Users reported it at {clock(at)}, {ahead} before the first alert ({first.event.name}, {clock(first.event.at or 0)})."
            about = first.event.subject
            yield Finding(identity(NAME, about), NAME, "monitoring", says, about, (fact.cite, first.cite), LIMITS, 0.75)
            return


ANALYSIS = Analysis(NAME, "users reported the trouble before any alert", run)
