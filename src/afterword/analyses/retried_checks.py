"""The checks of the change that set it off were run again until they passed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import checked
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "retried-checks"
LIMITS = "Whether the first run failed by a flaky check or by the change is not in the evidence."


def run(scene: Scene) -> Iterator[Finding]:
    for cause, fact in scene.triggers():
        commit = fact.event.attributes.get("commit") or fact.event.name
        runs = [
            one
            for one in scene.case.changes
            if one.event.attributes.get("attempt", "").isdigit() and one.event.attributes.get("commit", "") == commit
        ]
        runs += [one for one in checked.of(scene, fact, "run") if _again(one)]
        if runs:
            most = max(runs, key=lambda one: (int(one.event.attributes["attempt"]), one.cite))
            called = f"check {most.event.name}" if most.event.attributes.get("check") else "pipeline"
            says = f"The {called} of the change that set it off passed at attempt {most.event.attributes['attempt']}."
            yield Finding(
                identity(NAME, cause.component, commit),
                NAME,
                "tests",
                says,
                cause.component,
                (most.cite, fact.cite),
                LIMITS,
                0.5,
            )


def _again(one: Fact) -> bool:
    """A check that passed, and not at its first attempt."""
    attempt = one.event.attributes.get("attempt", "")
    return attempt.isdigit() and int(attempt) > 1 and one.event.attributes.get("state") == "success"


ANALYSIS = Analysis(NAME, "a pipeline that was run again until it passed", run)
