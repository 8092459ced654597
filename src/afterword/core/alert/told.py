"""Alerts out of the facts of a case: those that fired, each once, with its end where a later message tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.alert.history import Alert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.model.event import Event, Fact

_OVER, _NEVER = frozenset({"resolved"}), frozenset({"pending", "no data"})


def fired(facts: Iterable[Fact]) -> tuple[list[Alert], list[Fact]]:
    """Alerts in the order of time, and the fact that each is from. What is undated or only pending is left out."""
    dated = [(fact.event.at, fact) for fact in facts if fact.event.at is not None]
    alerts: list[Alert] = []
    behind: list[Fact] = []
    open_: dict[tuple[str, str], int] = {}
    for at, fact in sorted(dated, key=lambda one: (one[0], str(one[1].cite))):
        event, state = fact.event, fact.event.attributes.get("state", "firing")
        if state in _NEVER:
            continue
        key = (event.name, event.subject)
        if state in _OVER and event.until is None:
            _end(alerts, open_.pop(key, None), at)
            continue
        if _again(alerts, open_.get(key), event):
            continue
        open_[key] = len(alerts)
        alerts.append(Alert(event.name, event.subject, at, event.until))
        behind.append(fact)
    return alerts, behind


def _end(alerts: list[Alert], number: int | None, at: int) -> None:
    """A message that an alert is over, at the time when it was."""
    if number is not None and alerts[number].until is None:
        alerts[number] = Alert(alerts[number].kind, alerts[number].component, alerts[number].at, at)


def _again(alerts: list[Alert], number: int | None, event: Event) -> bool:
    """The same alert told once more: it began at the same moment."""
    if number is None or alerts[number].at != event.at:
        return False
    if alerts[number].until is None and event.until is not None:
        _end(alerts, number, event.until)
    return True
