"""The cause was known, and the harm went on for long: rolling back, or whatever was done, took its time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "slow-mitigation"
LIMITS = "When the cause was known is taken from what was said or recorded; it may have been known before."
#: A rollback of one service is usually done in less.
LEAST = 15 * MINUTE


def run(scene: Scene) -> Iterator[Finding]:
    known = scene.points.get(PointName.IDENTIFIED)
    applied = scene.points.get(PointName.MITIGATION_APPLIED)
    ended = scene.points.get(PointName.MITIGATION_EFFECTIVE)
    end = ended or applied
    start = known or (applied if ended else None)
    if start is None or end is None or end.earliest - start.latest < LEAST:
        return
    what = "the cause was known" if start is known else "the mitigation was applied"
    then = "the harm began to stop" if ended else "the mitigation was applied"
    says = f"From {clock(start.at)}, when {what}, to {clock(end.at)}, when {then}, {minutes(end.at - start.at)} passed."
    trigger = next((c for c in scene.explanation.causes if c.role in (Role.TRIGGER, Role.PROXIMATE)), None)
    about = trigger.component if trigger else ""
    cites = tuple(dict.fromkeys((*start.cites, *end.cites)))
    yield Finding(identity(NAME, about), NAME, "recovery", says, about, cites, LIMITS, 0.6)


ANALYSIS = Analysis(NAME, "long from knowing the cause to the end of the harm", run)
