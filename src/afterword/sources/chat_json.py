"""Messages of any chat as JSON: Teams (Graph), Mattermost, Matrix, Discord, Rocket.Chat, Telegram, Zulip, and plain lists."""

from __future__ import annotations

import html
import re
from dataclasses import replace
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

_ENVELOPES = ("messages", "value", "posts", "chunk", "events", "data", "conversation", "items")
_WHO = (
    "user",
    "username",
    "author",
    "sender",
    "from",
    "who",
    "nick",
    "name",
    "user_name",
    "sender_full_name",
    "display_name",
    "sender_name",
    "person",
    "by",
    "speaker",
)
_TEXT = ("text", "message", "content", "body", "msg", "said", "comment")
_TIME = (
    "create_at",
    "origin_server_ts",
    "created_date_time",
    "createddatetime",
    "timestamp",
    "ts",
    "time",
    "sent_at",
    "date",
    "created_at",
    "datetime",
    "at",
    "posted_at",
    "sent",
    "when",
)
_CHANNEL = (
    "channel",
    "channel_name",
    "room",
    "room_id",
    "rid",
    "channel_id",
    "stream",
    "conversation",
    "group",
    "topic",
)
_THREAD = (
    "thread_ts",
    "thread",
    "thread_id",
    "root_id",
    "reply_to",
    "reply_to_id",
    "replytoid",
    "tmid",
    "parent_id",
    "in_reply_to",
)
_LOGGED = frozenset(
    [
        "level",
        "severity",
        "logger",
        "service",
        "trace_id",
        "span_id",
        "sha",
        "commit",
        "flag",
        "host",
        "status",
        "version",
        "component",
        "app",
        "change",
        "files",
        "diff",
        "action",
        "request_id",
        "path",
        "event",
    ]
)
_TAG = re.compile(r"<(?:br|/p|/div|/li)\s*/?>|<[^>]{1,500}>", re.IGNORECASE)


def sniff(head: bytes) -> float:
    """Sure of one of the known chats; a list of who, when and what is taken for a chat if it says nothing of a program."""
    found = [post for one in element.peek(head, *_ENVELOPES)[:10] for post in _posts(one) or [one]][:10]
    told = [one for one in found if one.get("type") not in _OF_THE_EXPORT]
    found = told or found
    if not found:
        return 0.0
    if sum(_is_known(one) for one in found) * 2 > len(found):
        return 0.9
    return 0.7 if all(_is_plain(one) for one in found) else 0.0


#: Lines of a bulk export of Mattermost that describe the server, before the lines that hold posts.
_OF_THE_EXPORT = frozenset(["version", "team", "channel", "user", "emoji", "role", "scheme"])


