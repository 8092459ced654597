"""The change that set it off reached everything in one step: all places of one version, or a flag from nothing to all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.time import MINUTE, clock, minutes
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "all-at-once"
LIMITS = "Stages that the deploy or flag tool made by itself, and staging before production, are not in the evidence."
_WHOLE = re.compile(
    r"\b(?:0(?:\s*+%)?|off|false|disabled?)\s*+(?:->|→|=>|\bto\b)\s*+(?:100(?:\s*+%)?|on|true|enabled?)(?!\w)",
    re.IGNORECASE,
)
_PLACES = ("region", "cluster", "zone", "datacenter", "environment", "cell")
_SOON = 5 * MINUTE


def run(scene: Scene) -> Iterator[Finding]:
    for cause, fact in scene.triggers():
        found = _one_step(scene, fact)
        if found:
            says, cites = found
            yield Finding(
                identity(NAME, cause.component, fact.event.name), NAME, "change control", says, cause.component, cites, LIMITS, 0.6
            )  # fmt: skip


def _one_step(scene: Scene, fact: Fact) -> tuple[str, tuple] | None:  # type: ignore[type-arg]
    event = fact.event
    if event.attributes.get("change") == "flag":
        step = _WHOLE.search(f"{event.attributes.get('state', '')} {event.text}")
        before = [f for f in scene.case.changes if f.event.name == event.name and (f.event.at or 0) < (event.at or 0)]
        if not step or before:
            return None
        return f"The flag {event.name} went from “{step.group(0)}” in one step at {clock(event.at or 0)}.", (fact.cite,)
    return _everywhere(scene, fact)


def _everywhere(scene: Scene, fact: Fact) -> tuple[str, tuple] | None:  # type: ignore[type-arg]
    """The same version in several places within minutes, where the evidence names places."""
    event = fact.event
    key = next((k for k in _PLACES if event.attributes.get(k)), "")
    version = event.attributes.get("version") or event.attributes.get("commit")
    same = [
        f for f in scene.case.changes
        if key and version and version in (f.event.attributes.get("version"), f.event.attributes.get("commit"))
        and f.event.subject == event.subject and f.event.attributes.get(key) and f.event.at is not None
    ]  # fmt: skip
    places = {f.event.attributes[key] for f in same} if key else set()
    known = {
        f.event.attributes[key]
        for f in scene.case.changes
        if f.event.subject == event.subject and f.event.attributes.get(key)
    }
    times = [f.event.at or 0 for f in same]
    if len(places) < 2 or places != known or max(times) - min(times) > _SOON:
        return None
    says = f"The same version reached all {len(places)} places named ({', '.join(sorted(places)[:4])}) within {minutes(max(times) - min(times))}."
    return says, tuple(f.cite for f in same[:6])


ANALYSIS = Analysis(NAME, "deployed or switched on for everything in one step", run)
