"""What was run over the change that set it off: its runs, reviews and coverage, joined by the names of its commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

#: Shorter names of commits are no names: too many share them.
_SHORTEST = 7


def same(one: str, other: str) -> bool:
    """Whether two names are of one commit; git shortens them at will."""
    length = min(len(one), len(other))
    return length >= _SHORTEST and one[:length].lower() == other[:length].lower()


def names(scene: Scene, fact: Fact) -> frozenset[str]:
    """The commits that a change is: its own, and the head of the pull request that landed as it."""
    mine = {fact.event.attributes.get("commit", ""), fact.event.attributes.get("head", "")}
    if fact.event.attributes.get("change") == "commit":
        mine.add(fact.event.name)
    mine.discard("")
    landed = [f.event for f in scene.case.changes if any(same(f.event.name, one) for one in mine)]
    return frozenset(mine | {f.attributes["head"] for f in landed if f.attributes.get("head")})


def pulls(scene: Scene, fact: Fact) -> frozenset[str]:
    """The numbers of the pull requests that landed as a change."""
    mine = names(scene, fact)
    found = (f.event for f in scene.case.changes if f.event.attributes.get("pull"))
    return frozenset(f.attributes["pull"] for f in found if any(same(f.name, one) for one in mine))


def of(scene: Scene, fact: Fact, kind: str) -> Iterator[Fact]:
    """The checks of one kind of a change, in the order of their times."""
    mine, numbers = names(scene, fact), pulls(scene, fact)
    for one in sorted(scene.case.checks, key=lambda f: (f.event.at or 0, f.cite)):
        said = one.event.attributes
        if said.get("check") != kind:
            continue
        if said.get("pull") in numbers or any(same(said.get("commit", ""), name) for name in mine):
            yield one


def took_effect(scene: Scene, fact: Fact) -> Fact | None:
    """The first deployment of a change; a commit took effect with it and not when it was written."""
    mine = names(scene, fact)
    deploys = [
        one
        for one in scene.case.changes
        if one.event.attributes.get("change") == "deploy"
        and one.event.at is not None
        and any(same(one.event.attributes.get("commit", ""), name) for name in mine)
    ]
    return min(deploys, key=lambda one: one.event.at or 0, default=None)
