"""Would this alert have fired? Over the recording of one outage: errors from 10:10 to 10:40, noticed at 10:25."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.backtest import AlertRule, Backtest, Firing, RecordRule, Replay, backtest, tracks_of
from afterword.core.case import Series
from afterword.core.promql import UnsupportedError, duration, parse
from afterword.core.promql.own import OwnEngine
from afterword.core.promql.track import STALE, Track, labels_of, windows
from afterword.core.promql.window import extrapolated
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
    return tried([AlertRule("A", expr, held)], recording(), **options)[0]


def tried(rules, series_, **options):
    return backtest(rules, tracks_of(series_, rules), INCIDENT, **{"detected": DETECTED, **options})


def firings_of(rule: AlertRule, series_: list[Series]) -> tuple[Firing, ...]:
    tracks = tracks_of(series_, [rule])
    return Replay(tracks, OwnEngine(tracks), MINUTE, lambda labels: labels["component"]).alert(rule)[0]


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
        ("sum(errors) > 5", 0, 10, 1),
        ("sum by (job) (errors) > 5", 0, 10, 1),
        ("max without (component) (errors) > 5 and on() vector(1)", 0, 10, 1),
        ("(errors > bool 5) == 1", 0, 10, 1),
        ("errors offset 5m > 5", 0, 15, 1),
        ("errors / on(component) requests > 0.1", 0, 10, 1),
        ("errors % 5 == 2", 0, 10, 1),
        ("errors ^ 2 >= 144", 0, 10, 1),
        ("avg_over_time(errors[5m:1m]) > 5", 0, 12, 0),
        ("{__name__='errors'} > 5", 0, 10, 1),
        ("errors > 5 or nosuch > 5", 0, 10, 1),
        ("absent(errors > 5)", 0, 40, 2),
        ("errors / (requests - 100) > 5", 0, 10, 1),
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
        ("count_values('x', errors) > 5", "count_values"),
        ("holt_winters(errors[5m], 0.5, 0.5) > 1", "holt_winters()"),
        ("errors @ 100 > 1", "'@'"),
        ("max_over_time(errors[5m] @ 100) > 1", "'@'"),
        ("topk(1, errors * 0) >= 0", "topk()"),
        ("errors and on() 5", "vectors only"),
        ("errors * on() requests > 1", "several series match"),
        ("requests * on() errors > 1", "on the side that may have one"),
        ("1 > 2 and errors", "needs 'bool'"),
        ("errors > 5 > 'x'", "a text is no value"),
        ("sum(5) > errors", "a number stands"),
        ("clamp_min(errors, errors) > 5", "series stand"),
        ("topk(errors) > 5", "arguments"),
        ("label_replace(errors, 'a', 'b') > 5", "arguments"),
        ("errors[5m:1m] > 5", "a subquery needs a function"),
        ("sum(errors)[5m] > 1", "a range follows a selector"),
        ("errors offset x > 1", "offset"),
        ("errors{a=5} > 1", "matcher"),
        ("sum by (5) (errors) > 1", "no label"),
        ("{component=~'.*'} > 1", "needs a label"),
        ("clamp(errors, 1) > 1", "arguments"),
        ("label_replace(errors, 'a b', 'x', 'c', '.*') > 1", "is no label"),
        ("label_join(errors, 'a b', '-', 'c') > 1", "is no label"),
        ("label_replace(errors, 'a', 'x', 'c', '(?=a)') > 1", "cannot be used"),
        ("rate(errors[5m], 5) > 1", "arguments"),
        ("absent(errors, errors)", "arguments"),
        ("errors and 5 * 2", "vectors only"),
        ("'x' or errors", "a text is no value"),
        ("errors offset -5m > 5", "not there yet"),
        ("absent(nosuch)", "no recorded series is called 'nosuch'"),
        ("rate(errors) > 5", "needs a range"),
        ("errors[5m] > 5", "without a function"),
        ("nosuch > 1", "no recorded series is called 'nosuch'"),
        ('errors{pod="x"} > 1', "no label 'pod'"),
        ('errors{component=~"(?=a)b"} > 1', "pattern"),
        ("1 > 2", "selects no recorded series"),
        ("errors > (5", "expected"),
        ("(" * 60 + "errors" + ")" * 60 + " > 1", "nested deeper"),
        ("", "the end"),
    ],
)
def test_what_is_not_understood_is_never_answered(expr: str, names: str) -> None:
    """A wrong "would not have fired" would be worse than none."""
    series_ = [*recording(), series("other", "queue_age", np.ones(60))]
    found = tried([AlertRule("A", expr)], series_)[0]
    assert found.cannot.startswith("cannot be evaluated here: ")
    assert names in found.cannot
    assert (found.fired_at, found.firings, found.extra) == (None, (), 0)


def test_labels_inside_of_an_indicator_may_hold_anything() -> None:
    odd = series("shop", 'errors{path="/a,b=\\"c\\"", code="500"}', np.full(9, 9.0))
    rule = AlertRule("A", 'errors{path="/a,b=\\"c\\"", code="500"} > 5')
    (found,) = tried([rule], [odd])
    assert found.cannot == ""
    assert len(found.firings) == 1


def test_names_of_opentelemetry_are_met_as_prometheus_has_them() -> None:
    dotted = [series("shop", 'http.server.requests{http.response.status_code="500"}', np.full(9, 9.0))]
    for name in ("http_server_requests", "http_server_requests_total", "shop_http_server_requests"):
        rule = AlertRule("A", f'{name}{{job="shop", http_response_status_code="500"}} > 5')
        (found,) = tried([rule], dotted)
        assert found.cannot == "", name
        assert len(found.firings) == 1
    assert "no recorded series" in tried([AlertRule("A", "http_server_requests_lost > 5")], dotted)[0].cannot


def test_two_series_of_one_name_are_not_mixed_up() -> None:
    twice = [*recording(), series("shop", "errors", np.ones(60))]
    assert "two recorded series" in tried([AlertRule("A", "errors > 5")], twice)[0].cannot


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
    assert increase(at, values, 4 * MINUTE, 5 * MINUTE) == pytest.approx(35 * 5 / 4)


def increase(at, values, end: int, width: int) -> float:
    found = windows(Track((), at, values), np.array([end]), width, closed=False)
    return float(extrapolated(found, counter=True)[0][0])


@given(st.lists(st.floats(0, 1000), min_size=2, max_size=40), st.integers(1, 10))
def test_increase_is_never_negative_and_grows_with_the_counter(steps: list[float], factor: int) -> None:
    at = np.arange(len(steps), dtype=np.int64) * MINUTE
    values = np.cumsum(np.asarray(steps))
    width = len(steps) * MINUTE
    end = int(at[-1])
    once, times = increase(at, values, end, width), increase(at, values * factor, end, width)
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


# ------------------------------------------------------------------------------------------- rules of rules


def monitor(name: str, values, **labels: str) -> Track:
    """A series with labels as a Prometheus had it, one sample every 15 s."""
    at = START + np.arange(len(values), dtype=np.int64) * 15 * SECOND
    return Track(labels_of({"__name__": name, **labels}), at, np.asarray(values, dtype=np.float64), "E1")


def test_an_alert_rests_on_a_recording_rule_of_the_same_file() -> None:
    """Nobody recorded ``job:errors:rate``; its counter is there, so that the rule can be worked out."""
    counter = monitor("errors_total", np.cumsum([0] * 20 + [30] * 20 + [0] * 20), job="shop", code="500")
    rules = [
        RecordRule("job:errors:rate", "sum by (job) (rate(errors_total[1m]))", 15 * SECOND),
        AlertRule("Errors", "job:errors:rate > 1", 30 * SECOND, every=15 * SECOND),
    ]
    (found,) = backtest(rules, [counter], Span(START + 5 * MINUTE, START + 10 * MINUTE))
    assert found.cannot == ""
    (fired,) = found.firings
    assert fired.component == "shop"
    # Errors begin at 5:15, the rate is above one at 5:30, and half a minute later the alert fires.
    assert found.fired_at == START + 6 * MINUTE
    assert (found.every_seconds, found.held_seconds) == (15.0, 30.0)


def test_what_was_recorded_under_the_name_of_a_rule_is_what_the_team_had() -> None:
    recorded = monitor("job:errors:rate", [5.0] * 40, job="shop")
    rules = [RecordRule("job:errors:rate", "nosuch * 0"), AlertRule("Errors", "job:errors:rate > 1")]
    (found,) = backtest(rules, [recorded], Span(START, START + MINUTE))
    assert found.fired_at == START


def test_a_recording_rule_that_cannot_be_worked_out_leaves_its_alerts_unanswered() -> None:
    rules = [RecordRule("a:b", "nosuch * 2"), AlertRule("A", "a:b > 1")]
    (found,) = backtest(rules, [monitor("x", [1.0] * 9)], Span(START, START + MINUTE))
    assert "no recorded series is called 'a:b'" in found.cannot


def test_where_the_monitor_had_nothing_the_alert_ends() -> None:
    """A mark of Prometheus ends the series at once, long before its look-back of five minutes."""
    values = np.array([9.0] * 8 + [STALE] + [0.0] * 8)
    (found,) = backtest(
        [AlertRule("A", "x > 5", every=15 * SECOND)], [monitor("x", values)], Span(START, START + MINUTE)
    )
    assert [one.end for one in found.firings] == [START + 8 * 15 * SECOND]


def test_an_alert_that_is_kept_firing_rides_over_a_gap() -> None:
    """True for a minute, false for 30 s, true again: with ``keep_firing_for`` of a minute it is one alert, that ends late."""
    values = [9.0] * 4 + [0.0] * 2 + [9.0] * 4 + [0.0] * 10
    for kept, stretches in ((0, 2), (MINUTE, 1)):
        rule = AlertRule("A", "x > 5", kept=kept, every=15 * SECOND)
        (found,) = backtest([rule], [monitor("x", values)], Span(START, START + MINUTE))
        assert len(found.firings) == stretches
        assert found.firings[-1].end == START + 10 * 15 * SECOND + kept


def test_what_fires_in_vain_is_told_with_the_hours_behind_it() -> None:
    found = one("errors > 5")
    assert (found.extra, found.healthy_hours) == (1, 0.483)
    assert found.extra_per_day == pytest.approx(1 * 24 * 60 / 29, abs=0.001)


def test_an_alert_that_did_fire_is_held_against_the_one_that_would_have() -> None:
    found = one("errors > 5", did_fire={"A": START + 10 * MINUTE + 7 * SECOND})
    assert found.apart_seconds == -7.0


def test_rules_add_labels_and_answers_that_fall_together_are_refused() -> None:
    tracks = [monitor("x", [9.0] * 9, pod="a"), monitor("x", [9.0] * 9, pod="b")]
    rule = AlertRule("A", "x > 5", labels=(("severity", "page"), ("team", "{{ $labels.pod }}")))
    (found,) = backtest([rule], tracks, Span(START, START + MINUTE))
    assert [one.labels for one in found.firings] == [
        (("pod", "a"), ("severity", "page")),
        (("pod", "b"), ("severity", "page")),
    ]
    (found,) = backtest([AlertRule("A", "x > 5", labels=(("pod", "all"),))], tracks, Span(START, START + MINUTE))
    assert "same labels" in found.cannot
