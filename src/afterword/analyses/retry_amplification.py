"""Failing calls were made more often for each request: retries made the load bigger."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.time import Span

NAME = "retry-amplification"
LIMITS = (
    "More calls for each request that also fail are taken as retries; a loop that fails on every item looks the same."
)
TIMES, FAILING, LEAST = 1.5, 0.2, 5


def run(scene: Scene) -> Iterator[Finding]:
    if scene.window is None or scene.baseline is None:
        return
    usual, now = _calls(scene, scene.baseline), _calls(scene, scene.window)
    spans = scene.case.spans
    for (caller, callee), (each, failed, rows) in sorted(now.items()):
        before = usual.get((caller, callee))
        if before is None or len(rows) < LEAST or failed < FAILING or each < TIMES * before[0] or before[1] >= FAILING:
            continue
        name, other = spans.components[caller], spans.components[callee]
        says = (
            f"{name} called {other} {each:.1f} times for each of its own requests, {before[0]:.1f} before;"
            f" {100 * failed:.0f} % of the calls failed."
        )
        bad = [row for row in rows if spans.failed[row]][:3]
        cites = tuple(spans.rows.cite(row) for row in bad)
        yield Finding(identity(NAME, name, other), NAME, "resilience", says, name, cites, LIMITS, 0.7)


def _calls(scene: Scene, within: Span) -> dict[tuple[int, int], tuple[float, float, list[int]]]:
    """For each caller and callee: calls per calling span, share that failed, rows."""
    spans = scene.case.spans
    rows = np.flatnonzero((spans.parent >= 0) & (spans.at >= within.start) & (spans.at <= within.end))
    groups: dict[tuple[int, int], list[int]] = {}
    for row in rows.tolist():
        pair = int(spans.component[spans.parent[row]]), int(spans.component[row])
        if pair[0] != pair[1]:
            groups.setdefault(pair, []).append(row)
    parents = {pair: Counter(int(spans.parent[row]) for row in mine) for pair, mine in groups.items()}
    return {
        pair: (len(mine) / len(parents[pair]), sum(bool(spans.failed[r]) for r in mine) / len(mine), mine)
        for pair, mine in groups.items()
    }


ANALYSIS = Analysis(NAME, "retries that multiply the load of a failing dependency", run)
