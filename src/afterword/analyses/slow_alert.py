"""The measure of an alert was beyond the threshold that the alert itself states, long before the alert fired."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.case import Series
    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "slow-alert"
LIMITS = "The alert may look at a mean over a longer time, or at other series than those of the evidence; how long its rule waits is not stated."
#: Rules wait for up to five minutes on purpose; two samples in a row are no outlier.
LEAST, ROW = 5 * MINUTE + 1, 2


def run(scene: Scene) -> Iterator[Finding]:
    if scene.window is None:
        return
    for alert in sorted(scene.case.alerts, key=lambda one: (one.event.at or 0, one.cite)):
        at = alert.event.at
        if at is None or alert.event.attributes.get("state", "firing") != "firing" or at not in scene.window:
            continue
        found = _crossed(scene, alert)
        if found is None:
            continue
        series, crossed = found
        if at - crossed >= LEAST:
            says = (
                f"{series.component}: {series.indicator} was beyond the threshold of the alert {alert.event.name}"
                f" ({alert.event.attributes['threshold']}) from {clock(crossed)} on; the alert fired at {clock(at)}, {minutes(at - crossed)} later."
            )
            cites = (series.cite, alert.cite)
            yield Finding(
                identity(NAME, series.component, alert.event.name),
                NAME,
                "monitoring",
                says,
                series.component,
                cites,
                LIMITS,
                0.65,
            )
        return


def _crossed(scene: Scene, alert: Fact) -> tuple[Series, int] | None:
    """The series that the alert names, and since when it stayed beyond its threshold until the alert fired."""
    metric, limit = alert.event.attributes.get("metric", ""), _number(alert.event.attributes.get("threshold", ""))
    observed = _number(alert.event.attributes.get("observed", ""))
    mine = [
        one
        for one in scene.case.series
        if one.indicator == metric and one.component == alert.event.subject and not one.derived
    ]
    if not metric or limit is None or observed is None or observed == limit or len(mine) != 1:
        return None
    (series,) = mine
    before = series.at <= (alert.event.at or 0)
    beyond = series.value[before] >= limit if observed > limit else series.value[before] <= limit
    # Back from the alert to the last sample that was within the threshold.
    inside = np.flatnonzero(~beyond)
    first = int(inside[-1]) + 1 if len(inside) else 0
    if len(beyond) - first < ROW or not len(inside):
        return None
    return series, int(series.at[before][first])


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


ANALYSIS = Analysis(NAME, "an alert that fired long after its own threshold was crossed", run)
