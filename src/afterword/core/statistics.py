"""Robust statistics of series: scale, shift, the usual range, the way back. All times int64 ns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core import quantile
from afterword.core.indicator import Family, family, is_share_of_success

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.model.time import Span

#: A shift smaller than this share of the usual level is not worth anybody's attention.
RELATIVE_FLOOR = 0.05
#: The same for a share of what went well, such as availability in percent.
SHARE_FLOOR = 0.005
#: What never came although so many were expected did not come by chance (95 %).
_RULE = 3.0
#: What is left of a shift when it is over.
_RESIDUE = 0.05
#: Into so many stretches a long baseline is cut.
_PARTS = 8
#: Samples in a row among which a single one outside is chance.
_CROWD = 10


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
    low, middle, high = quantile.percentiles(values, (25, 50, 75))
    mad = 1.4826 * quantile.median(np.abs(values - middle))
    iqr = (high - low) / 1.349
    floor = max(least.share * abs(middle), 1e-9)
    rare = max(float(values.std()) / 3, least.still) if mad == 0 and iqr == 0 else 0.0
    return max(mad, iqr, floor, rare)


def shift(baseline: NDArray[np.float64], now: NDArray[np.float64], least: Least = NOTHING) -> float:
    """Signed distance of the median of ``now`` from that of ``baseline`` in units of the usual spread."""
    if not len(baseline) or not len(now):
        return 0.0
    return (quantile.median(now) - quantile.median(baseline)) / scale(baseline, least)


def usual_range(usual: NDArray[np.float64], least: Least = NOTHING, sigmas: float = 3.0) -> tuple[float, float]:
    """Middle of the usual, and how far from it a sample has to be to lie outside: beyond the spread and beyond 99 %."""
    middle = quantile.median(usual)
    return middle, max(sigmas * scale(usual, least), quantile.percentiles(np.abs(usual - middle), (99,))[0])


def calibrated(baseline: NDArray[np.float64], now: NDArray[np.float64], least: Least = NOTHING) -> float:
    """Shift over what windows of the same length show inside the baseline: near 1 is usual, 10 is not.

    The null is empirical: every window of the length of ``now`` that fits into the baseline, in steps of half
    a window (a block bootstrap without resampling, so it is deterministic). What happened once in a long baseline was
    an episode, not a habit: see ``_habits``.
    """
    middle, spread = quantile.median(baseline), scale(baseline, least)
    raw = (quantile.median(now) - middle) / spread if len(baseline) and len(now) else 0.0
    width = min(len(now), max(3, len(baseline) // 4))
    if len(baseline) < 2 * width:
        return raw
    windows = np.lib.stride_tricks.sliding_window_view(baseline, width)[:: max(1, width // 2)]
    null = np.abs(np.median(windows, axis=1) - middle) / spread
    return raw / max(1.0, float(_habits(null).max()))


def _habits(strays: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distances in time order apart from their worst stretch: two healthy days may hold one bad hour.

    What recurs is seen in another eighth of the time as well, not only in the worst one and those beside it.
    """
    if len(strays) < 2 * _PARTS:
        return strays
    parts = np.array_split(strays, _PARTS)
    worst = int(np.argmax([part.max() for part in parts]))
    return np.concatenate([part for number, part in enumerate(parts) if abs(number - worst) > 1])


def back_inside(series: Series, baseline: Span, among: Span, sigmas: float = 4.0) -> int | None:
    """When, inside ``among``, the series came back to its baseline for good; None while it is outside at its end.

    Back for good means: from there on no more than one of ten samples in a row is outside, and none of the last ones.
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
    if is_rare(series, usual):
        row = rare_end(series.value[rows], usual)
        return None if row is None else int(series.at[rows[row]])
    outside = np.abs(series.value[rows] - middle) > wide
    tail = max(2, min(5, len(rows) // 10 + 1))
    if outside[-tail:].any():
        return None
    # A lone sample outside, long after all others, is what healthy series show as well.
    crowd = np.convolve(outside, np.ones(_CROWD), mode="full")[: len(outside)]
    troubled = np.flatnonzero(outside & (crowd > 1))
    return int(series.at[rows[int(troubled[-1]) + 1 if len(troubled) else int(np.argmax(~outside))]])


def is_rare(series: Series, usual: NDArray[np.float64]) -> bool:
    """Counted errors of which most bins usually hold none: there a spread says little, the number of them all."""
    counted = series.derived.startswith("counted") and family(series.indicator) is Family.ERRORS
    return counted and len(usual) > 0 and float(usual.mean()) < 1


def counted_shift(usual: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    """How far the number of all counted lies above the expected one, in standard deviations.

    The square root of a count has the same spread whatever its size (Anscombe 1948); what comes in bursts already when
    all is well is measured by its own bursts.
    """
    many, expected = float(now.sum()), _highest_rate(usual) * len(now)
    bursts = max(1.0, float(usual.var()) / max(float(usual.mean()), 1 / len(usual)))
    return (
        float(2.0 * (math.sqrt(many + 0.375) - math.sqrt(expected + 0.375)) / math.sqrt(bursts))
        if many > expected
        else 0.0
    )


def lost_shift(series: Series, usual: NDArray[np.float64], now: NDArray[np.float64]) -> float:
    """The same for a share of success that usually stands at its ceiling: what is lost is rare, and counted in all.

    The unit is the smallest share that matters; two bad samples of five are seen although their median is perfect.
    """
    ceiling = float(usual.max())
    if not is_share_of_success(series.indicator) or quantile.median(usual) < ceiling or ceiling <= 0:
        return 0.0
    unit = SHARE_FLOOR * ceiling
    return -counted_shift(_habits((ceiling - usual) / unit), np.maximum(ceiling - now, 0.0) / unit)


def _highest_rate(usual: NDArray[np.float64]) -> float:
    """The rate taken as high as it may be: nothing in n bins may stand for 3/n (the rule of three, 95 %)."""
    return (float(usual.sum()) + 3.0) / len(usual)


def rare_end(now: NDArray[np.float64], usual: NDArray[np.float64]) -> int | None:
    """Row from which rare counts come no oftener than usual: the likeliest end of their rate (Poisson, two rates).

    None where what follows is so short that none may have come in it by chance (the rule of three, 95 %), or where no
    end is likelier than none.
    """
    rate = _highest_rate(usual)
    n = len(now)
    total, cut = np.cumsum(now), np.arange(1, n + 1)
    before = np.maximum(total / cut, 1e-12)
    # Against the usual rate all along; the constant of the counts themselves falls out.
    gain = total * np.log(before / rate) - (before - rate) * cut
    end = int(np.argmax(gain))
    left = n - end - 1
    return end + 1 if left > 0 and before[end] * left >= _RULE else None


def step_of(at: NDArray[np.int64]) -> int:
    """The usual distance between two samples, in ns."""
    return int(np.median(np.diff(at))) if len(at) > 1 else 0
