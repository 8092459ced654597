"""Series that nobody recorded: every line and every span is counted once, counters become rates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import derive
from afterword.core.case import Series
from afterword.core.derive import bin_width, derived_series, is_counter, rated
from afterword.model.event import Event, Kind
from afterword.model.evidence import Citation, Place
from afterword.model.time import HOUR, MINUTE, SECOND, Span
from afterword.testing import case_from, event

CITE = Citation("E1", Place(0, 1, 1, 1))


def series(name: str, values: list[float], step: int = 10) -> Series:
    at = np.arange(len(values), dtype=np.int64) * step * SECOND
    return Series("shop", name, at, np.array(values, dtype=np.float64), CITE)


def test_a_counter_is_read_as_what_it_grew_by_in_a_second() -> None:
    """Twenty requests in every ten seconds, then none."""
    made = rated(series("http_requests_total", [*range(0, 200, 20), *[180.0] * 5]))
    assert made.value.tolist() == [2.0] * 9 + [0.0] * 5
    assert made.at[0] == 10 * SECOND, "the first sample has nothing before it"
    assert made.derived


def test_a_restart_is_a_fall_to_zero_and_no_negative_rate() -> None:
    """The process came up again and has served 30 requests since."""
    made = rated(series("http_requests_total", [0, 50, 100, 150, 200, 250, 300, 350, 30, 80]))
    assert made.value.tolist() == [5.0] * 7 + [3.0, 5.0]


@given(st.lists(st.integers(0, 500), min_size=10, max_size=60))
def test_rates_are_never_negative_and_add_up_to_the_growth(steps: list[int]) -> None:
    grown = np.cumsum(steps).astype(float)
    one = series("errors_total", grown.tolist())
    made = rated(one)
    if made is not one:
        assert (made.value >= 0).all()
        assert float((made.value * np.diff(one.at) / SECOND).sum()) == pytest.approx(grown[-1] - grown[0])


@pytest.mark.parametrize(
    ("name", "values", "counter"),
    [
        ("requests_total", list(range(20)), True),
        ("requests_total", [5.0] * 20, False),
        ("requests_total", [1, 9] * 10, False),
        ("requests_total", [1, 2, 3], False),
        ("bytes_sent", [float(n * 7) for n in range(40)], True),
        ("temperature", [n * 0.5 for n in range(40)], False),
        ("cpu", [1, 2, 3, 2] * 10, False),
        ("queue_length", [0.0] * 30 + [1.0] * 10, False),
    ],
)
def test_what_a_counter_is(name: str, values: list[float], *, counter: bool) -> None:
    assert is_counter(series(name, values)) is counter


def test_what_is_no_counter_stays_as_it_is() -> None:
    one = series("cpu", [3.0, 4.0] * 10)
    assert rated(one) is one


@given(st.integers(0, 400 * 24 * HOUR))
def test_bins_are_neither_too_many_nor_coarser_than_needed(length: int) -> None:
    width = bin_width(Span(0, length))
    assert length / width <= 240 or width == 86400 * SECOND
    assert width <= SECOND or length / width > 240 / 6


LINES = st.lists(
    st.builds(
        lambda at, who, level: event(Kind.LOG, at * SECOND, who, text="x", severity=level),
        st.integers(0, 3600), st.sampled_from(["shop", "cart"]), st.sampled_from(["", "info", "warn", "error", "fatal"]),
    ), min_size=1, max_size=120,
)  # fmt: skip


@given(LINES)
def test_every_line_is_counted_once_or_its_component_not_at_all(lines: list[Event]) -> None:
    made = [one for one in derived_series(case_from(lines)) if one.derived.startswith("counted")]
    for who in {one.component for one in made}:
        counted = sum(one.value.sum() for one in made if one.component == who)
        assert counted == sum(line.subject == who for line in lines)
    errors = {one.component for one in made if one.indicator == "error lines"}
    assert all(any(line.severity in ("error", "fatal") for line in lines if line.subject == who) for who in errors)


def spans(*rows: tuple[int, int, str, str, str]) -> list[Event]:
    return [event(Kind.SPAN, at * SECOND, "shop" if not parent else "db", name="op", took=took, trace="t", span=id_, parent=parent, severity=bad) for at, took, id_, parent, bad in rows]  # fmt: skip


def test_spans_are_measured_for_each_component() -> None:
    """An hour with a span a minute; in the last ten minutes they fail and take ten times as long."""
    rows = [(n * 60, (10 if n < 50 else 100) * 1_000_000, f"s{n}", "", "error" if n >= 50 else "") for n in range(60)]
    made = {one.indicator: one for one in derived_series(case_from(spans(*rows)))}
    assert made["span error ratio"].within(Span(0, 49 * MINUTE)).max() == 0
    assert made["span error ratio"].within(Span(50 * MINUTE, HOUR)).min() == 1
    assert made["span latency p90 ms"].value[0] == 10
    assert made["span latency p90 ms"].value[-1] == 100
    assert made["spans"].value.sum() == 60


def test_a_stretch_that_was_not_recorded_is_no_silence() -> None:
    """Logs of a minute of this morning and of four minutes of the incident: between them nobody looked, nothing was silent."""
    edges = np.arange(21, dtype=np.int64)
    recorded = derive._recorded(np.array([0, 1, 17, 18, 19], dtype=np.int64), edges)
    assert np.flatnonzero(recorded).tolist() == [0, 1, 17, 18, 19]
    silent = derive._recorded(np.array([0, 1, 2, 3, 4, 5, 8, 9, 10], dtype=np.int64), edges[:12])
    assert silent.all()
