"""Nothing failed and everything was slow: what that cost, by the limit of an objective or by what is usual."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pool
import pytest

from afterword.core import analyse, slow
from afterword.core.objective import Objective
from afterword.model.event import Event, Kind
from afterword.model.time import MILLISECOND, SECOND
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from afterword.model.loss import Loss


def lost(events: list[Event], objectives: tuple[tuple[str, float], ...] = ()) -> Loss:
    return analyse.analyse(case_from(events), (), objectives).loss


def requests(slow_ms: int = 900, bad: int = 2, every: int = 4) -> list[Event]:
    """One request a second for an hour; in the 20 minutes from minute 30 on ``bad`` of ``every`` take as long as told."""
    made = []
    for second in range(3600):
        slower = 1800 <= second < 3000 and second % every < bad
        took = (slow_ms if slower else 30 + second % 7) * MILLISECOND
        made.append(
            event(
                Kind.SPAN, pool.minute(0) + second * SECOND, "web", name="GET /", took=took, trace=f"t{second}", span=f"s{second}",
            )
        )  # fmt: skip
    return made


def objective(share: str, threshold: str = "0.4", about: str = "web") -> Event:
    said = {"policy": "objective", "objective": share, "threshold": threshold}
    return event(Kind.POLICY, None, about, name=f"{about}-fast", text="fast", **said)


def test_requests_slower_than_the_objective_are_counted() -> None:
    """Half of 1,200 requests: 600, ten minutes; 99 % may lose 432 minutes in thirty days."""
    found = lost([*requests(), objective("99")])
    assert found.requests is not None
    assert found.minutes is not None
    assert found.requests.value == pytest.approx(600, abs=4)
    assert found.minutes.value == pytest.approx(10, rel=0.05)
    assert found.minutes.least <= found.minutes.value <= found.minutes.most
    assert "400 ms, the limit of the objective web-fast" in found.method
    (budget,) = found.budgets
    assert (budget.name, budget.objective) == ("web-fast", 0.99)
    assert budget.burned.value == pytest.approx(10 / 432, rel=0.06)
    assert budget.cites


def test_without_an_objective_it_is_what_is_usual_and_says_so() -> None:
    found = lost(requests(), (("web", 0.999),))
    assert found.requests is not None
    assert found.requests.value == pytest.approx(600, abs=15)
    assert "no objective says what is too slow" in found.method
    assert [one.name for one in found.budgets] == ["web, were slow answers bad ones"]


def test_an_objective_that_all_of_them_kept_was_not_broken() -> None:
    """Negative control: 900 ms are slow for this service, and fast enough for whoever set two seconds."""
    found = lost([*requests(), objective("99", "2")])
    assert found.requests is None or found.requests.value == 0


def test_where_requests_failed_it_is_those_that_count() -> None:
    failed = [e for e in requests() if e.took == 900 * MILLISECOND]
    assert failed
    broken = [
        event(
            Kind.SPAN, e.at, "web", name="GET /", took=e.took, severity="error", trace=e.attributes["trace"], span=e.attributes["span"]
        )
        if e in failed
        else e
        for e in requests()
    ]  # fmt: skip
    assert "in the traces failed" in lost([*broken, objective("99")]).method


def points(p50: float, p95: float, p99: float, usual: tuple[float, float, float] = (0.05, 0.1, 0.2)) -> list[Event]:
    """Three recorded quantiles of a shop, in seconds, that change for 20 minutes."""
    made: list[Event] = []
    for name, was, became in zip(("p50", "p95", "p99"), usual, (p50, p95, p99), strict=True):
        made += pool.metric("shop", f"latency_{name}_seconds", pool.sick(was, became, 40, 60))
    return made


def test_recorded_quantiles_bound_the_share_that_was_slow() -> None:
    """The 95 % point above 400 ms, the median below: between 5 and 50 of a hundred, for 20 minutes."""
    found = lost([*points(0.2, 0.8, 1.5), objective("99", about="shop")])
    assert found.minutes is not None
    assert 0.8 <= found.minutes.least <= 1.1
    assert 9.0 <= found.minutes.most <= 11.0
    assert found.minutes.least < found.minutes.value < found.minutes.most
    assert "bounded by the recorded 50, 95, 99 % points" in found.method
    assert [one.name for one in found.budgets] == ["shop-fast"]


def test_a_median_above_the_limit_is_half_of_them_at_least() -> None:
    found = lost([*points(0.6, 0.8, 1.5), objective("99", about="shop")])
    assert found.minutes is not None
    assert found.minutes.least >= 9.0
    assert found.minutes.most <= 21.0


def test_quantiles_without_an_objective_go_by_their_own_usual() -> None:
    found = lost(points(0.2, 0.8, 1.5))
    assert found.minutes is not None
    assert "the highest that its 99 % point was when all was well" in found.method


def test_an_average_alone_says_nothing_of_how_many() -> None:
    """Negative control: a mean of 400 ms may be one request of a hundred, or all of them."""
    found = lost(
        [*pool.metric("shop", "latency_average_ms", pool.sick(80, 400, 40, 60)), objective("99", about="shop")]
    )
    assert found.minutes is None
    assert found.method.startswith("not known")


def test_objectives_of_another_service_are_not_its_own() -> None:
    stated = [slow_objective("cart"), slow_objective("checkout")]
    assert slow.mine(stated, "checkout") is stated[1]
    assert slow.mine(stated, "web") is None
    assert slow.mine(stated[:1], "web") is stated[0]


def slow_objective(about: str) -> Objective:
    return Objective(f"{about}-fast", about, 0.99, 400 * MILLISECOND, ())
