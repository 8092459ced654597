"""When it could be seen: with the harm, or before it, in data that was being collected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import indicator, onset, sampled, sequential, statistics
from afterword.core.began import Began
from afterword.model.incident import By, Point, PointName
from afterword.model.time import MINUTE, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.case import Series
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal

#: A sign this long before the harm may have announced it; and so far from the usual it is one.
_VISIBLE_BEFORE = 60 * MINUTE
_PLAIN = 6.0
#: False alarms of the test in one healthy stretch, and the fewest samples from which a usual range is known.
_FALSE, _LEAST_USUAL = 0.05, 5


def detectable_at(
    series: Mapping[tuple[str, str], Series], found: Found, signals: Sequence[Signal], started: Point, not_before: int
) -> Point | None:
    """When a test that sees only what came before could first have said so: with the harm, or announcing it.

    The test is one for changes (CUSUM) on every signal that plainly got worse, with so high a bound that all the recorded
    series together raise a false alarm in one healthy stretch of twenty.
    """
    since = max(not_before, started.earliest - _VISIBLE_BEFORE)
    plain = [s for s in signals if indicator.worse(s.indicator) * s.shift > 0 and abs(s.shift) >= _PLAIN]
    seen = [
        made
        for s in plain
        if (one := series.get((s.component, s.indicator))) is not None
        and (made := _seen(s, one, found, since, len(series))) is not None
    ]
    if not seen:
        return None
    first = min(seen, key=lambda b: (b.at, b.signal.component, b.signal.indicator))
    signal = first.signal
    basis = f"{signal.component}: {signal.indicator} could first be told from its usual range in data that was being collected"
    return Point(
        PointName.DETECTABLE, first.at, first.earliest, first.latest, By.ESTIMATE, basis, (signal.cite,), confidence=onset.CONFIDENCE
    )  # fmt: skip


def _seen(signal: Signal, series: Series, found: Found, since: int, among: int) -> Began | None:
    """When the test says so of one signal: not before the sample is there, which for a bin is its end."""
    # What crept up before anybody was hurt is tested by how it was before it crept.
    crept = signal.onset is not None and sampled.together(found) and signal.onset in found.baseline
    usual = series.within(
        Span(found.baseline.start, signal.onset - 1 if crept and signal.onset else found.baseline.end)
    )
    rows = sampled.rows_in(series, Span(max(since, found.block.start), found.block.end))
    if len(usual) < _LEAST_USUAL or rows.stop <= rows.start:
        return None
    way = 1.0 if signal.shift > 0 else -1.0
    row = sequential.first_alarm(way * usual, way * series.value[rows], statistics.least_spread(series), _FALSE / among)
    if row is None:
        return None
    step = statistics.step_of(series.at)
    at = int(series.at[rows.start + row]) + (step if sampled.is_binned(series) else 0)
    # Where the sample before it had nearly been enough, chance decides between the two.
    return Began(signal, at, max(at - step, since), at)
