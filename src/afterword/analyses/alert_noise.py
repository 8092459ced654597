"""Many alerts fired at the same time, most of them about components that were not part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.model.incident import PointName
from afterword.model.time import MINUTE, clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "alert-noise"
LIMITS = "An alert counts as unrelated when no cause and no shifted signal is about its component."
LEAST, SHARE = 8, 0.7


def run(scene: Scene) -> Iterator[Finding]:
    noticed = scene.points.get(PointName.DETECTED)
    if noticed is None:
        return
    low, high = noticed.at - 30 * MINUTE, noticed.at + 15 * MINUTE
    alerts = [f for f in scene.case.alerts if f.event.at is not None and low <= f.event.at <= high]
    related = {c.component for c in scene.explanation.causes if c.role not in (Role.RULED_OUT, Role.LATENT)}
    related |= {s.component for s in scene.signals}
    alerts = [f for f in alerts if f.event.subject]
    stray = [f for f in alerts if f.event.subject not in related]
    if len(alerts) < LEAST or len(stray) < SHARE * len(alerts):
        return
    says = (
        f"Between {clock(low)} and {clock(high)}, {len(stray)} of {len(alerts)} alerts were about components"
        " that had no part in it."
    )
    yield Finding(identity(NAME, ""), NAME, "monitoring", says, "", tuple(f.cite for f in stray[:5]), LIMITS, 0.5)


ANALYSIS = Analysis(NAME, "unrelated alerts around the one that mattered", run)
