"""OpenTelemetry as protobuf: a request alone, behind lengths as collectors write it, packed, cut off, damaged."""

from __future__ import annotations

import gzip
import io
import json
import struct
from dataclasses import replace
from typing import Any

import pytest
import zstandard
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from source_laws import check, events, problems, skipped, truncated

from afterword.app import archive, plugs
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Place
from afterword.reading import otlp_frame, otlp_wire
from afterword.sources import otlp_json
from afterword.sources.otlp_protobuf import SOURCE

T = 1700000000123456789
TRACE, SPAN = bytes.fromhex("5b8efff798038103d269b633813fc60c"), bytes.fromhex("eee19b7ec3c1b174")


def value(one: Any) -> AnyValue:
    if isinstance(one, bool):
        return AnyValue(bool_value=one)
    if isinstance(one, dict):
        return AnyValue(kvlist_value=KeyValueList(values=pairs(one)))
    if isinstance(one, list):
        return AnyValue(array_value=ArrayValue(values=[value(inner) for inner in one]))
    key = {int: "int_value", float: "double_value", bytes: "bytes_value", str: "string_value"}[type(one)]
    return AnyValue(**{key: one})


def pairs(said: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=value(one)) for key, one in said.items()]


RESOURCE = {"attributes": pairs({"service.name": "cart", "service.version": "7", "host.name": "node-1"})}


def logs(*records: Any, resource: Any = None) -> ExportLogsServiceRequest:
    scope = {"scope": {"name": "cart.pool"}, "log_records": records}
    return ExportLogsServiceRequest(resource_logs=[{"resource": resource or RESOURCE, "scope_logs": [scope]}])


def spans(*found: Any) -> ExportTraceServiceRequest:
    return ExportTraceServiceRequest(resource_spans=[{"resource": RESOURCE, "scope_spans": [{"spans": found}]}])


def metrics(*found: Any, resource: Any = None) -> ExportMetricsServiceRequest:
    one = {"resource": resource or RESOURCE, "scope_metrics": [{"scope": {"name": "lib"}, "metrics": found}]}
    return ExportMetricsServiceRequest(resource_metrics=[one])


def log(**more: Any) -> LogRecord:
    return LogRecord(**{"time_unix_nano": T, "severity_number": 17, "body": value("pool exhausted"), **more})


def span(**more: Any) -> dict[str, Any]:
    return {
        "trace_id": TRACE, "span_id": SPAN, "name": "GET /", "kind": 2, "start_time_unix_nano": T, "end_time_unix_nano": T + 5, **more,
    }  # fmt: skip


def point(**more: Any) -> dict[str, Any]:
    return {"time_unix_nano": T, "start_time_unix_nano": T - 5, **more}


LOGS = logs(
    log(trace_id=TRACE, span_id=SPAN, attributes=pairs({"pool": 5, "exception.type": "Timeout", "exception.message": "30 s"})),
    log(time_unix_nano=0, observed_time_unix_nano=T + 1, severity_number=9, severity_text="Information"),
    log(body=value({"message": "hello", "n": 1}), severity_number=99),
    log(body=value(["a", 1, 2.0, True, {"deep": [b"\xff\0", float("nan")]}]), severity_number=0, severity_text="WARN"),
    log(body=value(7), time_unix_nano=0),
    log(body=AnyValue(), event_name="page.view", attributes=pairs({"none": "", "list": [1, "x"], "half": 0.5, "": "no key"})),
)  # fmt: skip
SPANS = spans(
    span(parent_span_id=SPAN, attributes=pairs({"http.route": "/", "http.response.status_code": 503})),
    span(
        kind=77,
        status={"code": 2, "message": "boom"},
        events=[
            {"name": "exception", "attributes": pairs({"exception.type": "KeyError", "exception.message": "no row"})}
        ],
    ),
    span(kind=3, attributes=pairs({"server.address": "db.internal"}), trace_id=b"\0" * 16, status={"code": 9}),
    span(start_time_unix_nano=0, name=""),
)
METRICS = metrics(
    {"name": "pool.used", "unit": "{connection}", "gauge": {"data_points": [point(as_double=3.5), point(as_int=4, attributes=pairs({"pool": "b"}))]}},
    {"name": "errors", "unit": "1", "sum": {"is_monotonic": True, "aggregation_temporality": 2, "data_points": [point(as_int=7), point(as_int=0), point(as_double=float("nan")), point(flags=1)]}},
    {"name": "took", "unit": "ms", "histogram": {"aggregation_temporality": 1, "data_points": [point(count=2, sum=3, min=1, max=2, bucket_counts=[1, 1], explicit_bounds=[1.0]), point(count=0)]}},
    {"name": "size", "exponential_histogram": {"aggregation_temporality": 2, "data_points": [point(count=9, sum=3.25, scale=2, zero_count=1, positive={"offset": 1, "bucket_counts": [8]})]}},
    {"name": "rpc", "summary": {"data_points": [point(count=2, sum=0, quantile_values=[{"quantile": 0.99, "value": 5}, {"quantile": 0, "value": 0}])]}},
)  # fmt: skip
REQUESTS = [LOGS, SPANS, METRICS]


