"""Slack's export: the messages of a day, ``users.json``, ``channels.json``; and what ``conversations.history`` answers.

``ts`` is the identity of a message and its time to the microsecond. A day file does not say which channel it is of.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.element import dig
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("messages", "channels", "users")
_TS = re.compile(r"[0-9]{10}\.[0-9]{6}", re.ASCII)
_USER = re.compile(r"[UWB][A-Z0-9]{2,}", re.ASCII)
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,}", re.ASCII)
#: What Slack says itself when people come and go; it says nothing of the incident.
_COMINGS = re.compile(
    r"(channel|group)_(join|leave|archive|unarchive)|pinned_item|tombstone|message_deleted|bot_(add|remove)"
)
_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
_ESCAPES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def sniff(head: bytes) -> float:
    """Sure of Slack's time stamps and identifiers."""
    found = element.peek(head, *_ENVELOPES)[:10]
    good = sum(_is_message(one) or _is_user(one) or _is_channel(one) or _is_alone(one) for one in found)
    return 0.95 if good * 2 > len(found) else 0.0


def _is_alone(one: Mapping[str, Any]) -> bool:
    """What ``users.info`` and ``users.list`` answer, and a refusal of any method."""
    ok, members = one.get("ok"), one.get("members")
    if ok is False:
        return isinstance(one.get("error"), str)
    person = members[0] if isinstance(members, list) and members else one.get("user")
    return ok is True and isinstance(person, dict) and _is_user(person)


def _alone(node: Node) -> Iterator[Event | Problem | Skipped]:
    if node.value["ok"] is False:
        said = f"Slack refused to answer: {node.value['error'][:80]}"
        yield Problem(said, node.place(), Gravity.WARNING, "slack-refused")
        return
    found, one = node.get("members"), node.get("user")
    for person in [*(found.items() if found else ()), *([one] if one else ())]:
        if isinstance(person.value, dict) and _is_user(person.value):
            yield _person(name.text(person.value["id"]), person.value, person.place())


def _is_message(one: Mapping[str, Any]) -> bool:
    stamped = isinstance(one.get("ts"), str) and bool(_TS.fullmatch(one["ts"]))
    return stamped and (one.get("type") == "message" or "text" in one or "blocks" in one)


def _is_user(one: Mapping[str, Any]) -> bool:
    return bool(_USER.fullmatch(name.text(one.get("id")))) and isinstance(one.get("profile"), dict)


def _is_channel(one: Mapping[str, Any]) -> bool:
    return bool(_CHANNEL.fullmatch(name.text(one.get("id")))) and "name" in one and bool({"members", "creator", "is_channel", "topic"} & one.keys())  # fmt: skip


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    seen: set[tuple[str, str]] = set()
    people: set[str] = set()
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
        elif _is_alone(node.value):
            yield from _alone(node)
        elif _is_user(node.value):
            yield _person(name.text(node.value.get("id")), node.value, node.place())
        elif _is_channel(node.value):
            topic = dig(node.value, "topic", "value") or dig(node.value, "purpose", "value")
            yield Event(Kind.STATE, node.place(), None, f"channel/{node.value['id']}", name.text(node.value["name"]), name.text(topic), offset=None)  # fmt: skip
        elif "ts" in node.value:
            yield from _message(node, seen, people, reading)
        else:
            yield Problem("neither a message nor a person nor a channel", node.place(), Gravity.WARNING, "slack-shape")


def _person(known: str, value: Mapping[str, Any], place: Place) -> Event:
    """A person by the name that others know them by; the title, if there is one, as the text."""
    profile = value.get("profile") if isinstance(value.get("profile"), dict) else value
    names = (dig(profile, "real_name"), value.get("real_name"), dig(profile, "display_name"), value.get("name"))
    called = next((name.text(one) for one in names if one), "")
    return Event(Kind.STATE, place, None, f"user/{known}", called, name.text(dig(profile, "title")), offset=None)


def _message(
    node: Node, seen: set[tuple[str, str]], people: set[str], reading: Reading
) -> Iterator[Event | Problem | Skipped]:
    value = node.value
    author = _author(value)
    identity = (name.text(value["ts"]), author)
    if identity in seen:
        yield Skipped("a message that stood before, repeated with its thread", node.place())
        return
    seen.add(identity)
    if _COMINGS.fullmatch(name.text(value.get("subtype"))):
        yield Skipped("somebody came or went, or a message was taken away", node.place())
        return
    profile = value.get("user_profile")
    introduced = isinstance(profile, dict) and author not in people and bool(author)
    place = fact.part(node.place(), "message" if introduced else "")
    thread = name.text(value.get("thread_ts"))
    said = {"thread": thread, "edited": dig(value, "edited", "ts"), "bot": value.get("bot_id"), "attached": _attached(value), "subtype": value.get("subtype")}  # fmt: skip
    channel = value.get("channel")
    event = Event(Kind.MESSAGE, place, None, channel if isinstance(channel, str) else fact.called(channel), author, _text(value), attributes=fact.attributes(said))  # fmt: skip
    yield from fact.dated(event, moment.stamp(value["ts"], reading, "s"))
    if introduced:
        people.add(author)
        yield _person(author, profile, fact.part(node.place(), "person"))


def _author(value: Mapping[str, Any]) -> str:
    """A person's identifier, or what a bot calls itself."""
    known = (value.get("user"), value.get("username"), dig(value, "bot_profile", "name"), value.get("bot_id"))
    return next((name.text(one) for one in known if one), "")


def _text(value: Mapping[str, Any]) -> str:
    """What was written; alerts that bots post stand in attachments, in blocks where there is neither."""
    attachments = value.get("attachments")
    parts = [name.text(value.get("text"))]
    for one in attachments if isinstance(attachments, list) else ():
        found = [name.text(dig(one, key)) for key in ("pretext", "title", "text")]
        parts += [text for text in found if text] or [name.text(dig(one, "fallback"))]
    written = [part for part in dict.fromkeys(parts) if part] or list(_blocks(value.get("blocks"), 0))
    return _plain("\n".join(written))


def _blocks(value: Any, depth: int) -> Iterator[str]:
    """The texts inside blocks, in their order."""
    if depth > 8:
        return
    for one in value if isinstance(value, list) else ():
        inner = dig(one, "text")
        if isinstance(inner, str) and inner:
            yield inner
        elif isinstance(inner, dict) and inner.get("text"):
            yield name.text(inner["text"])
        for key in ("elements", "fields"):
            yield from _blocks(dig(one, key), depth + 1)


def _plain(text: str) -> str:
    """Links and channels as people see them, Slack's three escapes undone; who is mentioned stays an identifier."""
    text = _LINK.sub(_shown, text)
    for escape, mark in _ESCAPES:
        text = text.replace(escape, mark)
    return text


def _shown(found: re.Match[str]) -> str:
    target, shown = found[1], found[2]
    if target.startswith("@"):
        return f"@{shown}" if shown else found[0]
    if target.startswith(("#", "!")):
        return f"{target[0].replace('!', '@')}{(shown or target[1:]).lstrip('@')}"
    return f"{shown} ({target})" if shown and shown not in target else target


def _attached(value: Mapping[str, Any]) -> list[str]:
    found = value.get("files")
    return [name.text(one.get("name")) for one in found if isinstance(one, dict)] if isinstance(found, list) else []


SOURCE = Source("slack", "Slack's export: messages, users, channels", sniff, read, 2)
