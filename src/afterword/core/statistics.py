"""Robust statistics of series: scale, epidemic change, onset. All times int64 ns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core.indicator import Family, family, is_share_of_success

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.model.time import Span

#: Grid on which the two ends of a change are searched; the ends are then refined sample by sample.
GRID = 160
#: A shift smaller than this share of the usual level is not worth anybody's attention.
RELATIVE_FLOOR = 0.05
#: The same for a share of what went well, such as availability in percent.
SHARE_FLOOR = 0.005
#: What is left of a shift when it is over.
_RESIDUE = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch in which a series differs from the rest: rows ``start`` to ``end`` (half open), strength in sigmas."""

    start: int
    end: int
    strength: float
    direction: int


class Least(NamedTuple):
    """The smallest spread that makes sense: where nothing moved at all, and as a share of the usual level."""

    still: float = 0.0
    share: float = RELATIVE_FLOOR


NOTHING = Least()


def least_spread(series: Series) -> Least:
    """One for counts (Poisson); a fiftieth of the range where nothing moved; less for a share of what went well.

    A service that answers 99 % instead of 100 % fails a hundredth of its users: there the level is the ceiling, and
    what counts is the distance from it.
    """
    if series.derived.startswith("counted"):
        return Least(1.0)
    largest = float(np.abs(series.value).max())
    if is_share_of_success(series.indicator) and (largest <= 1.0 or 10.0 < largest <= 100.0):
        return Least(SHARE_FLOOR * largest, SHARE_FLOOR)
    if is_count(series, largest):
        return Least(max(1.0, 0.02 * largest))
    return Least(0.02 * largest)


def is_count(series: Series, largest: float) -> bool:
    """Whole numbers of something that happens: one more of a rare thing is chance (Poisson). 0 and 1 may be a state."""
    whole = bool(np.all(series.value == np.floor(series.value))) and float(series.value.min()) >= 0
    return whole and (largest >= 2 or family(series.indicator) is Family.TRAFFIC)


def scale(values: NDArray[np.float64], least: Least = NOTHING) -> float:
    """Spread of the usual: the larger of MAD and IQR in sigma units, with a relative floor. Never 0."""
    if not len(values):
        return 1.0
    low, middle, high = np.percentile(values, [25, 50, 75])
    mad = 1.4826 * float(np.median(np.abs(values - middle)))
    iqr = float(high - low) / 1.349
    floor = max(least.share * abs(float(middle)), 1e-9)
    rare = max(float(values.std()) / 3, least.still) if mad == 0 and iqr == 0 else 0.0
    return max(mad, iqr, floor, rare)


def shift(baseline: NDArray[np.float64], now: NDArray[np.float64], least: Least = NOTHING) -> float:
    """Signed distance of the median of ``now`` from that of ``baseline`` in units of the usual spread."""
    if not len(baseline) or not len(now):
        return 0.0
    return float(np.median(now) - np.median(baseline)) / scale(baseline, least)


def usual_range(usual: NDArray[np.float64], least: Least = NOTHING, sigmas: float = 3.0) -> tuple[float, float]:
    """Middle of the usual, and how far from it a sample has to be to lie outside: beyond the spread and beyond 99 %."""
    middle = float(np.median(usual))
    return middle, max(sigmas * scale(usual, least), float(np.percentile(np.abs(usual - middle), 99)))