def fixed(*requests: Any) -> bytes:
    """As the file exporter of collectors writes them."""
    return b"".join(struct.pack(">I", len(raw)) + raw for raw in map(written, requests))


def varints(*requests: Any) -> bytes:
    """As ``writeDelimitedTo`` writes them."""
    return b"".join(_size(len(raw)) + raw for raw in map(written, requests))


def written(request: Any) -> bytes:
    return request if isinstance(request, bytes) else request.SerializeToString()


def as_json(request: Any) -> bytes:
    """The same request as OTLP JSON: ids in hexadecimal, enums as numbers."""
    found = json_format.MessageToDict(request, use_integers_for_enums=True)

    def hexed(one: Any) -> Any:
        if isinstance(one, list):
            return [hexed(inner) for inner in one]
        if not isinstance(one, dict):
            return one
        return {
            key: hexadecimal(inner) if key in ("traceId", "spanId", "parentSpanId") else hexed(inner)
            for key, inner in one.items()
        }

    return json.dumps(hexed(found)).encode()


def hexadecimal(text: str) -> str:
    import base64

    return base64.b64decode(text).hex()


def bare(event: Event) -> Event:
    """An event without its place, but for its part."""
    return replace(event, place=Place(0, 1, part=event.place.part))


# ------------------------------------------------------------------------------------------------- the same as JSON


@pytest.mark.parametrize("request_", REQUESTS, ids=["logs", "spans", "metrics"])
@pytest.mark.parametrize("lay", [written, fixed, varints], ids=["alone", "fixed", "varint"])
def test_the_same_request_gives_the_same_events_as_json(request_: Any, lay: Any) -> None:
    expected = [bare(one) for one in events(otlp_json.SOURCE, as_json(request_))]
    found = events(SOURCE, lay(request_))
    assert len(expected) >= 4
    assert [bare(one) for one in found] == expected
    assert len(problems(SOURCE, lay(request_))) == len(problems(otlp_json.SOURCE, as_json(request_)))
    assert SOURCE.sniff(lay(request_)) > 0.9


def test_what_they_say() -> None:
    first, second, *_ = events(SOURCE, written(LOGS))
    assert (first.kind, first.subject, first.text, first.at, first.severity) == (
        Kind.LOG,
        "cart",
        "pool exhausted",
        T,
        "error",
    )
    assert first.attributes == {
        "pool": "5", "trace": TRACE.hex(), "span": SPAN.hex(), "logger": "cart.pool", "exception": "Timeout: 30 s", "version": "7",
    }  # fmt: skip
    assert (first.meaning, first.clock) == (Meaning.OCCURRED, "node-1")
    assert (second.meaning, second.at) == (Meaning.OBSERVED, T + 1)


