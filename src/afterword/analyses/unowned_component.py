"""Owners are given, and none of them owns the component that failed or the files that were changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.core.owned import covers, paths_of
from afterword.model.cause import Finding, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "unowned-component"
LIMITS = "The list of owners may be incomplete, or know the component by another name."


def run(scene: Scene) -> Iterator[Finding]:
    owners = scene.case.owners
    if not owners:
        return
    seen = set()
    for cause in scene.explanation.causes:
        name = cause.component
        if cause.role not in (Role.TRIGGER, Role.PROXIMATE) or not name or name in seen:
            continue
        seen.add(name)
        paths = paths_of(scene, cause)
        if not paths and not _ours(scene, name):
            continue
        if any(fact.event.name and covers(fact.event.subject, name, paths) for fact in owners):
            continue
        of = f" (files {', '.join(paths[:3])})" if paths else ""
        says = f"None of the {len(owners)} ownership entries given covers {name}{of}."
        cites = tuple(dict.fromkeys((*cause.cites[:2], owners[0].cite)))
        yield Finding(identity(NAME, name), NAME, "ownership", says, name, cites, LIMITS, 0.55)


def _ours(scene: Scene, name: str) -> bool:
    """Something that is built and deployed: it calls or is called, or was changed. A host or a disk has no code to own."""
    changed = any(fact.event.subject == name for fact in scene.case.changes)
    return changed or name in scene.case.spans.components


ANALYSIS = Analysis(NAME, "no owner for the component that failed", run)
