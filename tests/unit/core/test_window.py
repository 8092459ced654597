"""Where the incident is: found where it was planted, in whatever order the series come, and not found where none is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pool
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.core import analyse, window
from afterword.model.incident import Options
from afterword.model.time import DAY, MINUTE, Span
from afterword.testing import case_from

if TYPE_CHECKING:
    from afterword.core.case import Series
    from afterword.core.window import Found
    from afterword.model.event import Event


def series_of(events: list[Event]) -> tuple[tuple[Series, ...], Span]:
    case = case_from(events)
    return analyse.all_series(case), case.covered


def found(events: list[Event], options: Options | None = None) -> Found | None:
    series, covered = series_of(events)
    return window.find(series, covered, options or Options())


CALM = [*pool.metric("shop", "error_rate", lambda _: 0.01), *pool.metric("db", "cpu", lambda _: 40)]
TROUBLE = list(pool.telemetry())


def near(at: int, minute: float, tolerance: float = 1.0) -> bool:
    return abs(at - pool.minute(minute)) <= tolerance * MINUTE


def test_the_planted_incident_is_found_with_the_health_before_it() -> None:
    where = found(TROUBLE)
    assert where is not None
    assert near(where.window.start, 39.75)
    assert near(where.window.end, 61)
    assert where.baseline.end < where.window.start
    assert near(where.baseline.start, 0)


def test_where_nothing_stands_out_nothing_is_found() -> None:
    assert found(CALM) is None


def test_but_somebody_noticed_something() -> None:
    """Nothing stands out, and a person says that at minute 50 something was wrong: it is looked at from there on."""
    where = found(CALM, Options(at=pool.minute(50)))
    assert where is not None
    assert near(where.window.start, 45)
    assert where.onsets == ()


@settings(max_examples=30)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_series_decides_nothing(random) -> None:
    series, covered = SERIES
    mixed = random.sample(series, len(series))
    where, again = window.find(series, covered, Options()), window.find(mixed, covered, Options())
    assert where is not None
    assert again is not None
    assert (where.window, where.baseline) == (again.window, again.baseline)
    assert window.signals(where, series) == window.signals(again, mixed)


SERIES = series_of(TROUBLE)


def test_what_was_stated_is_taken_as_it_is() -> None:
    stated = Options(
        window=(pool.minute(45), pool.minute(50)), baseline=(pool.minute(5), pool.minute(20)), at=pool.minute(46)
    )
    where = found(TROUBLE, stated)
    assert where is not None
    assert where.window == Span(*stated.window)
    assert where.baseline == Span(*stated.baseline)


def twice() -> list[Event]:
    """Two troubles of one afternoon: the mail at minute 15, and the shop from minute 55 on."""
    return [
        *pool.metric("mail", "error_rate", pool.sick(0.01, 0.6, 15, 25)),
        *pool.metric("mail", "latency_ms", pool.sick(50, 900, 15, 25)),
        *pool.metric("shop", "error_rate", pool.sick(0.01, 0.5, 55, 75)),
        *pool.metric("shop", "latency_ms", pool.sick(80, 2000, 55, 75)),
    ]


@pytest.mark.parametrize(("noticed", "started"), [(17, 15), (60, 55)])
def test_a_stated_moment_says_which_of_two_troubles_is_meant(noticed: int, started: int) -> None:
    where = found(twice(), Options(at=pool.minute(noticed)))
    assert where is not None
    assert near(where.window.start, started)


def test_a_setting_that_somebody_raised_is_no_symptom() -> None:
    assert found([*CALM, *pool.metric("db", "pool_max", pool.sick(20, 100), noise=0)]) is None


def test_trouble_is_measured_against_a_healthy_day_of_another_week() -> None:
    """The hour of the incident was recorded whole, and beside it a quiet day; both have the same noise."""
    quiet = [
        replace(one, at=(one.at or 0) - 7 * DAY) for one in pool.metric("shop", "error_rate", lambda _: 0.01, until=600)
    ]
    bad = pool.metric("shop", "error_rate", lambda at: 0.5 if at > 10 else 0.01, until=60)
    where = found([*quiet, *bad])
    assert where is not None
    assert near(where.window.start, 10, 2)
    assert where.baseline.end < where.window.start - 6 * DAY


def test_signals_come_strongest_first_and_say_from_where_to_where() -> None:
    series, _ = SERIES
    where = found(TROUBLE)
    assert where is not None
    signals = window.signals(where, series)
    assert [abs(s.shift) for s in signals] == sorted((abs(s.shift) for s in signals), reverse=True)
    by = {(s.component, s.indicator): s for s in signals}
    errors = by["shop", "error_rate"]
    assert errors.baseline == pytest.approx(0.01, rel=0.1)
    assert errors.peak > 0.5
    assert errors.onset is not None
    assert errors.back is not None
    assert near(errors.onset, 40)
    assert near(errors.back, 61)
    assert ("mail", "latency_p99_ms") not in by


def test_an_incident_that_is_not_over_has_no_way_back() -> None:
    lasting = [*pool.metric("shop", "error_rate", pool.sick(0.01, 0.5, 60, 999)), *CALM[len(CALM) // 2 :]]
    series, _ = series_of(lasting)
    where = found(lasting)
    assert where is not None
    (signal,) = [s for s in window.signals(where, series) if s.indicator == "error_rate"]
    assert signal.back is None
    assert where.window.end == max(one.at or 0 for one in lasting)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40)
def test_hardly_any_noise_is_an_incident_and_none_is_an_error(seed: int) -> None:
    """Four series of nothing but noise: whatever is said of them is said inside of what they cover."""
    chance = np.random.default_rng(seed)
    events = [e for n in range(4) for e in pool.metric(f"c{n}", "cpu", lambda _: float(40 + chance.standard_normal()))]
    where = found(events)
    if where is not None:
        assert pool.minute(0) <= where.window.start <= where.window.end <= pool.minute(80)


def test_a_stated_moment_two_minutes_off_does_not_hide_what_was_wrong_from_the_first_sample() -> None:
    """The bad stretch was recorded apart from the healthy one and is bad from its first second; the page came two minutes
    later.
    """
    quiet = [
        replace(one, at=(one.at or 0) - 7 * DAY) for one in pool.metric("shop", "error_rate", lambda _: 0.01, until=600)
    ]
    bad = pool.metric("shop", "error_rate", lambda _: 0.5, until=60)
    where = found([*quiet, *bad], Options(at=pool.minute(0) + 2 * MINUTE))
    assert where is not None
    assert where.window.start == where.block.start
