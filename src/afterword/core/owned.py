"""Whether an entry of a list of owners covers a component or the files of a change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.pattern import compiled, escaped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.core.scene import Scene
    from afterword.model.cause import Cause


def paths_of(scene: Scene, cause: Cause) -> list[str]:
    """The files of the changes that a cause cites."""
    mine = [f for f in scene.case.changes if f.cite in cause.cites]
    return [p for f in mine for p in f.event.attributes.get("files", "").split("\n") if p]


def covers(pattern: str, component: str, paths: Sequence[str]) -> bool:
    """By the name of the component or by one of the paths, in the manner of CODEOWNERS."""
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
