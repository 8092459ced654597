"""An hour of a shop: half an hour of it well, then the gateway fails and is slow; people notice after ten minutes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from afterword.core.backtest import Replay
from afterword.core.promql.own import OwnEngine
from afterword.core.promql.track import Track, labels_of
from afterword.core.proposed_rule import Setting, proposals
from afterword.core.rule_action import annotated, item, rows
from afterword.core.watch import watches
from afterword.model.time import MINUTE, SECOND, Span

START = 1_772_359_200 * SECOND  # 2026-03-01T10:00:00Z
STEP = 15 * SECOND
COUNT = 3 * 240
BROKEN = slice(480, 600)
INCIDENT = Span(START + 480 * STEP, START + 600 * STEP)
DETECTED = INCIDENT.start + 10 * MINUTE


def track(name: str, values, **labels: str) -> Track:
    at = START + np.arange(COUNT, dtype=np.int64) * STEP
    return Track(labels_of({"__name__": name, "job": "shop", **labels}), at, np.asarray(values, dtype=np.float64), "E1")


def during(usual: float, broken: float) -> np.ndarray:
    made = np.full(COUNT, usual)
    made[BROKEN] = broken
    return made


def requests() -> list[Track]:
    """Counters of requests by code: a third fails while it is broken, one in two thousand else."""
    bad = during(0.0, 50.0)
    bad[::50] += 1.0
    return [
        track("http_requests_total", np.cumsum(during(150.0, 100.0)), service="gateway", code="200"),
        track("http_requests_total", np.cumsum(bad), service="gateway", code="503"),
        track("http_requests_total", np.cumsum(np.full(COUNT, 30.0)), service="cart", code="200"),
    ]


def offered(tracks: list[Track], **options):
    replay = Replay(tracks, OwnEngine(tracks), 15 * SECOND, lambda labels: labels.get("service", ""))
    setting = Setting(INCIDENT, DETECTED, ("gateway",), **options)
    return proposals(replay, tracks, setting, lambda labels: "service" if "service" in labels else None)


def test_the_share_that_fails_where_users_come_in_is_watched_first() -> None:
    (found, *_) = offered(requests())
    assert (found.kind, found.about, found.rule.name) == ("error ratio", "gateway", "GatewayErrorRatioHigh")
    assert 'http_requests_total{service="gateway",code=~"5.."}' in found.rule.expr
    assert found.rule.held == MINUTE
    assert found.trial.extra == 0
    assert found.trial.minutes_earlier == pytest.approx(8, abs=1)
    assert dict(found.rule.labels)["severity"] == "page"


def test_where_an_objective_is_known_its_budget_is_watched() -> None:
    found = offered(requests(), objectives={"": 0.999})
    burning = [one for one in found if one.kind == "burn rate"]
    assert burning[0].rule.name == "GatewayErrorBudgetBurn1h"
    assert "[1h]" in burning[0].rule.expr
    assert "[5m]" in burning[0].rule.expr
    assert "> (14.4 * 0.001)" in burning[0].rule.expr
    assert "99.9 %" in burning[0].why


def test_a_window_longer_than_the_recording_is_not_taken_for_a_short_one() -> None:
    """Of three days two hours were recorded. Were the rest not counted as well, one per mille would be reached at once."""
    found = {one.rule.name: one for one in offered(requests(), objectives={"gateway": 0.999})}
    hour, days = found["GatewayErrorBudgetBurn1h"], found.get("GatewayErrorBudgetBurn3d")
    assert hour.trial.notes == ()
    if days is not None:
        assert "3d before the recording" in days.trial.notes[0]
        assert (days.trial.fired_at or 0) > (hour.trial.fired_at or 0)


def test_latency_from_a_gauge_from_buckets_and_from_sum_and_count() -> None:
    gauge = [track("service:latency_p95_seconds", during(0.2, 3.0), service="gateway")]
    (found,) = offered(gauge)
    assert found.rule.expr == 'max by (service) (service:latency_p95_seconds{service="gateway"}) > 2'
    buckets = [
        track("http_request_duration_seconds_bucket", np.cumsum(during(n, m)), service="gateway", le=le)
        for le, n, m in (("0.5", 99.0, 10.0), ("1", 100.0, 20.0), ("5", 100.0, 100.0), ("+Inf", 100.0, 100.0))
    ]
    (found,) = offered(buckets)
    assert found.rule.expr.startswith("histogram_quantile(0.95, sum by (service, le) (rate(")
    mean = [
        track("rpc_duration_seconds_sum", np.cumsum(during(20.0, 200.0)), service="gateway"),
        track("rpc_duration_seconds_count", np.cumsum(np.full(COUNT, 100.0)), service="gateway"),
    ]
    (found,) = offered(mean)
    assert "rpc_duration_seconds_sum" in found.rule.expr
    assert "rpc_duration_seconds_count" in found.rule.expr


def test_what_is_used_up_is_offered_only_when_it_tells_before_the_symptoms() -> None:
    late, soon = during(1.0, 8.0), during(1.0, 8.0)
    late[480:500] = 1.0
    limit = track("db_pool_max", np.full(COUNT, 8.0), service="cart")
    for values, told in ((late, False), (soon, True)):
        pool = [track("db_pool_in_use", values, service="cart"), limit]
        kinds = [one.kind for one in offered([*requests(), *pool])]
        assert ("saturation" in kinds) is told
    # Where no symptom is recorded the pool is all there is to look at.
    (found,) = offered([track("db_pool_in_use", late, service="cart"), limit])
    assert found.rule.expr.startswith("max by (service) (db_pool_in_use / db_pool_max) > ")


def test_an_availability_that_falls_is_watched_from_below() -> None:
    (found,) = offered([track("availability_ratio", during(1.0, 0.4), service="gateway")])
    assert found.rule.expr == 'min by (service) (availability_ratio{service="gateway"}) < 0.5'
    assert found.rule.name == "GatewayErrorRatioLow"


def test_errors_without_requests_are_watched_as_a_rate() -> None:
    (found,) = offered([track("failures_total", np.cumsum(during(0.0, 5.0)), service="cart")])
    assert (found.kind, found.rule.name) == ("error rate", "FailuresTotalHigh")


def test_calls_that_a_component_makes_burn_no_budget_of_its_users() -> None:
    bad = during(0.0, 50.0)
    calls = [
        track("http_client_requests_total", np.cumsum(np.full(COUNT, 99.0)), service="gateway", outcome="2xx"),
        track("http_client_requests_total", np.cumsum(bad), service="gateway", outcome="timeout"),
    ]
    assert [one.kind for one in offered(calls, objectives={"": 0.999})] == ["error ratio"]


def test_a_recorded_rate_is_no_share() -> None:
    (found,) = offered([track("service:error_rate:sum", during(0.0, 0.9), service="gateway")])
    assert found.kind == "error rate"


def test_what_comes_too_late_or_tells_in_vain_is_not_offered() -> None:
    slow = during(0.2, 0.2)
    slow[560:600] = 3.0
    assert offered([track("latency_seconds", slow, service="gateway")]) == ()
    noisy = during(0.2, 3.0)
    noisy[100:140] = 3.0
    assert offered([track("latency_seconds", noisy, service="gateway")]) == ()


def test_the_name_of_a_rule_that_there_is_already_is_left_to_it() -> None:
    (found, *_) = offered(requests(), taken=frozenset({"GatewayErrorRatioHigh"}))
    assert found.rule.name == found.trial.alert == "GatewayErrorRatioHighEarly"


def test_settings_and_what_a_monitor_says_of_itself_are_not_watched() -> None:
    tracks = [
        track(name, during(1, 9), service="gateway")
        for name in ("up", "scrape_duration_seconds", "build_info", "x_created", "pool_max")
    ]
    assert list(watches(tracks, ("gateway",), lambda _: "service")) == []


def test_little_healthy_time_pages_nobody() -> None:
    def short(one: Track) -> Track:
        return Track(one.labels, one.at[460:620], one.value[460:620], one.source)

    (found,) = offered([short(track("latency_seconds", during(0.2, 3.0), service="gateway"))])
    assert found.trial.healthy_hours < 1
    assert dict(found.rule.labels) == {"severity": "ticket"}
    assert "less than 1 h of healthy recording stands behind it" in found.trial.notes


def test_the_action_item_carries_the_table() -> None:
    about: Any = SimpleNamespace(
        incident="inc-1",
        findings=(SimpleNamespace(id="f1", analysis="late-detection"), SimpleNamespace(id="f2", analysis="odd-hours")),
        moments=(),
        explanation=SimpleNamespace(causes=()),
    )
    found = offered(requests())
    made = item(about, found, (), "rules.yml")
    assert made.title.startswith("Add the alert")
    assert made.trial == rows([one.trial for one in found])
    assert made.trial[0][0] == "rule"
    assert made.trial[1][0] == "GatewayErrorRatioHigh"
    assert made.trial[1][3] == "0"
    again = item(about, found, (made,), "")
    assert again == made
    rule = annotated(found[0], "inc-1")
    assert "earlier than the detection of inc-1" in dict(rule.annotations)["description"]
    assert made.answers == ("f1",)
