"""Loki: pages by time, where many lines share one time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from driver import ask, checks, drive, events, ns, query
from hypothesis import given
from hypothesis import strategies as st

from afterword.connectors.loki import CONNECTOR
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from afterword.ports import Request

URL = "http://loki.test:3100"


def server(lines: list[tuple[int, str]], most: int = 10**6) -> Any:
    """What query_range answers: forward, start inclusive, end exclusive, no more than the limit, one stream an app."""

    def answer(request: Request) -> Any:
        said = query(request)
        inside = [
            one for one in sorted(lines, key=lambda one: one[0]) if int(said["start"]) <= one[0] < int(said["end"])
        ]
        streams: dict[str, list[list[str]]] = {}
        for at, line in inside[: min(int(said["limit"]), most)]:
            streams.setdefault(line.split("-")[0], []).append([str(at), line])
        found = [{"stream": {"app": app}, "values": values} for app, values in streams.items()]
        return {"status": "success", "data": {"resultType": "streams", "result": found, "stats": {}}}

    return answer


def kept(talked: Any) -> list[tuple[int, str]]:
    return [(int(at), line) for page in talked.values() for one in page["data"]["result"] for at, line in one["values"]]


def test_a_small_window_is_one_answer_that_its_source_reads() -> None:
    talked = drive(
        CONNECTOR,
        ask(URL, query='{app="pay"}', tenant="shop"),
        server([(ns("2026-03-02T09:05:00Z"), "pay-down")]),
    )
    checks(CONNECTOR, talked)
    assert len(talked.kept) == 1
    assert talked.requests[-1].headers["x-scope-orgid"] == "shop"
    assert [(one.at, one.subject, one.text) for one in events(talked, "loki")] == [
        (ns("2026-03-02T09:05:00Z"), "pay", "pay-down")
    ]


@given(st.lists(st.integers(0, 30), max_size=60), st.integers(1, 12))
def test_no_line_is_lost_or_doubled_at_any_size_of_page(times: list[int], limit: int) -> None:
    """Unless one nanosecond alone fills a page, which is said."""
    lines = [(at, f"a{i % 3}-{i}") for i, at in enumerate(times)]
    talked = drive(CONNECTOR, ask(URL, start=5, end=25, query="{}", limit=limit), server(lines))
    wanted = Counter(one for one in lines if 5 <= one[0] < 25)
    if max(Counter(at for at, _ in wanted).values(), default=0) < limit:
        assert Counter(kept(talked)) == wanted
        assert not talked.short
    else:
        assert not Counter(kept(talked)) - wanted
        assert "raise limit" in talked.short or Counter(kept(talked)) == wanted


@given(st.lists(st.integers(0, 30), max_size=40, unique=True), st.integers(2, 9))
def test_a_server_that_gives_less_than_it_is_asked_for_loses_nothing(times: list[int], most: int) -> None:
    lines = [(at, f"a-{i}") for i, at in enumerate(times)]
    talked = drive(CONNECTOR, ask(URL, start=0, end=31, query="{}"), server(lines, most))
    assert Counter(kept(talked)) == Counter(lines)
    assert not talked.short


def test_paging_by_the_next_nanosecond_alone_would_lose_lines() -> None:
    """The control: the simple way loses what shares the time of the last line of a page."""
    lines = [(1, "a-0"), (2, "a-1"), (2, "a-2"), (3, "a-3")]
    simple, start = [], 0
    while len(page := [one for one in lines if one[0] >= start][:2]) == 2:
        simple += page
        start = page[-1][0] + 1
    assert Counter(simple + page) != Counter(lines)
    assert Counter(kept(drive(CONNECTOR, ask(URL, start=0, end=9, query="{}", limit=3), server(lines)))) == Counter(
        lines
    )


def test_a_query_is_needed() -> None:
    with pytest.raises(InvalidError, match="query"):
        drive(CONNECTOR, ask(URL), [])


def test_one_query_that_fails_does_not_stop_the_other() -> None:
    rules = [(r"bad", b"<html>"), (r"query_range", server([(ns("2026-03-02T09:05:00Z"), "pay-down")]))]
    talked = drive(CONNECTOR, ask(URL, query=["{bad}", "{good}"]), rules)
    assert len(talked.kept) == 1
    assert "no JSON" in talked.short
