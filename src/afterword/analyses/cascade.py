"""The failure of one component spread to others that call it, and nothing isolated them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Grade, LinkKind, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "cascade"
LIMITS = (
    "Isolation that works without a word in the logs is not seen; a caller may be meant to fail with what it calls."
)
_ISOLATED = re.compile(
    r"fallback|circuit|breaker|degraded mode|cached (?:response|copy)|stale (?:response|cache)|bulkhead|serving default",
    re.IGNORECASE,
)
LEAST = 2


def run(scene: Scene) -> Iterator[Finding]:
    causes = {c.id: c for c in scene.explanation.causes}
    origin = next((c for c in causes.values() if c.role is Role.PROXIMATE), None)
    if origin is None or scene.window is None:
        return
    reached, frontier, cites = list[str](), [origin.id], list(origin.cites[:1])
    while frontier:
        here = frontier.pop(0)
        for link in scene.explanation.links:
            other = causes.get(link.effect)
            if (
                link.cause != here
                or link.kind is not LinkKind.PROPAGATES
                or other is None
                or link.grade < Grade.PRECEDES
            ):
                continue
            if other.component not in (*reached, origin.component):
                reached.append(other.component)
                frontier.append(other.id)
                cites += [*link.cites[:1], *other.cites[:1]]
    bare = [name for name in reached if not _isolates(scene, name)]
    if len(bare) < LEAST:
        return
    says = f"The failure of {origin.component} spread to {', '.join(bare)}; no fallback, circuit breaker or isolation shows in their logs."
    yield Finding(
        identity(NAME, origin.component), NAME, "resilience", says, origin.component, tuple(dict.fromkeys(cites))[:6], LIMITS, 0.6
    )  # fmt: skip


def _isolates(scene: Scene, component: str) -> bool:
    logs, window = scene.case.logs, scene.window
    if component not in logs.components or window is None:
        return False
    code = logs.components.index(component)
    rows = np.flatnonzero((logs.component == code) & (logs.at >= window.start) & (logs.at <= window.end))
    first: dict[int, int] = {}
    for row in rows.tolist():
        first.setdefault(int(logs.template[row]), row)
    return any(_ISOLATED.search(logs.text[row]) for row in first.values())


ANALYSIS = Analysis(NAME, "a failure that spread to its callers without isolation", run)
