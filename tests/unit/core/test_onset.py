"""Onsets: the interval that is stated to hold the start in 95 of 100 cases does, on seeded incidents of six kinds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from afterword.core import change_point, onset

KINDS = ("step", "ramp", "spike", "leak", "noisy", "sparse")
SAMPLES, FINE = 160, 8


def course(kind: str, late: np.ndarray, left: float) -> np.ndarray:
    """Share of its height that a change has, so many samples after it began."""
    begun = np.maximum(late, 0)
    shapes = {"ramp": np.minimum(begun / 8, 1), "spike": np.sign(begun) * np.exp(-begun / 6), "leak": 2 * begun / left}
    made: np.ndarray = shapes.get(kind, np.sign(begun))
    return made


def incident(kind: str, seed: int) -> tuple[np.ndarray, float]:
    """A series with one change that begins anywhere between two samples; half of the monitors average, half look once."""
    rng = np.random.default_rng(seed)
    began, height = float(rng.uniform(70, 110)), float(rng.choice([3.0, 5.0, 8.0, 12.0]))
    averaged = rng.random() < 0.5 or kind == "sparse"
    # The mean of the gap before each sample, or the sample itself.
    fine = (np.arange(SAMPLES * FINE) + 1) / FINE - 1
    gaps = course(kind, fine - began, SAMPLES - began).reshape(SAMPLES, FINE).mean(axis=1)
    shape = gaps if averaged else course(kind, np.arange(SAMPLES) - began, SAMPLES - began)
    if kind == "sparse":
        return rng.poisson(rng.choice([0.0, 0.05, 0.3]) + rng.choice([0.5, 1.0, 3.0]) * shape).astype(float), began
    noise = rng.normal(size=SAMPLES + 50)
    if kind == "noisy":
        alike = rng.uniform(0.3, 0.7)
        for row in range(1, len(noise)):
            noise[row] = alike * noise[row - 1] + noise[row] * np.sqrt(1 - alike**2)
    return 100 + noise[50:] + height * shape, began


@cache
def found(kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Of every incident in which the scan sees a change: whether the interval holds the start, and the error in samples."""
    inside, errors = [], []
    for seed in range(100):
        values, began = incident(kind, 1000 + seed)
        change = change_point.scan(values[None], strength=5.0)[0]
        if change is None:
            continue
        gap = onset.gap(values, change.start, change.end, counted=kind == "sparse")
        assert gap is not None
        inside.append(gap.first <= int(np.ceil(began)) <= gap.last)
        errors.append(abs(gap.at - 1 + gap.part - began))
    return np.array(inside), np.array(errors)


def test_intervals_of_95_percent_hold_95_percent_of_the_starts() -> None:
    inside = np.concatenate([found(kind)[0] for kind in KINDS])
    assert len(inside) >= 500
    assert 0.92 <= inside.mean() <= 0.98


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_incident_is_left_out(kind: str) -> None:
    """A hundred of one kind: four standard errors below 95 % would be a kind that the model does not know."""
    inside, errors = found(kind)
    assert inside.mean() >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / len(inside))
    assert np.median(errors) <= (2.0 if kind in ("leak", "ramp", "sparse") else 1.0)


def test_all_of_them_together_are_dated_to_a_sample() -> None:
    assert np.median(np.concatenate([found(kind)[1] for kind in KINDS])) <= 1.0


def test_a_plain_step_lies_in_one_gap() -> None:
    """From one in a hundred failing to half of them, within one sample: no earlier gap is possible."""
    values = np.r_[np.full(60, 0.01), np.full(20, 0.5)] * (1 + 0.05 * np.random.default_rng(3).standard_normal(80))
    assert onset.gap(values, 60, 80)[:3] == (60, 60, 60)  # type: ignore[index]


def test_the_unit_and_the_direction_do_not_matter() -> None:
    values, _ = incident("step", 4)
    change = change_point.scan(values[None])[0]
    assert change is not None
    there = onset.gap(values, change.start, change.end)
    assert onset.gap(-1000 * values, change.start, change.end) == pytest.approx(there)


def test_rare_errors_leave_room_before_the_first_of_them() -> None:
    """One error in twenty samples, then one in three: the first of the new ones need not be the beginning."""
    values = np.zeros(120)
    values[[10, 40, 61, 64, 66, 70, 73, 74, 78, 80, 84, 86, 90, 93, 95, 99, 101, 105, 108, 110, 114, 118]] = 1
    found = onset.gap(values, 61, 120, counted=True)
    assert found is not None
    assert found.first < 61 <= found.last


@pytest.mark.parametrize("usual", [0, 2, 4])
def test_with_too_little_before_it_nothing_is_said(usual: int) -> None:
    assert onset.gap(np.r_[np.zeros(usual), np.ones(20)], usual, usual + 20) is None


def test_counts_that_never_come_date_nothing() -> None:
    assert onset.gap(np.zeros(50), 30, 50, counted=True) is None
