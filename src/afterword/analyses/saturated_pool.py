"""Something waited for a place in a pool where usually nothing waits, and no alert spoke of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "saturated-pool"
LIMITS = "Whether the pool was too small or its users held on for too long cannot be told from the wait alone."
_WAITING = re.compile(
    r"(?:pool|conn|thread|executor|worker)[\w.]{0,100}[_.](?:waiting|waiters|pending|queued)|(?:waiting|pending)_(?:connections|threads|requests)",
    re.IGNORECASE,
)
_POOL = re.compile(r"pool|connection|thread|worker", re.IGNORECASE)
LEAST = 3


def run(scene: Scene) -> Iterator[Finding]:
    if scene.window is None or scene.baseline is None:
        return
    for series in scene.case.series:
        if not _WAITING.search(series.indicator) or _alerted(scene, series.component):
            continue
        usual, now = series.within(scene.baseline), series.within(scene.window)
        if len(usual) < LEAST or float(np.percentile(usual, 95)) > 0 or int((now > 0).sum()) < LEAST:
            continue
        inside = (series.at >= scene.window.start) & (series.at <= scene.window.end) & (series.value > 0)
        first = int(series.at[np.flatnonzero(inside)[0]])
        says = f"{series.name} rose from 0 to {now.max():g} from {clock(first)} on: requests waited for a place in the pool, and no alert spoke of it."
        yield Finding(
            identity(NAME, series.component, series.indicator), NAME, "resilience", says, series.component, (series.cite,), LIMITS, 0.6
        )  # fmt: skip


def _alerted(scene: Scene, component: str) -> bool:
    """An alert on this component named the pool: then the wait is the symptom that was watched, not a weakness."""
    alerts = (*scene.case.alerts, *scene.case.pages)
    return any(f.event.subject == component and _POOL.search(f"{f.event.name} {f.event.text}") for f in alerts)


ANALYSIS = Analysis(NAME, "a pool without a place left", run)
