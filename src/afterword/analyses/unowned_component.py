"""Owners are given, and none of them owns the component that failed or the files that were changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.core.pattern import compiled, escaped
from afterword.model.cause import Finding, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.cause import Cause

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
        paths = _paths(scene, cause)
        if any(fact.event.name and _owns(fact.event.subject, name, paths) for fact in owners):
            continue
        of = f" (files {', '.join(paths[:3])})" if paths else ""
        says = f"None of the {len(owners)} ownership entries given covers {name}{of}."
        cites = tuple(dict.fromkeys((*cause.cites[:2], owners[0].cite)))
        yield Finding(identity(NAME, name), NAME, "ownership", says, name, cites, LIMITS, 0.55)


def _paths(scene: Scene, cause: Cause) -> list[str]:
    mine = [f for f in scene.case.changes if f.cite in cause.cites]
    return [p for f in mine for p in f.event.attributes.get("files", "").split("\n") if p]


def _owns(pattern: str, component: str, paths: list[str]) -> bool:
    """Whether an entry covers the component by its name or one of the paths, in the manner of CODEOWNERS."""
    bare = pattern.strip("/*").lower()
    name = re.sub(r"[-_]?(service|svc|server|api)$", "", component.lower())
    if bare in ("", component.lower(), name) or name in re.split(r"[/_.\-]", bare):
        return True
    parts = ["[^/]*".join(map(escaped, part.split("*"))) for part in pattern.strip("/").split("**")]
    anchor = "^" if "/" in pattern.strip("/") or pattern.startswith("/") else r"(?:^|^.*/)"
    try:
        glob = compiled(anchor + ".*".join(parts) + r"(?:/.*)?$")
    except ValueError:
        return False
    return any(glob.search(path) for path in paths)


ANALYSIS = Analysis(NAME, "no owner for the component that failed", run)
