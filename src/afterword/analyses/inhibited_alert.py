"""An alert of the incident was held back: by a silence that stood, or by a rule that lets another alert inhibit it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core import routing
from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.model.time import clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.scene import Scene
    from afterword.model.event import Fact
    from afterword.model.evidence import Citation

NAME = "inhibited-alert"
LIMITS = "Why it was held back is not in the evidence; where another alert told of the same trouble, little may have been lost."
_SILENCE = re.compile(r"silenced (?P<held>(?:[\w.:-]+(?:=~|!~|!=|=)\"(?:[^\"\\]|\\.)*\"(?:, )?)+)")


def run(scene: Scene) -> Iterator[Finding]:
    roles = (Role.PROXIMATE, Role.CONTRIBUTING, Role.TRIGGER)
    failing = {cause.component for cause in scene.explanation.causes if cause.role in roles}
    for alert in scene.case.alerts:
        if (
            scene.window is None
            or alert.event.at is None
            or alert.event.at not in scene.window
            or alert.event.subject not in failing
        ):
            continue
        held = _silenced(scene, alert) or _inhibited(scene, alert)
        if held:
            how, cite = held
            says = f"The alert {alert.event.name} of {clock(alert.event.at)} was held back: {how}."
            about = alert.event.subject
            yield Finding(
                identity(NAME, about, alert.event.name),
                NAME,
                "monitoring",
                says,
                about,
                (alert.cite, cite),
                LIMITS,
                0.7,
            )


def _silenced(scene: Scene, alert: Fact) -> tuple[str, Citation] | None:
    """By a silence that had begun before it, as its maker could not know what it would hide."""
    known, whole = routing.labels(alert.event)
    at = alert.event.at or 0
    for one in scene.case.messages:
        event = one.event
        found = _SILENCE.match(event.text) if event.subject == "silences" else None
        if not found or event.at is None or event.at > at or (event.until is not None and event.until < at):
            continue
        wanted = routing.matchers(found["held"].replace('", ', '"\n'))
        if wanted and routing.all_hold(wanted, known, whole=whole):
            return f"a silence from {clock(event.at)} covers it", one.cite
    return None


def _inhibited(scene: Scene, alert: Fact) -> tuple[str, Citation] | None:
    known, whole = routing.labels(alert.event)
    for rule in scene.case.policies:
        said = rule.event.attributes
        target = routing.matchers(said.get("target", "")) if said.get("policy") == "inhibit" else None
        if not target or not routing.all_hold(target, known, whole=whole):
            continue
        for other in scene.case.alerts:
            if other is not alert and _holds_back(other, said, known, alert):
                return f"{other.event.name} fired at {clock(other.event.at or 0)} and inhibits it", rule.cite
    return None


def _holds_back(other: Fact, said: Mapping[str, str], known: Mapping[str, str], alert: Fact) -> bool:
    """Another alert fires at the time, is one that the rule names, and shares the labels that have to be equal."""
    theirs, whole = routing.labels(other.event)
    source = routing.matchers(said.get("source", ""))
    at, until = other.event.at, other.event.until
    during = at is not None and at <= (alert.event.at or 0) and (until is None or until >= (alert.event.at or 0))
    firing = other.event.attributes.get("state", "firing") == "firing"
    equal = [name for name in said.get("equal", "").split("\n") if name]
    alike = all(known.get(name, "") == theirs.get(name, "") for name in equal)
    return bool(during and firing and source and alike and routing.all_hold(source, theirs, whole=whole))


ANALYSIS = Analysis(NAME, "an alert held back by a silence or by another alert", run)
