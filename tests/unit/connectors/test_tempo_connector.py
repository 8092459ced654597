"""Tempo: a search names traces, each is asked for once."""

from __future__ import annotations

from typing import Any

from driver import ask, checks, drive, events, query

from afterword.connectors.tempo import CONNECTOR

URL = "http://tempo.test:3200"


def trace(number: str) -> dict[str, Any]:
    span = {"traceId": "L9PdCfZmVxCT8e0hHTHXNA==", "spanId": "AAAAAAAAAAE=", "name": f"charge {number}", "kind": "SPAN_KIND_SERVER", "startTimeUnixNano": "1772442300000000001", "endTimeUnixNano": "1772442301000000001", "status": {"code": "STATUS_CODE_ERROR"}}  # fmt: skip
    about = {"attributes": [{"key": "service.name", "value": {"stringValue": "pay"}}]}
    return {"batches": [{"resource": about, "scopeSpans": [{"scope": {}, "spans": [span]}]}]}


def found(*numbers: str) -> dict[str, Any]:
    return {"traces": [{"traceID": one, "rootServiceName": "pay", "startTimeUnixNano": "1772442300000000001", "durationMs": 5} for one in numbers], "metrics": {}}  # fmt: skip


RULES = [(r"/api/search\?q=\{ status", found("a1", "b2")), (r"/api/search\?q=\{ \}", found("b2", "c3")), (r"/api/traces/b2", trace("b2")), (r"/api/traces/", trace("x"))]  # fmt: skip


def test_what_failed_comes_first_and_a_trace_that_two_queries_find_once() -> None:
    talked = drive(CONNECTOR, ask(URL, tenant="shop"), RULES)
    checks(CONNECTOR, talked)
    assert [one.url.split("?")[0].rsplit("/", 1)[-1] for one, _ in talked.kept] == ["a1", "b2", "c3"]
    assert query(talked.requests[0])["start"] == "1772442000"
    assert talked.requests[0].headers["x-scope-orgid"] == "shop"
    made = events(talked, "otlp-json")
    assert [(one.subject, one.at, one.severity) for one in made] == [("pay", 1772442300000000001, "error")] * 3
    assert made[0].attributes["trace"] == "2fd3dd09f666571093f1ed211d31d734"


def test_a_full_search_is_told() -> None:
    talked = drive(
        CONNECTOR,
        ask(URL, query='{ resource.service.name = "pay" }', most=2),
        [(r"search", found("a", "b")), (r"traces", trace("x"))],
    )
    assert "beyond the first 2" in talked.short
    assert len(talked.requests) == 3


def test_an_identifier_that_is_none_is_not_put_into_an_address() -> None:
    talked = drive(
        CONNECTOR, ask(URL, query="{ }"), [(r"search", found("../../admin", "d4")), (r"traces/d4", trace("d4"))]
    )
    assert len(talked.requests) == 2
