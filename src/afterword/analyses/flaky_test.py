"""A test gave two answers to the same code before the change that set it off went out: it was flaky, and its answer was taken."""

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

NAME = "flaky-test"
LIMITS = "The results do not name their commit: they are taken for those of the change by their time. Whether the test would have told of the fault is not known."


def run(scene: Scene) -> Iterator[Finding]:
    for cause, fact in scene.triggers():
        live, written = checked.took_effect(scene, fact), fact.event.at
        until = live.event.at if live is not None else None
        if until is None or written is None or fact.event.attributes.get("change") != "commit":
            continue
        suites = [one for one in scene.case.checks if one.event.attributes.get("check") == "suite"]
        mine = {one.cite.evidence for one in suites if one.event.at is not None and written <= one.event.at <= until}
        flaky = [one for one in scene.case.checks if _flaky(one) and one.cite.evidence in mine]
        if flaky:
            named = ", ".join(dict.fromkeys(one.event.name for one in flaky[:3]))
            says = f"Between the change that set it off and its roll-out, {len(flaky)} tests failed and passed on the same code: {named}."
            if len(flaky) == 1:
                says = f"Between the change that set it off and its roll-out, the test {named} failed and passed on the same code."
            cites = (fact.cite, *(one.cite for one in flaky[:4]))
            yield Finding(
                identity(NAME, cause.component, fact.event.name),
                NAME,
                "tests",
                says,
                cause.component,
                cites,
                LIMITS,
                0.5,
            )
            return


def _flaky(one: Fact) -> bool:
    return one.event.attributes.get("check") == "test" and one.event.attributes.get("state") == "flaky"


ANALYSIS = Analysis(NAME, "a flaky test before the triggering change went out", run)
