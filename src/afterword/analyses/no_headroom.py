"""More load than usual used up a measured capacity: there was no headroom for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "no-headroom"
LIMITS = "Capacity is read from utilisation only; limits that no indicator measures are not seen."
_SHARE = re.compile(r"util|pct|percent|ratio|usage|saturation", re.IGNORECASE)
_OF = re.compile(r"cpu|mem|disk|pool|thread|worker|conn|queue", re.IGNORECASE)
FULL, LEAST = 0.9, 3


def run(scene: Scene) -> Iterator[Finding]:
    trigger = next((c for c in scene.explanation.causes if c.role is Role.TRIGGER), None)
    if trigger is None or trigger.category != "load" or scene.window is None or scene.baseline is None:
        return
    for series in scene.case.series:
        if not (_SHARE.search(series.indicator) and _OF.search(series.indicator)):
            continue
        usual, now = series.within(scene.baseline), series.within(scene.window)
        # Shares are written as 0 to 1 or as 0 to 100; the largest value ever seen tells which.
        whole = 1.0 if float(series.value.max(initial=0.0)) <= 1.0 else 100.0
        full = now >= FULL * whole
        if len(usual) < LEAST or int(full.sum()) < LEAST or float(np.median(usual)) >= FULL * whole:
            continue
        says = (
            f"{series.name} went from {np.median(usual):g} to {now.max():g} under the load:"
            f" at or above {FULL * whole:g} in {int(full.sum())} samples."
        )
        cites = (series.cite, *trigger.cites[:1])
        yield Finding(
            identity(NAME, series.component, series.indicator), NAME, "resilience", says, series.component, cites, LIMITS, 0.6
        )  # fmt: skip


ANALYSIS = Analysis(NAME, "load that used up a measured capacity", run)
