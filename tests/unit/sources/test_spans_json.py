"""Spans as flat JSON objects."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.sources.spans_json import SOURCE

FLAT = [
    {"trace_id": "t", "span_id": "a", "parent_id": None, "service": "web", "name": "GET /", "start": "2024-05-01T00:00:00Z", "duration_ms": 4.5, "status": "OK"},
    {"trace_id": "t", "span_id": "b", "parent_id": "a", "service": "cart", "name": "load", "start": "2024-05-01T00:00:00.001Z", "duration_ms": 3,
     "status": "ERROR", "error": "no row", "http.status_code": 404, "attributes": {"db.statement": "SELECT 1", "rows": 0}},
]  # fmt: skip
SAMPLE = json.dumps(FLAT, indent=1).encode()


def test_a_list_of_spans() -> None:
    one, two = events(SOURCE, SAMPLE)
    assert (one.subject, one.name, one.at, one.took, one.severity) == (
        "web",
        "GET /",
        1714521600 * 10**9,
        4_500_000,
        "",
    )
    assert one.attributes == {"trace": "t", "span": "a"}
    assert (two.severity, two.text, two.took) == ("error", "no row", 3_000_000)
    assert two.attributes == {
        "trace": "t",
        "span": "b",
        "parent": "a",
        "status": "404",
        "db.statement": "SELECT 1",
        "rows": "0",
    }
    assert json.loads(said(SAMPLE, two)) == FLAT[1]
    assert SOURCE.sniff(SAMPLE) > 0.7


def test_one_span_a_line() -> None:
    raw = b"".join(json.dumps(one).encode() + b"\n" for one in FLAT)
    assert SOURCE.sniff(raw) > 0.7
    assert [said(raw, one) for one in events(SOURCE, raw)] == raw.decode().splitlines(keepends=True)


def test_spans_inside_of_traces() -> None:
    raw = json.dumps({"traces": [{"spans": FLAT}]}).encode()
    assert SOURCE.sniff(raw) > 0.7
    assert len(events(SOURCE, raw)) == 2


def test_what_is_no_span_between_spans_is_set_aside() -> None:
    raw = json.dumps([FLAT[0], {"hello": 1}, 7]).encode()
    assert [one.code for one in problems(SOURCE, raw)] == ["span", "span"]
    assert len(events(SOURCE, raw)) == 1


@pytest.mark.parametrize(
    "value",
    [
        {
            "trace_id": "t",
            "span_id": "a",
            "msg": "took long",
            "time": "2024-05-01T00:00:00Z",
            "duration_ms": 3,
            "level": "info",
        },
        {
            "traceId": "t",
            "id": "a",
            "timestamp": 1700000000000000,
            "duration": 1,
            "localEndpoint": {"serviceName": "a"},
        },
        {"resourceSpans": []},
        {"traceID": "t", "spanID": "a", "operationName": "x", "startTime": 1700000000000000, "duration": 1},
        {"a": 1},
    ],
)
def test_other_formats_are_left_to_others(value: object) -> None:
    assert SOURCE.sniff(json.dumps([value]).encode()) == 0.0


def test_truncation() -> None:
    truncated(SOURCE, SAMPLE)


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)


@settings(max_examples=80)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda s: st.lists(s, max_size=3) | st.dictionaries(st.sampled_from(["trace_id", "span_id", "start", "duration_ms", "spans", "service", "status"]), s, max_size=6), max_leaves=15))  # fmt: skip
def test_any_json(value: object) -> None:
    check(SOURCE, json.dumps(value).encode())


@pytest.mark.shared
def test_true_spans() -> None:
    for path in sorted(shared("rca", "rootcausebench").glob("*/evidence/traces.json")):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw[: 1 << 16]) > 0.7
        assert len(events(SOURCE, raw)) == len(json.loads(raw))
