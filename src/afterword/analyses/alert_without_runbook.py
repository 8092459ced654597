"""An alert fired whose rule names no runbook, while the rules have a place for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene

NAME = "alert-without-runbook"
LIMITS = "A runbook may exist that the rule does not point to."


def run(scene: Scene) -> Iterator[Finding]:
    fired = {f.event.name: f for f in reversed((*scene.case.alerts, *scene.case.pages)) if f.event.name}
    for rule in scene.case.rules:
        alert = fired.pop(rule.event.name, None)
        if alert is None or rule.event.attributes.get("runbook") or alert.event.attributes.get("runbook"):
            continue
        says = f"The alert {rule.event.name} fired, and its rule names no runbook."
        about = alert.event.subject
        yield Finding(
            identity(NAME, about, rule.event.name), NAME, "knowledge", says, about, (rule.cite, alert.cite), LIMITS, 0.5
        )  # fmt: skip


ANALYSIS = Analysis(NAME, "an alert that fired has no runbook in its rule", run)
