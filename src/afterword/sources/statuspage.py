"""What status pages say: Statuspage's ``/api/v2`` (incidents, maintenances, summary), and feeds of the same kind.

An update counts when it is shown (``display_at``): pages are filled in later, and ``created_at`` is then the later moment.
Numbers that a feed carries along (an error rate of the provider) are metrics of the provider.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

    Made = Iterator[Event | Problem | Skipped]

_LISTS = ("incidents", "scheduled_maintenances", "maintenances", "events")
_UPDATES = ("incident_updates", "updates", "status_updates", "incidentUpdates", "messages")
_AT = ("display_at", "at", "when", "timestamp", "created_at", "created", "createdAt", "updated_at", "modified", "date", "time")  # fmt: skip
_STATUS = ("status", "state", "stage")
_TEXT = ("body", "message", "text", "description", "update", "content")
_TITLE = ("name", "title", "summary", "external_desc", "subject")
_IMPACT = ("impact", "impact_override", "severity", "status_impact")
_OPENED = ("started_at", "begin", "created_at", "published_at", "start", "createdAt", "created", "begins_at", "scheduled_for")  # fmt: skip
_CLOSED = ("resolved_at", "end", "ended_at", "resolvedAt", "end_at", "ends_at")
_PROVIDER = ("provider", "page_name", "vendor", "service", "service_name")
_CONCERNED = ("components", "affected_components", "currently_affected_products", "affected_products", "services")
#: When the page was asked.
_ASKED = ("updated_at", "fetched_at", "generated_at", "retrieved_at", "as_of", "timestamp")
_WORDS = frozenset(["investigating", "identified", "monitoring", "resolved", "postmortem", "scheduled", "in progress", "in_progress", "verifying", "completed", "update"])  # fmt: skip


def sniff(head: bytes) -> float:
    """Sure of an incident whose updates have a status, or of a page that names itself with its incidents or components."""
    pages = element.peek(head, "data")[:3]
    if any(_is_page(one) for one in pages):
        return 0.95
    found = element.peek(head, *_LISTS, "data")[:10]
    good = sum(_is_incident(one) for one in found)
    return (0.95 if any("incident_updates" in one for one in found) else 0.85) if good * 2 > len(found) else 0.0


def _is_incident(one: Mapping[str, Any]) -> bool:
    key = _updates(one)
    if key is None or name.first(one, _TITLE) is None:
        return False
    updates = [update for update in one[key] if isinstance(update, dict)]
    says = {name.text(update.get("status")).lower() for update in updates}
    impact = "impact" in one and all(
        name.first(update, _TEXT) is not None and name.first(update, _AT) is not None for update in updates
    )
    return bool(says & _WORDS) or (impact and bool(updates))


def _updates(one: Mapping[str, Any]) -> str | None:
    return next((key for key in _UPDATES if isinstance(one.get(key), list) and one[key]), None)


def _is_page(one: Mapping[str, Any]) -> bool:
    named = isinstance(one.get("page"), dict) or (isinstance(one.get("provider"), str) and "incidents" in one)
    return named and (
        isinstance(dig(one, "status", "indicator"), str)
        or any(isinstance(one.get(key), list) for key in ("components", *_LISTS))
    )


def read(stream: BinaryIO, reading: Reading) -> Made:
    for node in element.elements(stream, "data"):
        if isinstance(node, Node):
            yield from _page(node, reading)
        else:
            yield node


def _page(node: Node, reading: Reading) -> Made:
    """An answer of a page with its incidents, or one incident; the provider is named around them."""
    value = node.value
    whole = _is_page(value)
    lists = [found for key in _LISTS if (found := node.get(key)) is not None and isinstance(found.value, list)]
    around = {key: value[key] for key in ("page", "provider", "source") if key in value}
    for incident in (one for found in lists for one in found.items()):
        if isinstance(incident.value, dict):
            yield from _one(incident, {**around, **incident.value}, reading)
        else:
            yield Problem("no incident of a status page", incident.place(), Gravity.WARNING, "status-shape")
    if whole:
        yield from _now(node, reading)
        yield from _numbers(node, reading)
    elif not lists:
        yield from _one(node, value, reading)


def _one(node: Node, value: Mapping[str, Any], reading: Reading) -> Made:
    if _updates(value):
        yield from _incident(node, value, reading)
    elif name.first(value, _TITLE) is not None and name.first(value, _STATUS) is not None:
        yield from _bare(node, value, reading)
    else:
        yield Problem("no incident of a status page", node.place(), Gravity.WARNING, "status-shape")


def _incident(node: Node, value: Mapping[str, Any], reading: Reading) -> Made:
    """Each update is an event, and so is the beginning where it is another moment; the bytes of each are its own."""
    updates, began = node.get(_updates(value) or ""), node.get("started_at")
    title, impact = name.text(name.first(value, _TITLE)), name.text(name.first(value, _IMPACT))
    about = {"title": title, "impact": impact, "components": _components(value)}
    if began is not None and began.value not in [
        name.first(one, _AT) for one in value[_updates(value) or ""] if isinstance(one, dict)
    ]:
        event = Event(
            Kind.STATUS,
            began.place(),
            None,
            _subject(value),
            impact or "started",
            title,
            attributes=fact.attributes(about),
        )
        yield from fact.dated(event, moment.stamp(began.value, reading))
    for update in updates.items() if updates else ():
        if not isinstance(update.value, dict):
            yield Problem("no update of an incident", update.place(), Gravity.WARNING, "status-shape")
            continue
        inner = update.value
        said = {**about, "components": _components(inner) or about["components"], "recorded": _recorded(inner)}
        text, status = name.text(name.first(inner, _TEXT)), name.text(name.first(inner, _STATUS))
        event = Event(
            Kind.STATUS, update.place(), None, _subject(value), status or impact,
            f"{title}: {text}" if title and text else title or text, attributes=fact.attributes(said),
        )  # fmt: skip
        yield from fact.dated(event, moment.stamp(name.first(inner, _AT), reading))


def _recorded(update: Mapping[str, Any]) -> Any:
    """When the update was written, where that is another moment than the one shown."""
    shown, written = update.get("display_at"), update.get("created_at")
    return written if shown and shown != written else ""


def _subject(value: Mapping[str, Any]) -> str:
    """The provider, by the name or host of its page, else the first component that is concerned."""
    stated = name.text(dig(value, "page", "name")) or name.text(name.first(value, _PROVIDER))
    link = next((name.text(value[key]) for key in ("url", "uri", "source", "shortlink") if value.get(key)), "")
    host = link.split("/")[2] if "://" in link and link.count("/") >= 2 else ""
    components = _components(value)
    return stated or ("" if host == "stspg.io" else host) or (components[0] if components else "")


def _components(value: Mapping[str, Any]) -> list[str]:
    found: list[Any] = next((value[key] for key in _CONCERNED if isinstance(value.get(key), list)), [])
    names = [
        name.text(one.get("name") or one.get("title")) if isinstance(one, dict) else name.text(one) for one in found
    ]
    return [one for one in names if one]


def _bare(node: Node, value: Mapping[str, Any], reading: Reading) -> Made:
    """An incident without its updates: when it was opened, and until when."""
    said = {"impact": name.first(value, _IMPACT), "components": _components(value)}
    end = name.first(value, _CLOSED)
    event = Event(
        Kind.STATUS, node.place(), None, _subject(value), name.text(name.first(value, _STATUS)), name.text(name.first(value, _TITLE)),
        until=None if end is None else moment.at(moment.stamp(end, reading)), attributes=fact.attributes(said),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(name.first(value, _OPENED), reading))


def _now(node: Node, reading: Reading) -> Made:
    """How the page stands when it was asked: the whole, and the components that are not operational."""
    value = node.value
    provider, page = _subject({key: one for key, one in value.items() if key not in _CONCERNED}), value.get("page")
    asked = name.first(page, _ASKED) if isinstance(page, dict) else None
    asked = asked if asked is not None else name.first(value, _ASKED)
    whole, listed = node.get("status"), node.get("components")
    if whole is not None and isinstance(whole.value, dict):
        indicator = name.text(whole.value.get("indicator"))
        event = Event(Kind.STATUS, whole.place(), None, provider, indicator, name.text(whole.value.get("description")))
        yield from fact.dated(event, moment.stamp(asked, reading))
    for one in listed.items() if listed else ():
        status = name.text(dig(one.value, "status"))
        if status in ("", "operational", "up", "ok", "UP"):
            yield Skipped("a component that works", one.place())
            continue
        said = {"components": dig(one.value, "name"), "endpoint": dig(one.value, "endpoint")}
        event = Event(
            Kind.STATUS,
            one.place(),
            None,
            provider,
            status,
            f"{name.text(said['components'])}: {status}",
            attributes=fact.attributes(said),
        )
        yield from fact.dated(event, moment.stamp(dig(one.value, "updated_at") or asked, reading))


def _numbers(node: Node, reading: Reading) -> Made:
    """Series that the feed carries along, under the name of their member: objects of a time and a value."""
    provider = _subject({key: one for key, one in node.value.items() if key not in _CONCERNED})
    for key, member in node.members():
        if key in (*_LISTS, *_CONCERNED):
            continue
        for one in member.items():
            number = dig(one.value, "value")
            if isinstance(number, bool) or not isinstance(number, int | float):
                continue
            about = name.text(dig(one.value, "endpoint") or dig(one.value, "component"))
            event = Event(Kind.METRIC, one.place(), None, about or provider, key, value=float(number))
            yield from fact.dated(event, moment.stamp(name.first(one.value, _AT), reading))


SOURCE = Source("statuspage", "incidents of status pages with their updates", sniff, read)
