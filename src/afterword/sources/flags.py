"""Changes of feature flags: plain records, LaunchDarkly's audit log, events of Unleash, and exports in the manner of Flagsmith."""

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

_ENVELOPES = ("items", "events", "flags", "changes", "data", "results", "flag_changes")
_FLAG = ("flag", "flag_key", "flagkey", "flag_name", "feature_flag", "featureflag", "feature", "feature_name", "featurename", "toggle", "toggle_name", "experiment", "switch", "gate")  # fmt: skip
_TIME = (
    "timestamp",
    "time",
    "at",
    "date",
    "changed_at",
    "updated_at",
    "created_at",
    "datetime",
    "ts",
    "when",
    "occurred_at",
    "modified_at",
)
_BEFORE = (
    "from",
    "old",
    "old_value",
    "oldvalue",
    "previous",
    "before",
    "previous_value",
    "was",
    "from_value",
    "old_state",
)
_AFTER = (
    "to",
    "new",
    "new_value",
    "newvalue",
    "current",
    "after",
    "now",
    "to_value",
    "new_state",
    "value",
    "enabled",
    "state",
    "status",
    "variation",
)
_CHANGE = ("change", "action", "event", "operation", "transition", "change_type")
_COMPONENT = ("service", "component", "service_name", "app", "application", "project", "target")
_WHO = (
    "actor",
    "user",
    "who",
    "by",
    "author",
    "changed_by",
    "member",
    "created_by",
    "updated_by",
    "modified_by",
    "username",
    "owner",
)
_NOTE = ("comment", "description", "reason", "note", "message", "title", "summary", "details")
_LOGGED = frozenset(["level", "severity", "logger", "msg", "trace_id", "span_id", "variant", "user_id", "request_id"])
_UNLEASH = re.compile(
    r"feature-(environment-enabled|environment-disabled|updated|created|archived|revived|strategy-\w+|variants?-\w+|stale-\w+)"
)
_WORDS = {"true": "on", "false": "off", "enabled": "on", "disabled": "off"}
_TURNED = re.compile(
    r"(?i)\bturned (on|off)\b|\b(enabled?|disabled?|activated?|deactivated?)\b|environment-(enabled|disabled)"
)


def sniff(head: bytes) -> float:
    """Sure of a flag's name beside a change of it; a log line that mentions a flag is none."""
    found = element.peek(head, *_ENVELOPES)[:10]
    if any(_is_audit(one) or _UNLEASH.fullmatch(name.text(one.get("type"))) for one in found):
        return 0.93
    return 0.85 if found and sum(map(_is_flag, found)) * 2 > len(found) else 0.0


def _is_flag(one: Mapping[str, Any]) -> bool:
    keys = {name.plain(key) for key in one}
    if _LOGGED & keys or not isinstance(name.first(one, _FLAG), str) or name.column(one, _TIME) is None:
        return False
    told = name.column(one, (*_CHANGE, *_AFTER)) is not None
    return told and "message" not in keys


def _is_audit(one: Mapping[str, Any]) -> bool:
    kind = name.text(one.get("kind")) == "flag" and {"date", "name"} <= one.keys()
    resources = name.text(dig(one, "target", "resources"))
    return (kind or "flag/" in resources) and ("titleVerb" in one or "_id" in one or "member" in one)


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif _is_audit(node.value):
            yield from _launchdarkly(node, reading)
        elif _UNLEASH.fullmatch(name.text(node.value.get("type"))):
            yield from _unleash(node, reading)
        elif name.text(name.first(node.value, _FLAG)):
            yield from _flag(node, reading)
        else:
            yield Problem("no change of a flag: it names none", node.place(), Gravity.WARNING, "flag-shape")


