"""Elasticsearch at a point in time; OpenSearch, which has another, by scrolling."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from driver import ask, checks, drive, events, ns
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.elasticsearch import CONNECTOR
from afterword.model.refusal import InvalidError
from afterword.ports import GivenUpError, Request

URL = "https://search.test:9200"


class Server:
    """Documents as both products answer them; ``points`` is whether it knows Elasticsearch's point in time."""

    def __init__(self, docs: list[tuple[int, str]], *, points: bool = True) -> None:
        self.docs, self.points, self.open, self.scrolls = docs, points, set[str](), dict[str, list[Any]]()

    def __call__(self, request: Request) -> Any:
        said = json.loads(request.body or b"{}")
        if request.method == "GET":
            return {
                "version": {"number": "8.13.0"} if self.points else {"number": "2.11.0", "distribution": "opensearch"}
            }
        if "/_pit" in request.url:
            if not self.points:
                return GivenUpError("405 Method Not Allowed")
            if request.method == "DELETE":
                self.open.discard(said["id"])
                return {"succeeded": True, "num_freed": 1}
            self.open.add("p0")
            return {"id": "p0"}
        if request.url.endswith("/_search/scroll"):
            return self._scroll(request, said)
        bounds = said["query"]["bool"]["filter"][0]["range"]["@timestamp"]
        rows = [(at, shard, text) for shard, (at, text) in enumerate(self.docs) if bounds["gte"] <= at < bounds["lt"]]
        if "pit" not in said:
            assert said["sort"] == ["_doc"]
            self.scrolls["s"] = rows[said["size"] :]
            return self._hits(rows[: said["size"]], _scroll_id="s")
        assert said["pit"]["id"] in self.open
        after = tuple(said.get("search_after", (-1, -1)))
        later = sorted(row for row in rows if row[:2] > after)[: said["size"]]
        self.open = {f"p{len(self.open)}x"}
        return self._hits(later, pit_id=next(iter(self.open)))

    def _scroll(self, request: Request, said: Any) -> Any:
        if request.method == "DELETE":
            return {"succeeded": bool(self.scrolls.pop(said["scroll_id"][0], None) is not None)}
        rows = self.scrolls[said["scroll_id"]]
        self.scrolls["s"] = rows[3:]
        return self._hits(rows[:3], _scroll_id="s")

    def _hits(self, rows: list[Any], **more: Any) -> Any:
        hits = [
            {
                "_index": "logs-shop",
                "_id": f"d{shard}",
                "_score": None,
                "_source": source(at, text),
                "sort": [at, shard],
            }
            for at, shard, text in rows
        ]
        return {"took": 1, "timed_out": False, "_shards": {"total": 1, "failed": 0}, "hits": {"hits": hits}, **more}


def source(at: int, text: str) -> dict[str, Any]:
    return {"@timestamp": at, "message": text, "log": {"level": "error"}, "service": {"name": "pay"}}


def texts(talked: Any) -> Counter[str]:
    return Counter(hit["_source"]["message"] for page in talked.values() for hit in page["hits"]["hits"])


@pytest.mark.parametrize("points", [True, False])
def test_documents_are_read_by_their_source(points: bool) -> None:
    at = ns("2026-03-02T09:05:00Z") // 10**6
    server = Server([(at, "pool is dry")], points=points)
    talked = drive(CONNECTOR, ask(URL, index="logs-shop", secrets={"api_key": "azE6djE="}), server)
    checks(CONNECTOR, talked)
    assert [(one.at, one.subject, one.text, one.severity) for one in events(talked, "json-lines")] == [
        (at * 10**6, "pay", "pool is dry", "error")
    ]
    assert not server.open
    assert not server.scrolls
    assert talked.requests[0].secret == {"authorization": "ApiKey azE6djE="}


@given(st.lists(st.integers(0, 9), max_size=30), st.booleans())
def test_no_document_is_lost_or_doubled(times: list[int], points: bool) -> None:
    docs = [(at, f"doc {i}") for i, at in enumerate(times)]
    server = Server(docs, points=points)
    talked = drive(CONNECTOR, ask(URL, start=2 * 10**6, end=8 * 10**6, size=3), server)
    assert texts(talked) == Counter(text for at, text in docs if 2 <= at < 8)
    assert not talked.short
    assert not server.open


def test_a_query_narrows_the_window() -> None:
    talked = drive(CONNECTOR, ask(URL, query="level:error AND pay"), Server([]))
    said = json.loads(talked.requests[2].body)
    assert said["query"]["bool"]["filter"][1] == {"query_string": {"query": "level:error AND pay"}}
    assert "level" not in talked.requests[2].url


def test_lost_shards_are_said_and_the_point_is_closed() -> None:
    rules = [
        (r"POST .*_pit", {"id": "p"}),
        (r"POST .*_search", {"timed_out": False, "_shards": {"failed": 2}, "hits": {"hits": []}}),
        (r"DELETE .*_pit", {"succeeded": True}),
    ]
    talked = drive(CONNECTOR, ask(URL, paging="pit"), rules)
    assert "2 shards failed" in talked.short
    assert talked.requests[-1].method == "DELETE"


def test_a_point_that_is_asked_for_is_not_replaced_by_a_scroll() -> None:
    assert "405" in drive(CONNECTOR, ask(URL, paging="pit"), Server([], points=False)).short
    with pytest.raises(InvalidError):
        drive(CONNECTOR, ask(URL, paging="from"), [])


@pytest.mark.parametrize(
    "version", [{"number": "7.9.3"}, {"number": "7.10.2", "distribution": "opensearch"}, {}, {"number": "x"}]
)
def test_what_has_no_tie_breaker_is_scrolled(version: Any) -> None:
    """And a server that does not say what it is."""
    server = Server([(ns("2026-03-02T09:05:00Z") // 10**6, "pool is dry")], points=False)
    rules = [(r"^GET ", {"version": version}), (r".", server)]
    talked = drive(CONNECTOR, ask(URL), rules)
    assert not [one for one in talked.urls() if "_pit" in one]
    assert texts(talked) == Counter(["pool is dry"])
    forbidden = [(r"^GET ", GivenUpError("403 Forbidden", 403)), (r".", server)]
    assert texts(drive(CONNECTOR, ask(URL), forbidden)) == Counter(["pool is dry"])
