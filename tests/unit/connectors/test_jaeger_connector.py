"""Jaeger: services lead to traces, a trace of two services is asked for once; then who calls whom."""

from __future__ import annotations

from typing import Any

from driver import ask, checks, drive, events, query

from afterword.connectors.jaeger import CONNECTOR
from afterword.model.event import Kind
from afterword.ports import GivenUpError

URL = "http://jaeger.test:16686"


def traces(*numbers: str) -> dict[str, Any]:
    span = {
        "spanID": "1",
        "operationName": "charge",
        "references": [],
        "startTime": 1772442300000001,
        "duration": 1000,
        "tags": [],
        "logs": [],
        "processID": "p1",
    }
    found = [
        {"traceID": one, "spans": [{"traceID": one, **span}], "processes": {"p1": {"serviceName": "pay", "tags": []}}}
        for one in numbers
    ]
    return {"data": found, "total": 0, "limit": 0, "offset": 0, "errors": None}


EDGES = {"data": [{"parent": "cart", "child": "pay", "callCount": 7}], "total": 0}
RULES = [
    (r"/api/services", {"data": ["cart", "pay", "jaeger-query"], "total": 3}), (r"/api/traces\?service=cart", traces("a1", "b2")), (r"/api/traces\?service=pay", traces("b2")),
    (r"/api/traces/a1", traces("a1")), (r"/api/traces/b2", traces("b2")), (r"/api/dependencies", EDGES),
]  # fmt: skip


def test_every_trace_comes_once_with_the_edges() -> None:
    talked = drive(CONNECTOR, ask(URL), RULES)
    checks(CONNECTOR, talked)
    assert not [one for one in talked.urls() if "jaeger-query" in one]
    assert query(talked.requests[1])["start"] == "1772442000000000"
    made = events(talked, "jaeger")
    assert [(one.subject, one.attributes["trace"], one.at) for one in made if one.kind is Kind.SPAN] == [
        ("pay", "a1", 1772442300000001000),
        ("pay", "b2", 1772442300000001000),
    ]
    assert [(one.subject, one.name) for one in made if one.kind is Kind.EDGE] == [("cart", "pay")]
    assert query(talked.requests[-1])["lookback"] == "3600000"


def test_a_service_that_fails_does_not_stop_the_others_and_a_full_answer_is_told() -> None:
    rules = [(r"service=cart", GivenUpError("500", 500)), *RULES]
    talked = drive(CONNECTOR, ask(URL, services="cart, pay", limit=1), rules)
    assert talked.kept[0][0].url.rsplit("/", 1)[-1] == "b2"
    assert "traces of pay beyond the newest 1" in talked.short
