"""Spans in CSV under the names of many tracers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, truncated

from afterword.sources.spans_csv import SOURCE

OTEL = b"""trace_id,span_id,parent_span_id,service_name,name,kind,start_time_unix_nano,end_time_unix_nano,status_code,status_message,http.status_code
aa,01,,web,GET /,SPAN_KIND_SERVER,1700000000000000001,1700000000005000003,STATUS_CODE_UNSET,,200
aa,02,01,cart,load,3,1700000000001000000,1700000000002000000,2,boom,503
"""


def took(raw: bytes) -> list[int | None]:
    return [one.took for one in events(SOURCE, raw)]


def test_names_of_opentelemetry() -> None:
    one, two = events(SOURCE, OTEL)
    assert (one.subject, one.name, one.at, one.took, one.severity) == ("web", "GET /", 1700000000000000001, 5000002, "")
    assert one.attributes == {"trace": "aa", "span": "01", "kind": "server", "status": "200"}
    assert (two.severity, two.text) == ("error", "boom")
    assert two.attributes == {"trace": "aa", "span": "02", "parent": "01", "kind": "client", "status": "503"}
    assert said(OTEL, one).startswith("aa,01,,web")
    assert SOURCE.sniff(OTEL) >= 0.85


def test_names_of_jaeger_count_microseconds() -> None:
    raw = (
        b"time,traceID,spanID,parentSpanID,serviceName,methodName,operationName,startTimeMillis,startTime,duration,statusCode\n"
        b"2023-11-14 22:13:20,aa,01,,web,get,GET /,1700000000000,1700000000000001,250,Unset\n"
        b"2023-11-14 22:13:20,aa,02,01,cart,get,load,1700000000000,1700000000000002,9,500\n"
    )
    found = events(SOURCE, raw)
    assert [(one.subject, one.name, one.at, one.took, one.severity) for one in found] == [
        ("web", "GET /", 1700000000000001000, 250_000, ""),
        ("cart", "load", 1700000000000002000, 9_000, "error"),
    ]
    assert not problems(SOURCE, raw)


def test_names_of_zipkin_count_microseconds() -> None:
    raw = b"traceId,id,parentId,name,timestamp,duration,localEndpoint.serviceName,remoteEndpoint.serviceName\naa,01,,get,1700000000000001,250,web,cart\n"
    [one] = events(SOURCE, raw)
    assert (one.took, one.subject, one.attributes["peer"]) == (250_000, "web", "cart")


def test_names_of_a_collector_count_nanoseconds() -> None:
    raw = b"Timestamp,TraceId,SpanId,ParentSpanId,SpanName,SpanKind,ServiceName,Duration,StatusCode\n2024-05-01 00:00:00.5,aa,01,,get,Client,web,250,Error\n"
    [one] = events(SOURCE, raw)
    assert (one.took, one.severity, one.attributes["kind"], one.offset) == (250, "error", "client", None)


@pytest.mark.parametrize(
    ("column", "cell", "expected"),
    [("duration_ms", "1.5", 1_500_000), ("Duration (us)", "7", 7_000), ("durationNano", "12345678901234567", 12345678901234567), ("duration_s", "0.25", 250_000_000)],
)  # fmt: skip
def test_units_in_names_of_durations(column: str, cell: str, expected: int) -> None:
    raw = f"trace,span,service,operation,start,{column}\naa,01,web,get,2024-05-01T00:00:00Z,{cell}\n".encode()
    assert took(raw) == [expected]


def test_a_duration_without_a_unit_is_read_like_the_start_beside_it_or_not_at_all_and_both_are_said() -> None:
    like = b"trace_id,span_id,service,operation,start,duration\naa,01,web,get,1700000000000,7\n"
    assert took(like) == [7_000_000]
    assert "read as ms" in problems(SOURCE, like)[0].message
    none = b"trace_id,span_id,service,operation,start,duration\naa,01,web,get,2024-05-01T00:00:00Z,7\n"
    assert took(none) == [None]
    assert [(one.code, one.quarantined) for one in problems(SOURCE, none)] == [("duration-unit", False)]


@pytest.mark.parametrize(
    ("column", "cell", "bad"),
    [("status", "OK", False), ("status", "ERROR", True), ("status_code", "2", True), ("status_code", "1", False), ("status_code", "13", True),
     ("status_code", "404", False), ("status_code", "500", True), ("success", "true", False), ("success", "False", True), ("error", "true", True),
     ("error", "0", False), ("error", "", False), ("is_error", "1", True), ("http.status_code", "502", True), ("status", "failed", True)],
)  # fmt: skip
def test_which_spans_failed(column: str, cell: str, bad: bool) -> None:
    raw = f"trace,span,service,operation,start,duration_ms,{column}\naa,01,web,get,1700000000,1,{cell}\n".encode()
    assert [one.severity for one in events(SOURCE, raw)] == ["error" if bad else ""]


@pytest.mark.parametrize("cell", ["", "root", "None", "0", "-1", "0000000000000000", "null"])
def test_a_root_has_no_parent(cell: str) -> None:
    raw = f"TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration\naa,01,{cell},web,get,1700000000000000000,1700000000000000005,9\n"
    [one] = events(SOURCE, raw.encode())
    assert ("parent" in one.attributes, one.took) == (False, 5)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"time,trace_id,service,message\n2024-05-01T00:00:00Z,aa,web,hi\n",
        b"time,cart_cpu\n1700000000,1\n",
        b"trace_id,start,duration\naa,soon,1\n",
    ],
)
def test_what_is_no_span_is_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0
    check(SOURCE, raw)


def test_truncation() -> None:
    truncated(SOURCE, OTEL)


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, OTEL + raw)
    check(SOURCE, raw)
