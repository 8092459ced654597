"""Callers waited on a dependency far longer than usual, and nothing cut the waiting off."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.time import SECOND, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from afterword.core.case import Spans
    from afterword.core.scene import Scene

NAME = "unbounded-wait"
LIMITS = "A limit longer than the longest wait seen may exist; sampled traces show only some of the calls."
TIMES, FLOOR, LEAST = 10, 5 * SECOND, 3
#: Waits that end within this share of one another look cut off by a limit.
_ALIKE = 0.1


def run(scene: Scene) -> Iterator[Finding]:
    spans = scene.case.spans
    if scene.window is None or scene.baseline is None or not len(spans):
        return
    calls = np.flatnonzero(spans.parent >= 0)
    calls = calls[spans.component[calls] != spans.component[spans.parent[calls]]]
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in calls.tolist():
        groups[int(spans.component[spans.parent[row]]), int(spans.component[row])].append(row)
    wait = _waits(spans)
    for (caller, callee), rows in sorted(groups.items()):
        mine = np.array(rows)
        usual = mine[(spans.at[mine] >= scene.baseline.start) & (spans.at[mine] <= scene.baseline.end)]
        now = mine[(spans.at[mine] >= scene.window.start) & (spans.at[mine] <= scene.window.end)]
        middle = float(np.median(wait[usual])) if len(usual) >= LEAST else 0.0
        waited = now[wait[now] >= max(TIMES * middle, FLOOR)] if middle else now[:0]
        # Waits that end together were cut off: there is a limit.
        took = np.sort(wait[waited])[-10:]
        if len(waited) < LEAST or took[-1] - np.median(took) < _ALIKE * took[-1]:
            continue
        longest = waited[np.argsort(-wait[waited], kind="stable")[:3]]
        name, other = spans.components[caller], spans.components[callee]
        says = (
            f"{name} waited on {other} for up to {minutes(int(took[-1]))}, more than {TIMES} times the usual"
            f" {middle / 1e6:.0f} ms, in {len(waited)} calls; they end at different lengths, so no limit shows."
        )
        cites = tuple(spans.rows.cite(int(row)) for row in longest)
        yield Finding(identity(NAME, name, other), NAME, "resilience", says, name, cites, LIMITS, 0.65)


def _waits(spans: Spans) -> NDArray[np.int64]:
    """How long each was waited for: a caller that gave up had ended before what it called had."""
    ends = spans.at + spans.took
    parents = np.maximum(spans.parent, 0)
    given_up = np.where(spans.parent >= 0, spans.at[parents] + spans.took[parents], ends)
    waited: NDArray[np.int64] = np.maximum(np.minimum(ends, given_up) - spans.at, 0)
    return waited


ANALYSIS = Analysis(NAME, "calls that wait on a dependency without a limit", run)