def _flag(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    value = node.value
    before, after = (_worded(name.first(value, keys)) for keys in (_BEFORE, _AFTER))
    change = name.text(name.first(value, _CHANGE))
    state = f"{before}->{after}" if before and after else _arrow(change) or _turned(change) or (after and f"->{after}")
    note = name.text(name.first(value, _NOTE))
    # People read the text, the analysis the state: both say from what to what.
    text = f"{state}: {note}" if state and note else state or note or change
    yield from _made(node, reading, name.first(value, _TIME), name.text(name.first(value, _FLAG)), text, state, {
        "component": name.text(name.first(value, _COMPONENT)), "who": fact.called(name.first(value, _WHO)), "environment": value.get("environment"),
    })  # fmt: skip


def _made(
    node: Node, reading: Reading, at: Any, flag: str, text: str, state: str, more: Mapping[str, Any], unit: str = ""
) -> Iterator[Event | Problem]:
    said = {"change": "flag", "who": more["who"], "state": state, "environment": more.get("environment")}
    event = Event(
        Kind.CHANGE, node.place(), None, more.get("component") or "", flag, text, attributes=fact.attributes(said)
    )
    yield from fact.dated(event, moment.stamp(at, reading, unit))


def _worded(value: Any) -> str:
    """A value of a flag in one word: on, off, or as it stands."""
    if isinstance(value, dict):
        value = value.get("enabled", value.get("on", value.get("value")))
    text = name.text(value)
    return _WORDS.get(text.lower(), text)


def _arrow(change: str) -> str:
    """``off->on`` out of ``off -> on``, ``false → true`` or ``off to on``."""
    found = re.fullmatch(r"(.{1,200}?)\s{0,3}(?:->|=>|→|\bto\b)\s*+(.+)", change.strip())
    return f"{_worded(found[1])}->{_worded(found[2])}" if found else ""


def _turned(text: str) -> str:
    """The change that a phrase such as ``turned on the flag`` states; empty when it states none."""
    found = _TURNED.search(text)
    if not found:
        return ""
    word = next(one for one in found.groups() if one).lower()
    return "off->on" if word.startswith(("on", "enable", "activate")) else "on->off"


def _launchdarkly(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    """An entry of the audit log: ``date`` in ms, who did what to which flag of which project and environment."""
    value = node.value
    resource = (
        next(iter(dig(value, "target", "resources") or []), "")
        if isinstance(dig(value, "target", "resources"), list)
        else ""
    )
    flag = re.search(r"flag/([^/;:]+)", name.text(resource))
    project, environment = (re.search(rf"{kind}/([^/;:]+)", name.text(resource)) for kind in ("proj", "env"))
    verb = name.text(value.get("titleVerb"))
    text = name.text(value.get("title")) or f"{verb} {name.text(value.get('name'))}".strip()
    state = _turned(verb) or _turned(text)
    comment = name.text(value.get("comment"))
    key = flag[1] if flag else name.text(value.get("name"))
    yield from _made(node, reading, value.get("date"), key, f"{text}: {comment}" if comment else text, state, {
        "component": project[1] if project and project[1] != "default" else "", "environment": environment[1] if environment else "",
        "who": fact.called(dig(value, "member", "email")) or fact.called(value.get("member")) or fact.called(value.get("subject")),
    }, "ms" if isinstance(value.get("date"), int) else "")  # fmt: skip


def _unleash(node: Node, reading: Reading) -> Iterator[Event | Problem]:
    """An event of ``/api/admin/events``."""
    value = node.value
    kind = name.text(value.get("type"))
    flag = name.text(value.get("featureName") or dig(value, "data", "name"))
    project = name.text(value.get("project"))
    yield from _made(node, reading, value.get("createdAt"), flag, name.text(value.get("summary")) or kind, _turned(kind), {
        "component": project if project != "default" else "", "environment": value.get("environment"), "who": fact.called(value.get("createdBy")),
    })  # fmt: skip


SOURCE = Source("flags", "changes of feature flags, of LaunchDarkly and Unleash among them", sniff, read)
