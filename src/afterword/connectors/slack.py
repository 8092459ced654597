"""Slack: what was written in channels and in the threads there, and who wrote it.

Threads that began the day before and went on in the window are asked for too. Of people only those that wrote are looked up.
A message that began a thread stands in two answers; it is told once (``core/joined.py``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.asking import pages as paging
from afterword.model.refusal import InvalidError
from afterword.model.time import DAY
from afterword.ports import Connector, Left, Request
from afterword.reading import name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.asking.question import Talk
    from afterword.ports import Ask

_CHANNEL = re.compile(r"[CGD][A-Z0-9]{7,}", re.ASCII)
_TS = re.compile(r"[0-9]{10}\.[0-9]{6}", re.ASCII)
_TYPES = "public_channel,private_channel"


def pages(ask: Ask) -> Talk:
    wanted = [one.lstrip("#") for one in option.texts(ask, "channels")]
    if not wanted:
        raise InvalidError("channels has to name some, by name or by identifier.", ("channels: #incident-7",))
    option.number(ask, "limit", 200, most=999)
    channels = {one: one for one in wanted if _CHANNEL.fullmatch(one)}
    if len(channels) < len(wanted):
        yield from answer.each([_found(ask, wanted, channels)])
    missing = [one for one in wanted if one not in channels and one not in channels.values()]
    for one in missing:
        yield Left(f"the channel {one}: it is not there, or the token may not see it")
    people: set[str] = set()
    yield from answer.each(_channel(ask, number, called, people) for number, called in channels.items())
    yield from answer.each(_people(ask, sorted(people)))


def _request(ask: Ask, method: str, *, says: str, keep: bool = True, subject: str = "", **said: Any) -> Request:
    start = ask.url.rstrip("/").removesuffix("/api")
    return Request(question.url(start, "api", method, **said), says=says, keep=keep, subject=subject)


def _listed(first: Request, inside: str, into: paging.Objects) -> Talk:
    """Pages by cursor. Slack answers 200 to what it refuses, too."""

    def following(value: Any, _here: paging.Objects, _page: int) -> Request | None:
        if dig(value, "ok") is not True:
            raise answer.ShortError(f"{first.says}: Slack answers {name.text(dig(value, 'error')) or 'no'}")
        cursor = name.text(dig(value, "response_metadata", "next_cursor"))
        return paging.at(first, cursor=cursor) if cursor else None

    yield from paging.followed(first, inside, following=following, into=into)


def _found(ask: Ask, wanted: list[str], channels: dict[str, str]) -> Talk:
    """Identifiers of channels that are named by their names."""
    found: list[dict[str, Any]] = []
    first = _request(ask, "conversations.list", says="the list of channels", keep=False, types=_TYPES, limit=999)
    yield from _listed(first, "channels", found)
    channels |= {name.text(one["id"]): one["name"] for one in found if one.get("id") and one.get("name") in wanted}


def _channel(ask: Ask, number: str, called: str, people: set[str]) -> Talk:
    start, end = _bounds(ask)
    here: list[dict[str, Any]] = []
    said: dict[str, Any] = {"channel": number, "inclusive": True, "limit": option.number(ask, "limit", 200, most=999)}
    now = _request(ask, "conversations.history", says=f"messages of {called}", subject=called, oldest=start, latest=end, **said)  # fmt: skip
    yield from _listed(now, "messages", here)
    if option.yes(ask, "threads", default=True):
        before: list[dict[str, Any]] = []
        oldest = when.decimal(max(0, ask.start - DAY), 6)
        earlier = _request(ask, "conversations.history", says=f"older threads of {called}", keep=False, oldest=oldest, latest=start, **said)  # fmt: skip
        yield from answer.each([_listed(earlier, "messages", before)])
        going_on = [one for one in before if name.text(one.get("latest_reply")) >= start]
        begun = [name.text(one.get("ts")) for one in [*here, *going_on] if one.get("reply_count")]
        yield from answer.each(_thread(ask, called, ts, here, said) for ts in dict.fromkeys(begun) if _TS.fullmatch(ts))
    people |= {name.text(one["user"]) for one in here if isinstance(one.get("user"), str)}


def _bounds(ask: Ask) -> tuple[str, str]:
    """Both ends belong to what Slack answers."""
    start, end = when.whole(ask, when.MICRO)
    return when.decimal(start * when.MICRO, 6), when.decimal(max(start, end - 1) * when.MICRO, 6)


def _thread(ask: Ask, called: str, ts: str, into: paging.Objects, said: dict[str, Any]) -> Talk:
    start, end = _bounds(ask)
    first = _request(ask, "conversations.replies", says=f"a thread of {called}", subject=called, ts=ts, oldest=start, latest=end, **said)  # fmt: skip
    yield from _listed(first, "messages", into)


def _people(ask: Ask, people: list[str]) -> Iterator[Talk]:
    most = option.number(ask, "most_people", 200, most=10_000)
    for one in people[:most]:
        yield _person(ask, one)
    if len(people) > most:
        yield _left(f"the names of {len(people) - most} of {len(people)} people: more than the option most_people says")


def _person(ask: Ask, number: str) -> Talk:
    yield _request(ask, "users.info", says=f"who {number} is", user=number)


def _left(says: str) -> Talk:
    yield Left(says)


CONNECTOR = Connector(
    "slack",
    "messages and threads of Slack",
    pages,
    {
        "channels": "Channels by name or identifier, such as #incident-7 or C012AB3CD. Needed.",
        "threads": "Whether to ask for the replies in threads. Default true.",
        "limit": "Messages a page, at most 999; apps outside of the marketplace get 15. Default 200.",
        "most_people": "Most people that are looked up. Default 200.",
    },
    tested="recorded answers, held against the OpenAPI description of Slack's Web API",
    url="https://slack.com/api",
)