def test_histograms_summaries_and_points_that_recorded_nothing() -> None:
    found = [
        (one.name, one.value, one.attributes.get("statistic", one.attributes.get("type", "")))
        for one in events(SOURCE, written(METRICS))
    ]
    assert found[2:4] == [("errors", 7.0, "counter"), ("errors", 0.0, "counter")]
    assert found[4:8] == [("took_count", 2.0, ""), ("took_sum", 3.0, ""), ("took", 1.0, "min"), ("took", 2.0, "max")]
    assert found[8:] == [
        ("took_count", 0.0, ""), ("size_count", 9.0, "counter"), ("size_sum", 3.25, "counter"), ("rpc_count", 2.0, "counter"),
        ("rpc_sum", 0.0, "counter"), ("rpc", 5.0, "p99"), ("rpc", 0.0, "p0"),
    ]  # fmt: skip
    assert [one.reason for one in skipped(SOURCE, written(METRICS))] == ["a data point without a finite number"] * 2


def test_series_are_told_apart_over_the_whole_file() -> None:
    def one(pod: str) -> Any:
        of = {"attributes": pairs({"service.name": "cart", "k8s.pod.name": pod})}
        return metrics({"name": "cpu", "gauge": {"data_points": [point(as_int=1)]}}, resource=of)

    assert [found.name for found in events(SOURCE, fixed(one("a"), one("b")))] == [
        'cpu{k8s.pod.name="a"}',
        'cpu{k8s.pod.name="b"}',
    ]


# ------------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize("lay", [written, fixed, varints], ids=["alone", "fixed", "varint"])
def test_every_event_cites_its_own_bytes(lay: Any) -> None:
    raw = lay(LOGS)
    cited = [LogRecord.FromString(raw[one.place.start : one.place.end]) for one in events(SOURCE, raw)]
    assert cited == list(LOGS.resource_logs[0].scope_logs[0].log_records)
    assert all(one.place.inline for one in events(SOURCE, raw))


def test_signals_of_all_kinds_in_one_file() -> None:
    """A collector whose pipelines share one file."""
    raw = fixed(*REQUESTS, b"", *REQUESTS)
    kinds = [one.kind for one in events(SOURCE, raw)]
    assert kinds[: len(kinds) // 2] * 2 == kinds
    assert set(kinds) == {Kind.LOG, Kind.SPAN, Kind.METRIC}
    check(SOURCE, raw)


def test_frames_that_are_packed_one_by_one() -> None:
    """``compression: zstd`` of the file exporter: no tool opens the file as a whole."""
    packed = [zstandard.ZstdCompressor().compress(written(one)) for one in REQUESTS]
    raw = fixed(*packed)
    assert SOURCE.sniff(raw) > 0.9
    found = events(SOURCE, raw)
    assert [replace(bare(one), place=Place(0, 1)) for one in found] == [
        replace(bare(one), place=Place(0, 1)) for one in events(SOURCE, fixed(*REQUESTS))
    ]
    assert len({(one.place.start, one.place.part) for one in found}) == len(found)
    assert [one.place.part for one in found[:2]] == ["log 1", "log 2"]
    check(SOURCE, raw)
    check(SOURCE, fixed(packed[0], packed[1][:-7] + b"\0" * 7, packed[2]))
    truncated(SOURCE, raw, 11)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress], ids=["gzip", "zstd"])
def test_a_file_that_is_packed_as_a_whole(pack: Any) -> None:
    with archive.peel(io.BytesIO(pack(fixed(*REQUESTS))), archive.Budget.of(10_000)) as peeled:
        assert peeled.stream.read() == fixed(*REQUESTS)


def test_a_frame_that_unpacks_without_end_is_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otlp_frame, "LONGEST", 1 << 20)
    bomb = zstandard.ZstdCompressor().compress(b"\0" * (1 << 24))
    raw = fixed(LOGS, bomb, SPANS)
    assert len(events(SOURCE, raw)) == 10
    assert "unpacked" in problems(SOURCE, raw)[-2].message


# ------------------------------------------------------------------------------------------------- damage


def test_what_a_full_disk_cut_off_is_read_up_to_its_last_whole_element() -> None:
    raw = fixed(SPANS, LOGS)
    whole = events(SOURCE, raw)
    for length in range(1, len(raw)):
        found = check(SOURCE, raw[:length])
        ends = [one.place.end for one in whole if one.place.end <= length]
        held = [one for one in found if isinstance(one, Event)]
        if SOURCE.sniff(raw[:length]):
            assert [one.place.end for one in held] == ends, length


