"""Traces and dependencies of Jaeger."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_laws import check, events, problems, said, shared, truncated

from afterword.model.event import Kind
from afterword.sources.jaeger import SOURCE

T = 1700000000000001


def span(
    id_: str, process: str = "p1", *, parent: str = "", tags: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    references = [
        {"refType": "FOLLOWS_FROM", "traceID": "aa", "spanID": "zz"},
        {"refType": "CHILD_OF", "traceID": "aa", "spanID": parent},
    ]
    return {
        "traceID": "aa", "spanID": id_, "operationName": "get", "references": references if parent else [], "startTime": T, "duration": 250,
        "tags": [{"key": key, "type": "string", "value": value} for key, value in (tags or {}).items()], "logs": [], "processID": process, **more,
    }  # fmt: skip


def trace(*spans: Any) -> dict[str, Any]:
    return {
        "traceID": "aa",
        "spans": list(spans),
        "processes": {"p1": {"serviceName": "web"}, "p2": {"serviceName": "cart"}},
    }


def raw(*spans: Any) -> bytes:
    return json.dumps({"data": [trace(*spans)], "total": 0}).encode()


def test_processes_references_and_microseconds() -> None:
    found = raw(span("01"), span("02", "p2", parent="01", tags={"span.kind": "server", "http.status_code": 200}))
    one, two = events(SOURCE, found)
    assert (one.subject, one.name, one.at, one.took, one.severity) == ("web", "get", T * 1000, 250_000, "")
    assert two.subject == "cart"
    assert two.attributes == {"trace": "aa", "span": "02", "parent": "01", "kind": "server", "status": "200"}
    assert json.loads(said(found, two))["spanID"] == "02"
    assert SOURCE.sniff(found) > 0.9


@pytest.mark.parametrize(
    ("tags", "bad"),
    [({"error": True}, True), ({"error": "true"}, True), ({"error": False}, False), ({"otel.status_code": "ERROR"}, True),
     ({"http.status_code": 500}, True), ({"http.status_code": 404}, False), ({}, False)],
)  # fmt: skip
def test_failure(tags: dict[str, Any], bad: bool) -> None:
    assert [one.severity for one in events(SOURCE, raw(span("01", tags=tags)))] == ["error" if bad else ""]


def test_what_went_wrong_is_in_the_logs_of_the_span() -> None:
    fields = [
        {"key": "event", "value": "exception"},
        {"key": "exception.type", "value": "KeyError"},
        {"key": "exception.message", "value": "no row"},
    ]
    [one] = events(
        SOURCE, raw(span("01", tags={"otel.status_description": "failed"}, logs=[{"timestamp": T, "fields": fields}]))
    )
    assert one.text == "failed; KeyError: no row"


def test_spans_of_the_index_a_line() -> None:
    line = span("01") | {"process": {"serviceName": "pay"}, "tag": {"http@status_code": 503}}
    found = json.dumps(line).encode() + b"\n" + json.dumps({"_source": line}).encode() + b"\n"
    assert [(one.subject, one.severity) for one in events(SOURCE, found)] == [("pay", "error"), ("pay", "error")]


def test_dependencies_are_edges() -> None:
    found = b'{"data":[{"parent":"web","child":"cart","callCount":12}],"total":0}'
    [one] = events(SOURCE, found)
    assert (one.kind, one.subject, one.name, one.at) == (Kind.EDGE, "web", "cart", None)
    assert SOURCE.sniff(found) > 0.9
    assert SOURCE.sniff(b'[{"parent":"web","child":"cart","callCount":12}]') > 0.9


def test_a_span_without_a_process_is_kept_and_said() -> None:
    found = raw(span("01", "p9"))
    assert [one.subject for one in events(SOURCE, found)] == [""]
    assert [(one.code, one.quarantined) for one in problems(SOURCE, found)] == [("span-process", False)]


@pytest.mark.parametrize("value", [{"operationName": "x"}, {"data": [{"parent": "a"}]}, {"traceId": "a", "id": "b"}])
def test_others(value: object) -> None:
    assert SOURCE.sniff(json.dumps(value).encode()) == 0.0


def test_truncation() -> None:
    truncated(SOURCE, raw(span("01"), span("02", "p2", parent="01")), 3)


@given(st.binary(max_size=60))
def test_garbage(found: bytes) -> None:
    check(SOURCE, found)


@settings(max_examples=80)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda s: st.lists(s, max_size=3) | st.dictionaries(st.sampled_from(["data", "spans", "operationName", "startTime", "spanID", "references", "tags", "logs", "process", "key", "fields", "duration"]), s, max_size=7), max_leaves=15))  # fmt: skip
def test_any_json(value: object) -> None:
    check(SOURCE, json.dumps(value).encode())


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "subjects"),
    [("testTrace.json", {"load-generator", "ride-sharing-app"}), ("oltp2jaeger-multi-out.json", {"example-trace"})],
)
def test_true_traces(name: str, subjects: set[str]) -> None:
    found = shared("formats", "jaeger", name).read_bytes()
    assert SOURCE.sniff(found) > 0.9
    assert {one.subject for one in events(SOURCE, found)} == subjects
    assert len(events(SOURCE, found)) == 4
