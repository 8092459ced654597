"""Events and issues of Sentry: an exception that a program reported, or a group of them with its first and last time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_FRAMES = 12


def sniff(head: bytes) -> float:
    """Sure of an event identifier beside an exception or a platform, or of an issue's first and last time."""
    found = element.peek(head)[:10]
    return (
        0.92
        if found and sum(_is_event(one) or _is_issue(one) or _is_release(one) for one in found) * 2 > len(found)
        else 0.0
    )


def _is_event(one: Mapping[str, Any]) -> bool:
    known = {
        "exception",
        "platform",
        "release",
        "logentry",
        "breadcrumbs",
        "sdk",
        "contexts",
        "entries",
        "culprit",
    } & one.keys()
    return bool({"event_id", "eventID"} & one.keys()) and len(known) >= 2


def _is_issue(one: Mapping[str, Any]) -> bool:
    return {"firstSeen", "lastSeen", "count", "title"} <= one.keys() and bool(
        {"shortId", "culprit", "userCount"} & one.keys()
    )


def _is_release(one: Mapping[str, Any]) -> bool:
    return {"version", "dateCreated", "projects"} <= one.keys()


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream):
        if not isinstance(node, Node):
            yield node
        elif _is_issue(node.value):
            yield _issue(node, reading)
        elif _is_release(node.value):
            yield from _release(node, reading)
        elif _is_event(node.value):
            yield from _event(node, reading)
        else:
            yield Problem("neither an event nor an issue of Sentry", node.place(), Gravity.WARNING, "sentry-shape")


def _event(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    inner = value.get("exception")
    values = inner.get("values") if isinstance(inner, dict) else inner
    last = next((one for one in reversed(values) if isinstance(one, dict)), {}) if isinstance(values, list) else {}
    kind, says = name.text(last.get("type")), name.text(last.get("value"))
    message = name.text(
        dig(value, "logentry", "formatted")
        or dig(value, "logentry", "message")
        or value.get("message")
        or value.get("title")
    )
    text = "\n".join(one for one in (f"{kind}: {says}".strip(": ") or message, *_stack(last)) if one)
    said = {
        "exception": kind, "trace": dig(value, "contexts", "trace", "trace_id"), "span": dig(value, "contexts", "trace", "span_id"), "version": value.get("release"),
        "environment": value.get("environment"), "logger": value.get("logger"), "operation": value.get("transaction"), "host": value.get("server_name"),
    }  # fmt: skip
    event = Event(
        Kind.LOG, node.place(), None, _component(value), "", text or message, severity=name.severity(value.get("level") or "error"),
        attributes=fact.attributes(said),
    )  # fmt: skip
    yield from fact.dated(
        event, moment.stamp(value.get("timestamp") or value.get("dateCreated") or value.get("datetime"), reading)
    )


def _component(value: Mapping[str, Any]) -> str:
    """The service that a tag names, else the project."""
    tags = _tags(value.get("tags"))
    tagged = next((tags[key] for key in ("service", "service.name", "app", "component") if tags.get(key)), "")
    project = value.get("project")
    return tagged or name.text(dig(project, "slug")) or name.text(value.get("projectName")) or fact.called(project)


def _tags(tags: Any) -> dict[str, str]:
    """Tags as a mapping, as pairs, or as objects of a key and a value."""
    if isinstance(tags, dict):
        return {str(key): name.text(said) for key, said in tags.items()}
    made: dict[str, str] = {}
    for one in tags if isinstance(tags, list) else ():
        if isinstance(one, dict):
            made[name.text(one.get("key"))] = name.text(one.get("value"))
        elif isinstance(one, list) and len(one) == 2:
            made[name.text(one[0])] = name.text(one[1])
    return made


def _stack(exception: Mapping[str, Any]) -> list[str]:
    """The innermost frames; Sentry has them last."""
    frames = dig(exception, "stacktrace", "frames")
    found = [one for one in frames if isinstance(one, dict)] if isinstance(frames, list) else []
    return [
        f"  at {name.text(f.get('function'))} ({name.text(f.get('filename') or f.get('module'))}:{name.text(f.get('lineno'))})"
        for f in reversed(found[-_FRAMES:])
    ]


def _issue(node: Node, reading: Reading) -> Event:
    """A group of events sums up a stretch of time."""
    value = node.value
    first, last = (moment.stamp(value.get(key), reading) for key in ("firstSeen", "lastSeen"))
    try:
        count = float(name.text(value.get("count")))
    except ValueError:
        count = None
    said = {
        "delta": "",
        "sentiment": "negative" if value.get("level") in ("error", "fatal") else "",
        "issue": value.get("shortId"),
    }
    text = f"{name.text(value.get('title'))}\n{name.text(value.get('culprit'))}".strip()
    return Event(
        Kind.PATTERN, node.place(), moment.at(first), name.text(dig(value, "project", "slug")), "", text, count if count is not None and count - count == 0 else None,
        severity=name.severity(value.get("level")), until=moment.at(last), offset=moment.offset(first), granularity=moment.granularity(first), meaning=Meaning.OBSERVED, attributes=fact.attributes(said),
    )  # fmt: skip


def _release(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    """A release counts when it was released, else when Sentry first heard of it."""
    value = node.value
    projects = value["projects"]
    named = [name.text(one.get("slug")) for one in projects if isinstance(one, dict)] if isinstance(projects, list) else []  # fmt: skip
    version = name.text(value["version"])
    said = {"change": "deploy", "version": version, "commit": value.get("ref"), "state": value.get("status"), "components": named[1:]}  # fmt: skip
    component = next((one for one in named if one), "")
    event = Event(Kind.CHANGE, node.place(), None, component, version, f"Release {version}", attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(event, moment.stamp(value.get("dateReleased") or value["dateCreated"], reading))


SOURCE = Source("sentry", "events, issues and releases of Sentry", sniff, read, 2)
