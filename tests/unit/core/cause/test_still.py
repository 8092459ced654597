"""Incidents without a time line: alerts alone, and databases at their limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from test_state import PLACE, case

from afterword.core.case import Series
from afterword.core.cause import limit, still
from afterword.model.cause import Role
from afterword.model.event import Event, Fact, Kind
from afterword.model.evidence import Citation
from afterword.model.time import MINUTE, Span


def alert(subject: str, name: str, **more: str) -> Fact:
    return Fact(Event(Kind.ALERT, PLACE, None, subject, name, attributes=more), Citation("E1", PLACE))


def test_what_few_have_weighs_more_and_what_is_called_explains_its_caller() -> None:
    alerts = [
        alert("shop", "latency high"),
        alert("cart", "latency high"),
        alert("cart", "memory up"),
        alert("mailer", "latency high"),
    ]
    ranked = still.by_alerts(alerts, {"shop": frozenset({"cart"})})
    assert [one.component for one in ranked] == ["cart", "mailer", "shop"]


def test_alerts_that_are_over_explain_nothing() -> None:
    gone = tuple(alert(name, "latency high", state="resolved") for name in ("shop", "cart"))
    assert still.explain(case(alerts=gone), ()) is None
    assert still.explain(case(), ()) is None


def series(name: str, *values: float) -> Series:
    at = np.arange(len(values), dtype=np.int64) * MINUTE
    return Series("orders-db", name, at, np.array(values), Citation("E2", PLACE))


def database(*all_of: Series, events: tuple[str, ...] = (), state: str = "firing") -> object:
    states = tuple(
        Fact(Event(Kind.STATE, PLACE, MINUTE, "db-instance/orders-db", "notification", text), Citation("E3", PLACE))
        for text in events
    )
    made = case(*states, alerts=(alert("orders-db", "DatabaseAlarm", state=state),))
    return replace(made, series=all_of, covered=Span(0, 20 * MINUTE))


def test_storage_that_runs_out_and_storage_that_came_back() -> None:
    out = database(
        series("FreeStorageSpace", 90, 60, 40, 20, 9, 5, 2, 1), events=("DB instance ran out of storage space.",)
    )
    explanation = still.explain(out, ())  # type: ignore[arg-type]
    assert explanation is not None
    proximate = next(cause for cause in explanation.causes if cause.role is Role.PROXIMATE)
    assert (proximate.component, proximate.indicator, proximate.category) == (
        "orders-db",
        "storage_exhausted",
        "storage",
    )
    back = database(
        series("FreeStorageSpace", 90, 9, 5, 5, 150, 150, 150, 150),
        events=("Free storage space is low", "Storage autoscaling completed"),
    )
    assert still.explain(back, ()) is None  # type: ignore[arg-type]


def test_what_a_database_shows_counts_only_while_an_alert_fires() -> None:
    busy = series("CPUUtilization", 20, 30, 95, 96, 97, 95, 94, 96)
    assert [one.kind for one in limit.faults(database(busy))] == ["cpu_saturated"]  # type: ignore[arg-type]
    assert limit.faults(database(busy, state="resolved")) == ()  # type: ignore[arg-type]


def test_an_event_of_another_day_is_not_taken_for_the_cause() -> None:
    made = database(series("CPUUtilization", 20, 30, 20, 25))
    old = Fact(
        Event(Kind.STATE, PLACE, 90 * MINUTE, "db-instance/orders-db", "failover", "failover initiated"),
        Citation("E3", PLACE),
    )
    assert limit.faults(replace(made, states=(old,))) == ()  # type: ignore[type-var, arg-type]


def test_what_one_replica_has_and_the_other_has_not_is_its_own() -> None:
    """Both carts log a pattern and run out of memory; only cart-1 is out of processor time, as is a lone mailer."""
    both = [alert(name, what) for name in ("cart-0", "cart-1") for what in ("memory high", f"pattern {name}-34")]
    alerts = [*both, alert("cart-1", "cpu high"), alert("mailer", "cpu high"), alert("mailer", "memory high")]
    ranked = {one.component: one.score for one in still.by_alerts(alerts, {})}
    assert ranked["cart-1"] > ranked["mailer"] > ranked["cart-0"]


def test_a_call_that_is_stated_both_ways_accounts_for_nothing() -> None:
    """Shop is slow and so is cart, which it calls: cart accounts for it, unless the graph also says that cart calls shop."""
    alerts = [alert("shop", "latency high"), alert("cart", "latency high")]
    one_way = still.by_alerts(alerts, {"shop": frozenset(["cart"])})
    both_ways = still.by_alerts(alerts, {"shop": frozenset(["cart"]), "cart": frozenset(["shop"])})
    assert one_way[0].score > one_way[1].score
    assert both_ways[0].score == both_ways[1].score
