"""Slack: channels by name, pages by cursor, threads, and who wrote."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from driver import ask, checks, drive, events, ns, problems, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.slack import CONNECTOR
from afterword.core import joined
from afterword.model.event import Fact, Kind
from afterword.model.evidence import Citation, Place
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "https://slack.test/api"
START = ns("2026-03-02T09:00:00Z") // 10**9


def message(second: int, text: str, user: str = "U012AB3CD", **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": f"{START + second}.000100", **more}


class Server:
    """The Web API: newest first, both ends included, ``page`` messages at once; replies begin with what they reply to."""

    def __init__(self, messages: list[Any], replies: dict[str, list[Any]] | None = None, page: int = 2) -> None:
        self.messages, self.replies, self.page = messages, replies or {}, page

    def __call__(self, request: Request) -> Any:
        said, method = query(request), urlsplit(request.url).path.removeprefix("/api/")
        if method == "conversations.list":
            return {
                "ok": True,
                "channels": [{"id": "C012AB3CD", "name": "incident-7", "is_channel": True}],
                "response_metadata": {"next_cursor": ""},
            }
        if method == "users.info":
            return {
                "ok": True,
                "user": {
                    "id": said["user"],
                    "name": "spengler",
                    "profile": {"real_name": "Egon Spengler", "title": "SRE"},
                },
            }
        if said["channel"] != "C012AB3CD":
            return {"ok": False, "error": "channel_not_found"}
        parent = [one for one in self.messages if one["ts"] == said.get("ts")]
        all_ = self.messages if method == "conversations.history" else self.replies.get(said["ts"], [])
        inside = sorted(
            (one for one in all_ if said["oldest"] <= one["ts"] <= said["latest"]),
            key=lambda one: one["ts"],
            reverse=True,
        )
        at = int(said.get("cursor") or 0)
        some = inside[at : at + self.page]
        cursor = str(at + self.page) if at + self.page < len(inside) else ""
        return {
            "ok": True,
            "messages": [*(parent if not at else ()), *some],
            "has_more": bool(cursor),
            "response_metadata": {"next_cursor": cursor},
        }


def test_a_channel_is_read_with_its_threads_and_its_people() -> None:
    root = message(
        60, "pool is dry", reply_count=1, thread_ts=f"{START + 60}.000100", latest_reply=f"{START + 90}.000100"
    )
    reply = message(90, "rolling back", "U999ZZ1YX", thread_ts=root["ts"])
    talked = drive(CONNECTOR, ask(URL, channels=["#incident-7"]), Server([root], {root["ts"]: [reply]}))
    checks(CONNECTOR, talked)
    assert not talked.short
    made = events(talked, "slack")
    told = joined.messages(
        [Fact(one, Citation(f"E{i}", Place(0, 1))) for i, one in enumerate(made) if one.kind is Kind.MESSAGE]
    )
    assert [(f.event.subject, f.event.name, f.event.text, f.event.at) for f in told] == [
        ("incident-7", "U012AB3CD", "pool is dry", (START + 60) * 10**9 + 100_000),
        ("incident-7", "U999ZZ1YX", "rolling back", (START + 90) * 10**9 + 100_000),
    ]
    assert {one.subject for one in made if one.kind is Kind.STATE} == {"user/U012AB3CD", "user/U999ZZ1YX"}


def test_a_thread_that_began_before_the_window_and_went_on_in_it_is_read() -> None:
    old = message(-600, "deploy of cart begins", reply_count=1, latest_reply=f"{START + 5}.000100")
    done = message(-900, "lunch?", reply_count=1, latest_reply=f"{START - 800}.000100")
    replies = {one["ts"]: [message(5, "something is wrong", thread_ts=one["ts"])] for one in (old, done)}
    talked = drive(CONNECTOR, ask(URL, channels="C012AB3CD"), Server([old, done], replies))
    assert [query(one)["ts"] for one in talked.requests if "replies" in one.url] == [old["ts"]]
    assert "something is wrong" in [one.text for one in events(talked)]


@given(st.lists(st.integers(-5, 3605), max_size=20), st.integers(1, 5))
def test_every_message_of_the_window_comes_once(seconds: list[int], page: int) -> None:
    all_ = [message(second, f"m{i}") | {"ts": f"{START + second}.{i:06d}"} for i, second in enumerate(seconds)]
    talked = drive(CONNECTOR, ask(URL, channels="C012AB3CD"), Server(all_, page=page))
    kept = Counter(one["text"] for value in talked.values() for one in value.get("messages", ()))
    assert kept == Counter(f"m{i}" for i, second in enumerate(seconds) if 0 <= second < 3600)


def test_a_channel_that_is_not_there_and_one_that_refuses_are_told() -> None:
    talked = drive(CONNECTOR, ask(URL, channels=["nowhere", "C000000000"]), Server([]))
    assert "the channel nowhere: it is not there" in talked.short
    assert "Slack answers channel_not_found" in talked.short
    assert [one.code for one in problems(talked)] == ["slack-refused"]
    with pytest.raises(InvalidError):
        drive(CONNECTOR, ask(URL), [])


def test_only_some_people_are_looked_up() -> None:
    crowd = [message(i, "hi", f"U{i:08d}") for i in range(4)]
    talked = drive(CONNECTOR, ask(URL, channels="C012AB3CD", most_people=3, threads=False), Server(crowd))
    assert len([one for one in talked.urls() if "users.info" in one]) == 3
    assert "the names of 1 of 4 people" in talked.short
    assert json.dumps(talked.urls()).count("conversations.history") == 2
