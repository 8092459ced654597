"""More instances were wanted than there were, and they did not come in time: the room to grow was not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.evidence import Citation

NAME = "slow-scaling"
LIMITS = "Whether more instances would have helped is not looked at; a bound may have been set on purpose."
_WANTS = re.compile(
    r"\bpods? pending\b|\b(?:insufficient|not enough|no) (?:cpu|memory|capacity|nodes?|ip addresses)\b|\bmax(?:imum)? (?:replicas?|capacity|size|instances) (?:reached|is reached|limit)|\bTooManyReplicas\b|\bthe desired (?:replica )?count is more than the maximum\b|\bInsufficientInstanceCapacity\b|\bFailedScheduling\b|\bscal(?:e|ing)[ -]?(?:up|out) (?:failed|blocked|limited|delayed)",
    re.IGNORECASE,
)
LASTING = 3 * MINUTE


def run(scene: Scene) -> Iterator[Finding]:
    if scene.window is None:
        return
    told = sorted([*_logged(scene), *_states(scene)], key=lambda one: (one[0], one[3]))
    if len(told) < 2 or told[-1][0] - told[0][0] < LASTING:
        return
    first, name, said, _ = told[0]
    says = f"From {clock(first)} on, for {minutes(told[-1][0] - first)}, more of {name or 'it'} was wanted than could be had: “{said}”."
    yield Finding(
        identity(NAME, name), NAME, "resilience", says, name, tuple(cite for *_, cite in told[:4]), LIMITS, 0.55
    )


def _logged(scene: Scene) -> Iterator[tuple[int, str, str, Citation]]:
    """Lines that were not said before it began."""
    logs, window = scene.case.logs, scene.window
    assert window is not None
    usual = set(logs.template[logs.at < window.start].tolist())
    kinds: dict[int, str] = {}
    for row in np.flatnonzero((logs.at >= window.start) & (logs.at <= window.end)).tolist():
        template = int(logs.template[row])
        if template not in kinds:
            found = None if template in usual else _WANTS.search(logs.text[row])
            kinds[template] = found[0] if found else ""
        if kinds[template]:
            yield int(logs.at[row]), logs.components[int(logs.component[row])], kinds[template], logs.rows.cite(row)


def _states(scene: Scene) -> Iterator[tuple[int, str, str, Citation]]:
    assert scene.window is not None
    for fact in scene.case.states:
        found = _WANTS.search(f"{fact.event.name} {fact.event.text}")
        if found and fact.event.at is not None and fact.event.at in scene.window:
            yield fact.event.at, fact.event.subject.rpartition("/")[2], found[0], fact.cite


ANALYSIS = Analysis(NAME, "instances that were wanted and did not come in time", run)
