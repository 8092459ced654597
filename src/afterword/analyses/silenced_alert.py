"""An alert about the failing component was silenced, inhibited or still pending while users were harmed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "silenced-alert"
LIMITS = "Why it was held back is not in the evidence."
_HELD = re.compile(r"^(pending|silenced|suppressed|inhibited|muted|snoozed|no receiver|unrouted)$", re.IGNORECASE)


def run(scene: Scene) -> Iterator[Finding]:
    if scene.window is None:
        return
    causes = [c for c in scene.explanation.causes if c.role in (Role.PROXIMATE, Role.CONTRIBUTING, Role.TRIGGER)]
    failing = {c.component for c in causes}
    told = {f.event.name for f in scene.case.alerts if not _HELD.match(f.event.attributes.get("state", ""))}
    for fact in scene.case.alerts:
        state, at = fact.event.attributes.get("state", ""), fact.event.at
        inside = at is not None and at in scene.window
        if inside and _HELD.match(state) and fact.event.subject in failing and fact.event.name not in told:
            says = f"The alert {fact.event.name} was {state.lower()} at {clock(at or 0)}, and it is not seen to fire."
            about = fact.event.subject
            yield Finding(
                identity(NAME, about, fact.event.name), NAME, "monitoring", says, about, (fact.cite,), LIMITS, 0.7
            )


ANALYSIS = Analysis(NAME, "an alert that was silenced, inhibited or pending", run)
