"""Would this alert have fired? Over the recording of one outage: errors from 10:10 to 10:40, noticed at 10:25."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.backtest import AlertRule, Backtest, backtest, extrapolated, firings_of
from afterword.core.case import Series
from afterword.core.promql import UnsupportedError, duration, parse
from afterword.model.evidence import Citation, Place
from afterword.model.time import MINUTE, SECOND, Span

START = 1_772_359_200 * SECOND  # 2026-03-01T10:00:00Z
INCIDENT = Span(START + 10 * MINUTE, START + 40 * MINUTE)
DETECTED = START + 25 * MINUTE


def series(component: str, indicator: str, values, step: int = MINUTE) -> Series:
    at = START + np.arange(len(values), dtype=np.int64) * step
    return Series(component, indicator, at, np.asarray(values, dtype=np.float64), Citation("E1", Place(0, 1)))


def recording() -> list[Series]:
    errors = np.zeros(60)
    errors[10:40] = 12.0
    errors[50] = 12.0
    requests = np.full(60, 100.0)
    return [
        series("shop", "errors", errors),
        series("shop", "requests", requests),
        series("mail", "errors", np.zeros(60)),
        series("shop", "errors_total", np.cumsum(errors)),
        series("shop", 'http_total{code="500"}', np.cumsum(errors)),
    ]


def one(expr: str, held: int = 0, **options) -> Backtest:
    return backtest([AlertRule("A", expr, held)], recording(), INCIDENT, detected=DETECTED, **options)[0]


@pytest.mark.parametrize(
    ("expr", "held", "minute", "extra"),
    [
        ("errors > 5", 0, 10, 1),
        ("errors > 5", 5 * MINUTE, 15, 0),
        ("errors > 5", 40 * MINUTE, None, 0),
        ("5 < errors", 0, 10, 1),
        ("errors / requests > 0.1", 0, 10, 1),
        ("errors / requests * 100 > 2 * 6 - 1", 0, 10, 1),
        ('errors{service="shop"} > 5', 0, 10, 1),
        ('errors{component=~"sh.*|x"} > 5', 0, 10, 1),
        ('errors{component!="shop"} > 5', 0, None, 0),
        ("avg_over_time(errors[5m]) > 5", 0, 12, 0),
        ("max_over_time(errors[5m]) >= 12", 0, 10, 1),
        ("min_over_time(errors[5m]) >= 12", 0, 14, 0),
        ("sum_over_time(errors[5m]) > 59", 0, 14, 0),
        ("errors > 5 and requests > 50", 0, 10, 1),
        ("errors > 5 and requests > 500", 0, None, 0),
        ("errors > 500 or errors > 5", 0, 10, 1),
        ("errors > 5 unless requests > 50", 0, None, 0),
        ("errors > 20", 0, None, 0),
        ('http_total{code="500"} > 100', 0, 18, 0),
        ("-errors < -5", 0, 10, 1),
    ],
)
def test_when_it_would_have_fired(expr: str, held: int, minute: int | None, extra: int) -> None:
    found = one(expr, held)
    assert found.cannot == ""
    assert found.extra == extra
    if minute is None:
        assert found.fired_at is None
        assert found.minutes_earlier is None
    else:
        assert found.fired_at == START + minute * MINUTE
        assert found.minutes_earlier == 25 - minute


def test_an_alert_after_the_detection_counts_below_zero() -> None:
    """A pending time of 20 minutes fires at 10:30, five minutes after people noticed."""
    found = one("errors > 5", 20 * MINUTE, did_fire={"A": START + 31 * MINUTE})
    assert found.minutes_earlier == -5
    assert found.did_fire_at == START + 31 * MINUTE


def test_a_stretch_ends_or_is_still_going() -> None:
    first, second = one("errors > 5").firings
    assert (first.component, first.start, first.end) == ("shop", START + 10 * MINUTE, START + 40 * MINUTE)
    assert (second.start, second.end) == (START + 50 * MINUTE, START + 51 * MINUTE)
    (going,) = firings_of(AlertRule("A", "requests > 1"), recording())
    assert going.end is None


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ("sum(errors) > 5", "sum()"),
        ("sum by (job) (errors) > 5", "sum needs"),
        ("histogram_quantile(0.99, x) > 1", "histogram_quantile()"),
        ("absent(errors)", "absent()"),
        ("errors > bool 5", "bool"),
        ("errors offset 5m > 5", "offset"),
        ("errors / on(job) requests > 1", "on()"),
        ("rate(errors[5m:1m]) > 5", "subquery"),
        ("rate(errors) > 5", "needs a range"),
        ("errors[5m] > 5", "without a function"),
        ("errors % 2 > 1", "'%'"),
        ("errors ^ 2 > 1", "'^'"),
        ("errors @ 100 > 1", "'@'"),
        ("nosuch > 1", "no recorded series is called 'nosuch'"),
        ('errors{pod="x"} > 1', "no label 'pod'"),
        ('errors{component=~"(?=a)b"} > 1', "pattern"),
        ("1 > 2", "selects no recorded series"),
        ("errors / queue_age > 1", "no labels in common"),
        ("errors > (5", "expected"),
        ("{__name__='errors'} > 5", "'{'"),
        ("errors / 5 / (1/0) > 1", "division by zero"),
        ("(" * 60 + "errors" + ")" * 60 + " > 1", "nested deeper"),
        ("", "the end"),
    ],
)
def test_what_is_not_understood_is_never_answered(expr: str, names: str) -> None:
    """A wrong "would not have fired" would be worse than none."""
    series_ = [*recording(), series("other", "queue_age", np.ones(60))]
    found = backtest([AlertRule("A", expr)], series_, INCIDENT)[0]
    assert found.cannot.startswith("cannot be evaluated here: ")
    assert names in found.cannot
    assert (found.fired_at, found.firings, found.extra) == (None, (), 0)


def test_two_series_of_one_name_are_not_mixed_up() -> None:
    twice = [*recording(), series("shop", "errors", np.ones(60))]
    assert "two recorded series" in backtest([AlertRule("A", "errors > 5")], twice, INCIDENT)[0].cannot


def test_a_gap_is_not_a_value() -> None:
    """The last sample counts for five minutes and then no longer; the alert does not fire on the memory of it."""
    at = np.array([0, 1, 20, 21], dtype=np.int64) * MINUTE + START
    gap = Series("shop", "errors", at, np.full(4, 9.0), Citation("E1", Place(0, 1)))
    spans = [(f.start - START, f.end and f.end - START) for f in firings_of(AlertRule("A", "errors > 5"), [gap])]
    assert spans == [(0, 6 * MINUTE), (20 * MINUTE, None)]


def test_rate_and_increase() -> None:
    """A counter that grows by 12 a minute: 0.2 a second, 60 in five minutes."""
    counter = [series("shop", "n_total", np.arange(30) * 12.0)]
    (fires,) = firings_of(AlertRule("A", "rate(n_total[5m]) > 0.19"), counter)
    assert fires.start <= START + 6 * MINUTE
    assert list(firings_of(AlertRule("A", "rate(n_total[5m]) > 0.21"), counter)) == []
    assert list(firings_of(AlertRule("A", "increase(n_total[5m]) > 61"), counter)) == []
    assert len(list(firings_of(AlertRule("A", "increase(n_total[5m]) > 59"), counter))) == 1


def test_a_counter_that_is_reset_goes_on() -> None:
    at = np.arange(5, dtype=np.int64) * MINUTE
    values = np.array([100.0, 110.0, 5.0, 15.0, 25.0])
    # 10 before the reset, 5 up to the first sample after it, 20 after: 35 in four minutes, extended to five.
    assert extrapolated(at, values, 4 * MINUTE, 5 * MINUTE) == pytest.approx(35 * 5 / 4)


@given(st.lists(st.floats(0, 1000), min_size=2, max_size=40), st.integers(1, 10))
def test_increase_is_never_negative_and_grows_with_the_counter(steps: list[float], factor: int) -> None:
    at = np.arange(len(steps), dtype=np.int64) * MINUTE
    values = np.cumsum(np.asarray(steps))
    width = len(steps) * MINUTE
    end = int(at[-1])
    once, times = extrapolated(at, values, end, width), extrapolated(at, values * factor, end, width)
    assert once >= 0
    assert times == pytest.approx(once * factor)


@given(st.text(alphabet="abex(){}[]<>=!~/*+-0.5m\"', \n", max_size=60))
def test_no_expression_makes_the_parser_fail(text: str) -> None:
    try:
        parse(text)
    except UnsupportedError:
        return


def test_durations_of_rules() -> None:
    assert duration("1h30m") == 90 * MINUTE
    assert duration("500ms") == SECOND // 2
    with pytest.raises(UnsupportedError):
        duration("5 apples")
