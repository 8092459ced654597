"""Chat as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, skipped, truncated

from afterword.core.clock import Stamp, parse_time
from afterword.model.event import Kind
from afterword.sources.chat_text import SOURCE

SAMPLE = b"""--- Log opened Mon Mar 02 08:59:00 2026
09:00 <@nora> mail is late
09:01 < sam> on it
see the graph:
  http://x.example/g
09:02 -!- kim has joined #mail
--- Day changed Tue Mar 03 2026
00:10:30 <nora> it's back
"""


def ns(text: str) -> int:
    found = parse_time(text)
    assert isinstance(found, Stamp)
    return found.ns


def test_a_log_of_irc_has_its_days_in_lines_of_their_own() -> None:
    first, second, third = events(SOURCE, SAMPLE)
    assert (first.kind, first.name, first.text, first.at, first.offset) == (
        Kind.MESSAGE,
        "nora",
        "mail is late",
        ns("2026-03-02T09:00:00Z"),
        None,
    )
    assert second.text == "on it\nsee the graph:\n  http://x.example/g"
    assert said(SAMPLE, second).count("\n") == 3
    assert (third.at, third.text) == (ns("2026-03-03T00:10:30Z"), "it's back")
    assert len(skipped(SOURCE, SAMPLE)) == 3
    assert SOURCE.sniff(SAMPLE) > 0.8
    assert events(SOURCE, SAMPLE, zone="Europe/Berlin")[0].offset == 60


@pytest.mark.parametrize(
    ("line", "who", "text", "at"),
    [
        ("[2026-03-02 09:00:05] <nora> am I late?", "nora", "am I late?", "2026-03-02T09:00:05Z"),
        ("2026-03-02T09:00:05Z nora: am I late?", "nora", "am I late?", "2026-03-02T09:00:05Z"),
        ("[02.03.26, 09:00:05] Nora Niemi: am I late?", "Nora Niemi", "am I late?", "2026-03-02T09:00:05Z"),
        ("[02.03.2026, 09:00] Nora: am I late?", "Nora", "am I late?", "2026-03-02T09:00:00Z"),
        ("3/13/26, 9:00 PM - Nora: am I late?", "Nora", "am I late?", "2026-03-13T21:00:00Z"),
        ("2 March 2026 09:00 UTC nora: am I late?", "nora", "am I late?", "2026-03-02T09:00:00Z"),
    ],
)
def test_the_ways_of_writing_a_message(line: str, who: str, text: str, at: str) -> None:
    raw = f"{line}\n{line} again\n".encode()
    one, _ = events(SOURCE, raw)
    assert (one.name, one.text, one.at) == (who, text, ns(at))
    assert SOURCE.sniff(raw) > 0.5


def test_a_transcript_without_a_date_has_no_times_and_one_remark() -> None:
    raw = b"[10:24] nora: late\n[10:25] sam: on it\n[10:31] nora: ok\n"
    assert [e.at for e in events(SOURCE, raw)] == [None, None, None]
    [one] = problems(SOURCE, raw)
    assert (one.code, one.quarantined) == ("time", False)
    assert SOURCE.sniff(raw) > 0.5


def test_a_day_that_may_be_two_is_not_guessed() -> None:
    raw = b"3/2/26, 9:00 AM - Nora: late\n3/2/26, 9:01 AM - Sam: ok\n"
    assert [e.at for e in events(SOURCE, raw)] == [None, None]


def test_a_text_before_the_first_message_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b"Transcript of the bridge\n10:24 nora: hi\n")] == ["chat-line", "time"]


@pytest.mark.parametrize(
    "raw",
    [
        b"2026-03-02 09:00:00 INFO: started\n2026-03-02 09:00:01 ERROR: failed\n" * 5,
        b"2026-03-02T09:00:00Z host sshd[12]: login\n2026-03-02T09:00:01Z host sshd[12]: logout\n" * 5,
        b"Mar  2 09:00:00 host app: x\nMar  2 09:00:00 host app: y\n" * 5,
        b"09:00:00.123 [main] INFO c.x.App - up\n" * 5,
        b"hello: world\nfoo: bar\n",
        b"2026-03-02 09:00:00 nginx: connection to upstream refused\n2026-03-02 09:00:01 cart: reserve failed for order\n"
        * 9,
        b"09:00:00 cart: pool exhausted\n09:00:01 cart: pool exhausted\n09:00:02 cart: released\n",
        b"{}",
        b"",
    ],
)
def test_logs_are_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300) | st.lists(st.sampled_from(["09:00 <a> b", "[10:24] nora: x", "--- Day changed Tue Mar 03 2026", "25:99 a: b", "13/13/99, 9:00 PM - a: b", "", "x"]), max_size=8).map(lambda rows: "\n".join(rows).encode()))  # fmt: skip
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)
