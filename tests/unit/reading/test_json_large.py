"""A document that is read in pieces says what it says when it is read as a whole, and its places are the same."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.model.event import Event
from afterword.model.evidence import Problem
from afterword.ports import Reading
from afterword.reading import json_large, json_scan, json_value
from afterword.reading.json_value import Node

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "conformance"))

from test_sources import samples, source

JSON = sorted(name for name, raw in samples().items() if raw.lstrip()[:1] in (b"{", b"["))


NS = 1_714_558_830_000_000_001


def attribute(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}


def otlp(count: int) -> dict[str, Any]:
    """One resource with many records, then several, then traces and metrics beside them."""

    def logs(start: int, more: int) -> dict[str, Any]:
        records = [
            {
                "timeUnixNano": str(NS + n),
                "severityText": "ERROR",
                "body": {"stringValue": f'no "pool" \\ left, höchstens {n}'},
            }
            for n in range(start, start + more)
        ]
        resource = {"attributes": [attribute("service.name", f"svc-{start}")]}
        return {"resource": resource, "scopeLogs": [{"scope": {"name": "a"}, "logRecords": records}], "schemaUrl": "x"}

    span = {"traceId": "5b8efff798038103d269b633813fc60c", "name": "GET /", "kind": 2, "endTimeUnixNano": str(NS + 9)}
    spans = [span | {"spanId": f"{n:016x}", "startTimeUnixNano": str(NS + n)} for n in range(1, count)]
    points = [{"timeUnixNano": str(NS + n * 10**9), "asInt": str(n), "attributes": []} for n in range(1, count)]
    resource = {"attributes": [attribute("service.name", "shop")]}
    return {
        "resourceLogs": [logs(0, count), *(logs(n, 2) for n in range(1000, 1000 + count))],
        "resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}],
        "resourceMetrics": [
            {"resource": resource, "scopeMetrics": [{"metrics": [{"name": "up", "gauge": {"dataPoints": points}}]}]}
        ],
    }


def jaeger(count: int) -> dict[str, Any]:
    spans = [
        {
            "traceID": "ab",
            "spanID": f"{n:x}",
            "operationName": "op",
            "startTime": NS // 1000 + n,
            "duration": 7,
            "processID": "p1",
            "tags": [],
        }
        for n in range(1, count)
    ]
    processes = {"p1": {"serviceName": "shop", "tags": []}}
    return {"data": [{"traceID": "ab", "spans": spans, "processes": processes}] * 2, "total": 0, "errors": None}


def loki(count: int) -> dict[str, Any]:
    values = [[str(NS + n), f'level=error msg="line {n}"'] for n in range(count)]
    streams = [{"stream": {"app": name}, "values": values} for name in ("a", "b")]
    return {"status": "success", "data": {"resultType": "streams", "result": streams, "stats": {"x": [1, 2, 3]}}}


def prometheus(count: int) -> dict[str, Any]:
    series = [
        {"metric": {"__name__": "up", "instance": f"i{n}"}, "values": [[1714558830 + 15 * k, str(k)] for k in range(9)]}
        for n in range(count)
    ]
    return {"status": "success", "data": {"resultType": "matrix", "result": series}}


def hits(count: int) -> dict[str, Any]:
    found = [
        {
            "_index": "logs",
            "_id": str(n),
            "_source": {"@timestamp": "2026-03-14T09:12:00.123Z", "message": f"line {n}", "service": {"name": "shop"}},
        }
        for n in range(count)
    ]
    return {"took": 3, "_shards": {"total": 1}, "hits": {"total": {"value": count}, "hits": found}}


def cloudwatch(count: int) -> dict[str, Any]:
    events = [
        {"logStreamName": "s", "timestamp": NS // 10**6 + n, "message": f"line {n}", "eventId": str(n)}
        for n in range(count)
    ]
    return {"events": events, "searchedLogStreams": []}


def kubernetes(count: int) -> dict[str, Any]:
    events = [
        {"kind": "Event", "apiVersion": "v1", "metadata": {"name": f"e{n}", "namespace": "d"}, "reason": "BackOff", "message": f"no {n}",
         "type": "Warning", "count": n, "involvedObject": {"kind": "Pod", "name": f"p{n}"},
         "firstTimestamp": "2026-03-14T09:12:00Z", "lastTimestamp": "2026-03-14T09:13:00Z"}
        for n in range(1, count)
    ]  # fmt: skip
    return {"apiVersion": "v1", "kind": "List", "items": events, "metadata": {"resourceVersion": ""}}


def zipkin(count: int) -> list[Any]:
    return [
        [
            {
                "traceId": "ab",
                "id": f"{n:016x}",
                "name": "get",
                "timestamp": NS // 1000 + n,
                "duration": 9,
                "localEndpoint": {"serviceName": "web"},
            }
        ]
        for n in range(1, count)
    ]


def array(count: int) -> list[Any]:
    return [
        {"time": "2026-03-14T09:12:00Z", "level": "error", "service": "shop", "message": f"no, {{[ {n}"}
        for n in range(count)
    ]


GROWN: dict[str, tuple[str, Any]] = {
    "OTLP": ("otlp_json", otlp),
    "Jaeger": ("jaeger", jaeger),
    "Loki": ("loki", loki),
    "Prometheus": ("prometheus_json", prometheus),
    "Elasticsearch": ("json_lines", hits),
    "CloudWatch": ("json_lines", cloudwatch),
    "Kubernetes": ("kubernetes_events", kubernetes),
    "Zipkin": ("zipkin", zipkin),
    "array": ("json_lines", array),
}


def read(module: str, raw: bytes) -> list[Any]:
    return list(source(module).read(io.BytesIO(raw), Reading()))


def in_pieces(module: str, raw: bytes, monkeypatch: pytest.MonkeyPatch, size: int) -> list[Any]:
    with monkeypatch.context() as small:
        small.setattr(json_value, "LARGE", 0)
        small.setattr(json_large, "PIECE", size)
        small.setattr(json_scan, "BLOCK", 50)
        return read(module, raw)


@pytest.mark.parametrize("module", JSON)
def test_every_source_reads_its_sample_the_same_in_pieces(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raws = [samples()[module]]
    with contextlib.suppress(ValueError):  # one value a line: that is never read as a document
        raws += [json.dumps(json.loads(raws[0]), indent=indent, ensure_ascii=False).encode() for indent in (None, 1)]
    for raw in raws:
        expected = read(module, raw)
        for size in (64, 700):
            assert in_pieces(module, raw, monkeypatch, size) == expected


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("kind", GROWN)
def test_many_elements_are_read_the_same_in_pieces(
    kind: str, indent: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, make = GROWN[kind]
    raw = json.dumps(make(20), indent=indent, ensure_ascii=False).encode()
    if indent is None:
        raw = raw.replace(b"{", b"\n{", 1)  # else a document of one line is a line
    # Spans, logs and metrics of one OTLP document come kind after kind, thus in another order when it is cut.
    assert sorted(map(repr, read(module, raw))) == sorted(map(repr, in_pieces(module, raw, monkeypatch, 300)))
    assert sum(isinstance(one, Event) for one in read(module, raw)) >= 18


@pytest.mark.parametrize("kind", sorted(set(GROWN) - {"Prometheus"}))
def test_it_is_read_in_pieces_and_not_as_a_whole(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control of the tests above: no text that is held is nearly as long as the document."""
    module, make = GROWN[kind]
    raw = json.dumps(make(200), indent=1).encode()
    longest = []
    seen = json_large.whole
    monkeypatch.setattr(json_large, "whole", lambda *given: longest.append(len(seen(*given)[0])) or seen(*given))
    in_pieces(module, raw, monkeypatch, 300)
    assert max(longest) < len(raw) // 8


