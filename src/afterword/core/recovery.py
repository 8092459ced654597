"""When it was over: the last request that went wrong, or the way back of the harmful series."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import onset, sampled, statistics
from afterword.core.harm import main_harm
from afterword.model.incident import By, Point, PointName
from afterword.model.time import MINUTE, SECOND, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.case import Series
    from afterword.core.request import Harm
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal

#: Recorded rates look back no longer than this.
_LOOKS_BACK = 90 * SECOND


def recovery(
    series: Mapping[tuple[str, str], Series],
    found: Found,
    signals: Sequence[Signal],
    applied: int | None,
    told: Harm | None,
) -> tuple[Point, ...]:
    """When the harm stopped, and when it was no longer apparent; nothing while a main signal is still outside."""
    felt = main_harm(signals)
    backs = sorted((_back(s, series, found) for s in felt if s.back is not None), key=lambda p: (p.at, p.basis))
    ended = _ended(told, felt) if told is not None else None
    if ended is None and (not felt or len(backs) < len(felt)):
        return ()
    effective = next((p for p in backs if applied is None or p.at >= applied - MINUTE), backs[0] if backs else ended)
    if effective is None or (ended is not None and effective.at > ended.at):
        effective = ended
    assert effective is not None
    if applied is not None and effective.at < applied <= effective.latest:
        # Inside its bounds it cannot have worked before it was done.
        effective = replace(effective, at=applied, earliest=applied)
    return (
        replace(effective, name=PointName.MITIGATION_EFFECTIVE, basis=f"{effective.basis} first"),
        ended or replace(backs[-1], basis=f"{backs[-1].basis} last of the harmful signals"),
    )


def _ended(told: Harm, felt: Sequence[Signal]) -> Point | None:
    """When the last request went wrong, unless samples of where it came in say otherwise for longer than they look back.

    What goes on behind it, out of the sight of users, is no impact.
    """
    if told.ended is None:
        return None
    later = [
        s
        for s in felt
        if s.component in told.components and s.back is not None and s.back > told.ended.latest + _LOOKS_BACK
    ]
    if later:
        return None
    end = told.ended
    basis = f"the last of {told.bad} requests went wrong, and the next of its kind did not"
    return Point(
        PointName.RECOVERED, end.at, end.earliest, end.latest, By.ESTIMATE, basis, end.cites, confidence=onset.CONFIDENCE
    )  # fmt: skip


def _back(signal: Signal, series: Mapping[tuple[str, str], Series], found: Found) -> Point:
    """When one signal came back: its onset, with time running backwards."""
    assert signal.back is not None
    one = series.get((signal.component, signal.indicator))
    basis = f"{signal.component}: {signal.indicator} came back inside its baseline"
    bounds = _turned(signal.back, one, found) if one is not None else None
    step = max((signal.onset or signal.back) - (signal.earliest or signal.back), SECOND)
    low, high = bounds or (
        signal.back - step,
        signal.back + (step if signal.derived.startswith(("counted", "measured")) else 0),
    )
    at = min(max(signal.back, low), high)
    return Point(PointName.RECOVERED, at, low, high, By.ESTIMATE, basis, (signal.cite,), confidence=onset.CONFIDENCE)


def _turned(back: int, series: Series, found: Found) -> tuple[int, int] | None:
    rows = sampled.rows_in(series, Span(found.window.start, found.block.end))
    at, values = series.at[rows], series.value[rows]
    after = len(at) - int(np.searchsorted(at, back))
    least = statistics.least_spread(series)
    spread = sampled.least_spread(values[len(values) - after :], least)
    counted = sampled.is_rare(series, values[len(values) - after :])
    gap = onset.gap(values[::-1], after, len(at), counted=counted, spread=spread)
    if gap is None:
        return None
    step = statistics.step_of(series.at)
    # Rows from the end: the last one that was outside, at the earliest and at the latest.
    first, last = len(at) - 1 - gap.last, len(at) - 1 - gap.first
    if sampled.is_binned(series):
        return int(at[first]), int(at[last]) + step
    return int(at[first]) - step, int(at[last]) + step