def test_text_that_is_no_utf_8_is_shown_as_far_as_it_is() -> None:
    """Go writes what it is given; the library would refuse the record."""
    raw = fixed(LOGS).replace(b"pool exhausted", b"pool \xff\xfe\xf0austed", 1)
    first, *_ = events(SOURCE, raw)
    assert first.text == "pool \ufffd\ufffd\ufffdausted"
    assert len(events(SOURCE, raw)) == len(events(SOURCE, fixed(LOGS)))
    assert raw[first.place.start : first.place.end] in raw


def test_a_damaged_resource_leaves_the_others() -> None:
    request = ExportLogsServiceRequest()
    for _ in range(3):
        request.MergeFrom(logs(log()))
    raw = bytearray(written(request))
    where = [one.place for one in events(SOURCE, bytes(raw))]
    raw[where[1].start - 2] = 0x0F
    found = check(SOURCE, bytes(raw))
    assert [one.place for one in found if isinstance(one, Event)] == [where[0], where[2]]
    assert [one.code for one in found if not isinstance(one, Event)] == ["otlp-wire"]


@pytest.mark.parametrize("damage", [b"\xff\xff\xff\xff", b"\0\0\x7f\xff", b"\0\xff\0\0"])
@pytest.mark.parametrize("pack", [False, True])
def test_a_damaged_length_costs_no_other_request(damage: bytes, pack: bool) -> None:
    bodies = [zstandard.ZstdCompressor().compress(written(one)) if pack else written(one) for one in REQUESTS]
    raw = fixed(*bodies)
    at = 4 + len(bodies[0])
    found = check(SOURCE, raw[:at] + damage + raw[at + 4 :])
    whole = [bare(one) for one in events(SOURCE, raw)]
    held = [bare(one) for one in found if isinstance(one, Event)]
    assert held == whole


def test_gigabytes_of_zeros_are_passed_over() -> None:
    """The disk was full, or the power went: the file has grown, but nothing came."""
    import time

    for lay in (fixed, varints):
        raw = lay(LOGS) + b"\0" * 30_000_000
        began = time.process_time()
        assert len(events(SOURCE, raw)) == 6
        assert time.process_time() - began < 2


@pytest.mark.parametrize("lay", [written, fixed, varints], ids=["alone", "fixed", "varint"])
def test_truncation(lay: Any) -> None:
    truncated(SOURCE, lay(METRICS), 1)
    truncated(SOURCE, lay(SPANS), 3)


SAMPLE = fixed(*REQUESTS)


@given(st.binary(max_size=80))
def test_garbage(raw: bytes) -> None:
    check(SOURCE, raw)
    check(SOURCE, written(LOGS) + raw)


@settings(max_examples=300)
@given(st.sampled_from([written, fixed, varints]), st.data())
def test_any_byte_may_be_another(lay: Any, data: st.DataObject) -> None:
    raw = bytearray(lay(*REQUESTS) if lay is not written else written(data.draw(st.sampled_from(REQUESTS))))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    check(SOURCE, bytes(raw))


def test_nested_without_end() -> None:
    deep = value("x")
    for _ in range(40):
        deep = AnyValue(array_value=ArrayValue(values=[deep]))
    assert len(events(SOURCE, written(logs(log(body=deep), log())))) == 2
    raw = deep.SerializeToString()
    for _ in range(3000):
        raw = b"\x0a" + _size(len(raw)) + raw
        raw = b"\x2a" + _size(len(raw)) + raw
    hostile = b"\x09" + struct.pack("<Q", T) + b"\x2a" + _size(len(raw)) + raw
    made = check(SOURCE, written(logs(log(), log())) + _around(hostile))
    assert [one.code for one in made if not isinstance(one, Event)] == ["otlp-wire"]


def _size(size: int) -> bytes:
    made = b""
    while size > 127:
        made, size = made + bytes([size & 127 | 128]), size >> 7
    return made + bytes([size])