def _posts(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Posts by their ids, as the API of Mattermost answers; nothing when the object is not such."""
    inner = list(value.values())[:50]
    return inner if inner and all(isinstance(one, dict) and one.keys() >= _POST for one in inner) else []


_POST = frozenset(["create_at", "message", "user_id"])


def _is_known(one: Mapping[str, Any]) -> bool:
    teams = "createdDateTime" in one and isinstance(one.get("body"), dict) and "messageType" in one
    matrix = {"origin_server_ts", "sender", "content"} <= one.keys()
    mattermost = (one.get("type") == "post" and isinstance(one.get("post"), dict)) or {
        "create_at",
        "channel_id",
        "message",
    } <= one.keys()
    discord = isinstance(one.get("author"), dict) and {"content", "timestamp"} <= one.keys()
    rocket = isinstance(one.get("u"), dict) and {"msg", "ts"} <= one.keys()
    telegram = {"from", "date", "text", "type"} <= one.keys() and one.get("type") == "message"
    return teams or matrix or mattermost or discord or rocket or telegram


def _is_plain(one: Mapping[str, Any]) -> bool:
    keys = {name.plain(key) for key in one}
    who = name.first(one, _WHO)
    said = isinstance(name.first(one, _TEXT), str) and isinstance(who, str | dict)
    return said and name.column(one, _TIME) is not None and not keys & _LOGGED and len(keys) <= 12


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in _nodes(stream):
        if not isinstance(node, Node):
            yield node
            continue
        value = node.value["post"] if isinstance(node.value.get("post"), dict) else node.value
        kind = name.text(value.get("type") or value.get("messageType"))
        text, who = _text(value), _who(value)
        if kind.startswith("m.") and kind != "m.room.message":
            yield Skipped("an event of the room that is no message", node.place())
        elif kind in (
            "system",
            "service",
            "systemEventMessage",
            "unknownFutureValue",
            *_OF_THE_EXPORT,
        ) or kind.startswith("system_"):
            yield Skipped("what the chat itself says", node.place())
        elif not text and not who:
            yield Problem("no message: neither an author nor a text", node.place(), Gravity.WARNING, "chat-shape")
        else:
            yield from _message(node, value, who, text, reading)
            yield from _replies(node, value, reading)


def _nodes(stream: BinaryIO) -> Iterator[Node | Problem | Skipped]:
    """The messages; of posts by their ids each one."""
    for node in element.elements(stream, *_ENVELOPES):
        if isinstance(node, Node) and isinstance(node.value, dict) and _posts(node.value):
            for _, post in node.members():
                yield from element.inside(post)
        else:
            yield node


def _replies(node: Node, value: Mapping[str, Any], reading: Reading) -> Iterator[Event | Problem]:
    """What Mattermost writes inside of the post that it answers: its bytes are those of the post."""
    replies = value.get("replies")
    for count, one in enumerate(replies if isinstance(replies, list) else (), 1):
        if isinstance(one, dict):
            thread = {"channel": value.get("channel"), "thread": name.text(value.get("create_at")), **one}
            for made in _message(node, thread, _who(one), _text(one), reading):
                yield replace(made, place=fact.part(made.place, f"reply {count}"))


def _message(node: Node, value: Mapping[str, Any], who: str, text: str, reading: Reading) -> Iterator[Event | Problem]:
    thread = name.first(value, _THREAD) or dig(value, "content", "m.relates_to", "event_id")
    channel = next(
        (fact.called(value[key]) for key in value if name.plain(key) in _CHANNEL and fact.called(value[key])), ""
    )
    edited = value.get("edited") or value.get("lastEditedDateTime") or value.get("timestampEdited")
    said = {
        "thread": fact.called(thread) or name.text(thread) if not isinstance(thread, dict) else fact.called(thread),
        "edited": edited,
    }
    event = Event(Kind.MESSAGE, node.place(), None, channel, who, text, attributes=fact.attributes(said))
    at = name.first(value, _TIME)
    at = at.get("$date", at) if isinstance(at, dict) else at
    yield from fact.dated(event, moment.stamp(at, reading))


def _who(value: Mapping[str, Any]) -> str:
    """The author, whether a text or an object at some depth."""
    found = name.first(value, _WHO) or value.get("u")
    if isinstance(found, dict):
        inner = found.get("user") or found.get("application")
        return fact.called(inner) or name.text(found.get("nickname") or found.get("displayName")) or fact.called(found)
    return name.text(found) if isinstance(found, str) else name.text(value.get("user_id"))


def _text(value: Mapping[str, Any]) -> str:
    found = name.first(value, _TEXT)
    if isinstance(found, dict):
        marked = name.text(found.get("contentType")).lower() == "html"
        text = name.text(found.get("content") or found.get("body") or found.get("text"))
        return html.unescape(_TAG.sub(_gap, text)).strip() if marked else text
    if isinstance(found, list):
        return "".join(one if isinstance(one, str) else name.text(dig(one, "text")) for one in found)
    return found if isinstance(found, str) else ""


def _gap(found: re.Match[str]) -> str:
    return "\n" if found[0].lower().startswith(("<br", "</p", "</d", "</l")) else ""


SOURCE = Source("chat-json", "messages of any chat as JSON: Teams, Mattermost, Matrix, Discord and others", sniff, read)
