"""The impact window: where the truth is known, it lies inside the bounds that are stated."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pool
import pytest

from afterword.core import analyse, impact, sampled
from afterword.core.began import Began, intermittent
from afterword.core.case import Series
from afterword.core.window import Found
from afterword.model.event import Event, Kind
from afterword.model.incident import By, Point, PointName
from afterword.model.time import MILLISECOND, MINUTE, SECOND, Span
from afterword.testing import case_from, cite, event, signal

if TYPE_CHECKING:
    from collections.abc import Sequence


def estimated(events: Sequence[Event]) -> dict[PointName, Point]:
    pm = analyse.analyse(case_from(list(events)))
    return {one.name: one for one in pm.points if one.by is By.ESTIMATE}


@pytest.mark.parametrize("start", [40.0, 40.2, 40.4])
@pytest.mark.parametrize("name", ["error_rate", "latency_p99_ms"])
def test_the_start_lies_between_two_samples(name: str, start: float) -> None:
    """Samples every half a minute: no closer than that, and no farther."""
    found = estimated(pool.metric("shop", name, pool.sick(0.01, 0.5, start)))[PointName.STARTED]
    assert found.earliest <= pool.minute(start) <= found.latest
    assert found.latest - found.earliest <= MINUTE
    assert found.confidence == 0.95
    assert "elsewhere" not in found.basis


@pytest.mark.parametrize("end", [55.0, 61.3])
def test_the_end_lies_between_two_samples(end: float) -> None:
    points = estimated(pool.metric("shop", "error_rate", pool.sick(0.01, 0.5, 40, end)))
    for name in (PointName.MITIGATION_EFFECTIVE, PointName.RECOVERED):
        assert points[name].earliest <= pool.minute(end) <= points[name].latest
        assert points[name].latest - points[name].earliest <= 2 * MINUTE


def test_a_leak_is_dated_before_it_hurts_and_seen_after_it_began() -> None:
    """Latency creeps up from minute 30 on, by a fortieth of its usual spread each sample at first."""
    creeping = pool.metric("shop", "latency_p99_ms", lambda at: 80 + 20 * max(at - 30, 0))
    points = estimated(creeping)
    started, seen = points[PointName.STARTED], points[PointName.DETECTABLE]
    assert started.earliest <= pool.minute(30) <= started.latest
    assert pool.minute(30) < seen.at <= pool.minute(33)
    # The second method knows steps only, and says that this was none.
    assert "least squares for one step put it elsewhere" in started.basis


def test_it_can_be_told_a_sample_or_two_after_a_plain_change() -> None:
    found = estimated(pool.metric("shop", "error_rate", pool.sick(0.01, 0.5)))[PointName.DETECTABLE]
    assert pool.minute(40) <= found.at <= pool.minute(41)


def began(component: str, at: int, *, shift: float, wide: int = 1) -> Began:
    return Began(replace(signal(component, "errors", at, cited=cite(1)), shift=shift), at, at - wide, at + wide)


def test_one_faint_series_alone_does_not_date_the_impact() -> None:
    """A shift of four spreads may be chance, one of fifty is not."""
    faint, plain = began("mail", 100, shift=4.0), began("shop", 200, shift=50.0)
    usual = impact.SHIFT
    assert impact._reached([faint, plain], lambda b: b.at, 0.5, usual) is plain
    assert impact._reached([faint, plain], lambda b: b.latest, 0.025, usual) is plain


def test_many_series_of_one_component_are_one_witness() -> None:
    same = [began("mail", 100 + k, shift=4.0) for k in range(9)]
    others = [began(f"part{k}", 100 + k, shift=4.0) for k in range(9)]
    plain = began("shop", 200, shift=50.0)
    assert impact._reached([*same, plain], lambda b: b.latest, 0.025, impact.SHIFT) is plain
    assert impact._reached([*others, plain], lambda b: b.latest, 0.025, impact.SHIFT) is not plain


def test_figures_are_no_finer_than_the_bounds() -> None:
    at = 1_234_567_891_234
    assert impact._rounded(at, 0, 2 * at) % SECOND == 0
    assert impact._rounded(at, at - SECOND, at + SECOND) % (100 * MILLISECOND) == 0
    assert impact._rounded(at, at, at) == at


def test_requests_date_it_where_no_series_does() -> None:
    """Only traces, and too few for a series: the first of the requests that failed is the start."""
    spans = [
        event(
            Kind.SPAN, pool.minute(0) + k * 10 * SECOND, "web", name="GET /", took=(30 + k % 5) * MILLISECOND,
            severity="error" if 180 <= k < 300 else "", trace=f"t{k}", span=f"s{k}",
        )
        for k in range(400)
    ]  # fmt: skip
    found = estimated(spans)[PointName.STARTED]
    assert found.earliest <= pool.minute(30) <= found.latest
    assert "requests went wrong" in found.basis


def test_bins_begin_at_their_stamp_and_samples_end_there() -> None:
    case = case_from(pool.telemetry())
    for one in analyse.all_series(case):
        assert sampled.is_binned(one) == (one.derived != "")
    assert np.all([one.earliest <= one.at <= one.latest for one in analyse.analyse(case).points])


# ------------------------------------------------------------------------------------------------- logs and nothing else


def logged(errors: int, usual: int, others: int, *, end: float = 45.0, seed: int = 1) -> list[Event]:
    """An hour of one service: errors of a new kind from minute 30 on, some that are usual, and lines that are none."""
    rng = np.random.default_rng(seed)
    kinds = (
        (errors, 30.0, end, "connection refused by db after 3000 ms", "error"),
        (usual, 0.0, 60.0, "cache miss", "error"), (others, 0.0, 60.0, "GET /orders 200", "info"),
    )  # fmt: skip
    return [
        event(Kind.LOG, pool.minute(at), "api", text=text, severity=severity)
        for count, low, high, text, severity in kinds
        for at in np.sort(rng.uniform(low, high, count))
    ]


@pytest.mark.parametrize(
    ("errors", "usual", "others"),
    [(20, 0, 0), (20, 0, 200), (20, 3, 0), (30, 0, 1000), (50, 5, 0), (200, 0, 0), (200, 20, 0), (400, 100, 0), (2000, 200, 0), (2000, 0, 0)],
)  # fmt: skip
def test_a_log_alone_dates_the_start(errors: int, usual: int, others: int) -> None:
    """Twenty lines or two thousand, with or without others: the first of the new errors lies a little after the start."""
    found = estimated(logged(errors, usual, others))[PointName.STARTED]
    assert found.earliest <= pool.minute(30) <= found.latest
    assert abs(found.at - pool.minute(30)) <= MINUTE


@pytest.mark.parametrize(("errors", "usual", "others"), [(50, 5, 0), (200, 20, 0), (200, 0, 0), (2000, 0, 0)])
def test_errors_up_to_the_end_of_the_log_are_not_over(errors: int, usual: int, others: int) -> None:
    points = estimated(logged(errors, usual, others, end=60.0, seed=2))
    assert PointName.STARTED in points
    assert PointName.RECOVERED not in points


@pytest.mark.parametrize(("errors", "others"), [(0, 500), (5, 500), (9, 0)])
def test_a_log_of_a_service_that_works_is_no_incident(errors: int, others: int) -> None:
    """A few errors among many other lines, or so few lines that nothing can be said."""
    pm = analyse.analyse(case_from(logged(errors, 0, others, end=60.0) if others else logged(errors, 0, 0)))
    assert pm.window is None


def now_and_then(at: float) -> float:
    """All answers are good, but from minute 40 on every fifth sample shows a failure."""
    return 0.0 if at >= 40.5 and round(2 * at) % 5 == 0 else 1.0


def test_answers_that_fail_now_and_then_date_it_by_their_number() -> None:
    """No run of samples lies outside; the first outlier need not be the first failure, nor far from it."""
    found = estimated(pool.metric("shop", "success_rate", now_and_then))
    if PointName.STARTED in found:
        assert found[PointName.STARTED].earliest <= pool.minute(40.5) <= found[PointName.STARTED].latest


def test_outliers_that_come_and_go_have_bounds_as_wide_as_they_are_rare() -> None:
    at = (np.arange(120) * MINUTE).astype(np.int64)
    value = np.ones(120)
    value[62:120:4] = 0
    one = Series("shop", "success_rate", at, value, cite(1))
    found = Found(Span(60 * MINUTE, 119 * MINUTE), Span(0, 60 * MINUTE - 1), (), Span(0, 119 * MINUTE))
    down = replace(signal("shop", "success_rate", 0, cited=cite(1)), shift=-9.0, onset=None)
    made = intermittent(down, one, found)
    assert made is not None
    assert 62 * MINUTE in range(made.earliest, made.latest + 1)
    assert 4 * MINUTE <= made.latest - made.earliest <= 45 * MINUTE
    # Never outside, or measured against another time: nothing is said.
    assert intermittent(replace(down, shift=9.0), one, found) is None
    apart = replace(found, block=Span(60 * MINUTE, 119 * MINUTE))
    assert intermittent(down, one, apart) is None
