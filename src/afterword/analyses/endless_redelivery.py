"""The same message, record or job failed again and again: nothing bounded the tries or put it aside."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.core.derive import WARN
from afterword.model.cause import Finding
from afterword.model.time import MINUTE, SECOND, clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "endless-redelivery"
LIMITS = "A bound that is higher than the tries seen may exist; who put the message aside at last is not looked for."
_IDENTITY = re.compile(
    r"\b(offset|(?:message|msg|record|event|job|task|delivery|row|order|batch)[_.-]?(?:id|key|tag|offset|number))[\"']?\s{0,2}[=:]\s{0,2}[\"']?(?![\"',}\s])([\w.:/-]{1,80})",
    re.IGNORECASE,
)
LEAST, LASTING = 5, 2 * MINUTE


def run(scene: Scene) -> Iterator[Finding]:
    logs, window = scene.case.logs, scene.window
    if window is None:
        return
    tried: dict[tuple[int, int, str, str], list[int]] = defaultdict(list)
    for row in np.flatnonzero((logs.severity >= WARN) & (logs.at >= window.start) & (logs.at <= window.end)).tolist():
        pairs = {
            (key.lower(), value)
            for key, value in _IDENTITY.findall(f"{logs.text[row][:2000]} {logs.attributes[row][:2000]}")
        }
        for key, value in pairs:
            tried[int(logs.component[row]), int(logs.template[row]), key, value].append(row)
    best = max(tried.items(), key=lambda item: (_tries(scene, item[1]), item[0]), default=None)
    if best is None:
        return
    (component, _, key, value), rows = best
    times, first, last = _tries(scene, rows), int(logs.at[rows[0]]), int(logs.at[rows[-1]])
    if times < LEAST or last - first < LASTING:
        return
    name = logs.components[component]
    says = f"{name} tried {key} {value} {times} times from {clock(first)} to {clock(last)}, and each try failed the same way: no bound on the tries shows, and nothing put it aside."
    cites = tuple(logs.rows.cite(row) for row in (rows[0], rows[len(rows) // 2], rows[-1]))
    yield Finding(identity(NAME, name, key), NAME, "resilience", says, name, cites, LIMITS, 0.65)


def _tries(scene: Scene, rows: list[int]) -> int:
    """Lines at least a second apart: one failure may be told in several lines at once."""
    at = np.sort(scene.case.logs.at[rows])
    return int((np.diff(at) >= SECOND).sum()) + 1


ANALYSIS = Analysis(NAME, "one message tried without end", run)
