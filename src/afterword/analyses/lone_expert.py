"""The response waited for one person: somebody wrote that nobody else knows it, or can do it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.incident import PointName
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "lone-expert"
LIMITS = "Only what somebody wrote is seen; others may have known it and said nothing."
_ONE = re.compile(
    r"\b(?:only|nobody (?:else )?(?:but|except)|no one (?:else )?(?:but|except)) \S{1,40}(?: \S{1,20})? (?:knows?|can|has access|understands?|wrote)\b"
    r"|\b(?:is|was) the only person\b|\bwaiting (?:for|on) \S{1,40} (?:to wake|to come (?:back|online)|who (?:knows|wrote|owns))"
    r"|\bnobody else (?:knows?|can|has|understands?)\b|\bbus factor\b",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"\b(?:pod|node|host|replica|service|server|instance|region|cluster|shard|leader|primary)\b", re.IGNORECASE
)


def run(scene: Scene) -> Iterator[Finding]:
    since = scene.points.get(PointName.DETECTED) or scene.points.get(PointName.STARTED)
    if since is None:
        return
    said = [
        f
        for f in scene.case.messages
        if f.event.at is not None
        and f.event.at >= since.earliest
        and (m := _ONE.search(f.event.text))
        and not _MACHINE.search(m[0])
    ]
    if not said:
        return
    says = f"The response waited for one person: at {clock(said[0].event.at or 0)} somebody wrote that nobody else could do it or knew it."
    yield Finding(identity(NAME, ""), NAME, "ownership", says, "", tuple(f.cite for f in said[:4]), LIMITS, 0.55)


ANALYSIS = Analysis(NAME, "a response that waited for the one person who could", run)
