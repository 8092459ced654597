"""Alerts fired whose rules name no runbook, while the rules have a place for one: one weakness, however many fired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "alert-without-runbook"
#: So many are named; the citations lead to the others.
_NAMED = 4
LIMITS = "A runbook may exist that the rule does not point to."


def run(scene: Scene) -> Iterator[Finding]:
    fired = {f.event.name: f for f in reversed((*scene.case.alerts, *scene.case.pages)) if f.event.name}
    bare: list[tuple[Fact, Fact]] = []
    for rule in scene.case.rules:
        alert = fired.pop(rule.event.name, None)
        if alert and not (rule.event.attributes.get("runbook") or alert.event.attributes.get("runbook")):
            bare.append((alert, rule))
    if not bare:
        return
    bare.sort(key=lambda pair: (pair[0].event.at or 0, pair[0].event.name))
    names = [alert.event.name for alert, _ in bare]
    about = bare[0][0].event.subject
    cites = tuple(cite for alert, rule in bare[:4] for cite in (rule.cite, alert.cite))
    yield Finding(identity(NAME, about, names[0]), NAME, "knowledge", _says(names), about, cites, LIMITS, 0.5)


def _says(names: list[str]) -> str:
    if len(names) == 1:
        return f"The alert {names[0]} fired, and its rule names no runbook."
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{len(names)} alerts fired whose rules name no runbook: {', '.join(names[:_NAMED])}{more}."


ANALYSIS = Analysis(NAME, "an alert that fired has no runbook in its rule", run)
