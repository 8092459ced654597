"""The checks of the change that set it off were red, cancelled, skipped or not yet done when it took effect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import checked
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "red-checks"
LIMITS = "Checks that ran in another system, or for another name of the same commit, are not seen; a check may be allowed to fail."
_BAD = {"failure", "cancelled", "skipped", "timed_out", "startup_failure", "action_required", "stale", "error"}


def run(scene: Scene) -> Iterator[Finding]:
    for cause, fact in scene.triggers():
        runs = list(checked.of(scene, fact, "run"))
        live = checked.took_effect(scene, fact)
        until = live.event.at if live is not None else None
        before = [one for one in runs if until is None or one.event.at is None or one.event.at <= until]
        said = _red(before) or (_early(runs, until) if until is not None and not before else None)
        if said:
            says, cites = said
            yield Finding(
                identity(NAME, cause.component, fact.event.name), NAME, "tests", says, cause.component, (fact.cite, *cites), LIMITS, 0.75
            )  # fmt: skip
            return


def _red(runs: list[Fact]) -> tuple[str, tuple] | None:  # type: ignore[type-arg]
    """The last run of each check counts."""
    last = {one.event.name: one for one in runs}
    bad = [one for one in last.values() if one.event.attributes.get("state") in _BAD]
    if not bad:
        return None
    told = ", ".join(f"{one.event.name or 'a run'} ({one.event.attributes['state']})" for one in bad[:3])
    says = f"{len(bad)} of {len(last)} checks of the change that set it off did not pass before it took effect: {told}."
    return says, tuple(one.cite for one in bad[:4])


def _early(runs: list[Fact], until: int) -> tuple[str, tuple] | None:  # type: ignore[type-arg]
    if not runs:
        return None
    first = runs[0]
    says = f"The change that set it off took effect at {clock(until)}, before its first check ended at {clock(first.event.at or 0)}."
    return says, (first.cite,)


ANALYSIS = Analysis(NAME, "checks of the triggering change that were red, cancelled, skipped or not yet done", run)
