"""What sources of facts (alerts, changes, messages) have in common: an event at the time it states, its attributes, its place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from afterword.core.clock import Stamp
from afterword.model.event import Kind, Meaning
from afterword.model.evidence import Place
from afterword.reading import moment, name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.clock import Doubt
    from afterword.model.event import Event
    from afterword.model.evidence import Problem


#: What the time of such an event says, unless its source knows better: an alert is what a monitor saw, a message and a
#: page are what somebody was told, a commit is dated by when its record was made.
_MEANS = {
    Kind.METRIC: Meaning.OBSERVED,
    Kind.ALERT: Meaning.OBSERVED,
    Kind.STATE: Meaning.OBSERVED,
    Kind.PATTERN: Meaning.OBSERVED,
    Kind.PAGE: Meaning.REPORTED,
    Kind.MESSAGE: Meaning.REPORTED,
    Kind.STATUS: Meaning.REPORTED,
}


def means(event: Event) -> Meaning:
    """What the time of an event says, by its kind."""
    if event.kind is Kind.CHANGE and event.attributes.get("change") == "commit":
        return Meaning.CREATED
    return _MEANS.get(event.kind, Meaning.OCCURRED)


def dated(
    event: Event, found: Stamp | Doubt, what: str = "its time", meaning: Meaning | None = None
) -> Iterator[Event | Problem]:
    """The event at the time that was read; where that cannot be relied on, without one and with a remark."""
    meaning = meaning or (means(event) if event.meaning is Meaning.OCCURRED else event.meaning)
    if isinstance(found, Stamp):
        yield replace(event, at=found.ns, offset=found.offset, granularity=found.granularity, meaning=meaning)
    else:
        yield replace(event, at=None, offset=None, meaning=meaning)
        yield moment.undated(found, event.place, what)


def attributes(said: Mapping[str, Any]) -> dict[str, str]:
    """The attributes that say something, as texts; lists with a line for each of their values."""
    made = {key: _text(value) for key, value in said.items()}
    return {key: text for key, text in made.items() if text}


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "\n".join(text for one in value if (text := _text(one)))
    return "" if isinstance(value, dict) else name.text(value)


def part(place: Place, called: str) -> Place:
    """The same bytes under the name of one of the things that they hold."""
    return Place(place.start, place.end, place.first, place.last, called, place.inline)


def called(person: Any) -> str:
    """Who somebody is: a text as it is, an object by its login, e-mail or name."""
    if isinstance(person, dict):
        known = ("login", "username", "summary", "email", "name", "display_name", "displayName", "id")
        return next((called(person[key]) for key in known if person.get(key)), "")
    return person if isinstance(person, str) else ""
