"""Records of spans, whatever their fields are called."""

from __future__ import annotations

import pytest

from afterword.model.evidence import Place
from afterword.ports import Reading
from afterword.reading import span_record


def test_a_field_has_one_role() -> None:
    found = span_record.fields(
        ["id", "traceId", "parentId", "name", "timestamp", "duration", "localEndpoint.serviceName", "status"]
    )
    assert (found["span"], found["trace"], found["parent"], found["operation"]) == ("id", "traceId", "parentId", "name")
    assert (found["component"], found.duration_unit) == ("localEndpoint.serviceName", "us")


@pytest.mark.parametrize(
    ("names", "sure"),
    [
        (["trace_id", "start"], False),
        (["trace_id", "start", "duration", "service", "name"], True),
        (["span_id", "start", "duration"], False),
    ],
)
def test_without_a_trace_a_start_and_a_duration_it_is_no_span(names: list[str], sure: bool) -> None:
    assert bool(span_record.fields(names).sure) is sure


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("SPAN_KIND_CLIENT", "client"),
        (2, "server"),
        ("5", "consumer"),
        ("Exit", "client"),
        (None, ""),
        (99, ""),
        ("Producer", "producer"),
    ],
)
def test_kinds(value: object, expected: str) -> None:
    assert span_record.kind(value) == expected


def test_from_start_to_end_is_exact_where_both_are() -> None:
    reader = span_record.Reader(span_record.fields(["trace", "start_ns", "end_ns", "duration_ms"]), Reading())
    one = reader.span(
        {"trace": "a", "start_ns": "1700000000000000001", "end_ns": "1700000000000000004", "duration_ms": "9"},
        Place(0, 1),
    )
    assert one.took == 3
    backwards = reader.span(
        {"trace": "a", "start_ns": "1700000000000000004", "end_ns": "1700000000000000001", "duration_ms": "9"},
        Place(0, 1),
    )
    assert backwards.took == 9_000_000
    assert not list(reader.remarks.problems())
