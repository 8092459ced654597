"""Onsets against a healthy stretch of another time: the level in between is unknown, the interval holds all the same.

Monitors that keep only stretches around incidents leave a healthy stretch hours or months away. The interval has to allow for
a level that moved meanwhile, and for no more than that: an interval that is always wide holds the truth too, and says nothing.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from afterword.core import drift, onset
from afterword.core.case import Series
from afterword.core.window import Found
from afterword.model.time import HOUR, MINUTE, Span
from afterword.testing import cite

#: Samples of the healthy stretch, and of the incident's own one.
HEALTHY, OWN = 120, 10


def incident(seed: int, off: float) -> tuple[np.ndarray, float]:
    """The mean of each gap of a step, a ramp or a pulse that begins in the own stretch, on a level that moved by ``off`` spreads."""
    rng = np.random.default_rng(seed)
    began, height = float(rng.uniform(0, 4)), float(rng.choice([8.0, 12.0, 30.0]))
    late = (np.arange(OWN * 16) + 0.5) / 16 - began
    shape = (np.sign(np.maximum(late, 0)), np.clip(late / 3, 0, 1), ((late > 0) & (late < 1.5)).astype(float))[seed % 3]
    own = rng.normal(size=OWN) + off * rng.normal() + height * shape.reshape(OWN, 16).mean(axis=1)
    return 50 + np.concatenate((rng.normal(size=HEALTHY), own)), began


@cache
def judged(off: float, said: float) -> tuple[float, float]:
    """The share of the intervals that hold the start, and how many gaps the median one is wide."""
    inside, width = [], []
    for seed in range(240):
        values, began = incident(seed, off)
        seen = HEALTHY + int(np.ceil(began)) + 1
        gap = onset.gap(values, seen, len(values), spread=1.0, apart=onset.Apart(HEALTHY, said))
        assert gap is not None
        inside.append(gap.first <= HEALTHY + int(began) <= gap.last)
        width.append(gap.last - gap.first + 1)
    return float(np.mean(inside)), float(np.median(width))


@pytest.mark.parametrize("off", [0.5, 1.0, 2.0, 4.0])
def test_the_interval_holds_although_the_level_moved(off: float) -> None:
    assert judged(off, off)[0] >= 0.9


@pytest.mark.parametrize("off", [0.5, 1.0, 2.0, 4.0])
def test_it_says_as_much_as_can_be_said(off: float) -> None:
    """The negative control of the test above: an interval over all of the stretch would pass that one and fails this."""
    assert judged(off, off)[1] <= 2.0
    assert OWN > 2.0


def test_without_the_drift_it_would_not_hold() -> None:
    """Negative control: taken for the same level, one that moved is taken for the beginning."""
    assert judged(4.0, 0.0)[0] < 0.8


def recorded(off: np.ndarray, seed: int = 1) -> list[Series]:
    """Series of two stretches ten days apart; in the second, of five samples, each is off by so many spreads."""
    rng = np.random.default_rng(seed)
    at = np.concatenate((np.arange(200), 10 * 24 * 60 + np.arange(5))) * MINUTE
    made = []
    for number, one in enumerate(off):
        value = 5 + rng.normal(size=205)
        value[200:] += one
        made.append(Series(f"c{number}", "queue", at, value, cite(1)))
    return made


FAR = 10 * 24 * HOUR
FOUND = Found(Span(FAR + 3 * MINUTE, FAR + 4 * MINUTE), Span(0, 199 * MINUTE), (), Span(FAR, FAR + 4 * MINUTE))


@pytest.mark.parametrize("off", [1.0, 3.0])
def test_the_other_series_tell_how_far_levels_move(off: float) -> None:
    said = drift.of(recorded(off * np.random.default_rng(2).normal(size=200)), FOUND)
    assert 0.7 * off <= said <= 1.4 * off + 0.3


def test_levels_that_stay_are_off_by_their_own_spread_at_least() -> None:
    assert drift.of(recorded(np.zeros(60)), FOUND) == 1.0


def test_few_series_tell_nothing_of_it() -> None:
    assert drift.of(recorded(np.full(5, 40.0)), FOUND) == drift.of([], FOUND) == 2.0


def test_what_was_recorded_only_from_the_incident_on_tells_nothing_of_it() -> None:
    begun = Found(Span(FAR, FAR + 4 * MINUTE), FOUND.baseline, (), FOUND.block)
    assert drift.of(recorded(np.full(60, 9.0)), begun) == 2.0
