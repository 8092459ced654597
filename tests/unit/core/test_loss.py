"""What users lost: counted where it can be, worked out from shares where these are recorded, not known elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pool
import pytest

from afterword.core import analyse
from afterword.model.event import Event, Kind
from afterword.model.time import MILLISECOND, SECOND
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from afterword.model.loss import Loss


def lost(events: list[Event], objectives: tuple[tuple[str, float], ...] = ()) -> Loss:
    return analyse.analyse(case_from(events), (), objectives).loss


def requests(failing: int, every: int) -> list[Event]:
    """One request a second for an hour; in the 20 minutes from minute 30 on, ``failing`` of ``every`` of them fail."""
    made = []
    for second in range(3600):
        bad = 1800 <= second < 3000 and second % every < failing
        made.append(
            event(
                Kind.SPAN, pool.minute(0) + second * SECOND, "web", name="GET /", took=(30 + second % 7) * MILLISECOND,
                severity="error" if bad else "", trace=f"t{second}", span=f"s{second}",
            )
        )  # fmt: skip
    return made


def test_requests_that_failed_are_counted() -> None:
    """A quarter of 1,200 requests: 300 lost, which is five minutes of no service at all."""
    found = lost(requests(1, 4))
    assert found.requests is not None
    assert found.minutes is not None
    assert found.requests.value == pytest.approx(300, abs=2)
    assert found.minutes.value == pytest.approx(5.0, rel=0.05)
    assert found.worst == pytest.approx(0.25, abs=0.1)
    assert found.going_on is False
    assert found.cites


def shop(unit: float = 1.0, rate: float | None = None) -> list[Event]:
    """Half of the requests fail for 20 minutes; two in a hundred do when all is well."""
    made = pool.metric(
        "shop", "error_ratio" if unit == 1 else "error_percent", pool.sick(0.02 * unit, 0.5 * unit, 40, 60)
    )
    return made + ([] if rate is None else pool.metric("shop", "request_rate", lambda _: rate or 0))


@pytest.mark.parametrize("unit", [1.0, 100.0], ids=["ratio", "percent"])
def test_a_share_of_errors_above_the_usual_one_is_added_up(unit: float) -> None:
    """48 of a hundred for 20 minutes: 9.6 minutes."""
    found = lost(shop(unit))
    assert found.minutes is not None
    assert found.minutes.value == pytest.approx(9.6, rel=0.06)
    assert found.minutes.least <= 9.6 <= found.minutes.most
    assert found.requests is None


def test_with_the_rate_of_requests_it_is_a_number_of_them() -> None:
    """Ten a second: 12,000 in that time, 5,760 of them lost."""
    found = lost(shop(rate=10.0))
    assert found.requests is not None
    assert found.requests.least <= 5760 <= found.requests.most
    assert found.of == pytest.approx(12_000, rel=0.08)


def test_a_latency_alone_does_not_say_how_many() -> None:
    found = lost(pool.metric("shop", "latency_p99_ms", pool.sick(80, 2000)))
    assert (found.requests, found.minutes) == (None, None)
    assert "a latency alone does not" in found.method


def test_errors_of_which_nobody_knows_the_share_are_not_made_one() -> None:
    found = lost(pool.metric("shop", "supervisor_failures", pool.sick(1, 40)))
    assert (found.requests, found.minutes) == (None, None)
    assert found.method.startswith("not known")


def test_it_goes_on_where_the_evidence_ends() -> None:
    assert lost([one for one in shop() if one.at is None or one.at < pool.minute(55)]).going_on


def test_an_objective_that_people_set_has_a_budget() -> None:
    """99.9 % of thirty days leaves 43.2 minutes; 9.6 of them were burned."""
    (budget,) = lost(shop(), (("shop", 0.999),)).budgets
    assert (budget.name, budget.objective) == ("shop", 0.999)
    assert budget.burned.value == pytest.approx(9.6 / 43.2, rel=0.06)
    assert budget.burned.least <= budget.burned.value <= budget.burned.most


def test_a_rule_on_a_burn_rate_states_an_objective() -> None:
    rule = event(Kind.RULE, None, "shop-slo", name="ShopBurn", text="job:slo_errors:ratio1h > (14.4 * (1-0.995))")
    (budget,) = lost([*shop(), rule]).budgets
    assert budget.objective == 0.995
    assert budget.cites


def test_objectives_of_other_components_say_nothing_of_this_one() -> None:
    assert lost(shop(), (("mail", 0.999), ("search", 0.99))).budgets == ()


def test_without_an_incident_nothing_is_lost_and_nothing_is_said() -> None:
    rng = np.random.default_rng(3)
    still = [
        event(Kind.METRIC, pool.minute(i), "shop", name="error_ratio", value=float(rng.uniform(0.01, 0.02)))
        for i in range(80)
    ]
    found = lost(still)
    assert found.requests is None
    assert found.method.startswith("not known")
