"""Consensus: the start and the end of an incident as most of the weight of many onsets has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core import statistics
from afterword.core.meant import STATED_OFF, lean
from afterword.model.time import SECOND, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from afterword.core.case import Series
    from afterword.core.window import Onset


def in_order(onsets: Iterable[Onset]) -> tuple[Onset, ...]:
    return tuple(sorted(onsets, key=lambda o: (o.at, o.series.component, o.series.indicator, o.series.statistic)))


def inside(onsets: Sequence[Onset], cut: Span | None) -> Sequence[Onset]:
    """Who may vote, in order of time: where only part of the time was recorded in full, what may have begun in it."""
    if cut is not None:
        onsets = [one for one in onsets if one.earliest <= cut.end and one.at >= cut.start]
    return in_order(onsets)


def datable(onsets: Sequence[Onset], block: Span, tolerance: int, stated: int | None) -> Sequence[Onset]:
    """Who may date the start. What is outside from the first sample on may have drifted between the two times.

    Unless the incident itself covers the block from its start: then that is stated, or most of the weight says so.
    """
    later = [one for one in onsets if one.earliest < one.at]
    weight = sum(one.weight for one in onsets) - sum(one.weight for one in later)
    covers = weight >= sum(one.weight for one in later)
    if stated is not None:
        # A stated moment may be minutes off: so near to the start it says no more than the weights do.
        covers = stated <= block.start + tolerance // 3 + (STATED_OFF if covers else 0)
    return onsets if covers or not later else later


def tolerance_of(series: Sequence[Series], covered: Span) -> int:
    """How far apart two onsets may lie and still belong together: a few samples, at least a minute and a half."""
    steps = [statistics.step_of(one.at) for one in series if len(one.at) > 2]
    usual = int(np.median(steps)) if steps else 0
    return max(90 * SECOND, 3 * usual, covered.length // 60)


def agreement(onsets: Sequence[Onset], tolerance: int, stated: int | None) -> tuple[int, list[Onset]]:
    """The start that collects most votes within the tolerance; earlier wins a tie."""
    times = np.array([onset.at for onset in onsets], dtype=np.int64)
    votes = np.array([onset.weight * lean(onset.at, stated) for onset in onsets])
    right = np.searchsorted(times, times + tolerance, side="right")
    total = np.concatenate(([0.0], np.cumsum(votes)))
    gathered = total[right] - total[np.arange(len(times))]
    best = int(np.argmax(gathered > 0.999 * gathered.max()))
    # A lone weak vote at the edge does not move the start: begin where the first tenth of the votes is in.
    members = list(onsets[best : right[best]])
    cumulated = np.cumsum(votes[best : right[best]])
    first = int(np.argmax(cumulated >= 0.1 * cumulated[-1]))
    return members[first].at, members


def end_of(members: Sequence[Onset], start: int, covered: Span, stated: int | None) -> int:
    """When the heavier half of the votes had come back; the end of the evidence when they have not.

    What somebody noticed was still on then.
    """
    ends = sorted(
        ((onset.until if onset.until is not None else covered.end, onset.weight) for onset in members), reverse=True
    )
    half, gathered = sum(weight for _, weight in ends) / 2, 0.0
    for until, weight in ends:
        gathered += weight
        if gathered >= half:
            return max(until, start) if stated is None or until >= stated else covered.end
    return covered.end


def last_of(end: int, cut: Span | None) -> int:
    """What was recorded of an incident is recorded until it is over."""
    return end if cut is None else max(end, cut.end)
