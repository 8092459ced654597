"""Recovery was done by hand: steps on machines that somebody typed."""

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

NAME = "manual-recovery"
LIMITS = "Only steps that somebody wrote down are seen."
_BY_HAND = re.compile(
    r"\b(by hand|manual(?:ly)?|ssh(?:'?d|ed|ing)?\b|kubectl (?:exec|delete|edit|patch|scale|rollout)|psql|one by one|one at a time|ran (?:a|the|this) script|running (?:a|the) script|kill -9|truncat(?:ed|ing))",
    re.IGNORECASE,
)
_NOT_YET = re.compile(r"\?\s*$|\b(?:should|could|shall|don'?t|not|never|without|avoid)\b", re.IGNORECASE)


def run(scene: Scene) -> Iterator[Finding]:
    noticed = scene.points.get(PointName.DETECTED)
    done = scene.points.get(PointName.RESOLVED) or scene.points.get(PointName.RECOVERED)
    if noticed is None:
        return
    steps = [
        f for f in scene.case.messages
        if f.event.at is not None and noticed.at <= f.event.at and (done is None or f.event.at <= done.at)
        and _BY_HAND.search(f.event.text) and not _NOT_YET.search(f.event.text)
    ]  # fmt: skip
    if not steps:
        return
    times = ", ".join(clock(f.event.at or 0) for f in steps[:4])
    says = f"{len(steps)} message{'s' if len(steps) > 1 else ''} of the response tell of steps done by hand ({times})."
    yield Finding(identity(NAME, ""), NAME, "recovery", says, "", tuple(f.cite for f in steps[:5]), LIMITS, 0.45)


ANALYSIS = Analysis(NAME, "steps of the recovery that were done by hand", run)
