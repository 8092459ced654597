"""Spans of Zipkin."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_laws import check, events, problems, said, truncated

from afterword.sources.zipkin import SOURCE

T = 1700000000000001


def span(id_: str, service: str, kind: str = "", **more: Any) -> dict[str, Any]:
    return {"traceId": "aa", "id": id_, "name": "get", "timestamp": T, "duration": 250, "localEndpoint": {"serviceName": service}} | (
        {"kind": kind} if kind else {}
    ) | more  # fmt: skip


def raw(*spans: Any) -> bytes:
    return json.dumps(list(spans)).encode()


CALL = raw(span("01", "web"), span("02", "web", "CLIENT", parentId="01", remoteEndpoint={"serviceName": "cart"}), span("02", "cart", "SERVER", parentId="01", shared=True))  # fmt: skip


def test_microseconds_and_endpoints() -> None:
    [one] = events(SOURCE, raw(span("01", "web", tags={"http.status_code": "200"})))
    assert (one.subject, one.name, one.at, one.took, one.severity) == ("web", "get", T * 1000, 250_000, "")
    assert one.attributes == {"trace": "aa", "span": "01", "status": "200"}
    assert SOURCE.sniff(CALL) > 0.9


def test_client_and_server_share_an_id_and_the_call_between_them_is_seen() -> None:
    root, client, server = events(SOURCE, CALL)
    assert client.attributes["parent"] == root.attributes["span"]
    assert server.attributes["parent"] == client.attributes["span"] == "02:client"
    assert server.attributes["span"] == "02"
    assert (client.attributes["peer"], client.attributes["kind"]) == ("cart", "client")
    assert json.loads(said(CALL, server))["shared"] is True


def test_a_server_whose_client_is_not_here_keeps_its_parent() -> None:
    [server] = events(SOURCE, raw(span("02", "cart", "SERVER", parentId="01", shared=True)))
    assert (server.attributes["span"], server.attributes["parent"]) == ("02", "01")


@pytest.mark.parametrize(
    ("tags", "bad"),
    [
        ({}, False),
        ({"error": ""}, True),
        ({"error": "boom"}, True),
        ({"http.status_code": "503"}, True),
        ({"http.status_code": "404"}, False),
    ],
)
def test_an_error_tag_says_so_whatever_it_holds(tags: dict[str, str], bad: bool) -> None:
    [one] = events(SOURCE, raw(span("01", "web", tags=tags)))
    assert one.severity == ("error" if bad else "")
    assert one.text == ("boom" if tags.get("error") == "boom" else "")


def test_traces_in_a_list_and_spans_a_line() -> None:
    lists = json.dumps([[span("01", "web")], [span("02", "web")]]).encode()
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in (span("01", "web"), {"_source": span("02", "web")}))
    for one in (lists, lines):
        assert SOURCE.sniff(one) > 0.9
        assert [event.attributes["span"] for event in events(SOURCE, one)] == ["01", "02"]


def test_a_span_without_a_time_is_kept_undated() -> None:
    bare = {"traceId": "aa", "id": "01", "kind": "SERVER", "localEndpoint": None}
    [one] = events(SOURCE, raw(bare))
    assert (one.at, one.took, one.subject) == (None, None, "")
    assert [found.code for found in problems(SOURCE, raw(bare))] == ["time"]


def test_what_is_no_span_is_set_aside() -> None:
    assert [one.code for one in problems(SOURCE, raw(span("01", "web"), {"traceId": 1}, 3))] == ["span", "span"]


@pytest.mark.parametrize("value", [{"traceId": "a", "spanId": "b"}, {"traceId": "a"}, {"resourceSpans": []}, 3])
def test_others(value: object) -> None:
    assert SOURCE.sniff(raw(value)) == 0.0


def test_truncation() -> None:
    truncated(SOURCE, CALL)


@given(st.binary(max_size=60))
def test_garbage(found: bytes) -> None:
    check(SOURCE, found)
