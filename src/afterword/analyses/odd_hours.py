"""The change that set it off went out in the evening, at night, at a weekend or right before one, in a stated zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding, Role
from afterword.model.time import SECOND
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.scene import Scene
    from afterword.model.event import Event

NAME = "odd-hours"
LIMITS = "Working hours are taken as 07:00 to 19:00, Monday to Friday; a team in another zone may have been at work."
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_FRIDAY, _LATE, _OPEN, _SHUT = 4, 15, 7, 19


def run(scene: Scene) -> Iterator[Finding]:
    for cause in scene.explanation.causes:
        facts = [
            f for f in scene.case.changes if f.cite in cause.cites and f.event.attributes.get("change") != "commit"
        ]
        if cause.role is not Role.TRIGGER or not facts or facts[0].event.at is None:
            continue
        fact = facts[0]
        zone = _zone(scene, fact.event)
        if zone is None:
            continue
        local = datetime.fromtimestamp((fact.event.at or 0) // SECOND, UTC).astimezone(zone)
        odd = _odd(local)
        if odd:
            says = f"The change that set it off took effect {odd}: {_DAYS[local.weekday()]}, {local:%H:%M} in the stated zone ({local:%z})."
            yield Finding(
                identity(NAME, cause.component),
                NAME,
                "change control",
                says,
                cause.component,
                (fact.cite,),
                LIMITS,
                0.35,
            )


def _zone(scene: Scene, event: Event) -> tzinfo | None:
    """The zone that the person stated, else an offset that the source stated; UTC in a log is no statement of a place."""
    if scene.case.options.zone:
        try:
            return ZoneInfo(scene.case.options.zone)
        except (KeyError, ValueError, OSError):
            return None
    return timezone(timedelta(minutes=event.offset)) if event.offset else None


def _odd(local: datetime) -> str:
    if local.weekday() > _FRIDAY:
        return "at a weekend"
    if not _OPEN <= local.hour < _SHUT:
        return "outside working hours"
    return "shortly before a weekend" if local.weekday() == _FRIDAY and local.hour >= _LATE else ""


ANALYSIS = Analysis(NAME, "the triggering change went out of hours or before a weekend", run)
