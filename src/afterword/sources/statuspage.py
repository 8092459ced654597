"""What status pages say: Statuspage's ``/api/v2`` (incidents, scheduled maintenances, summary), and lists of the same kind.

An update counts when it is shown (``display_at``): pages are filled in later, and ``created_at`` is then the later moment.
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

_LISTS = ("incidents", "scheduled_maintenances")
_UPDATES = ("incident_updates", "updates", "status_updates", "incidentUpdates", "messages")
_AT = (
    "display_at",
    "at",
    "when",
    "timestamp",
    "created_at",
    "created",
    "createdAt",
    "updated_at",
    "modified",
    "date",
    "time",
)
_STATUS = ("status", "state", "stage", "name")
_TEXT = ("body", "message", "text", "description", "update", "content")
_TITLE = ("name", "title", "summary", "external_desc", "subject")
_IMPACT = ("impact", "impact_override", "severity", "status_impact")
_OPENED = (
    "started_at",
    "begin",
    "created_at",
    "published_at",
    "start",
    "createdAt",
    "created",
    "begins_at",
    "scheduled_for",
)
_CLOSED = ("resolved_at", "end", "ended_at", "resolvedAt", "end_at", "ends_at")
_STATUSES = frozenset(
    [
        "investigating",
        "identified",
        "monitoring",
        "resolved",
        "postmortem",
        "scheduled",
        "in progress",
        "in_progress",
        "verifying",
        "completed",
        "update",
    ]
)


def sniff(head: bytes) -> float:
    """Sure of an incident with its updates, each with a status and a text."""
    found = element.peek(head, *_LISTS, "data")[:10]
    good = sum(_is_incident(one) for one in found)
    if found and good * 2 > len(found):
        return 0.95 if any("incident_updates" in one for one in found) else 0.85
    return 0.85 if any(_is_summary(one) for one in element.peek(head, "data")[:3]) else 0.0


def _is_incident(one: Mapping[str, Any]) -> bool:
    updates = _updates(one)
    if updates is None:
        return False
    says = {name.text(dig(update, "status")).lower() for update in one[updates] if isinstance(update, dict)}
    return bool(says & _STATUSES) and name.first(one, _TITLE) is not None


def _updates(one: Mapping[str, Any]) -> str | None:
    return next((key for key in _UPDATES if isinstance(one.get(key), list) and one[key]), None)


def _is_summary(one: Mapping[str, Any]) -> bool:
    """``status.json`` and ``components.json``: how things are now, by the words of Statuspage."""
    return isinstance(one.get("page"), dict) and (
        isinstance(dig(one, "status", "indicator"), str) or isinstance(one.get("components"), list)
    )


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, "data"):
        if isinstance(node, Node):
            yield from _page(node, reading)
        else:
            yield node


def _page(node: Node, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    """An answer of a page with its incidents, or one incident; the provider is named around them."""
    value = node.value
    lists = [found for key in _LISTS if (found := node.get(key)) is not None and isinstance(found.value, list)]
    for incident in (one for found in lists for one in found.items()):
        if isinstance(incident.value, dict):
            yield from _one(incident, {"page": value.get("page"), **incident.value}, reading)
        else:
            yield Problem("no incident of a status page", incident.place(), Gravity.WARNING, "status-shape")
    if _is_summary(value):
        yield from _now(node, reading)
    elif not lists:
        yield from _one(node, value, reading)


def _one(node: Node, value: Mapping[str, Any], reading: Reading) -> Iterator[Event | Problem]:
    if _updates(value):
        yield from _incident(node, value, reading)
    elif name.first(value, _TITLE) is not None and "status" in value:
        yield from _bare(node, value, reading)
    else:
        yield Problem("no incident of a status page", node.place(), Gravity.WARNING, "status-shape")


def _incident(node: Node, value: Mapping[str, Any], reading: Reading) -> Iterator[Event | Problem]:
    """Each update is an event; its bytes are its own."""
    updates = node.get(_updates(value) or "")
    for update in updates.items() if updates else ():
        if not isinstance(update.value, dict):
            yield Problem("no update of an incident", update.place(), Gravity.WARNING, "status-shape")
            continue
        inner = update.value
        said = {"title": name.first(value, _TITLE), "impact": name.first(value, _IMPACT), "components": _components(inner) or _components(value), "recorded": _recorded(inner)}  # fmt: skip
        title, text = name.text(said["title"]), name.text(name.first(inner, _TEXT))
        event = Event(
            Kind.STATUS, update.place(), None, _subject(value), name.text(name.first(inner, _STATUS)),
            f"{title}: {text}" if title and text else title or text, attributes=fact.attributes(said),
        )  # fmt: skip
        yield from fact.dated(event, moment.stamp(name.first(inner, _AT), reading))


def _recorded(update: Mapping[str, Any]) -> Any:
    """When the update was written, where that is another moment than the one shown."""
    return (
        update.get("created_at")
        if update.get("created_at") != update.get("display_at") and update.get("display_at")
        else ""
    )


def _subject(value: Mapping[str, Any]) -> str:
    """The provider, by the name or host of its page, else the first component that is concerned."""
    page = value.get("page")
    stated = name.text(dig(page, "name")) or name.text(
        name.first(value, ("provider", "service", "service_name", "page_name"))
    )
    link = name.text(value.get("url") or value.get("uri") or value.get("shortlink"))
    host = link.split("/")[2] if link.count("/") >= 2 and "://" in link else ""
    components = _components(value)
    return stated or ("" if host == "stspg.io" else host) or (components[0] if components else "")


def _components(value: Mapping[str, Any]) -> list[str]:
    found: list[Any] = next((value[key] for key in ("components", "affected_components", "currently_affected_products", "affected_products", "services") if isinstance(value.get(key), list)), [])  # fmt: skip
    names = [
        name.text(one.get("name") or one.get("title")) if isinstance(one, dict) else name.text(one) for one in found
    ]
    return [one for one in names if one]


def _bare(node: Node, value: Mapping[str, Any], reading: Reading) -> Iterator[Event | Problem]:
    """An incident without its updates: when it was opened, and until when."""
    said = {"impact": name.first(value, _IMPACT), "components": _components(value)}
    end = name.first(value, _CLOSED)
    event = Event(
        Kind.STATUS, node.place(), None, _subject(value), name.text(value["status"]), name.text(name.first(value, _TITLE)),
        until=None if end is None else moment.at(moment.stamp(end, reading)), attributes=fact.attributes(said),
    )  # fmt: skip
    yield from fact.dated(event, moment.stamp(name.first(value, _OPENED), reading))


def _now(node: Node, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    """How the page stands when it was fetched: the whole, and the components that are not operational."""
    value = node.value
    provider, at = name.text(dig(value, "page", "name")), moment.stamp(dig(value, "page", "updated_at"), reading)
    whole, listed = node.get("status"), node.get("components")
    if whole is not None and isinstance(whole.value, dict):
        said = {"impact": whole.value.get("indicator")}
        event = Event(Kind.STATUS, whole.place(), None, provider, name.text(whole.value.get("indicator")), name.text(whole.value.get("description")), attributes=fact.attributes(said))  # fmt: skip
        yield from fact.dated(event, at)
    for one in listed.items() if listed else ():
        status = name.text(dig(one.value, "status"))
        if status in ("", "operational"):
            yield Skipped("a component that works", one.place())
            continue
        event = Event(
            Kind.STATUS, one.place(), None, provider, status, f"{name.text(dig(one.value, 'name'))}: {status}"
        )
        yield from fact.dated(event, moment.stamp(dig(one.value, "updated_at"), reading))


SOURCE = Source("statuspage", "incidents of status pages with their updates", sniff, read)
