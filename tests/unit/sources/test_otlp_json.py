"""OpenTelemetry as JSON: a line of a collector's file, a document, an answer of Tempo."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_laws import check, events, problems, recordings, said, shared, skipped, truncated

from afterword.model.event import Kind
from afterword.sources.otlp_json import SOURCE

T = 1700000000123456789


def value(one: Any) -> dict[str, Any]:
    if isinstance(one, bool):
        return {"boolValue": one}
    return {"intValue": str(one)} if isinstance(one, int) else {"stringValue": one}


def pairs(**found: Any) -> list[dict[str, Any]]:
    return [{"key": key.replace("__", "."), "value": value(one)} for key, one in found.items()]


def resource(service: str = "cart", **more: Any) -> dict[str, Any]:
    return {"attributes": pairs(service__name=service, **more)}


def spans(*found: Any, of: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "resourceSpans": [
            {"resource": of or resource(), "scopeSpans": [{"scope": {"name": "lib"}, "spans": list(found)}]}
        ]
    }


def logs(*found: Any) -> dict[str, Any]:
    return {
        "resourceLogs": [
            {"resource": resource(), "scopeLogs": [{"scope": {"name": "cart.pool"}, "logRecords": list(found)}]}
        ]
    }


def metrics(*found: Any, of: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"resourceMetrics": [{"resource": of or resource(), "scopeMetrics": [{"metrics": list(found)}]}]}


def span(**more: Any) -> dict[str, Any]:
    return {
        "traceId": "5B8EFFF798038103D269B633813FC60C", "spanId": "EEE19B7EC3C1B174", "name": "GET /", "kind": 2,
        "startTimeUnixNano": str(T), "endTimeUnixNano": str(T + 5), **more,
    }  # fmt: skip


def lines(*requests: Any) -> bytes:
    return b"".join(json.dumps(one, separators=(",", ":")).encode() + b"\n" for one in requests)


# ------------------------------------------------------------------------------------------------- spans


def test_a_span_alone_on_its_line_is_the_line() -> None:
    raw = lines(
        spans(
            span(
                parentSpanId="EEE19B7EC3C1B173",
                attributes=pairs(http__route="/", http__response__status_code=200, net__peer__ip="1"),
            )
        )
    )
    [one] = events(SOURCE, raw)
    assert (one.kind, one.subject, one.name, one.at, one.took, one.severity) == (Kind.SPAN, "cart", "GET /", T, 5, "")
    assert one.attributes == {
        "http.route": "/", "trace": "5b8efff798038103d269b633813fc60c", "span": "eee19b7ec3c1b174", "parent": "eee19b7ec3c1b173",
        "kind": "server", "status": "200",
    }  # fmt: skip
    assert said(raw, one) == raw.decode()
    assert SOURCE.sniff(raw) > 0.9


def test_several_spans_of_one_line_each_have_their_bytes() -> None:
    raw = lines(spans(span(name="é"), span(name="b")), spans(span(name="c")))
    found = events(SOURCE, raw)
    assert [json.loads(said(raw, one))["name"] for one in found[:2]] == ["é", "b"]
    assert [one.place.inline for one in found] == [True, True, False]


@pytest.mark.parametrize(
    ("more", "bad", "text"),
    [
        ({"status": {"code": 2, "message": "boom"}}, True, "boom"),
        ({"status": {"code": "STATUS_CODE_ERROR"}}, True, ""),
        ({"status": {"code": 1}}, False, ""),
        ({"attributes": pairs(http__status_code=503)}, True, ""),
        ({"attributes": pairs(http__status_code=404)}, False, ""),
        ({"status": {"code": 2, "message": "boom"}, "events": [{"name": "exception", "attributes": pairs(exception__type="KeyError", exception__message="no row")}]}, True, "boom; KeyError: no row"),
    ],
)  # fmt: skip
def test_failure_and_what_it_says(more: dict[str, Any], bad: bool, text: str) -> None:
    [one] = events(SOURCE, lines(spans(span(**more))))
    assert (one.severity, one.text) == ("error" if bad else "", text)


def test_the_peer_is_that_of_a_client() -> None:
    about = pairs(server__address="db.internal", db__system="postgresql")
    client, server = events(
        SOURCE, lines(spans(span(kind="SPAN_KIND_CLIENT", attributes=about), span(kind=2, attributes=about)))
    )
    assert client.attributes["peer"] == "db.internal"
    assert "peer" not in server.attributes


def test_snake_case_base64_and_enums_by_name_as_libraries_write_them() -> None:
    found = {"resource_spans": [{"resource": resource("web"), "scope_spans": [{"spans": [{
        "trace_id": "W47/95gDgQPSabYzgT/GDA==", "span_id": "7uGbfsPBsXQ=", "name": "x", "kind": "SPAN_KIND_SERVER",
        "start_time_unix_nano": T, "end_time_unix_nano": T + 1}]}]}]}  # fmt: skip
    [one] = events(SOURCE, lines(found))
    assert (one.subject, one.took, one.attributes["kind"]) == ("web", 1, "server")
    assert one.attributes["trace"] == "5b8efff798038103d269b633813fc60c"
    assert one.attributes["span"] == "eee19b7ec3c1b174"


def test_answers_of_tempo() -> None:
    batch = {"resource": resource("web"), "instrumentationLibrarySpans": [{"spans": [span()]}]}
    for found in ({"batches": [batch, batch]}, {"trace": spans(span(), span())}, [batch, batch]):
        raw = json.dumps(found, indent=2).encode()
        assert SOURCE.sniff(raw) > 0.9
        assert [one.name for one in events(SOURCE, raw)] == ["GET /", "GET /"]


def test_a_span_without_a_start_is_kept_undated() -> None:
    raw = lines(spans(span(startTimeUnixNano="0")))
    [one] = events(SOURCE, raw)
    assert (one.at, one.took) == (None, None)
    assert [(found.code, found.quarantined) for found in problems(SOURCE, raw)] == [("time", False)]


# ------------------------------------------------------------------------------------------------- logs


def test_a_log_record() -> None:
    record = {
        "timeUnixNano": str(T), "severityNumber": 17, "severityText": "ERR", "body": {"stringValue": "pool exhausted"},
        "traceId": "5b8efff798038103d269b633813fc60c", "attributes": pairs(pool=5, exception__type="Timeout", exception__message="30 s"),
    }  # fmt: skip
    [one] = events(SOURCE, lines(logs(record)))
    assert (one.kind, one.subject, one.text, one.at, one.severity) == (Kind.LOG, "cart", "pool exhausted", T, "error")
    assert one.attributes == {
        "pool": "5", "trace": "5b8efff798038103d269b633813fc60c", "logger": "cart.pool", "exception": "Timeout: 30 s",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("record", "at", "severity", "text"),
    [
        ({"observedTimeUnixNano": str(T), "severityText": "WARN", "body": {"stringValue": "x"}}, T, "warn", "x"),
        (
            {
                "timeUnixNano": "0",
                "observedTimeUnixNano": str(T),
                "severityNumber": "SEVERITY_NUMBER_INFO2",
                "body": {"intValue": "7"},
            },
            T,
            "info",
            "7",
        ),
        ({"timeUnixNano": T, "body": {"kvlistValue": {"values": pairs(message="hello", n=1)}}}, T, "", "hello"),
        ({"timeUnixNano": T, "body": {"arrayValue": {"values": [value("a"), value(1)]}}}, T, "", '["a",1]'),
        ({"timeUnixNano": T, "eventName": "page.view"}, T, "", "page.view"),
        ({"body": {"stringValue": "x"}}, None, "", "x"),
    ],
)
def test_times_severities_and_bodies(record: dict[str, Any], at: int | None, severity: str, text: str) -> None:
    [one] = events(SOURCE, lines(logs(record)))
    assert (one.at, one.severity, one.text) == (at, severity, text)


# ------------------------------------------------------------------------------------------------- metrics


def point(number: Any = None, **more: Any) -> dict[str, Any]:
    return {"timeUnixNano": str(T), **({} if number is None else {"asDouble": number}), **more}


def test_gauges_and_sums() -> None:
    gauge = {
        "name": "pool.used",
        "unit": "{connection}",
        "gauge": {"dataPoints": [point(3.5), point(4, attributes=pairs(pool="b"))]},
    }
    total = {
        "name": "errors",
        "unit": "1",
        "sum": {"isMonotonic": True, "aggregationTemporality": 2, "dataPoints": [{"timeUnixNano": T, "asInt": "7"}]},
    }
    found = events(SOURCE, lines(metrics(gauge, total)))
    assert [(one.kind, one.subject, one.name, one.value, one.at, one.attributes) for one in found] == [
        (Kind.METRIC, "cart", "pool.used", 3.5, T, {"unit": "{connection}"}),
        (Kind.METRIC, "cart", 'pool.used{pool="b"}', 4.0, T, {"unit": "{connection}"}),
        (Kind.METRIC, "cart", "errors", 7.0, T, {"type": "counter"}),
    ]


def test_a_histogram_gives_count_and_sum_at_one_place_with_parts() -> None:
    found = {
        "name": "took",
        "histogram": {
            "aggregationTemporality": 1,
            "dataPoints": [point(count="2", sum=3, min=1, bucketCounts=["1", "1"])],
        },
    }
    raw = lines(metrics(found))
    made = events(SOURCE, raw)
    assert [(one.name, one.value, one.attributes) for one in made] == [
        ("took_count", 2.0, {}),
        ("took_sum", 3.0, {}),
        ("took", 1.0, {"statistic": "min"}),
    ]
    assert len({one.place.part for one in made}) == 3


def test_a_summary_gives_its_quantiles() -> None:
    found = {
        "name": "took",
        "summary": {"dataPoints": [point(count=2, sum=3, quantileValues=[{"quantile": 0.99, "value": 5}])]},
    }
    assert [
        (one.name, one.value, one.attributes.get("statistic")) for one in events(SOURCE, lines(metrics(found)))
    ] == [
        ("took_count", 2.0, None),
        ("took_sum", 3.0, None),
        ("took", 5.0, "p99"),
    ]


def test_instances_are_told_apart_only_where_there_are_several() -> None:
    def one(service: str, pod: str) -> dict[str, Any]:
        return metrics({"name": "cpu", "gauge": {"dataPoints": [point(1)]}}, of=resource(service, k8s__pod__name=pod))

    raw = lines(one("cart", "a"), one("cart", "b"), one("web", "c"))
    assert [(found.subject, found.name) for found in events(SOURCE, raw)] == [
        ("cart", 'cpu{k8s.pod.name="a"}'),
        ("cart", 'cpu{k8s.pod.name="b"}'),
        ("web", "cpu"),
    ]


def test_numbers_that_are_none() -> None:
    found = {"name": "cpu", "gauge": {"dataPoints": [point("NaN"), point("Infinity"), point([]), point(None)]}}
    assert not events(SOURCE, lines(metrics(found)))
    assert len(skipped(SOURCE, lines(metrics(found)))) == 4


# ------------------------------------------------------------------------------------------------- all


def test_signals_of_all_kinds_in_one_file_and_what_is_no_request() -> None:
    raw = lines(
        spans(span()),
        logs({"timeUnixNano": T}),
        metrics({"name": "a", "gauge": {"dataPoints": [point(1)]}}),
        {"hello": 1},
        spans(),
    )
    assert [one.kind for one in events(SOURCE, raw)] == [Kind.SPAN, Kind.LOG, Kind.METRIC]
    assert [one.code for one in problems(SOURCE, raw)] == ["otlp"]
    assert [one.reason for one in skipped(SOURCE, raw)] == ["a request that holds nothing"]


@pytest.mark.parametrize("raw", [b"", b"{}", b'{"resource": {}}', b'[{"traceId":"a"}]', b'{"resourceSpans": 3}'])
def test_what_is_no_request_is_left_to_others(raw: bytes) -> None:
    assert SOURCE.sniff(raw) == 0.0
    check(SOURCE, raw)


SAMPLE = lines(spans(span(name="é"), span(kind=3)), logs({"timeUnixNano": T, "body": {"stringValue": "x"}}))


def test_truncation() -> None:
    truncated(SOURCE, SAMPLE, 3)


@given(st.binary(max_size=60))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)


KEYS = ["resourceSpans", "scopeSpans", "spans", "resourceLogs", "scopeLogs", "logRecords", "resourceMetrics", "scopeMetrics", "metrics", "gauge", "dataPoints", "resource", "attributes", "key", "value", "status", "events", "body", "stringValue", "trace"]  # fmt: skip


@settings(max_examples=150)
@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda s: st.lists(s, max_size=3) | st.dictionaries(st.sampled_from(KEYS), s, max_size=5), max_leaves=30))  # fmt: skip
def test_any_json(found: object) -> None:
    check(SOURCE, json.dumps(found).encode())


def _paths(found: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = found.items() if isinstance(found, dict) else enumerate(found) if isinstance(found, list) else ()
    return [path, *(deeper for key, one in inner for deeper in _paths(one, (*path, key)))]


WHOLE = {**spans(span(events=[{"name": "exception", "attributes": pairs(a="b")}], status={"code": 2})), **logs({"body": value("x"), "attributes": pairs(a="b")}), **metrics({"name": "a", "summary": {"dataPoints": [point(count=1, quantileValues=[{"quantile": 1, "value": 2}])]}})}  # fmt: skip


@pytest.mark.parametrize("junk", [None, 7, "x", [], {}, [[]], True])
def test_a_request_with_anything_in_any_place(junk: Any) -> None:
    """Whatever stands where the protocol wants something else, reading goes on."""
    for path in _paths(WHOLE)[1:]:
        damaged = json.loads(json.dumps(WHOLE))
        here = damaged
        for step in path[:-1]:
            here = here[step]
        here[path[-1]] = junk
        check(SOURCE, json.dumps(damaged).encode())


@pytest.mark.shared
@pytest.mark.parametrize(("name", "count"), [("trace", 1), ("logs", 1), ("events", 1), ("metrics", 10)])
def test_true_requests(name: str, count: int) -> None:
    raw = shared("formats", "otlp", f"{name}.json").read_bytes()
    assert SOURCE.sniff(raw) > 0.9
    assert len(events(SOURCE, raw)) == count
    assert {one.subject for one in events(SOURCE, raw)} == {"my.service"}
    assert not problems(SOURCE, raw)


def test_our_recordings() -> None:
    for path in recordings("*/evidence/logs/*.otlp.jsonl"):
        raw = path.read_bytes()
        assert SOURCE.sniff(raw[: 1 << 16]) > 0.9
        assert len(events(SOURCE, raw)) == raw.count(b"\n")
        assert not problems(SOURCE, raw)
