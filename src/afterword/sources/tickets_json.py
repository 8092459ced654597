"""Records of changes as ticket systems answer them: issues of Jira, and change requests of ServiceNow with stored and shown values.

A time as ServiceNow stores it is UTC without saying so; as it shows it, it is in the zone of whoever asked.
"""

from __future__ import annotations

import re
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

_ENVELOPES = ("issues", "result")
_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[0-9]+", re.ASCII)
#: When the work was done, then when it was planned, then when it was written down.
_TIMES = ("work_start", "start_date", "opened_at", "sys_created_on")
_TIMED = frozenset({*_TIMES, "work_end", "end_date", "closed_at", "sys_updated_on"})


def sniff(head: bytes) -> float:
    """Sure of an issue with its key and fields, and of a record whose number is stored and shown."""
    found = element.peek(head, *_ENVELOPES)[:10]
    return 0.92 if found and sum(_is_issue(one) or _is_request(one) for one in found) * 2 > len(found) else 0.0


def _is_issue(one: Mapping[str, Any]) -> bool:
    fields = one.get("fields")
    keyed = isinstance(one.get("key"), str) and bool(_KEY.fullmatch(one["key"]))
    return keyed and isinstance(fields, dict) and "created" in fields and isinstance(fields.get("status"), dict)


def _is_request(one: Mapping[str, Any]) -> bool:
    return isinstance(one.get("number"), dict) and {"display_value", "value"} <= one["number"].keys()


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif _is_issue(node.value):
            yield from _issue(node, reading)
        elif _is_request(node.value):
            yield from _request(node, reading)
        else:
            yield Problem("neither an issue nor a change request", node.place(), Gravity.WARNING, "ticket-shape")


def _issue(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    fields = node.value["fields"]
    components = fields.get("components")
    named = [fact.called(one) for one in components if isinstance(one, dict)] if isinstance(components, list) else []
    said = {
        "change": "ticket", "who": _person(fields.get("assignee")) or _person(fields.get("reporter")), "state": dig(fields, "status", "name"),
        "risk": dig(fields, "priority", "name"), "kind": dig(fields, "issuetype", "name"), "components": named[1:],
    }  # fmt: skip
    more = fields.get("description")
    text = "\n".join(one for one in (name.text(fields.get("summary")), more if isinstance(more, str) else "") if one)
    component = next((one for one in named if one), name.text(dig(fields, "project", "name")))
    event = Event(Kind.CHANGE, node.place(), None, component, node.value["key"], text, attributes=fact.attributes(said))
    yield from fact.dated(event, moment.stamp(fields.get("resolutiondate") or fields.get("created"), reading))


def _person(value: Any) -> str:
    return name.text(dig(value, "displayName")) or fact.called(value)


def _request(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = {key: _plain(key, one) for key, one in node.value.items()}
    said = {
        "change": "ticket", "who": value.get("assigned_to") or value.get("opened_by"), "state": value.get("state"), "risk": value.get("risk"),
        "kind": value.get("type"), "outcome": value.get("close_code"),
    }  # fmt: skip
    text = "\n".join(one for one in (value.get("short_description"), value.get("description")) if one)
    component = value.get("cmdb_ci") or value.get("business_service") or ""
    start = next((value[key] for key in _TIMES if value.get(key)), None)
    until = moment.at(moment.stamp(value["work_end"], reading)) if value.get("work_end") else None
    event = Event(Kind.CHANGE, node.place(), None, component, value["number"], text, until=until, attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(event, moment.stamp(start, reading))


def _plain(key: str, value: Any) -> str:
    """A time as it is stored, everything else as it is shown."""
    stored = name.text(value.get("value")) if isinstance(value, dict) else name.text(value)
    if key in _TIMED:
        return f"{stored}Z" if stored else ""
    return name.text(value.get("display_value")) if isinstance(value, dict) else stored


SOURCE = Source("tickets-json", "issues of Jira and change requests of ServiceNow", sniff, read)
