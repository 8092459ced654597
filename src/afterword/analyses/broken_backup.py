"""A backup could not be restored, or there was none; or the failover did not work when it was needed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.core.derive import WARN
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.evidence import Citation

NAME = "broken-backup"
LIMITS = "Only what logs and messages say is seen; whether other backups could have been restored is not known."
_BROKEN = re.compile(
    r"\b(?:restor(?:e|ing|ation)|backup|snapshot|fail-?over|pitr|base ?backup|dump)\b[^.!?\n]{0,50}?\b(?:fail(?:ed|s|ing|ure)?|corrupt(?:ed)?|empty|missing|unusable"
    r"|incomplete|did(?:n'?t| not) (?:work|happen|complete)|too old|out of date|never (?:tested|ran|worked)|not (?:found|available|restorable))\b"
    r"|\b(?:no|without a?) (?:\w+ )?(?:backups?|snapshots?)\b|\b(?:can'?t|cannot|could(?:n'?t| not)|unable to|failed to) (?:restore|fail ?over)\b",
    re.IGNORECASE,
)
_FINE = re.compile(r"\b(?:no (?:need|reason)|not (?:needed|necessary)|instead of)\b", re.IGNORECASE)


def run(scene: Scene) -> Iterator[Finding]:
    started = scene.points.get(PointName.STARTED)
    if started is None or scene.window is None:
        return
    told = sorted(
        [*_messages(scene, started.earliest), *_logged(scene, started.earliest)], key=lambda one: (one[0], one[1])
    )
    if not told:
        return
    says = f"When it was needed, a backup or a failover did not work ({clock(told[0][0])})."
    yield Finding(identity(NAME, ""), NAME, "recovery", says, "", tuple(cite for _, cite in told[:4]), LIMITS, 0.75)


def _messages(scene: Scene, since: int) -> Iterator[tuple[int, Citation]]:
    for fact in scene.case.messages:
        text = fact.event.text
        if fact.event.at is not None and fact.event.at >= since and _BROKEN.search(text) and not _FINE.search(text):
            yield fact.event.at, fact.cite


def _logged(scene: Scene, since: int) -> Iterator[tuple[int, Citation]]:
    """The first line of each kind that warns of it."""
    logs, seen = scene.case.logs, set()
    assert scene.window is not None
    for row in np.flatnonzero((logs.severity >= WARN) & (logs.at >= since) & (logs.at <= scene.window.end)).tolist():
        template = int(logs.template[row])
        if template not in seen:
            seen.add(template)
            if _BROKEN.search(logs.text[row]):
                yield int(logs.at[row]), logs.rows.cite(row)


ANALYSIS = Analysis(NAME, "a backup that could not be restored, a failover that did not work", run)
