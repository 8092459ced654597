"""Somebody of the response was refused by a system while it lasted: an access that was needed was not there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.evidence import Citation

NAME = "refused-access"
LIMITS = "Who was refused may not have been part of the response, and another way may have been open at once."
#: What systems write when they refuse a person: sudo and su, an SSH key, a role of a database.
_REFUSED = re.compile(
    r"\bNOT in sudoers\b|\bis not allowed to (?:execute|run)\b|\bcommand not allowed\b|\bPermission denied \(publickey|\bUser \S{1,60} from \S{1,60} not allowed because\b",
    re.IGNORECASE,
)


def run(scene: Scene) -> Iterator[Finding]:
    noticed = scene.points.get(PointName.DETECTED)
    done = scene.points.get(PointName.RESOLVED) or scene.points.get(PointName.RECOVERED)
    if noticed is None or scene.window is None:
        return
    end = done.latest if done is not None else scene.window.end
    found = sorted([*_recorded(scene, noticed.at, end), *_logged(scene, noticed.at, end)])
    if not found:
        return
    at, what, _ = found[0]
    times = f", and {len(found) - 1} more times" if len(found) > 1 else ""
    says = f"While it lasted, at {clock(at)}, a system refused somebody: {what}{times}."
    yield Finding(identity(NAME, ""), NAME, "recovery", says, "", tuple(cite for _, _, cite in found[:4]), LIMITS, 0.55)


def _recorded(scene: Scene, low: int, high: int) -> Iterator[tuple[int, str, Citation]]:
    """Refusals in audit logs; who was refused the same before it began is refused always."""
    refused = [
        one for one in scene.case.checks if one.event.attributes.get("check") == "access" and one.event.at is not None
    ]
    usual = {(one.event.attributes.get("who"), one.event.name) for one in refused if (one.event.at or 0) < low}
    for one in refused:
        at = one.event.at or 0
        if low <= at <= high and (one.event.attributes.get("who"), one.event.name) not in usual:
            yield at, one.event.name, one.cite


def _logged(scene: Scene, low: int, high: int) -> Iterator[tuple[int, str, Citation]]:
    """The first line of each kind that had not been said before."""
    logs, seen = scene.case.logs, set[int]()
    usual = set(logs.template[logs.at < low].tolist())
    for row in np.flatnonzero((logs.at >= low) & (logs.at <= high)).tolist():
        template = int(logs.template[row])
        if template not in seen and template not in usual:
            seen.add(template)
            if found := _REFUSED.search(logs.text[row]):
                yield int(logs.at[row]), f"“{found[0]}”", logs.rows.cite(row)


ANALYSIS = Analysis(NAME, "a person whom a system refused during the response", run)
