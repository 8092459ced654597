"""The response is in the evidence, and nobody and nothing in it refers to a runbook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "no-runbook"
LIMITS = "A runbook may have been followed without a word about it."
_RUNBOOK = re.compile(r"run-?book|play-?book|\bsop\b|\bwiki\b|confluence|checklist|docs?/|procedure", re.IGNORECASE)
#: Fewer messages than this are no record of a response.
LEAST = 8


def run(scene: Scene) -> Iterator[Finding]:
    noticed = scene.points.get(PointName.DETECTED)
    if noticed is None:
        return
    said = [
        f for f in scene.case.messages if f.event.at is not None and f.event.at >= noticed.at and f.event.text.strip()
    ]
    signals = [*scene.case.alerts, *scene.case.rules, *scene.case.pages]
    texts = [f"{f.event.text} {' '.join(f.event.attributes.values())} {' '.join(f.event.attributes)}" for f in signals]
    if len(said) < LEAST or any(_RUNBOOK.search(t) for t in (*texts, *(f.event.text for f in said))):
        return
    says = f"In the {len(said)} messages after detection, and in the alerts, no runbook is mentioned."
    about = signals[0].event.subject if signals else ""
    yield Finding(
        identity(NAME, about), NAME, "knowledge", says, about, (said[0].cite, said[-1].cite), LIMITS, 0.4
    )  # fmt: skip


ANALYSIS = Analysis(NAME, "a response without a runbook", run)
