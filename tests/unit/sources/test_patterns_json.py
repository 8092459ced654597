"""Summaries of log patterns."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.model.event import Kind
from afterword.sources.patterns_json import SOURCE

PATTERNS: list[dict[str, Any]] = [
    {"signature": "mail to <*> bounced", "service": "mailer", "count": 310, "delta_vs_baseline": "+300", "sentiment": "negative"},
    {"pattern": "sent <*>", "service": "mailer", "count": "1,200", "first_seen": "2026-03-02T09:00:00Z", "last_seen": "2026-03-02T10:00:00Z"},
]  # fmt: skip
SAMPLE = json.dumps(PATTERNS, indent=1).encode()


def test_a_pattern_says_what_how_often_and_how_much_more() -> None:
    first, second = events(SOURCE, SAMPLE)
    assert (first.kind, first.subject, first.text, first.value) == (
        Kind.PATTERN,
        "mailer",
        "mail to <*> bounced",
        310.0,
    )
    assert first.attributes == {"delta": "+300", "sentiment": "negative"}
    assert (first.at, first.until) == (None, None)
    assert second.value == 1200.0
    assert (second.at, second.until) == (1_772_442_000 * 10**9, 1_772_445_600 * 10**9)
    assert json.loads(said(SAMPLE, second)) == PATTERNS[1]
    assert SOURCE.sniff(SAMPLE) > 0.8


def test_an_envelope_around_them() -> None:
    raw = json.dumps({"window": "1h", "patterns": PATTERNS}).encode()
    assert len(events(SOURCE, raw)) == 2
    assert SOURCE.sniff(raw) > 0.8


def test_what_has_no_text_is_set_aside() -> None:
    [one] = problems(SOURCE, b'[{"count": 3}]')
    assert one.quarantined


def test_logs_that_carry_a_pattern_are_left_to_others() -> None:
    for raw in (
        b'{"timestamp":"2026-01-01T00:00:00Z","template":"a <*>","count":1,"message":"a b"}\n',
        b'{"pattern":"*.py","owners":["a"],"count":1}',
        b'{"message":"x","count":3}\n',
    ):
        assert SOURCE.sniff(raw) == 0.0


def test_no_prefix_breaks_it() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=300))
def test_garbage_never_raises(raw: bytes) -> None:
    check(SOURCE, raw)


@pytest.mark.shared
def test_patterns_of_whole_incidents() -> None:
    for path in sorted(shared("rca", "rootcausebench").glob("*/evidence/patterns.json")):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw) > 0.8
        made = events(SOURCE, raw)
        assert len(made) == len(json.loads(raw))
        assert all(e.value is not None and e.subject and e.attributes["sentiment"] for e in made)
