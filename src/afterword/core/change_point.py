"""Changes of many series at once: the stretch of each that differs most from the rest, for a whole matrix of series.

One row is one series. Nothing is assumed of the noise: the scan runs on ranks. All of it is whole-array arithmetic, laid out
so that the series are the fastest axis; the onset of the finalists comes after it (``core/onset.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.statistics import scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

#: Grid on which the two ends of a change are searched; the ends are then refined sample by sample.
GRID = 160
#: Series that are scanned together: their partial sums fit into the cache of one core.
_TOGETHER = 128


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch in which a series differs from the rest: rows ``start`` to ``end`` (half open), strength in sigmas."""

    start: int
    end: int
    strength: float
    direction: int


def scan(rows: NDArray[np.float64], least: int = 3, strength: float = 0.0) -> list[Change | None]:
    """The strongest stretch of every row (series by samples), or None where it is weaker than ``strength``.

    Epidemic alternative of Levin and Kline (1985) on ranks: |sum inside| * sqrt(n / (n_in * n_out)) over all stretches
    between the cuts of a grid. The first samples are taken as usual.
    """
    count, n = rows.shape
    if n < 2 * least + 2 or not count:
        return [None] * count
    made: list[Change | None] = []
    for low in range(0, count, _TOGETHER):
        made += _scan(normal_scores(rows[low : low + _TOGETHER]), least, strength)
    return made


def _scan(scores: NDArray[np.float64], least: int, strength: float) -> list[Change | None]:
    n = scores.shape[1]
    cuts = np.unique(np.linspace(0, n, min(n, GRID) + 1).astype(np.int64))
    total = np.zeros((len(cuts), len(scores)))
    # Sums up to each cut; the first row stays 0.
    total[1:] = np.add.reduceat(scores, cuts[:-1], axis=1).T.cumsum(axis=0)
    found, apart = _strongest(total, cuts, n, least)
    made: list[Change | None] = []
    for row in range(len(scores)):
        one = None
        if found[row] > 0 and found[row] >= strength:
            one = _exact(scores[row], total[:, row], cuts, int(apart[row]), least)
        made.append(one if one is not None and one.strength >= strength else None)
    return made


def _strongest(
    total: NDArray[np.float64], cuts: NDArray[np.int64], n: int, least: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Strength of the best stretch of every series, and how many cuts apart its ends are."""
    best = np.zeros(total.shape[1])
    apart = np.zeros(total.shape[1], dtype=np.int64)
    inside = np.empty_like(total)
    for distance in range(1, len(cuts)):
        weight = _weight(cuts, distance, n, least)
        if not weight.any():
            continue
        here = inside[: len(weight)]
        np.subtract(total[distance:], total[:-distance], out=here)
        np.abs(here, out=here)
        np.multiply(here, weight[:, None], out=here)
        most = here.max(axis=0)
        better = most > best
        best[better] = most[better]
        apart[better] = distance
    return best, apart


def _weight(cuts: NDArray[np.int64], distance: int, n: int, least: int) -> NDArray[np.float64]:
    """What a sum over each stretch of that many cuts is multiplied by; 0 where the stretch is not allowed."""
    length = (cuts[distance:] - cuts[:-distance]).astype(np.float64)
    valid = (length >= least) & (n - length >= least) & (cuts[:-distance] >= least)
    with np.errstate(divide="ignore"):
        weight: NDArray[np.float64] = np.where(valid, np.sqrt(n / (length * (n - length))), 0.0)
    return weight


def _exact(
    scores: NDArray[np.float64], total: NDArray[np.float64], cuts: NDArray[np.int64], distance: int, least: int
) -> Change:
    """The stretch itself, and its strength without what neighbours merely repeat of one another."""
    n = len(scores)
    inside = total[distance:] - total[:-distance]
    strength = np.abs(inside) * _weight(cuts, distance, n, least)
    first = int(np.argmax(strength))
    alike = deflation(scores)
    found = Change(
        int(cuts[first]), int(cuts[first + distance]), float(strength[first]) * alike, 1 if inside[first] > 0 else -1
    )
    return _turned(found, float(total[first + distance]), alike, n, least)


def _turned(found: Change, head: float, alike: float, n: int, least: int) -> Change:
    """What comes after the stretch, where the few samples before it are no proof that it was ever different.

    ``head`` is the sum of the scores up to the end of the stretch. Twice the logarithm of n is what the best of so many
    places gains by chance (Schwarz 1978).
    """
    if n - found.end < least:
        return found
    merged = abs(head) * np.sqrt(n / (found.end * (n - found.end))) * alike
    if found.strength**2 - merged**2 >= 2 * np.log(n):
        return found
    return Change(found.end, n, found.strength, -found.direction)


def deflation(scores: NDArray[np.float64]) -> float:
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


def normal_scores(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each row by rank, ties averaged, centred, unit variance; all 0 where nothing moves."""
    count, n = rows.shape
    order = np.argsort(rows, axis=1, kind="stable")
    ordered = np.take_along_axis(rows, order, axis=1)
    fresh = np.ones((count, n), dtype=np.bool_)
    fresh[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    starts = np.flatnonzero(fresh)
    sizes = np.diff(np.concatenate((starts, [count * n])))
    # The middle rank of each run of equal values, at every place of it.
    middle = (starts % n) + (sizes - 1) / 2
    ranks = np.empty((count, n))
    np.put_along_axis(ranks, order, np.repeat(middle, sizes).reshape(count, n), axis=1)
    centred = ranks - ranks.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1, keepdims=True)
    scored: NDArray[np.float64] = centred / np.where(spread > 0, spread, 1.0)
    return scored


def changes(values: Sequence[NDArray[np.float64]], strength: float = 0.0) -> list[Change | None]:
    """``scan`` over series of any lengths: those of the same length go through it together."""
    made: list[Change | None] = [None] * len(values)
    by_length: dict[int, list[int]] = {}
    for index, one in enumerate(values):
        by_length.setdefault(len(one), []).append(index)
    for indices in by_length.values():
        for index, found in zip(indices, scan(np.vstack([values[i] for i in indices]), strength=strength), strict=True):
            made[index] = found
    return made


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
