"""The signal stood out well before anything or anybody noticed."""

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

NAME = "late-detection"
LIMITS = "The evidence may lack the monitor or the message that noticed it first."
#: An alert usually waits for up to five minutes on purpose, so that a shorter gap is no weakness.
LEAST = 5 * MINUTE + 1


def run(scene: Scene) -> Iterator[Finding]:
    seen, noticed = scene.points.get(PointName.DETECTABLE), scene.points.get(PointName.DETECTED)
    # From the latest moment at which it may have become visible: the gap is at least this long.
    if seen is None or noticed is None or noticed.at - seen.latest < LEAST:
        return
    about = next((s.component for s in scene.signals if s.cite in seen.cites), "")
    gap = noticed.at - seen.at
    says = f"The signal stood out at {clock(seen.at)}; it was noticed at {clock(noticed.at)}, {minutes(gap)} later."
    cites = tuple(dict.fromkeys((*seen.cites, *noticed.cites)))
    weight = min(0.9, 0.5 + gap / (60 * MINUTE))
    yield Finding(identity(NAME, about), NAME, "monitoring", says, about, cites, LIMITS, round(weight, 3))


ANALYSIS = Analysis(NAME, "the gap between the first visible signal and its detection", run)
