"""Messages of any chat as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.chat_json import SOURCE

NS = 1_772_442_000 * 10**9
MS = 1_772_442_000_000
PLAIN: list[dict[str, Any]] = [
    {"time": "2026-03-02T09:00:00Z", "user": "nora", "text": "mail is late", "channel": "#mail"},
    {"time": "2026-03-02T09:01:00Z", "user": "sam", "text": "on it", "channel": "#mail", "thread": "7"},
]
SAMPLE = json.dumps(PLAIN, indent=1).encode()


def test_a_plain_list_of_messages() -> None:
    first, second = events(SOURCE, SAMPLE)
    assert (first.kind, first.subject, first.name, first.text, first.at) == (
        Kind.MESSAGE,
        "#mail",
        "nora",
        "mail is late",
        NS,
    )
    assert second.attributes == {"thread": "7"}
    assert json.loads(said(SAMPLE, second)) == PLAIN[1]
    assert SOURCE.sniff(SAMPLE) == 0.7


@pytest.mark.parametrize(
    ("value", "who", "text", "channel"),
    [
        ({"id": "1", "messageType": "message", "createdDateTime": "2026-03-02T09:00:00Z", "from": {"user": {"displayName": "Nora"}}, "body": {"contentType": "html", "content": "<p>late &amp; slow</p>"}, "channelIdentity": {"channelId": "c"}}, "Nora", "late & slow", ""),
        ({"type": "post", "post": {"team": "t", "channel": "mail", "user": "nora", "message": "late", "create_at": MS}}, "nora", "late", "mail"),
        ({"type": "m.room.message", "sender": "@nora:x.example", "origin_server_ts": MS, "room_id": "!r", "content": {"msgtype": "m.text", "body": "late"}}, "@nora:x.example", "late", "!r"),
        ({"id": "1", "type": "Default", "timestamp": "2026-03-02T10:00:00+01:00", "content": "late", "author": {"id": "9", "name": "nora"}}, "nora", "late", ""),
        ({"_id": "1", "rid": "mail", "msg": "late", "ts": {"$date": "2026-03-02T09:00:00.000Z"}, "u": {"username": "nora"}}, "nora", "late", "mail"),
        ({"id": 1, "type": "message", "date": "2026-03-02T09:00:00", "from": "Nora", "text": ["late ", {"type": "bold", "text": "now"}]}, "Nora", "late now", ""),
    ],
)  # fmt: skip
def test_the_chats_of_the_field(value: Any, who: str, text: str, channel: str) -> None:
    raw = json.dumps({"messages": [value]}).encode()
    [one] = events(SOURCE, raw)
    assert (one.name, one.text, one.subject, one.at) == (who, text, channel, NS)
    assert SOURCE.sniff(raw) == 0.9


def test_what_the_chat_itself_says_is_skipped() -> None:
    room = {"type": "m.room.member", "sender": "@a:b", "origin_server_ts": MS, "content": {}}
    assert (
        len(
            skipped(
                SOURCE,
                json.dumps(
                    [room, {"type": "system_join_channel", "user": "a", "message": "a joined", "create_at": MS}]
                ).encode(),
            )
        )
        == 2
    )
    assert [p.code for p in problems(SOURCE, b'[{"a": 1}]')] == ["chat-shape"]


def test_logs_commits_and_alerts_are_left_to_others() -> None:
    for raw in (
        b'{"time":"2026-01-01T00:00:00Z","message":"x","user":"a","level":"info"}\n',
        b'{"timestamp":"2026-01-01T00:00:00Z","message":"x","service":"a","user":"b"}\n',
        b'[{"sha":"0a1b2c3d","author":"x","date":"2026-01-01","message":"m"}]',
        b'{"ts":"2026-01-01T00:00:00Z","text":"x"}\n',
    ):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


def test_a_bulk_export_of_mattermost_with_its_replies() -> None:
    """What describes the server comes first; an answer stands inside of the post that it answers."""
    raw = (
        b'{"type":"version","version":1}\n{"type":"team","team":{"name":"ops"}}\n'
        b'{"type":"post","post":{"team":"ops","channel":"incidents","user":"ana","message":"payment is slow","create_at":1773479520000,'
        b'"replies":[{"user":"ben","message":"on it","create_at":1773479580000}]}}\n'
    )
    assert SOURCE.sniff(raw) >= 0.9
    one, two = events(SOURCE, raw)
    assert (one.name, one.text, one.at, one.subject) == ("ana", "payment is slow", 1773479520_000000000, "incidents")
    assert (two.name, two.text, two.at, two.subject) == ("ben", "on it", 1773479580_000000000, "incidents")
    assert two.attributes["thread"]
    assert two.place.start == one.place.start
    assert two.place.part


def test_posts_by_their_ids_as_the_api_of_mattermost_answers() -> None:
    raw = (
        b'{"order":["b","a"],"posts":{"a":{"id":"a","create_at":1773479520000,"user_id":"u1","channel_id":"c1","root_id":"","message":"payment is slow"},'
        b'"b":{"id":"b","create_at":1773479580000,"user_id":"u2","channel_id":"c1","root_id":"a","message":"on it"}},"next_post_id":""}'
    )
    assert SOURCE.sniff(raw) >= 0.9
    assert [one.text for one in events(SOURCE, raw)] == ["payment is slow", "on it"]
