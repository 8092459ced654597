"""Few samples and what other components do: how far a shift may be believed."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import elsewhere, few
from afterword.core.case import Series
from afterword.core.window import Found
from afterword.model.time import MINUTE, Span
from afterword.testing import cite

WINDOW, BASELINE = Span(60 * MINUTE, 69 * MINUTE), Span(0, 59 * MINUTE)
FOUND = Found(WINDOW, BASELINE, (), Span(0, 69 * MINUTE))


def series(component: str, indicator: str, values: list[float]) -> Series:
    at = np.arange(len(values), dtype=np.int64) * MINUTE
    return Series(component, indicator, at, np.array(values), cite(1))


def bursts(component: int, *, now: bool) -> list[float]:
    """A latency of 5 ms that is a thousand times as long for a while, in some pod or other."""
    made = [5.0 + 0.1 * (n % 3) for n in range(70)]
    if component % 2:
        made[10 + component : 20 + component] = [5000.0] * 10
    if now:
        made[60:] = [5000.0] * 10
    return made


def test_what_happens_to_somebody_all_the_time_says_little_and_what_never_did_says_much() -> None:
    """Pod 0 has a burst of latency as others had before; pod 2 uses processor time as no pod ever has."""
    latency = [series(f"pod-{n}", "latency", bursts(n, now=n == 0)) for n in range(12)]
    work = [series(f"pod-{n}", "cpu", [1 + 0.1 * ((7 * k + n) % 5) for k in range(60)] + [90.0 if n == 2 else 1.2] * 10) for n in range(12)]  # fmt: skip
    most = elsewhere.limits([*latency, *work], FOUND)
    assert most[id(work[2])] > 4 * most[id(latency[0])]


def test_a_measure_that_few_have_is_bounded_by_none() -> None:
    assert elsewhere.limits([series("one", "cpu", bursts(1, now=True))], FOUND) == {}


@given(st.integers(2, 400))
def test_the_more_samples_the_surer(samples: int) -> None:
    assert 0 < few.sure(samples) <= few.sure(samples + 1) < 1


def test_a_healthy_minute_of_a_series_by_the_minute_is_filled_up_with_what_was_before() -> None:
    """Negative control: a healthy time that is long enough stands alone."""
    one = series("shop", "cpu", [float(n) for n in range(70)])
    assert few.usual(one, Span(0, MINUTE), Span(0, 69 * MINUTE), 60 * MINUTE).tolist() == [float(n) for n in range(60)]
    assert few.usual(one, Span(0, 9 * MINUTE), Span(0, 69 * MINUTE), 60 * MINUTE).tolist() == [
        float(n) for n in range(10)
    ]
