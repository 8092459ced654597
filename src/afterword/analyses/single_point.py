"""In the fault tree one thing outside of the changes is enough: a cut set of order one, with nothing to take its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause import faults
from afterword.core.cause.graph import identity
from afterword.core.cause.tree import solve
from afterword.model.cause import Finding, Grade, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "single-point"
LIMITS = "The tree holds what the evidence shows: a spare that was there and would have worked is not in it."
#: What can be had twice. Code and configuration are the same in every copy.
_PLACES = frozenset({"compute", "storage", "network", "infrastructure", "facility/power"})
_SECOND = re.compile(
    r"fail(?:ed|ing|s)?[ -]?over|standby|secondary|promot(?:ed|ing)|replica took over|spare", re.IGNORECASE
)


def run(scene: Scene) -> Iterator[Finding]:
    tree = faults.build(scene.explanation)
    if tree is None:
        return
    causes = {one.id: one for one in scene.explanation.causes}
    for names in solve(tree, limit_order=1, limit=8).cut_sets:
        cause = causes.get(next(iter(names), ""))
        if cause is None or cause.ref or cause.role not in (Role.TRIGGER, Role.PROXIMATE) or not cause.cites:
            continue
        # An outside provider is another analysis's; a grade below 2 names nothing that was seen to do it.
        # What was used up would have been used up twice.
        if (
            cause.category not in _PLACES
            or cause.defect == "exhausted"
            or cause.layer == "external"
            or _grade(scene, cause.id) < Grade.MECHANISM
        ):
            continue
        if _replaced(scene):
            return
        says = f"The {cause.category} of {cause.component} alone was enough: in the fault tree it is a cut set of order one, and no second one shows in the evidence."
        yield Finding(
            identity(NAME, cause.component), NAME, "resilience", says, cause.component, cause.cites[:4], LIMITS, 0.5
        )
        return


def _replaced(scene: Scene) -> bool:
    """Somebody or something speaks of what took its place."""
    facts = (*scene.case.messages, *scene.case.changes, *scene.case.states, *scene.case.statuses)
    return any(_SECOND.search(f"{fact.event.name} {fact.event.text}") for fact in facts)


def _grade(scene: Scene, name: str) -> Grade:
    return max((link.grade for link in scene.explanation.links if link.cause == name), default=Grade.ASSERTED)


ANALYSIS = Analysis(NAME, "a cut set of order one: a single thing that was enough", run)
