"""The failure of one component spread to others that call it, and nothing isolated them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause import topology
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Grade, LinkKind, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.scene import Scene
    from afterword.model.evidence import Citation

NAME = "cascade"
LIMITS = (
    "Isolation that works without a word in the logs is not seen; a caller may be meant to fail with what it calls."
)
_ISOLATED = re.compile(
    r"fallback|circuit|breaker|degraded mode|cached (?:response|copy)|stale (?:response|cache)|bulkhead|serving default",
    re.IGNORECASE,
)
LEAST = 2


#: Who calls so many others is a door to them.
_DOOR = 3
#: So many complaints of a caller about what it calls are no accident.
_TOLD = 3


def run(scene: Scene) -> Iterator[Finding]:
    origin = next((c for c in scene.explanation.causes if c.role is Role.PROXIMATE and c.component), None)
    if origin is None or scene.window is None:
        return
    failed = _failed_by(scene)
    reached: dict[str, Citation] = {}
    frontier = [origin.component]
    while frontier:
        for name, cite in failed.get(frontier.pop(0), {}).items():
            if name not in reached and name != origin.component:
                reached[name] = cite
                frontier.append(name)
    bare = [name for name in reached if not _isolates(scene, name)]
    if len(bare) < LEAST and not _met(scene, bare):
        return
    says = f"The failure of {origin.component} spread to {', '.join(bare)}; no fallback, circuit breaker or isolation shows in their logs."
    cites = tuple(dict.fromkeys((*origin.cites[:1], *(reached[name] for name in bare))))[:6]
    yield Finding(identity(NAME, origin.component), NAME, "resilience", says, origin.component, cites, LIMITS, 0.6)


def _met(scene: Scene, reached: Sequence[str]) -> bool:
    """One is enough where users met it, and it is no door to many others that only hands on what they answer."""
    met = next((c.component for c in scene.explanation.causes if c.role is Role.IMPACT), "")
    return met in reached and sum(caller == met for caller, _ in _calls(scene)) < _DOOR


def _failed_by(scene: Scene) -> dict[str, dict[str, Citation]]:
    """By component those that it failed: as the graph links them, and as they say themselves in their errors."""
    causes = {c.id: c for c in scene.explanation.causes}
    made: dict[str, dict[str, Citation]] = {}
    for link in scene.explanation.links:
        one, other = causes.get(link.cause), causes.get(link.effect)
        if link.kind is LinkKind.PROPAGATES and link.grade >= Grade.PRECEDES and one and other and other.component:
            for cite in (*link.cites[:1], *other.cites[:1])[:1]:
                made.setdefault(one.component, {}).setdefault(other.component, cite)
    assert scene.window is not None
    calls = _calls(scene)
    for blame in topology.blames(scene.case, scene.case.logs.components, scene.window.start):
        # Where it is known who calls whom, one who only watches is no caller.
        if blame.count >= _TOLD and not blame.external and (not calls or (blame.speaker, blame.named) in calls):
            made.setdefault(blame.named, {}).setdefault(blame.speaker, blame.cite)
    return made


def _calls(scene: Scene) -> set[tuple[str, str]]:
    """Caller and callee, as stated and as the traces show."""
    spans = scene.case.spans
    rows = np.flatnonzero(spans.parent >= 0)
    pairs = np.unique(np.stack([spans.component[spans.parent[rows]], spans.component[rows]]), axis=1).T.tolist() if len(rows) else []  # fmt: skip
    shown = {(spans.components[a], spans.components[b]) for a, b in pairs if a != b}
    return shown | {(fact.event.subject, fact.event.name) for fact in scene.case.edges}


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
