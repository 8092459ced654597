"""Slack's export."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, recordings, said, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.slack import SOURCE

FIRST: dict[str, Any] = {"type": "message", "user": "U0AAA", "text": "it is &lt;slow&gt;, see <https://x.example/d|the graph> <@U0BBB> <!here> <#C1|inc>", "ts": "1772442000.000001", "thread_ts": "1772442000.000001"}  # fmt: skip
REPLY = {"type": "message", "user": "U0BBB", "text": "on it", "ts": "1772442060.123456", "thread_ts": "1772442000.000001", "edited": {"user": "U0BBB", "ts": "1772442090.000000"}}  # fmt: skip
BOT = {"type": "message", "subtype": "bot_message", "bot_id": "B01", "username": "pager", "text": "", "ts": "1772442120.000000", "attachments": [{"title": "QueueFull", "text": "firing", "fallback": "x"}]}  # fmt: skip
JOIN = {
    "type": "message",
    "subtype": "channel_join",
    "user": "U0CCC",
    "text": "<@U0CCC> has joined",
    "ts": "1772442130.000000",
}
SAMPLE = json.dumps([FIRST, REPLY, BOT, JOIN], indent=4).encode()
NS = 1_772_442_000 * 10**9


def test_a_message_says_who_said_what_when_to_the_microsecond() -> None:
    first, reply, bot = events(SOURCE, SAMPLE)
    assert (first.kind, first.name, first.at) == (Kind.MESSAGE, "U0AAA", NS + 1000)
    assert first.text == "it is <slow>, see the graph (https://x.example/d) <@U0BBB> @here #inc"
    assert (reply.at, reply.attributes) == (
        NS + 60_123_456_000,
        {"thread": "1772442000.000001", "edited": "1772442090.000000"},
    )
    assert (bot.name, bot.text) == ("pager", "QueueFull\nfiring")
    assert json.loads(said(SAMPLE, reply)) == REPLY
    assert SOURCE.sniff(SAMPLE) > 0.9


def test_comings_and_goings_are_skipped() -> None:
    assert len(skipped(SOURCE, SAMPLE)) == 1


def test_a_message_that_is_repeated_with_its_thread_counts_once() -> None:
    raw = json.dumps([FIRST, REPLY, FIRST]).encode()
    assert len(events(SOURCE, raw)) == 2


def test_people_come_from_the_list_of_users() -> None:
    users = [{"id": "U0AAA", "name": "nora", "real_name": "", "profile": {"real_name": "Nora Niemi", "display_name": "nono", "title": "Mail"}}, {"id": "U0BBB", "name": "sam", "profile": {"display_name": "sammy"}}]  # fmt: skip
    raw = json.dumps(users).encode()
    assert [(e.kind, e.subject, e.name, e.text, e.at) for e in events(SOURCE, raw)] == [(Kind.STATE, "user/U0AAA", "Nora Niemi", "Mail", None), (Kind.STATE, "user/U0BBB", "sammy", "", None)]  # fmt: skip
    assert SOURCE.sniff(raw) > 0.9


def test_people_come_with_their_messages_too() -> None:
    raw = json.dumps([{**FIRST, "user_profile": {"real_name": "Nora Niemi"}}, {**REPLY, "user": "U0AAA", "user_profile": {"real_name": "Nora Niemi"}}]).encode()  # fmt: skip
    message, person, second = check(SOURCE, raw)
    assert (person.subject, person.name) == ("user/U0AAA", "Nora Niemi")  # type: ignore[union-attr]
    assert (message.place.part, person.place.part, second.place.part) == ("message", "person", "")
    assert (message.place.start, message.place.end) == (person.place.start, person.place.end)


def test_channels_are_known_by_name() -> None:
    raw = b'[{"id":"C01","name":"inc-7","created":1772442000,"creator":"U0AAA","members":["U0AAA"],"topic":{"value":""},"purpose":{"value":"mail"}}]'
    [one] = events(SOURCE, raw)
    assert (one.subject, one.name, one.text, one.at) == ("channel/C01", "inc-7", "mail", None)
    assert SOURCE.sniff(raw) > 0.9


def test_the_answer_of_the_api_has_an_envelope() -> None:
    raw = json.dumps({"ok": True, "messages": [FIRST], "has_more": False}).encode()
    assert len(events(SOURCE, raw)) == 1
    assert SOURCE.sniff(raw) > 0.9


def test_text_that_is_only_in_blocks() -> None:
    block = {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "hello"}]}],
    }
    [one] = events(SOURCE, json.dumps([{**REPLY, "text": "", "blocks": [block]}]).encode())
    assert one.text == "hello"


def test_what_is_no_message_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b'[{"a": 1}, 3]')] == ["slack-shape", "json-kind"]


def test_other_chats_and_logs_are_left_to_others() -> None:
    for raw in (b'[{"ts":"2026-01-01T00:00:00Z","user":"a","text":"b"}]', b'{"ts":1772442000.5,"text":"x","level":"info"}\n', b'[{"id":"Ux","name":"y"}]'):  # fmt: skip
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE, step=2)


def test_one_person_and_a_refusal_are_answers_too() -> None:
    person = {"id": "U01AB", "name": "nora", "profile": {"real_name": "Nora Lind", "title": "SRE"}}
    for raw in (
        json.dumps({"ok": True, "user": person}).encode(),
        json.dumps({"ok": True, "members": [person]}).encode(),
    ):
        assert SOURCE.sniff(raw) > 0.9
        assert [(e.subject, e.name, e.text) for e in events(SOURCE, raw)] == [("user/U01AB", "Nora Lind", "SRE")]
    refused = b'{"ok": false, "error": "not_in_channel"}'
    assert SOURCE.sniff(refused) > 0.9
    assert [p.code for p in problems(SOURCE, refused)] == ["slack-refused"]


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


def test_our_own_recordings() -> None:
    for path in recordings("*/evidence/slack/**/*.json"):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw[: 1 << 16]) > 0.9
        check(SOURCE, raw)
        assert len(events(SOURCE, raw)) == len(json.loads(raw))
