"""A store ran out steadily, so that its end could be seen from afar, and no alert spoke of it while there was time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.case import Series
    from afterword.core.scene import Scene

NAME = "foreseeable-exhaustion"
LIMITS = (
    "A rule that forecasts may exist outside of the evidence; how fast it could have been filled up again is not known."
)
_STORE = re.compile(
    r"disk|storage|space|inode|volume|quota|memory|heap|descriptors?|_fds?\b|connections?|transaction_?ids",
    re.IGNORECASE,
)
_LEFT = re.compile(r"free|avail|remain|left|headroom", re.IGNORECASE)
_SHARE = re.compile(r"pct|percent|ratio|util|used_?(?:share|fraction)", re.IGNORECASE)
#: All but so much was gone; so many of the steps went the same way; so long it took at least.
GONE, STEADY, LASTING, LEAST = 0.1, 0.8, 5 * MINUTE, 6
_NEAR = 0.05


class _Course(NamedTuple):
    """From where to where it ran out, and when half of it was gone."""

    first: int
    half: int
    last: int
    high: float
    low: float


def run(scene: Scene) -> Iterator[Finding]:
    for series in scene.case.series:
        if series.derived or not _STORE.search(series.indicator) or len(series.at) < LEAST:
            continue
        course = _ran_out(series)
        if course is None or _told(scene, series.component, course):
            continue
        says = (
            f"{series.name} went steadily from {course.high:.4g} to {course.low:.4g} between {clock(course.first)} and {clock(course.last)}:"
            f" when half of it was gone its end could be seen, {minutes(course.last - course.half)} ahead, and no alert of that time spoke of it."
        )
        about = series.component
        yield Finding(
            identity(NAME, about, series.indicator), NAME, "monitoring", says, about, (series.cite,), LIMITS, 0.6
        )


def _ran_out(series: Series) -> _Course | None:
    """The course from the last high to the low, in the values as they stand: what is left falls, a share that is used rises."""
    if _LEFT.search(series.indicator):
        left = series.value
    elif _SHARE.search(series.indicator):
        left = (1.0 if float(series.value.max()) <= 1.0 else 100.0) - series.value
    else:
        return None
    bottom = int(np.argmin(left))
    top, low = float(left[: bottom + 1].max()), float(left[bottom])
    # It began to run out where it was near its height for the last time.
    start = int(np.flatnonzero(left[: bottom + 1] >= top - _NEAR * (top - low))[-1])
    high = float(left[start])
    steps = np.diff(left[start : bottom + 1])
    if high <= 0 or low > GONE * high or series.at[bottom] - series.at[start] < LASTING or len(steps) < LEAST - 1:
        return None
    # One great step cannot be foreseen.
    if float((steps <= 0).mean()) < STEADY or float(-steps.min()) > (high - low) / 2:
        return None
    half = start + int(np.flatnonzero(left[start : bottom + 1] <= (high + low) / 2)[0])
    at, value = series.at, series.value
    return _Course(int(at[start]), int(at[half]), int(at[bottom]), float(value[start]), float(value[bottom]))


def _told(scene: Scene, component: str, course: _Course) -> bool:
    """An alert about it, or one whose time is not known, which may have come in time."""
    alerts = [one.event for one in (*scene.case.alerts, *scene.case.pages) if one.event.subject in (component, "")]
    return any(
        one.at is not None and course.first - MINUTE <= one.at < (course.half + course.last) // 2 for one in alerts
    )


ANALYSIS = Analysis(NAME, "a store that ran out steadily without a word in time", run)
