"""There was a runbook, and it was not followed because it was wrong, out of date or could not be found."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "wrong-runbook"
LIMITS = "Only what somebody wrote about it is seen; the runbook itself is not read."
_BOOK = r"(?:run ?book|playbook|wiki page|docs?|documentation|procedure|SOP)"
_WRONG = re.compile(
    rf"\b{_BOOK}\b[^.!?\n]{{0,60}}?\b(?:(?:is|are|was|were|looks?|seems?) (?:\w+ )?(?:wrong|outdated|out of date|stale|old|obsolete|incomplete|missing|empty|misleading)"
    r"|doesn'?t (?:match|work|mention|cover|exist)|does not (?:match|work|mention|cover|exist)|no longer|still (?:says|refers|mentions|points))"
    rf"|\b(?:outdated|stale|wrong|obsolete|incomplete) {_BOOK}\b|\b(?:can'?t|cannot|couldn'?t) find (?:the |a |any )?{_BOOK}\b"
    rf"|\bstep \d+ (?:of|in) (?:the )?{_BOOK} (?:fails|failed|doesn'?t|does not)",
    re.IGNORECASE,
)


def run(scene: Scene) -> Iterator[Finding]:
    since = scene.points.get(PointName.DETECTED) or scene.points.get(PointName.STARTED)
    if since is None:
        return
    said = [
        f
        for f in scene.case.messages
        if f.event.at is not None and f.event.at >= since.earliest and _WRONG.search(f.event.text)
    ]
    if not said:
        return
    says = f"A runbook was of no use: at {clock(said[0].event.at or 0)} somebody wrote that it was wrong, out of date or not to be found."
    yield Finding(identity(NAME, ""), NAME, "knowledge", says, "", tuple(f.cite for f in said[:4]), LIMITS, 0.6)


ANALYSIS = Analysis(NAME, "a runbook that was wrong, out of date or not to be found", run)
