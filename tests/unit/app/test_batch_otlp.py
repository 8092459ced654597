"""OTLP requests in columns say what they say line by line."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from both_ways import same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.reading.bulk import block
from afterword.sources import otlp_json

HEX = st.sampled_from(
    [
        "4ff9f9c74c8328371d6a73fde23dcba1",
        "6983c6acc768fd81",
        "0" * 32,
        "",
        "4FF9F9C74C832837",
        "T/n5x0yDKDcdanP94j3LoQ==",
        "x",
    ]
)
NANOS = st.sampled_from(
    [
        "1767225600000000000",
        "1767225600068000000",
        1767225600068000000,
        "0",
        "",
        None,
        "soon",
        1767225600,
        "9999999999999999999",
    ]
)
VALUES = st.one_of(
    st.sampled_from(["/a", "", "${x}", 'q"', "x" * 1100, "Straße", "500", "404"]).map(lambda one: {"stringValue": one}),
    st.sampled_from(["200", "503", "007", "-1", 12, "12345678901234567890"]).map(lambda one: {"intValue": one}),
    st.sampled_from([1, 1.5, 2.50, 1e30, 0]).map(lambda one: {"doubleValue": one}),
    st.booleans().map(lambda one: {"boolValue": one}),
    st.just({"arrayValue": {"values": [{"stringValue": "a"}]}}),
    st.just({}),
)
KEYS = (
    "http.response.status_code",
    "http.status_code",
    "http.route",
    "peer.service",
    "net.x",
    "user.id",
    "took",
    "exception.type",
    "event.name",
    "7",
)


@st.composite
def requests(draw: st.DrawFn, kind: str) -> list[dict[str, Any]]:
    keys = draw(st.lists(st.sampled_from(KEYS), max_size=4, unique=draw(st.booleans())))
    made = []
    for _ in range(draw(st.integers(1, 15))):
        said = [{"key": key, "value": draw(VALUES)} for key in keys]
        one: dict[str, Any] = {"traceId": draw(HEX), "spanId": draw(HEX), "attributes": said}
        if kind == "span":
            one |= {
                "name": draw(st.sampled_from(["GET /a", ""])), "kind": draw(st.sampled_from([1, 2, 3, "SPAN_KIND_CLIENT"])),
                "startTimeUnixNano": draw(NANOS), "endTimeUnixNano": draw(NANOS), "parentSpanId": draw(HEX),
                "status": draw(st.sampled_from([{}, {"code": 0}, {"code": 2, "message": "no"}])),
            }  # fmt: skip
            if draw(st.integers(0, 3)) == 0:
                raised = [{"key": "exception.type", "value": {"stringValue": "E"}}]
                one["events"] = [{"timeUnixNano": "1767225600000000000", "name": "exception", "attributes": raised}]
        else:
            one |= {
                "timeUnixNano": draw(NANOS), "observedTimeUnixNano": draw(NANOS), "severityText": draw(st.sampled_from(["INFO", "", "ERROR"])),
                "severityNumber": draw(st.sampled_from([9, 0, 17, "SEVERITY_NUMBER_WARN"])), "body": draw(VALUES),
            }  # fmt: skip
        inside = {
            "scope": {"name": draw(st.sampled_from(["lib", "zap"]))},
            ("spans" if kind == "span" else "logRecords"): [one] * draw(st.sampled_from([1, 1, 1, 2])),
        }
        host = [
            {"key": "service.name", "value": {"stringValue": draw(st.sampled_from(["cart", "pay"]))}},
            {"key": "host.name", "value": draw(VALUES)},
        ]
        outer = ("resourceSpans", "scopeSpans") if kind == "span" else ("resourceLogs", "scopeLogs")
        made.append({outer[0]: [{"resource": {"attributes": host[: draw(st.integers(0, 2))]}, outer[1]: [inside]}]})
    return made


@settings(deadline=None, max_examples=120, suppress_health_check=list(HealthCheck))
@given(
    made=st.one_of(requests("span"), requests("log")),
    between=st.lists(st.sampled_from(["", "words", "{}", "[1]", '{"a": 1}']), max_size=3),
    size=st.sampled_from([300, 3000, 1 << 20]),
)
def test_any_requests(made: list[Any], between: list[str], size: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = [json.dumps(one, ensure_ascii=False) for one in made]
    for at, text in enumerate(between):
        lines.insert((at * 5 + 2) % (len(lines) + 1), text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "_BLOCK", size)
        same(otlp_json.SOURCE, "\n".join(lines).encode("utf-8", "surrogatepass"), tmp_path_factory.mktemp("otlp"))


def test_spans_of_a_service_go_as_columns(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The control: one span a line is read in columns."""
    rng, lines = random.Random(2), []
    for n in range(500):
        span = {
            "traceId": f"{rng.getrandbits(128):032x}", "spanId": f"{rng.getrandbits(64):016x}", "name": "GET /a", "kind": 2,
            "startTimeUnixNano": str(1767225600000000000 + n), "endTimeUnixNano": str(1767225600000000900 + n), "status": {"code": n % 3},
            "attributes": [{"key": "db.rows", "value": {"intValue": str(n)}}, {"key": "user.id", "value": {"stringValue": f"u{n}"}}],
        }  # fmt: skip
        resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "cart"}}]}
        lines.append(json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [span]}]}]}))
    same(otlp_json.SOURCE, "\n".join(lines).encode(), tmp_path_factory.mktemp("spans"), some=True)
