"""Lanes: what each kind of evidence says about each component; without data it says nothing."""

from __future__ import annotations

import numpy as np
import pool
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.cause import lane, topology, traced
from afterword.core.indicator import Family
from afterword.core.window import Found
from afterword.model.event import Event, Kind
from afterword.model.postmortem import Signal
from afterword.model.time import MINUTE, SECOND, Span
from afterword.testing import case_from, cite, event
from afterword.testing import signal as made

CASE = pool.case()
FOUND, SIGNALS = pool.found(CASE)
BLAMES = topology.blames(CASE, ("shop", "db", "web", "mail"), FOUND.window.start)
HOUR = Found(Span(60 * MINUTE, 120 * MINUTE), Span(0, 59 * MINUTE), (), Span(0, 120 * MINUTE))


def signal(component: str, indicator: str, shift: float = 20.0, **changes: float) -> Signal:
    one = made(component, indicator, 0, cited=cite(1), shift=shift)
    fields = {name: getattr(one, name) for name in Signal.__slots__}
    return Signal(**{**fields, **changes})  # type: ignore[arg-type]


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_larger_shift_weighs_more_and_never_less_than_nothing(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert 0 <= lane.bits(signal("a", "error_rate", low)) <= lane.bits(signal("a", "error_rate", high))


@given(st.floats(0.1, 1000))
def test_what_moved_the_harmless_way_weighs_less(shift: float) -> None:
    assert lane.bits(signal("a", "latency", -shift)) < lane.bits(signal("a", "latency", shift))
    assert lane.bits(signal("a", "availability", shift)) < lane.bits(signal("a", "availability", -shift))


def test_without_evidence_every_lane_is_silent() -> None:
    empty = case_from([])
    assert lane.metrics(()) == {}
    assert lane.logs(empty, HOUR, ()) == {}
    assert traced.traces(empty, HOUR) == {}
    assert lane.alerts(empty, HOUR) == {}


def test_every_reason_cites() -> None:
    for said in (lane.metrics(SIGNALS), lane.logs(CASE, FOUND, BLAMES), lane.alerts(CASE, FOUND)):
        assert said
        for tally in said.values():
            assert all(reason.cites and reason.says and reason.weight > 0 for reason in tally.reasons)


def test_what_fails_is_told_apart_from_what_only_waits() -> None:
    tallies = lane.metrics([signal("shop", "error_rate"), signal("web", "latency"), signal("db", "pool_in_use")])
    assert tallies["shop"].errors > 0
    assert (tallies["web"].errors, tallies["web"].latency > 0) == (0, True)
    assert (tallies["db"].inherited, tallies["db"].own > 0) == ({}, True)
    assert tallies["shop"].other > tallies["web"].other


def test_a_hundred_series_of_one_thing_do_not_shout_down_one_of_another() -> None:
    many = [signal("db", f"cpu_{n}") for n in range(100)]
    assert lane.metrics(many)["db"].own < 2 * lane.metrics(many[:1])["db"].own


def test_lines_that_were_always_there_say_nothing() -> None:
    noise = [event(Kind.LOG, n * MINUTE, "shop", text="bad cookie", severity="error") for n in range(120)]
    assert lane.logs(case_from(noise), HOUR, ()) == {}


def test_a_new_line_speaks_for_its_component_and_for_whom_it_names() -> None:
    tallies = lane.logs(CASE, FOUND, BLAMES)
    assert tallies["shop"].errors > 0
    # "db" is too short a name to be looked for in sentences.
    assert set(tallies) == {"shop"}
    lines = [event(Kind.LOG, 70 * MINUTE + n, "shop", text="cart-db refused", severity="error") for n in range(8)]
    case = case_from(lines)
    blamed = topology.blames(case, ("shop", "cart-db"), 0)
    told = lane.logs(case, HOUR, blamed)
    assert told["cart-db"].other > 0
    assert "name it" in told["cart-db"].reasons[0].says


def span(at: int, who: str, id_: str, parent: str = "", bad: str = "error", took: int = 10**7) -> Event:
    return event(Kind.SPAN, at, who, name="op", took=took, trace="t", span=id_, parent=parent, severity=bad)


def test_a_failing_call_starts_where_nothing_below_it_failed() -> None:
    rows = []
    for n in range(5):
        at = 70 * MINUTE + n * MINUTE
        rows += [span(at, "web", f"w{n}"), span(at + 1, "shop", f"s{n}", f"w{n}"), span(at + 2, "db", f"d{n}", f"s{n}")]
    tallies = traced.traces(case_from(rows), HOUR)
    assert set(tallies) == {"db"}
    assert "fail here first" in tallies["db"].reasons[0].says


def test_time_is_spent_where_it_is_spent_and_not_where_it_is_waited_for() -> None:
    rows = []
    for n in range(40):
        at, slow = n * 3 * MINUTE, n >= 20
        rows.append(span(at, "web", f"w{n}", bad="", took=(900 if slow else 20) * 10**6))
        rows.append(span(at + 1, "db", f"d{n}", f"w{n}", bad="", took=(890 if slow else 10) * 10**6))
    tallies = traced.traces(case_from(rows), HOUR)
    assert tallies["db"].own > 0
    assert "web" not in tallies


def test_an_alert_leans_once_however_often_it_rings() -> None:
    alerts = [event(Kind.ALERT, 70 * MINUTE + n, "shop", name="Errors", text="x") for n in range(9)]
    old = event(Kind.ALERT, MINUTE, "mail", name="Old", text="x")
    tallies = lane.alerts(case_from([*alerts, old]), HOUR)
    assert tallies["shop"].other == lane.alerts(case_from(alerts[:1]), HOUR)["shop"].other
    assert not tallies.get("mail") or not tallies["mail"].other


def graph(*edges: tuple[str, str]) -> topology.Topology:
    return topology.build(case_from([event(Kind.EDGE, None, one, name=other) for one, other in edges]), ())


def test_a_caller_is_accounted_for_by_what_it_calls_and_never_by_more_than_all() -> None:
    signals = [
        signal("web", "latency_ms", peak=110.0, baseline=10.0),
        signal("shop", "latency_ms", peak=100.0, baseline=10.0),
    ]
    tallies = lane.metrics(signals)
    accounts = lane.explained(signals, graph(("web", "shop")), tallies)
    account = accounts["web", Family.LATENCY]
    assert account.most == "shop"
    assert account.share == pytest.approx(0.9)
    assert ("shop", Family.LATENCY) not in accounts, "nothing below it accounts for it"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["error_rate", "latency", "rps", "cpu"]), st.floats(-100, 100), st.floats(0, 100), st.floats(0, 100)), max_size=8), st.sets(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), max_size=5))  # fmt: skip
