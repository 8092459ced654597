"""What a change brought against what it did not reach: a test with its negative controls."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rolled import NEW, OLD, errors, minute, one_of, released, samples, told

from afterword.core.cause import contrast

if TYPE_CHECKING:
    from afterword.core.cause.contrast import Contrast
    from afterword.model.event import Event

RELEASE = [released("shop", f"{NEW[0]} in for {OLD[0]}")]


def best(events: list[Event]) -> Contrast:
    found = contrast.contrasts(*one_of(told(events, RELEASE)), frozenset())
    return found[0]


def test_the_new_version_fails_in_the_minutes_in_which_the_old_one_does_not() -> None:
    found = best(errors(0.5))
    assert found.bits > contrast.STRONG
    assert (found.hit, found.brought) == (1, 1)
    assert len(found.cites) == 2
    assert "of those it did not reach" in found.says()


def test_versions_that_suffer_alike_clear_the_release() -> None:
    """Whatever they call fails from minute 30 on, for both: the trouble is there without the change."""
    found = best(errors(lambda at: 0.5 if at >= 30 else 0.01, lambda at: 0.5 if at >= 30 else 0.01))
    assert found.bits < -2
    assert found.suffered
    assert "failed no more than" in found.says()


def test_versions_that_do_well_alike_clear_it_as_far_as_their_samples_go() -> None:
    long, short = best(errors(0.01)), best([e for e in errors(0.01) if e.at is not None and e.at < minute(26)])
    assert long.bits < short.bits < 0
    assert "did as well as" in long.says()


def test_a_better_version_is_not_blamed() -> None:
    assert best(errors(0.001, 0.05)).bits <= 0


def test_one_bad_sample_is_not_a_bad_version() -> None:
    assert best(errors(lambda at: 0.5 if at == 30 else 0.01)).bits < contrast.STRONG


def test_the_first_sample_of_what_has_just_started_does_not_count() -> None:
    assert best(errors(lambda at: 0.9 if at == 21 else 0.01)).bits < 0


def test_instances_that_always_differed_from_each_other_set_the_scale() -> None:
    """The old ones take 40 and 80 ms: a new one with 80 ms is nothing."""
    old = [e for pod, ms in zip(OLD, (40.0, 80.0, 60.0), strict=True) for e in samples(pod, "latency_ms", ms)]
    found = best([*old, *samples(NEW[0], "latency_ms", 80.0, 21)])
    assert found.bits < contrast.STRONG


def test_what_runs_short_counts_less_than_what_users_feel() -> None:
    old = [e for pod in OLD for e in samples(pod, "cpu_usage", 10.0)]
    found = best([*old, *samples(NEW[0], "cpu_usage", 100.0, 21)])
    assert found.plain > contrast.STRONG > found.bits > 0


def test_too_few_samples_say_nothing() -> None:
    few = [e for e in errors(0.5) if e.at is not None and e.at < minute(23)]
    assert contrast.contrasts(*one_of(told(few, RELEASE)), frozenset()) == ()


def test_the_machine_is_left_out() -> None:
    case = told([*[e for pod in OLD for e in samples(pod, "cpu", 1.0)], *samples(NEW[0], "cpu", 9.0, 21)], RELEASE)
    found, mine = one_of(case)
    assert contrast.contrasts(found, mine, frozenset())
    assert contrast.contrasts(found, mine, frozenset(id(one.series) for one in mine)) == ()


def test_two_rates_is_the_bayes_factor() -> None:
    """All of 4 against none of 12, by hand: 2 B(5,1) B(1,13) / B(5,13)."""
    by_hand = 2 * (1 / 5) * (1 / 13) * (17 * 1820)
    assert contrast.two_rates(4, 4, 0, 12) == pytest.approx(np.log2(by_hand), abs=1e-9)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 40), st.integers(1, 40))
def test_laws_of_two_rates(bad: int, many: int, worst: int, beside: int) -> None:
    """Only the harmful way counts; more bad samples on one side never speak for it."""
    bad, worst = min(bad, many), min(worst, beside)
    found = contrast.two_rates(bad, many, worst, beside)
    if bad * beside < worst * many:
        assert found <= 0
    if bad < many and bad * beside >= worst * many:
        assert contrast.two_rates(bad + 1, many, worst, beside) >= found - 1e-9


def test_a_counter_that_only_the_new_ones_have_counts_nothing_at_the_old_ones() -> None:
    """Prometheus knows an error counter from its first error on: the old instances report that they are there, and no error."""
    there = [e for pod in (*OLD, NEW[0]) for e in samples(pod, "cpu_usage", 1.0, 21 if pod == NEW[0] else 0)]
    found = best([*there, *samples(NEW[0], "http_errors_total", lambda at: 30.0 * (at - 20), 21)])
    assert found.name == "http_errors_total"
    assert found.bits > contrast.STRONG
    assert found.old == 0
    shares = [*there, *samples(NEW[0], "error_ratio", 0.5, 21)]
    assert all(one.name != "error_ratio" for one in contrast.contrasts(*one_of(told(shares, RELEASE)), frozenset()))
