"""Annotations of Grafana: times in ms, a stretch from ``time`` to ``timeEnd``; tags say whether it is a change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_CHANGES = re.compile(
    r"(?i)\b(deploy\w*|release\w*|rollout|rollback|config\w*|migration|flag|change\w*|maintenance|scal(?:e|ed|ing))\b"
)
_MARKUP = re.compile(r"<[^>]{1,300}>")
_SERVICE = re.compile(r"(?:service|app|component)[:=]([\w.-]+)")


def sniff(head: bytes) -> float:
    """Sure of a time in ms beside tags and the dashboard or panel that it is drawn on."""
    found = element.peek(head)[:10]
    return 0.93 if found and sum(map(_is_annotation, found)) * 2 > len(found) else 0.0


def _is_annotation(one: Mapping[str, Any]) -> bool:
    known = {"dashboardId", "dashboardUID", "panelId", "alertId", "timeEnd", "newState"} & one.keys()
    return isinstance(one.get("time"), int) and "text" in one and ("tags" in one or "alertId" in one) and bool(known)


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream):
        if not isinstance(node, Node):
            yield node
        elif "time" not in node.value or "text" not in node.value:
            yield Problem("no annotation", node.place(), Gravity.WARNING, "annotation-shape")
        else:
            yield from _annotation(node, reading)


def _annotation(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    tags = [name.text(one) for one in value["tags"]] if isinstance(value.get("tags"), list) else []
    text = _MARKUP.sub("", name.text(value.get("text"))).strip()
    until = moment.at(moment.stamp(value.get("timeEnd"), reading, "ms"))
    start = moment.stamp(value.get("time"), reading, "ms")
    who = name.text(value.get("login") or value.get("email"))
    service = _SERVICE.search(" ".join(tags))
    said: dict[str, Any] = {"tags": tags}
    if value.get("newState"):
        state = {"alerting": "firing", "ok": "resolved", "normal": "resolved", "pending": "pending"}.get(name.text(value["newState"]).lower(), name.text(value["newState"]))  # fmt: skip
        event = Event(Kind.ALERT, node.place(), None, service[1] if service else "", name.text(value.get("alertName")) or text.split("\n")[0][:80], text, attributes=fact.attributes({**said, "state": state}))  # fmt: skip
    elif _CHANGES.search(" ".join(tags)):
        kind = "flag" if "flag" in tags else "config" if any(tag.startswith("config") for tag in tags) else "deploy"
        event = Event(Kind.CHANGE, node.place(), None, service[1] if service else "", name.text(value.get("id")), text, until=until if until != moment.at(start) else None, attributes=fact.attributes({**said, "change": kind, "who": who}))  # fmt: skip
    else:
        event = Event(Kind.MESSAGE, node.place(), None, "annotations", who, text, until=until if until != moment.at(start) else None, attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(event, start)


SOURCE = Source("grafana-annotations", "annotations of Grafana", sniff, read)