def test_shares_lie_between_nothing_and_all(rows: list, edges: set) -> None:
    signals = [signal(c, i, s, baseline=b, peak=p) for c, i, s, b, p in rows]
    for account in lane.explained(signals, graph(*edges), lane.metrics(signals)).values():
        assert 0 < account.share <= 1


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0"), (0.5, "0.5"), (12.345, "12.3"), (999.6, "1,000"), (1234.5, "1,234"), (2.5e7, "2.50e+07"), (-3.14159, "-3.14"), (0.00001, "1.00e-05")],
)  # fmt: skip
def test_a_number_as_people_read_it(value: float, words: str) -> None:
    assert lane.number(value) == words


def test_what_came_before_is_counted_up_to_the_start_of_the_run() -> None:
    """A line every two seconds; the first of them falls before the window, whose edge the series set."""
    now = np.array([102, 104, 106, 108], dtype=np.int64) * SECOND
    assert lane.seen_before(np.array([100], dtype=np.int64) * SECOND, now) == 0
    # Control: one of half a minute before is no part of the run, nor are those of the hours before.
    assert lane.seen_before(np.array([10, 70], dtype=np.int64) * SECOND, now) == 2
    assert lane.seen_before(np.array([], dtype=np.int64), now) == 0


def test_a_series_that_its_query_left_without_a_name_is_told_as_one() -> None:
    (reason,) = lane.metrics([signal("pricing", "value")])["pricing"].reasons[:1]
    assert reason.says.startswith("a series without a name rose")
    # Control: a name stays.
    (named,) = lane.metrics([signal("pricing", "value_of_orders")])["pricing"].reasons[:1]
    assert named.says.startswith("value_of_orders rose")