def calibrated(baseline: NDArray[np.float64], now: NDArray[np.float64], least: Least = NOTHING) -> float:
    """Shift over what windows of the same length show inside the baseline: near 1 is usual, 10 is not.

    The null is empirical: every window of the length of ``now`` that fits into the baseline, in steps of half
    a window (a block bootstrap without resampling, so it is deterministic).
    """
    raw = shift(baseline, now, least)
    width = min(len(now), max(3, len(baseline) // 4))
    if len(baseline) < 2 * width:
        return raw
    step = max(1, width // 2)
    starts = range(0, len(baseline) - width + 1, step)
    middle, spread = float(np.median(baseline)), scale(baseline, least)
    null = np.array([abs(float(np.median(baseline[s : s + width])) - middle) / spread for s in starts])
    return raw / max(1.0, float(null.max()))


def normal_scores(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values by rank, ties averaged, centred, unit variance: outliers cannot shout."""
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(len(values))
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    sums = np.bincount(inverse, weights=ranks)
    tied = sums[inverse] / counts[inverse]
    centred = tied - tied.mean()
    spread = centred.std()
    scored: NDArray[np.float64] = centred / spread if spread > 0 else centred
    return scored


def epidemic(values: NDArray[np.float64], least: int = 3) -> Change | None:
    """The stretch that differs most from the rest: a change with or without a way back.

    Maximises |mean inside - mean outside| * sqrt(n_in * n_out / n) over all stretches on a grid (epidemic
    alternative of Levin and Kline 1985) on normal scores, so it needs no model of the noise. The first
    samples are taken as usual: an incident that began before the evidence cannot be told from it.
    """
    n = len(values)
    if n < 2 * least + 2:
        return None
    scores = normal_scores(values)
    deflate = _deflation(scores)
    cuts = np.unique(np.linspace(0, n, min(n, GRID) + 1).astype(np.int64))
    total = np.concatenate(([0.0], np.cumsum(scores)))[cuts]
    length = (cuts[None, :] - cuts[:, None]).astype(np.float64)
    inside = total[None, :] - total[:, None]
    outside = n - length
    valid = (length >= least) & (outside >= least) & (cuts[:, None] >= least)
    with np.errstate(divide="ignore", invalid="ignore"):
        # The scores are centred, so the outside sum is minus the inside sum.
        strength = np.where(valid, np.abs(inside) * np.sqrt(n / (length * outside)), 0.0)
    best = int(np.argmax(strength))
    a, b = divmod(best, len(cuts))
    found = float(strength[a, b])
    if found <= 0:
        return None
    return Change(int(cuts[a]), int(cuts[b]), found * deflate, 1 if inside[a, b] > 0 else -1)


def _deflation(scores: NDArray[np.float64]) -> float:
    """Correct for samples that repeat one another: sqrt((1-r)/(1+r)) with the lag-1 correlation of differences' complement.

    A step itself makes neighbours alike, so the correlation is measured on what is left after a running median.
    """
    if len(scores) < 12:
        return 1.0
    width = max(3, len(scores) // 12) | 1
    padded = np.pad(scores, width // 2, mode="edge")
    smooth = np.median(np.lib.stride_tricks.sliding_window_view(padded, width), axis=1)
    rest = scores - smooth
    spread = float((rest * rest).sum())
    if spread <= 0:
        return 1.0
    lag = max(0.0, min(0.9, float((rest[1:] * rest[:-1]).sum()) / spread))
    return float(np.sqrt((1 - lag) / (1 + lag)))


def walk_back(values: NDArray[np.float64], change: Change, sigmas: float = 3.0) -> int:
    """First sample of the unbroken run of deviating samples that leads into the change."""
    usual = values[: max(change.start, 1)]
    middle, spread = float(np.median(usual)), scale(usual)
    away = change.direction * (values - middle) > sigmas * spread
    row = change.start
    inside = np.flatnonzero(away[change.start : change.end])
    if len(inside):
        row = change.start + int(inside[0])
    while row > 0 and away[row - 1]:
        row -= 1
    return row


def back_inside(series: Series, baseline: Span, among: Span, sigmas: float = 4.0) -> int | None:
    """When, inside ``among``, the series came back to its baseline for good; None while it is outside at its end.

    Back for good means: from there on at least 80 % of the samples are inside, the last ones included.
    """
    usual = series.within(baseline)
    if not len(usual):
        return None
    middle, wide = usual_range(usual, least_spread(series), sigmas)
    if family(series.indicator) is not Family.ERRORS:
        # A latency that fell from 2 s to 10 ms is back, although it was 5 ms before; an error ratio of 5 % is not.
        wide = max(wide, _RESIDUE * float(np.abs(series.within(among) - middle).max(initial=0.0)))
    rows = np.flatnonzero((series.at >= among.start) & (series.at <= among.end))
    if not len(rows):
        return None
    inside = np.abs(series.value[rows] - middle) <= wide
    tail = max(2, min(5, len(rows) // 10 + 1))
    if not inside[-tail:].all():
        return None
    share = np.cumsum(inside[::-1])[::-1] / np.arange(len(inside), 0, -1)
    good = inside & (share >= 0.8)
    # The start of the last stretch in which every suffix is mostly inside.
    bad = np.flatnonzero(~good & (share < 0.8))
    start = int(bad[-1]) + 1 if len(bad) else 0
    first = start + int(np.argmax(inside[start:]))
    return int(series.at[rows[first]])


def step_of(at: NDArray[np.int64]) -> int:
    """The usual distance between two samples, in ns."""
    return int(np.median(np.diff(at))) if len(at) > 1 else 0
