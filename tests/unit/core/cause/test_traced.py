"""The lane of traces: a request that goes another way, and time that is lost, are told of the component where it begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause import asked, course, familiar, topology, traced, waiting
from afterword.core.cause.statement import plain, statements
from afterword.core.window import Found
from afterword.model.event import Event, Kind
from afterword.model.time import MINUTE, SECOND, Span
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from afterword.core.case import Case

MS = 10**6
HEALTHY, TROUBLE = Span(0, 10 * MINUTE), Span(20 * MINUTE, 30 * MINUTE)
FOUND = Found(TROUBLE, HEALTHY, (), Span(0, 30 * MINUTE))
#: One request in ten seconds of the healthy ten minutes and of the ten in trouble.
TIMES = [*range(0, 10 * MINUTE, 10 * SECOND), *range(20 * MINUTE, 30 * MINUTE, 10 * SECOND)]


def span(at: int, who: str, name: str, own: str, parent: str = "", took: int = 10) -> Event:
    return event(
        Kind.SPAN, at, who, name=name, took=took * MS, trace=own.split("/", maxsplit=1)[0], span=own, parent=parent
    )


def line(at: int, who: str, text: str, own: str, severity: str = "info") -> Event:
    return event(Kind.LOG, at, who, text=text, severity=severity, trace=own.split("/", maxsplit=1)[0], span=own)


def request(n: int, at: int, *, broken: bool = False, network: int = 1, work: int = 5) -> list[Event]:
    """The web asks the shop, the shop asks the prices; a broken shop stops before it does and tells nobody."""
    t = f"t{n}"
    rows = [
        span(at, "web", "GET /buy", f"{t}/a", took=60 + network),
        span(at + 1, "web", "POST", f"{t}/b", f"{t}/a", took=50 + network),
        span(at + 2, "shop", "buy", f"{t}/c", f"{t}/b", took=50),
        line(at + 3, "shop", "begin to buy", f"{t}/c"),
    ]
    if broken:
        return rows
    return [
        *rows,
        span(at + 4, "shop", "GET", f"{t}/d", f"{t}/c", took=work + 2),
        span(at + 5, "prices", "price", f"{t}/e", f"{t}/d", took=work),
        line(at + 6, "shop", "bought it", f"{t}/c"),
        line(at + 7, "web", "answered", f"{t}/a"),
    ]


def test_what_stops_half_way_is_told_of_the_one_that_stopped() -> None:
    """An exception between two lines of the shop: the web misses its last line as well, but below it something did first."""
    rows = [one for n, at in enumerate(TIMES) for one in request(n, at, broken=at >= TROUBLE.start and n % 2 == 0)]
    found = course.departed(case_from(rows), FOUND)
    assert [one.component for one in found] == ["shop"]
    assert found[0].share == 1.0
    assert all(change.gone and change.before == 1.0 for change in found[0].changes)


def test_where_everything_goes_its_way_nobody_departs() -> None:
    """Negative control: twice as many requests, no other course."""
    rows = [one for n, at in enumerate([*TIMES, *TIMES[60:]]) for one in request(n, at + n)]
    assert course.departed(case_from(rows), FOUND) == ()


def test_who_passes_on_what_is_asked_may_be_asked_something_else() -> None:
    """Users who buy in the morning and read in the evening do not make the gateway depart from its course."""
    rows = []
    for n, at in enumerate(TIMES):
        who = "shop" if at < TROUBLE.start else "news"
        rows += [span(at, "gate", "any", f"t{n}/a", took=9), span(at + 1, who, "serve", f"t{n}/b", f"t{n}/a", took=5)]
    assert course.departed(case_from(rows), FOUND) == ()


def test_an_everyday_error_is_no_news_wherever_it_is_told() -> None:
    """Every fifth request failed to reach somebody before, and does now: another component, the same kind of error.

    Negative control: a kind of error that nobody has seen.
    """

    def rows(text: str) -> list[Event]:
        made = [one for n, at in enumerate(TIMES) for one in request(n, at)]
        for n, at in enumerate(TIMES):
            if n % 5 == 0:
                early = at < TROUBLE.start
                who = "shop" if early else "web"
                said = "no instance of prices" if early else text
                made.append(line(at + 8, who, said, f"t{n}/{'c' if early else 'a'}", "error"))
        return made

    known = familiar.everyday(case_from(rows("no instance of shop")).logs, ["prices", "shop"], HEALTHY, TROUBLE)
    assert known.sum() == 24
    assert course.departed(case_from(rows("no instance of shop")), FOUND) == ()
    assert [one.component for one in course.departed(case_from(rows("index out of range")), FOUND)] == ["web"]


def test_a_slow_way_is_told_of_its_far_end() -> None:
    """The network before the shop is slow: the web waits, and nothing else that the web calls or does is slow."""
    rows = []
    for n, at in enumerate(TIMES):
        rows += request(n, at, network=400 if at >= TROUBLE.start else n % 5)
        t = f"n{n}"
        rows += [
            span(at, "web", "GET /news", f"{t}/a", took=30),
            span(at + 1, "web", "POST", f"{t}/b", f"{t}/a", took=20),
        ]
        rows += [span(at + 2, "news", "read", f"{t}/c", f"{t}/b", took=15 + n % 3)]
    first = waiting.lost(case_from(rows), FOUND)[0]
    assert (first.component, first.places[0].caller) == ("shop", "web")
    told = traced.traces(case_from(rows), FOUND)
    assert max(told, key=lambda name: told[name].total()) == "shop"
    assert all(reason.cites and reason.says for tally in told.values() for reason in tally.reasons)


def test_slow_work_is_told_of_who_does_it() -> None:
    rows = [
        one for n, at in enumerate(TIMES) for one in request(n, at, work=(900 if at >= TROUBLE.start else 5 + n % 3))
    ]
    assert waiting.lost(case_from(rows), FOUND)[0].component == "prices"


def test_without_a_healthy_time_nothing_is_compared() -> None:
    rows = [one for n, at in enumerate(TIMES[60:]) for one in request(n, at)]
    assert waiting.lost(case_from(rows), FOUND) == ()
    assert course.departed(case_from(rows), FOUND) == ()


def test_a_statement_is_a_place_in_the_code_or_words_without_values() -> None:
    """The same words printed in two places are two statements; the same place with other values is one."""
    rows = [
        event(Kind.LOG, n, "shop", text=f"station {name}", logger=where)
        for n, (name, where) in enumerate([("north", "Stops#12"), ("south", "Stops#12"), ("north", "Stops#40")])
    ]
    logs = case_from(rows).logs
    codes, names = statements(logs, logs.at.argsort())
    assert codes[0] == codes[1] != codes[2]
    assert names == ["Stops#12", "Stops#40"]
    assert plain("asked [station: north] state=done") == plain("asked [station: south] state=done")
    assert plain("answered status=ok") != plain("answered status=failed")


def test_who_is_never_asked_fails_nobody() -> None:
    """Six services and one that no request passes, all measured alike; a machine is measured in another way."""
    names = ["web", "a", "b", "c", "d", "e"]
    rows = [event(Kind.METRIC, 0, who, name="cpu", value=1.0) for who in [*names, "spare"]]
    rows.append(event(Kind.METRIC, 0, "node-1", name="disk", value=1.0))
    rows += [span(n, who, "op", f"t/{who}", f"t/{names[n - 1]}" if n else "") for n, who in enumerate(names)]
    case = case_from(rows)
    assert asked.idle(case, topology.build(case, ())) == {"spare"}
    few = case_from([one for one in rows if one.kind is Kind.METRIC])
    assert asked.idle(few, topology.build(few, ())) == frozenset()


def test_two_places_that_print_by_turns_are_two_statements() -> None:
    """Every other line comes from the other place: looked at evenly, one of them would not be seen."""
    places = [f'{{"logger": "Distance#{366 + 6 * (n % 2)}"}}' for n in range(400)]
    rows = [event(Kind.LOG, n * SECOND, "shop", text=f"calculated {n}", severity="info") for n in range(400)]
    logs = case_from(rows).logs
    codes, named = statements(replace(logs, attributes=places), np.arange(400))
    assert len(set(codes.tolist())) == len(named) == 2


def counted(requests: float, *, speaks: bool = False) -> Case:
    """Six components whose requests are counted, and a seventh; bytes come and go everywhere."""
    rows = [
        event(Kind.METRIC, at, who, name=name, value=value)
        for at in range(0, 10 * MINUTE, MINUTE)
        for who in (*"abcdef", "spare")
        for name, value in (("requests_per_second", requests if who == "spare" else 3.0), ("network_bytes", 70.0))
    ]
    if speaks:
        rows.append(event(Kind.LOG, SECOND, "spare", text="working", severity="info"))
    return case_from(rows)


def test_of_whom_no_request_is_counted_is_not_asked() -> None:
    """Negative controls: one that is asked once in a while, and one that prints lines, as what works off a queue does."""
    graph = topology.Topology({}, {})
    assert asked.idle(counted(0.0), graph) == {"spare"}
    assert asked.idle(counted(0.01), graph) == frozenset()
    assert asked.idle(counted(0.0, speaks=True), graph) == frozenset()
