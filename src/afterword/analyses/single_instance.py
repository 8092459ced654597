"""What failed first ran once: no second instance could take over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause import cluster
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "single-instance"
LIMITS = "Instances outside of this cluster, and replicas that were taken away on purpose, are not seen."
#: What every copy shares: a second one would have failed with it.
_SHARED = frozenset({"code", "config", "capacity", "feature flag", "data/schema", "certificate/secret/identity", "build/deploy pipeline", "load", "security event"})  # fmt: skip


def run(scene: Scene) -> Iterator[Finding]:
    apps = cluster.build(scene.case.states).apps()
    for cause in scene.explanation.causes:
        app = apps.get(cause.component.removeprefix("app/"))
        if cause.role is not Role.PROXIMATE or cause.category in _SHARED or app is None or app.desired != 1:
            continue
        cites = tuple(
            fact.cite for fact in scene.case.states if fact.event.attributes.get("desired") == "1" and fact.event.subject in {f"{one.kind}/{one.name}" for one in app.things}
        )  # fmt: skip
        if cites:
            says = f"{cause.component} was wanted once: nothing could take over when it failed."
            yield Finding(
                identity(NAME, cause.component), NAME, "resilience", says, cause.component, cites[:3], LIMITS, 0.6
            )


ANALYSIS = Analysis(NAME, "the failing component ran as a single instance", run)
