"""An alert of the incident was routed to nobody: the way through Alertmanager's routes ends where nothing is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import routing
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Fact

NAME = "unrouted-alert"
LIMITS = "The configuration given is taken to be the one that was in force; times at which a route is muted are not worked out."


def run(scene: Scene) -> Iterator[Finding]:
    policies = scene.case.policies
    routes = [one for one in policies if one.event.attributes.get("policy") == "route"]
    known = {one.event.name: one for one in policies if one.event.attributes.get("policy") == "receiver"}
    lost: dict[str, tuple[Fact, Fact]] = {}
    for alert in scene.case.alerts:
        inside = scene.window is not None and alert.event.at is not None and alert.event.at in scene.window
        ends = routing.receivers(routes, alert.event) if inside and alert.event.name not in lost else None
        if not ends or any(one.event.subject not in known for one in ends):
            continue
        if not any(known[one.event.subject].event.attributes.get("ways") for one in ends):
            lost[alert.event.name] = (alert, ends[0])
    if not lost:
        return
    alert, end = next(iter(lost.values()))
    names = ", ".join(list(lost)[:4]) + (f" and {len(lost) - 4} more" if len(lost) > 4 else "")
    are = f"The alert {names} is" if len(lost) == 1 else f"{len(lost)} alerts ({names}) are"
    says = f"{are} routed to {end.event.subject}, and nothing is sent from there to anybody."
    cites = (*(one.cite for one, _ in list(lost.values())[:3]), end.cite, known[end.event.subject].cite)
    about = alert.event.subject
    yield Finding(identity(NAME, about, alert.event.name), NAME, "monitoring", says, about, cites, LIMITS, 0.75)


ANALYSIS = Analysis(NAME, "an alert that is routed to nobody", run)
