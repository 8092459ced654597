"""One incident as events: a deploy leaks connections of the database, the shop and what calls it fail, a rollback helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core import analyse, window
from afterword.model.event import Event, Kind
from afterword.model.time import MINUTE, SECOND
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.rank import Ranking
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal

#: Minute 0. The deploy is at minute 39, harm at 40, the alert at 42, the rollback at 58, health at 61.
ZERO = 1_773_478_800 * SECOND
STEP = 30 * SECOND
DIFF = """--- a/shop/orders.py
+++ b/shop/orders.py
@@ -10,6 +10,4 @@ def order(cart):
     connection = pool.acquire()
-    try:
-        save(connection, cart)
-    finally:
-        connection.close()
+    save(connection, cart)
"""


def minute(number: float) -> int:
    return ZERO + round(number * MINUTE)


def metric(component: str, name: str, value: Callable[[float], float], *, until: float = 80, noise: float = 0.05) -> list[Event]:  # fmt: skip
    """Samples every half a minute: the value of the minute, give or take a little."""
    chance = np.random.default_rng(len(component) * 1000 + len(name))
    times = np.arange(0, until * MINUTE, STEP)
    shaken = 1 + noise * chance.standard_normal(len(times))
    return [
        event(Kind.METRIC, ZERO + int(t), component, name=name, value=float(value(t / MINUTE) * k))
        for t, k in zip(times, shaken, strict=True)
    ]


def sick(usual: float, then: float, start: float = 40, end: float = 61) -> Callable[[float], float]:
    return lambda at: then if start <= at < end else usual


def telemetry() -> Iterator[Event]:
    yield from metric("db", "pool_in_use", sick(20, 100, 39.5))
    yield from metric("shop", "error_rate", sick(0.01, 0.5))
    yield from metric("shop", "latency_p99_ms", sick(80, 2000))
    yield from metric("web", "error_rate", sick(0.01, 0.2, 41))
    yield from metric("mail", "latency_p99_ms", lambda _: 50)
    for half in range(160):
        at = minute(half / 2) + 3 * SECOND
        if 80 <= half < 122:
            yield event(Kind.LOG, at, "shop", text=f"no connection from db: QueuePool limit reached, order {half}", severity="error")  # fmt: skip
        else:
            yield event(Kind.LOG, at, "shop", text=f"order {half} accepted", severity="info")


def changes() -> Iterator[Event]:
    yield event(Kind.CHANGE, minute(10), "mail", name="aaaa1111", text="tidy the template", change="deploy", commit="aaaa1111")  # fmt: skip
    yield event(Kind.CHANGE, minute(30), "", name="bbbb2222", text="Shorten the order code", change="commit", files="shop/orders.py", diff=DIFF, who="kim")  # fmt: skip
    yield event(Kind.CHANGE, minute(39), "shop", name="dep-1", text="deploy", change="deploy", commit="bbbb2222")
    yield event(Kind.CHANGE, minute(58), "shop", name="dep-2", text="rollback to the version before", change="deploy", commit="cccc3333")  # fmt: skip


def people() -> Iterator[Event]:
    yield event(Kind.ALERT, minute(42), "shop", name="ShopErrors", text="error rate above 10 %", state="firing")
    yield event(Kind.PAGE, minute(42.5), "shop", name="ShopErrors", state="triggered")
    yield event(Kind.PAGE, minute(44), "shop", name="ShopErrors", state="acknowledged")
    yield event(Kind.MESSAGE, minute(45), "inc", name="kim", text="declaring SEV2 for checkout")
    yield event(Kind.MESSAGE, minute(56), "inc", name="lee", text="found it, the root cause is the deploy of shop")
    yield event(Kind.MESSAGE, minute(58.2), "inc", name="lee", text="rolled it back")
    yield event(Kind.MESSAGE, minute(66), "inc", name="kim", text="resolved, all clear")


def edges() -> Iterator[Event]:
    yield event(Kind.EDGE, None, "web", name="shop")
    yield event(Kind.EDGE, None, "shop", name="db")
    yield event(Kind.EDGE, None, "shop", name="mail")


def events() -> list[Event]:
    return [*telemetry(), *changes(), *people(), *edges()]


def case() -> Case:
    return case_from(events())


def found(of: Case) -> tuple[Found, tuple[Signal, ...]]:
    """Where the incident is, and its signals."""
    series = analyse.all_series(of)
    where = window.find(series, of.covered, of.options)
    assert where is not None
    return where, window.signals(where, series)


def ranking(of: Case) -> Ranking:
    from afterword.core.cause import rank

    where, signals = found(of)
    return rank.rank(of, where, signals)


def named(ranked: Sequence[object]) -> list[str]:
    return [one.component for one in ranked]  # type: ignore[attr-defined]
