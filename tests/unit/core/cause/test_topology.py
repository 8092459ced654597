"""Who calls whom: stated, seen in traces, or named in error lines; and the way from one to the other."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pool
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.cause import topology
from afterword.model.event import Kind
from afterword.testing import case_from, cite, event

if TYPE_CHECKING:
    from afterword.core.cause.topology import Topology
    from afterword.model.event import Event

NAMES = st.sampled_from("abcdefgh")
EDGES = st.sets(st.tuples(NAMES, NAMES), max_size=20)


def graph(edges: set[tuple[str, str]]) -> Topology:
    case = case_from([event(Kind.EDGE, None, one, name=other) for one, other in sorted(edges)])
    return topology.build(case, ())


def reachable(edges: set[tuple[str, str]], start: str) -> dict[str, int]:
    """Distances by the plainest search that can be written."""
    found, here = {start: 0}, {start}
    for depth in range(1, 10):
        here = {other for one, other in edges if one in here} - found.keys()
        found.update(dict.fromkeys(here, depth))
    return found


@given(EDGES, NAMES, NAMES)
def test_a_path_follows_calls_and_is_the_shortest(edges: set[tuple[str, str]], start: str, end: str) -> None:
    path = graph(edges).path(start, end)
    distance = reachable(edges, start).get(end)
    if distance is None or distance > 6:
        assert path == ()
    else:
        assert (path[0], path[-1], len(path)) == (start, end, distance + 1)
        assert all((one, other) in edges for one, other in pairwise(path))


@given(EDGES, NAMES, NAMES)
def test_two_are_joined_in_whichever_direction_the_calls_go(edges: set[tuple[str, str]], one: str, other: str) -> None:
    made = graph(edges)
    assert bool(made.joins(one, other)) == bool(made.joins(other, one))


def test_nobody_calls_itself() -> None:
    assert graph({("a", "a"), ("a", "b")}).callees == {"a": frozenset("b")}


def span(at: int, who: str, id_: str, parent: str = "") -> Event:
    return event(Kind.SPAN, at, who, name="op", took=5, trace="t", span=id_, parent=parent)


def test_a_trace_shows_a_call_with_the_first_span_that_does() -> None:
    case = case_from([span(1, "shop", "a"), span(2, "db", "b", "a"), span(3, "db", "c", "a"), span(4, "db", "d", "c")])
    made = topology.build(case, ())
    assert made.callees == {"shop": frozenset(["db"])}
    assert made.basis["shop", "db"] == ("a trace shows the call", (cite(2),))


def test_what_is_stated_counts_more_than_what_is_guessed() -> None:
    line = event(Kind.LOG, 5, "shop", text="upstream cart-db failed", severity="error")
    case = case_from([line, event(Kind.EDGE, None, "shop", name="cart-db")])
    said = topology.blames(case, ["shop", "cart-db"], 0)
    assert [(one.speaker, one.named) for one in said] == [("shop", "cart-db")]
    assert topology.build(case, said).basis["shop", "cart-db"][0] == "the call graph states it"


def log(text: str, severity: str = "error", at: int = 5, who: str = "shop") -> Event:
    return event(Kind.LOG, at, who, text=text, severity=severity)


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (log("cart-db: connection refused"), [("cart-db", False)]),
        (log("CART-DB said no"), [("cart-db", False)]),
        (log("my-cart-db2 said no"), []),
        (log("shop failed"), []),
        (log("cart-db is fine", "info"), []),
        (log("cart-db late", at=1), []),
        (log("POST https://api.pay.example.com/v1 503"), [("api.pay.example.com", True)]),
        (log("host=cache.svc.cluster.local refused"), []),
    ],
)
def test_whom_an_error_line_blames(line: Event, named: list[tuple[str, bool]]) -> None:
    case = case_from([line, log("x", "info", 9, "cart-db")])
    assert [(one.named, one.external) for one in topology.blames(case, ["shop", "cart-db", "db"], 2)] == named


def test_blames_are_counted_and_cite_the_first() -> None:
    case = case_from([log(f"cart-db refused {n}", at=n) for n in range(10, 15)])
    (one,) = topology.blames(case, ["cart-db"], 11)
    assert (one.count, one.cite) == (4, cite(2))


def test_error_lines_are_grouped_with_how_often_they_stood_in_the_baseline() -> None:
    case = pool.case()
    (only,) = topology.templates_of(case.logs, pool.minute(39), pool.minute(38))
    (component, _), rows, usual = only
    assert case.logs.components[component] == "shop"
    assert (len(rows), usual) == (42, 0)
    again = topology.templates_of(case.logs, pool.minute(50), pool.minute(45))
    assert again[0][2] > 0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("card-network did not answer within 1.5 s", [("card-network", True)]),
        ("charge failed: acme-pay.eu:8443 refused the connection", [("acme-pay.eu", True)]),
        ("tax_api answered 503", [("tax_api", True)]),
        ("the request timed out", []),
        ("database is down", []),
        ("cart-db did not answer", [("cart-db", False)]),
    ],
)
def test_who_did_not_answer_is_outside_where_nobody_knows_it(text: str, named: list[tuple[str, bool]]) -> None:
    case = case_from([event(Kind.LOG, 5, "shop", text=text, severity="error")])
    assert [(one.named, one.external) for one in topology.blames(case, ["shop", "cart-db"], 2)] == named
