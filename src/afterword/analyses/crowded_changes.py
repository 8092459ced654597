"""Several changes took effect within minutes of the one that set it off, so that nobody could tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "crowded-changes"
LIMITS = "Only changes in the evidence are counted; whether they depend on one another is not seen."
#: The trigger and at least two others, within this much of it before the trouble could show.
LEAST, NEAR = 3, 10 * MINUTE


def run(scene: Scene) -> Iterator[Finding]:
    trigger = next((c for c in scene.explanation.causes if c.role is Role.TRIGGER and c.ref), None)
    impact = next((c for c in scene.explanation.causes if c.role is Role.IMPACT), None)
    if trigger is None or trigger.at is None:
        return
    # What came after the first harm cannot have confused the roll-out; it is part of the response.
    harmed = impact.at if impact and impact.at else trigger.at + NEAR
    end = max(trigger.at, min(trigger.at + NEAR, harmed))
    live = [f for f in scene.case.changes if f.event.attributes.get("change") != "commit" and f.event.at is not None]
    near = [f for f in live if trigger.at - NEAR <= (f.event.at or 0) <= end]
    # One version that goes to seven services is one change.
    distinct = {f.event.attributes.get("commit") or (f.event.subject, f.event.name) for f in near}
    if len(distinct) < LEAST or not any(f.cite in trigger.cites for f in near):
        return
    first, last = min(f.event.at or 0 for f in near), max(f.event.at or 0 for f in near)
    says = f"{len(distinct)} changes took effect within {minutes(last - first)}, from {clock(first)} to {clock(last)}, the one that set it off among them."
    yield Finding(
        identity(NAME, trigger.component), NAME, "change control", says, trigger.component, tuple(f.cite for f in near[:8]), LIMITS, 0.5
    )  # fmt: skip


ANALYSIS = Analysis(NAME, "several changes within minutes of one another", run)
