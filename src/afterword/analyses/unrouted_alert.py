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

NAME = "unrouted-alert"
LIMITS = "The configuration given is taken to be the one that was in force; times at which a route is muted are not worked out."


def run(scene: Scene) -> Iterator[Finding]:
    policies = scene.case.policies
    routes = [one for one in policies if one.event.attributes.get("policy") == "route"]
    known = {one.event.name: one for one in policies if one.event.attributes.get("policy") == "receiver"}
    seen = set()
    for alert in scene.case.alerts:
        if (
            scene.window is None
            or alert.event.at is None
            or alert.event.at not in scene.window
            or alert.event.name in seen
        ):
            continue
        seen.add(alert.event.name)
        ends = routing.receivers(routes, alert.event)
        if not ends or any(one.event.subject not in known for one in ends):
            continue
        if any(known[one.event.subject].event.attributes.get("ways") for one in ends):
            continue
        names = ", ".join(dict.fromkeys(one.event.subject for one in ends))
        says = f"The alert {alert.event.name} is routed to {names}, and nothing is sent from there to anybody."
        cites = (alert.cite, ends[0].cite, known[ends[0].event.subject].cite)
        yield Finding(
            identity(NAME, alert.event.subject, alert.event.name),
            NAME,
            "monitoring",
            says,
            alert.event.subject,
            cites,
            LIMITS,
            0.75,
        )


ANALYSIS = Analysis(NAME, "an alert that is routed to nobody", run)