def _around(record: bytes) -> bytes:
    """A request of one record that no library would write."""
    scope = b"\x12" + _size(len(record)) + record
    resource = b"\x12" + _size(len(scope)) + scope
    return b"\x0a" + _size(len(resource)) + resource


# ------------------------------------------------------------------------------------------------- recognising


def test_other_binary_files_are_left_alone() -> None:
    others = [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0", b"\x7fELF\x02\x01\x01" + b"\0" * 60, b"PAR1" + bytes(range(200)),
        b"SQLite format 3\0" + bytes(range(100)), b"\n" * 500, b"\n\n\n a log\n" * 50, bytes(range(256)) * 20, b"\0\0\0\x20ftypisom" * 9,
        # Other protocols over protobuf: a profile (sample types), a push of log lines, a remote write.
        b"\x0a\x04\x08\x01\x10\x02\x12\x09\x0a\x03\x01\x02\x03\x12\x02\x05\x06\x32\x00\x32\x07samples",
        b'\x0a\x30\x0a\x0e{app="cart"...}\x12\x1e\x0a\x0b\x08\x80\xb6\xcf\xa9\x06\x10\x80\x80\x80\x01\x12\x0fhello from cart',
        b"\x0a\x2c\x0a\x12\x0a\x08__name__\x12\x06cpu_up\x12\x10\x09\0\0\0\0\0\0\xf0\x3f\x10\x90\xb5\x92\x9b\xc2\x2f",
    ]  # fmt: skip
    for raw in others:
        assert SOURCE.sniff(raw) == 0.0, raw[:20]
        assert not events(SOURCE, raw)


def test_a_head_that_ends_anywhere_is_recognised() -> None:
    """Of a large request only the first 64 KiB are looked at."""
    one = log(body=value("x" * 100_000))
    for lay in (written, fixed, varints):
        for request in (logs(one, one), spans(span(name="y" * 90_000))):
            assert SOURCE.sniff(lay(request)[: 1 << 16]) > 0.9
    many = fixed(logs(*[log()] * 5000))[: 1 << 16]
    assert SOURCE.sniff(many) > 0.9
    assert max(plugs.sources(), key=lambda found: found.sniff(many)).name == "otlp-protobuf"


def test_records_that_hold_only_a_body_are_recognised() -> None:
    assert SOURCE.sniff(written(logs({"body": value("x")}))) > 0.9
    [one] = events(SOURCE, fixed(logs({"body": value("x")})))
    assert (one.at, one.text) == (None, "x")


# ------------------------------------------------------------------------------------------------- what the inbox adds


def test_when_it_was_received_is_the_time_of_what_has_none() -> None:
    """It was told at that time: no more is claimed."""
    request = logs({"body": value("x")}, log())
    raw = otlp_frame.sealed(written(request), T + 9)
    undated, dated = events(SOURCE, raw)
    assert (undated.at, undated.meaning, undated.clock) == (T + 9, Meaning.REPORTED, "")
    assert (dated.at, dated.meaning) == (T, Meaning.OCCURRED)
    assert not problems(SOURCE, raw)
    # Any other reader of the format passes over the field.
    assert len(ExportLogsServiceRequest.FromString(raw[4:]).resource_logs) == 1


def test_a_frame_that_was_changed_since_says_so() -> None:
    raw = otlp_frame.sealed(written(logs(log())), T).replace(b"exhausted", b"exhaustee")
    assert [one.code for one in problems(SOURCE, raw)] == ["otlp-checksum"]
    with pytest.raises(otlp_wire.CutError):
        otlp_frame.receipt(raw[4:])


def test_a_file_in_bounded_memory() -> None:
    """A frame at a time, however many there are."""
    import tracemalloc

    raw = fixed(logs(*[log()] * 100)) * 400
    stream = io.BytesIO(raw)
    tracemalloc.start()
    count = sum(1 for _ in SOURCE.read(stream, otlp_reading()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 40_000
    assert peak < len(raw) / 4


def otlp_reading() -> Any:
    from afterword.ports import Reading

    return Reading()