def nodes(raw: bytes) -> list[Any]:
    return [(one.value, one.place()) if isinstance(one, Node) else one for one in json_value.values(io.BytesIO(raw))]


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(alphabet='a"\\é{}[],:\n ', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text("ab_", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=30,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(st.text("ab", min_size=1, max_size=2), values, max_size=3), min_size=3, max_size=20), st.sampled_from([None, 1]), st.integers(7, 200))  # fmt: skip
def test_the_elements_of_any_array(value: Any, indent: int | None, size: int) -> None:
    """Strings full of brackets, quotes and backslashes, cut at any block: the same values at the same places."""
    raw = b"\n\n" + json.dumps(value, indent=indent, ensure_ascii=False).encode() + b"\n"
    expected = nodes(raw)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(json_value, "LARGE", 0)
        small.setattr(json_large, "PIECE", size)
        small.setattr(json_scan, "BLOCK", 7)
        assert nodes(raw) == expected


def test_documents_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = b"\n".join(json.dumps({"a": {"b": n}, "c": [{"d": n}]}, indent=1).encode() for n in range(50))
    expected = nodes(raw)
    monkeypatch.setattr(json_value, "LARGE", 0)
    monkeypatch.setattr(json_large, "PIECE", 200)
    assert nodes(raw) == expected


def test_one_bad_element_costs_itself(pieces: None) -> None:
    """As a whole the document would be refused; in pieces the place of the fault is known, and the rest is read."""
    raw = b'{"x": 1,\n"items": [' + b",\n".join(b'{"a": %d}' % n for n in range(40)) + b"]}"
    bad = raw.replace(b'{"a": 20}', b'{"a": 020}').replace(b'{"a": 30}', b'{"a": 1, "a": 2}')
    made = nodes(bad)
    problems = [one for one in made if isinstance(one, Problem)]
    assert [(one.code, bad[one.place.start : one.place.end].strip()) for one in problems] == [
        ("json-syntax", b'{"a": 020}'),
        ("json-repeated-key", b'{"a": 1, "a": 2}'),
    ]
    held = [item["a"] for value, _ in (one for one in made if not isinstance(one, Problem)) for item in value["items"]]
    assert held == [n for n in range(40) if n not in (20, 30)]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"a": [' + b'{"b": 1},' * 50, "json-truncated"),
        (b"[" * 70 + b"1" + b"]" * 70, "json-deep"),
        (b'[{"a": 1}]]' * 20, "json-syntax"),
        (b'{"a": "' + b"x" * 500, "json-truncated"),
    ],
)
def test_brackets_that_do_not_close(raw: bytes, code: str, pieces: None) -> None:
    (problem,) = nodes(b"\n" + raw)
    assert (problem.code, problem.place.start, problem.place.end) == (code, 0, len(raw) + 1)


def test_an_element_that_is_too_large_is_set_aside(pieces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_large, "LARGEST", 400)
    raw = b'[\n{"a": 1},\n{"a": "' + b"x" * 1000 + b'"},\n{"a": 3}]'
    one, problem, three = nodes(raw)
    assert (one[0], three[0]) == ({"a": 1}, {"a": 3})
    assert problem.code == "json-large"
    assert raw[problem.place.start : problem.place.end].strip().startswith(b'{"a": "xxx')


@pytest.fixture
def pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is large: a piece is 64 bytes, a block of the first pass 50."""
    monkeypatch.setattr(json_value, "LARGE", 0)
    monkeypatch.setattr(json_large, "PIECE", 64)
    monkeypatch.setattr(json_scan, "BLOCK", 50)
