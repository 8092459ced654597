"""Several components failed because each of them uses the same one: nothing kept one user of it from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Grade, LinkKind, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.cause import Cause

NAME = "shared-dependency"
LIMITS = "Sharing may be meant, and cheaper than to run it twice; isolation inside of what is shared (quotas, pools for each user) is not seen."
LEAST = 2


def run(scene: Scene) -> Iterator[Finding]:
    causes = {one.id: one for one in scene.explanation.causes}
    origin = next((one for one in causes.values() if one.role is Role.PROXIMATE and one.component), None)
    if origin is None:
        return
    users = _users(scene, origin, causes)
    if len(users) < LEAST:
        return
    names = sorted({cause.component for cause, _ in users})
    says = f"{origin.component} is shared: {', '.join(names)} call it, and each of them failed with it."
    cites = tuple(dict.fromkeys((*origin.cites[:1], *(cite for _, cites in users for cite in cites[:2]))))[:6]
    yield Finding(identity(NAME, origin.component), NAME, "resilience", says, origin.component, cites, LIMITS, 0.45)


def _users(scene: Scene, origin: Cause, causes: dict[str, Cause]) -> list[tuple[Cause, tuple]]:  # type: ignore[type-arg]
    """Those that it failed directly, and that do not call one another: else one of them only handed it on."""
    links = [one for one in scene.explanation.links if one.kind is LinkKind.PROPAGATES and one.grade >= Grade.PRECEDES]
    found: dict[str, tuple[Cause, tuple]] = {}  # type: ignore[type-arg]
    for link in links:
        other = causes.get(link.effect)
        if link.cause == origin.id and other is not None and other.component not in ("", origin.component):
            found.setdefault(other.component, (other, (*link.cites[:1], *other.cites[:1])))
    calls = {(fact.event.subject, fact.event.name) for fact in scene.case.edges} | _called(scene)
    alone = [name for name in found if not any((name, other) in calls or (other, name) in calls for other in found)]
    return [found[name] for name in alone]


def _called(scene: Scene) -> set[tuple[str, str]]:
    """Who calls whom in the traces."""
    spans = scene.case.spans
    rows = np.flatnonzero(spans.parent >= 0)
    if not len(rows):
        return set()
    pairs = np.unique(np.stack([spans.component[spans.parent[rows]], spans.component[rows]]), axis=1).T.tolist()
    return {(spans.components[a], spans.components[b]) for a, b in pairs if a != b}


ANALYSIS = Analysis(NAME, "one dependency that several components share without isolation", run)
