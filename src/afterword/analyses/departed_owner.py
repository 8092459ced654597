"""Those who are named as owners of what failed are not, or no longer, in the list of members that is given."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.core.owned import covers, paths_of
from afterword.model.cause import Finding, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "departed-owner"
LIMITS = "The list of members may be of another day or of a part of the organisation only; who took over without a word in the list of owners is not seen."
_NAME = re.compile(r"@{1,2}[\w.-]+(?:/[\w./-]+)?|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:user|group):[\w./-]+|[\w.-]+")
#: Members and owners are of one organisation when so large a share of the owners is known to the list.
_SHARE = 0.5


def run(scene: Scene) -> Iterator[Finding]:
    known = _members(scene)
    owners = [one for one in scene.case.owners if one.event.name]
    named = {name for one in owners for name in _people(one.event.name)}
    here = {name for name in named if known.get(name) is not None}
    if not known or not named or len(here) < _SHARE * len(named):
        return
    seen = set()
    for cause in scene.explanation.causes:
        if cause.role not in (Role.TRIGGER, Role.PROXIMATE) or not cause.component or cause.component in seen:
            continue
        seen.add(cause.component)
        paths = paths_of(scene, cause)
        # In CODEOWNERS the last entry that covers a path decides.
        mine = [one for one in owners if covers(one.event.subject, cause.component, paths)][-1:]
        yield from (found for one in mine if (found := _gone(scene, cause.component, one, known)))


def _gone(scene: Scene, component: str, entry: Fact, known: dict[str, str]) -> Finding | None:
    people = _people(entry.event.name)
    left = [name for name in people if known.get(name, "") != "active"]
    if not people or not left or len(people) < len(_NAME.findall(entry.event.name)):
        return None
    if len(left) < len(people):
        says = f"{len(left)} of the {len(people)} owners of {entry.event.subject}, which {component} falls under, are not among the active members."
    else:
        says = f"No owner of {entry.event.subject}, which {component} falls under, is among the active members."
    cites = (entry.cite, *(one.cite for one in scene.case.members if _plain(one.event.name) in left))
    cites = cites if len(cites) > 1 else (entry.cite, scene.case.members[0].cite)
    weight = 0.65 if len(left) == len(people) else 0.4
    return Finding(
        identity(NAME, component, entry.event.subject), NAME, "ownership", says, component, cites[:4], LIMITS, weight
    )


def _members(scene: Scene) -> dict[str, str]:
    """What the list says of each account, by its login and its e-mail."""
    found: dict[str, str] = {}
    for one in scene.case.members:
        state = one.event.attributes.get("state", "active")
        kind = one.event.attributes.get("member", "person")
        for name in (one.event.name, one.event.attributes.get("email", "")):
            if name and kind == "person":
                found[_plain(name)] = state
            elif name:
                found[f"team:{_plain(name)}"] = state
    return found


def _people(text: str) -> list[str]:
    """Accounts among the owners of an entry: neither teams nor groups, whose members are not in it."""
    found = _NAME.findall(text)
    return [_plain(one) for one in found if not (one.startswith("@") and "/" in one) and not one.startswith("group:")]


def _plain(name: str) -> str:
    return name.removeprefix("user:").rsplit("/", 1)[-1].lstrip("@").lower()


ANALYSIS = Analysis(NAME, "owners who are no longer members", run)
