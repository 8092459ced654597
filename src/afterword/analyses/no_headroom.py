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

    from afterword.core.case import Series
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
    full = [(series, told) for series in scene.case.series if (told := _filled(scene, series))]
    if not full:
        return
    # What was full first had the least to spare.
    full.sort(key=lambda pair: (pair[1][0], pair[0].component, pair[0].indicator))
    series, (_, usual, most, count) = full[0]
    others = sorted({one.component for one, _ in full} - {series.component})
    more = f"; {', '.join(others[:4])} filled up too" if others else ""
    says = f"{series.name} went from {usual:g} to {most:g} under the load and was full in {count} samples{more}."
    cites = (*(one.cite for one, _ in full[:3]), *trigger.cites[:1])
    about = series.component
    yield Finding(identity(NAME, about, series.indicator), NAME, "resilience", says, about, cites, LIMITS, 0.6)


def _filled(scene: Scene, series: Series) -> tuple[int, float, float, int] | None:
    """Since when it was full, what was usual, the most, in how many samples; None where it was not."""
    assert scene.baseline is not None
    assert scene.window is not None
    if not (_SHARE.search(series.indicator) and _OF.search(series.indicator)):
        return None
    usual, now = series.within(scene.baseline), series.within(scene.window)
    # Shares are written as 0 to 1 or as 0 to 100; the largest value ever seen tells which.
    whole = 1.0 if float(series.value.max(initial=0.0)) <= 1.0 else 100.0
    full = now >= FULL * whole
    if len(usual) < LEAST or int(full.sum()) < LEAST or float(np.median(usual)) >= FULL * whole:
        return None
    since = series.at[(series.at >= scene.window.start) & (series.value >= FULL * whole)]
    return int(since[0]), float(np.median(usual)), float(now.max()), int(full.sum())


ANALYSIS = Analysis(NAME, "load that used up a measured capacity", run)
