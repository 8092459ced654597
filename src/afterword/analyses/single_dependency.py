"""A dependency outside failed, and nothing in the evidence took its place."""

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

NAME = "single-dependency"
LIMITS = "A second provider may exist that was not used and is not named in logs, changes or messages."
_SECOND = re.compile(
    r"fail(?:ed|ing)?[ -]?over|fallback|secondary|backup provider|standby|second provider|switch(?:ed|ing) to|circuit|queued for later",
    re.IGNORECASE,
)


def run(scene: Scene) -> Iterator[Finding]:
    # What is outside is the trigger, or what is left where it answered with errors before it was the one that failed.
    roles = (Role.TRIGGER, Role.CONTRIBUTING)
    outside = [
        c for c in scene.explanation.causes if c.role in roles and c.category == "dependency" and c.layer == "external"
    ]
    trigger = next((c for c in outside if c.cites), None)
    if trigger is None:
        return
    if _replaced(scene):
        return
    says = (
        f"{trigger.component} failed, and no fallback, failover or second provider shows in logs, changes or messages."
    )
    yield Finding(
        identity(NAME, trigger.component), NAME, "resilience", says, trigger.component, trigger.cites[:4], LIMITS, 0.55
    )  # fmt: skip


def _replaced(scene: Scene) -> bool:
    logs, window = scene.case.logs, scene.window
    spoken = [f.event.text for f in (*scene.case.messages, *scene.case.changes)]
    if window is not None:
        first: dict[int, int] = {}
        for row in np.flatnonzero((logs.at >= window.start) & (logs.at <= window.end)).tolist():
            first.setdefault(int(logs.template[row]), row)
        spoken += [logs.text[row] for row in first.values()]
    return any(_SECOND.search(text) for text in spoken)


ANALYSIS = Analysis(NAME, "a dependency outside without a substitute", run)
