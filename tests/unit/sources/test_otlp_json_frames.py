"""Collectors' files with ``compression: zstd``: JSON requests behind lengths, packed one by one; and plain ones."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import zstandard
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, truncated
from test_otlp_protobuf import REQUESTS, as_json, fixed, written

from afterword.model.evidence import Place
from afterword.sources import otlp_json, otlp_protobuf
from afterword.sources.otlp_json_frames import SOURCE

if TYPE_CHECKING:
    from afterword.model.event import Event

LINES = [as_json(one) for one in REQUESTS]
PLAIN = fixed(*LINES)
PACKED = fixed(*(zstandard.ZstdCompressor().compress(one) for one in LINES))
SAMPLE = PACKED


def bare(event: Event) -> Event:
    return replace(event, place=Place(0, 1))


def test_it_says_what_the_same_requests_a_line_each_say() -> None:
    expected = [bare(one) for one in events(otlp_json.SOURCE, b"\n".join(LINES))]
    for raw in (PLAIN, PACKED):
        assert SOURCE.sniff(raw) > 0.9
        assert otlp_protobuf.SOURCE.sniff(raw) == otlp_json.SOURCE.sniff(raw) == 0.0
        assert [bare(one) for one in events(SOURCE, raw)] == expected
        check(SOURCE, raw)


def test_the_place_is_the_element_or_the_packed_request_with_its_number() -> None:
    first, *_ = events(SOURCE, PLAIN)
    assert json.loads(said(PLAIN, first))["body"] == {"stringValue": "pool exhausted"}
    assert (first.place.inline, first.place.part) == (True, "")
    packed = events(SOURCE, PACKED)
    assert len({(one.place.start, one.place.part) for one in packed}) == len(packed)


def test_a_place_is_told() -> None:
    """Nobody can read packed bytes: what is said there is shown."""
    assert SOURCE.tell is not None
    for raw in (PLAIN, PACKED):
        told: list[Any] = [
            json.loads(SOURCE.tell(io.BytesIO(raw), one.place.start, one.place.end, one.place.part))
            for one in events(SOURCE, raw)
        ]
        assert told[0]["body"] == {"stringValue": "pool exhausted"}
        assert told[6]["name"] == "GET /"
        assert told[-1]["count"] == "2"
    assert SOURCE.tell(io.BytesIO(PACKED), 0, 1, "log 1") == ""


def test_what_is_damaged_leaves_the_others() -> None:
    raw = fixed(LINES[0], b'{"resourceLogs": [', LINES[1], b'{"a": 1}', b"\xff\xfe", LINES[2])
    assert len(events(SOURCE, raw)) == len(events(SOURCE, PLAIN))
    assert sorted(one.code for one in problems(SOURCE, raw) if one.quarantined) == [
        "json-encoding",
        "json-truncated",
        "otlp",
    ]
    check(SOURCE, raw)


def test_protobuf_behind_lengths_is_another_source() -> None:
    assert SOURCE.sniff(fixed(*REQUESTS)) == 0.0
    assert SOURCE.sniff(fixed(*(zstandard.ZstdCompressor().compress(written(one)) for one in REQUESTS))) == 0.0
    assert SOURCE.sniff(fixed(b'{"a": 1}')) == 0.0


def test_truncation() -> None:
    truncated(SOURCE, PLAIN, 97)
    truncated(SOURCE, PACKED, 13)


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)
    check(SOURCE, PLAIN + raw)
