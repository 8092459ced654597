"""When a series began to change: a posterior over the gaps between its samples, for a shape of the change nobody knows.

The mean follows a step, a ramp of any length, or a jump that decays; its height is anything. All of them are tried from every
place inside every gap, their likelihoods are added up, and what lies between the two tails is the interval. Noise is that of
the usual stretch and of the misfit; samples that repeat one another count for less (AR(1), Cochrane and Orcutt 1949).
Rare counts have no such noise: for them it is the Poisson likelihood.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The share of the posterior that an interval holds.
CONFIDENCE = 0.95
#: Further out than so many spreads a sample only says "changed": how far it went does not date it.
CLIP = 6.0
#: Places inside a gap at which a change may begin, as the share of the gap that is left after it.
_PLACES = (0.875, 0.625, 0.375, 0.125)
#: Samples before and after the change that are looked at, and how many saturated ones end it.
_BEFORE, _AFTER, _FULL = 90, 120, 4
#: A ramp is at half of its height after half of its length: so many times longer than that it hardly is.
_STEEP, _GRADUAL = 3, 2
#: A ramp that takes so many samples may still be rising where the evidence ends.
_SLOW = 8
#: What is over at once takes so many samples.
_PULSES = (1.0, 2.0)
#: Heights of a change in counts that are tried.
_HEIGHTS = 14
_MOST_CORRELATED = 0.9
#: 99 % of a normal distribution lie within so many of its standard deviations.
_NORMAL_99 = 2.576
#: A spike is no longer than so many samples, and so many spreads away.
_SHORT, _SPIKE = 3, 3.0
#: So often the usual is cut back; and never to fewer samples.
_ROUNDS, _LEAST = 3, 5


class Apart(NamedTuple):
    """From that row on the samples are of another time than those before it: their level may be off by so much."""

    row: int
    #: Standard deviation of the level, in the unit of the values.
    drift: float


class Gap(NamedTuple):
    """Rows of samples: the change began after ``first - 1`` and not after ``last``; most likely before ``at``."""

    first: int
    at: int
    last: int
    #: Where in the gap before ``at`` the median lies, 0 at its beginning.
    part: float


def gap(
    values: NDArray[np.float64],
    usual: int,
    end: int,
    *,
    counted: bool = False,
    spread: float = 0.0,
    apart: Apart | None = None,
) -> Gap | None:
    """The gap in which the mean left that of ``values[:usual]``, by what came up to ``end``; None where too little is known.

    ``spread``: the least spread that makes sense, in the unit of the values. What crept up before ``usual`` is none of it:
    the usual is cut back to what surely came before the change. ``apart``: where the samples of the incident's own time
    begin; nothing begins before them.
    """
    found: Gap | None = None
    if not counted and usual >= _LEAST:
        # What wandered and what spiked in the usual stretch is noise, also where the usual is cut back.
        spread = max(spread, _sigma(values[max(0, usual - _BEFORE) : usual], spread))
        values = _without_spikes(values, usual)
    for _ in range(_ROUNDS):
        if usual < _LEAST or end <= usual:
            return found
        found = _gap(values, usual, end, counted, spread, apart)
        if found is None or found.first >= usual:
            return found
        usual = max(found.first, _LEAST)
    return found


def _without_spikes(values: NDArray[np.float64], usual: int) -> NDArray[np.float64]:
    """The values with short spikes of the usual stretch brought back to what is around them: what went back began nothing."""
    middle = float(np.median(values[:usual])) if usual else 0.0
    spread = 1.4826 * float(np.median(np.abs(values[:usual] - middle))) if usual else 0.0
    away = np.abs(values[:usual] - middle) > _SPIKE * spread
    edges = np.flatnonzero(np.diff(np.concatenate(([False], away, [False])).astype(np.int8)))
    made = values.copy()
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        # The run that leads into the change is its beginning.
        if end - begin <= _SHORT and end < usual - 1:
            around = values[max(0, begin - _SHORT) : end + _SHORT]
            made[begin:end] = np.median(around)
    return made


def _gap(
    values: NDArray[np.float64], usual: int, end: int, counted: bool, spread: float, apart: Apart | None
) -> Gap | None:
    low = max(0, usual - _BEFORE)
    kept = values[low : min(end, usual + _AFTER)]
    near = Apart(max(apart.row - low, 0), apart.drift) if apart is not None else Apart(0, 0.0)
    made = _of_counts(kept, usual - low, near) if counted else _of_levels(kept, usual - low, spread, near)
    if made is None:
        return None
    return Gap(made.first + low, made.at + low, made.last + low, made.part)


def _of_levels(values: NDArray[np.float64], usual: int, spread: float, near: Apart) -> Gap | None:
    middle = float(np.median(values[:usual]))
    sigma = _sigma(values[:usual], spread)
    z = (values - middle) / sigma
    after = z[usual:]
    z = z * (1.0 if abs(after.max()) >= abs(after.min()) else -1.0)
    height = float(np.percentile(z[usual:], 75))
    rose = _rose(z, usual, height)
    z = np.clip(z, -CLIP, CLIP)
    z = z[: _saturated(z, usual)]
    shapes = _shapes(len(z), usual, height / CLIP, rose)
    return _read(_gaussian(z, shapes, usual, Apart(near.row, near.drift / sigma)))


def _sigma(before: NDArray[np.float64], spread: float) -> float:
    """Spread of the usual: of its middle, and of its tails where these are heavier than those of a normal distribution."""
    away = np.abs(before - np.median(before))
    return max(1.4826 * float(np.median(away)), float(np.percentile(away, 99)) / _NORMAL_99, spread, 1e-12)


def _rose(z: NDArray[np.float64], usual: int, height: float) -> int:
    """Samples that it took from the clip to half of the height; 0 only where it plainly jumped from one to the next."""
    row = usual + int(np.argmax(z[usual:] >= min(CLIP, height / 2)))
    if height > 2 * CLIP and z[row] >= height / 2 and z[row - 1] <= CLIP / 2:
        return 0
    half = usual + int(np.argmax(z[usual:] >= height / 2))
    return max(half - row, _GRADUAL)


def _saturated(z: NDArray[np.float64], usual: int) -> int:
    """Where so many samples have been at the clip that more of them cannot say when it began."""
    full = np.flatnonzero(z[usual:] >= 0.99 * CLIP)
    return usual + int(full[_FULL - 1]) + 1 if len(full) >= _FULL else len(z)


def _shapes(n: int, usual: int, height: float = 1.0, rose: int = 0) -> NDArray[np.float64]:
    """One row a shape and place: the mean over each gap from the one in which it begins. Their place in time is free.

    ``height``: how many times the clip the change is high. A part of a change that is far beyond the clip is cut off too: a
    tenth of sixty spreads is as plain as all of it. It took ``rose`` samples from the clip to half of that height, so that
    its ramp is no longer than a few times that; a slow ramp may never have come to its height.
    """
    late = np.arange(n)[None, :] + np.array(_PLACES)[:, None]
    lengths = [2.0**k for k in range(8) if 2**k <= 2 * max(n - usual, 1)]
    ramps = [_ramp(late, length) for length in lengths]
    decays = [*(_pulse(late, length) for length in _PULSES), *(_decay(late, length) for length in lengths[1:])]
    if height <= 1:
        return np.concatenate([_step(late), *ramps, *decays])
    high = [r for r, length in zip(ramps, lengths, strict=True) if length <= 1 + _STEEP * rose]
    # What jumped far beyond the clip from one sample to the next was no slow ramp.
    slow = [r for r, length in zip(ramps, lengths, strict=True) if length >= _SLOW and rose]
    return np.concatenate([np.minimum(np.concatenate([_step(late), *high, *decays]) * height, 1.0), *slow])


def _step(late: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.minimum(late, 1.0)


def _pulse(late: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    return np.minimum(late, 1.0) - np.clip(late - length, 0.0, 1.0)


def _ramp(late: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    def risen(by: NDArray[np.float64]) -> NDArray[np.float64]:
        inside = np.clip(by, 0.0, length)
        return inside * inside / (2 * length) + np.maximum(by - length, 0.0)

    return risen(late) - risen(late - 1)


def _decay(late: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    fallen: NDArray[np.float64] = np.exp(-np.maximum(late - 1, 0.0) / length) - np.exp(-late / length)
    return length * fallen


def _along(shapes: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Product of every shape with the values from every row on: shapes by rows."""
    n = len(values)
    ahead = np.lib.stride_tricks.sliding_window_view(np.concatenate((values, np.zeros(n - 1))), n)
    product: NDArray[np.float64] = shapes @ ahead.T
    return product


def _gaussian(z: NDArray[np.float64], shapes: NDArray[np.float64], usual: int, near: Apart) -> NDArray[np.float64]:
    """Log of the marginal likelihood of every shape from every row: height integrated out, noise by what is left over."""
    rho = _correlation(z[:usual])
    y = np.concatenate(([0.0], z[1:] - rho * z[:-1]))
    if near.row:
        # What was before it is of another time, and repeats itself in nothing.
        y[near.row] = z[near.row] * math.sqrt(1 - rho * rho)
    y[1:] -= y[1:].mean()
    g = shapes.copy()
    g[:, 1:] -= rho * shapes[:, :-1]
    noise = max(float((z[1:usual] - rho * z[: usual - 1]).var()), 0.01)
    level = _level(y, near, (near.drift * (1 - rho)) ** 2 / noise)
    # A shape that begins at row r has the first n - r of its values; what is constant in it is the level.
    sums = np.cumsum(g, axis=1)
    length = (np.cumsum(g * g, axis=1) - level.of_shape * sums**2)[:, ::-1]
    length = np.maximum(length, 0.0) + noise / (4 * CLIP * CLIP)
    along = _along(g, y) - level.of_both * sums[:, ::-1]
    left = level.left - along * along / length
    since = max(near.row, 1)
    least = float(left[:, since:].min())
    noise = max(noise, least / (len(y) - 1))
    # The noise is known from so many samples that say something of their own: Student's t.
    known = max(usual * (1 - rho) / (1 + rho), 4.0)
    log = -0.5 * np.log(length) - 0.5 * (known + 1) * np.log1p(np.maximum(left - least, 0.0) / (known * noise))
    # It went the way it is known to have gone, and it began after the first sample, in the time of the incident.
    log[along <= 0] = -np.inf
    log[:, :since] = -np.inf
    return log


class _Level(NamedTuple):
    """What a level that nobody knows takes out of the products of shapes and values: of centred values, times the sums of shapes."""

    of_shape: float
    of_both: float
    left: float


def _level(y: NDArray[np.float64], near: Apart, ratio: float) -> _Level:
    """Generalised least squares with one level for all and a random one for the incident's own time.

    ``ratio``: variance of that one by the variance of the noise. Without it the level is the mean.
    """
    count, later = len(y) - 1, len(y) - near.row if near.row else 0
    shrunk = ratio / (1 + ratio * later)
    of_all = 1 / (count - shrunk * later * later)
    alone = 1 - shrunk * later
    near_sum = float(y[near.row :].sum()) if near.row else 0.0
    of_shape = shrunk + of_all * alone * alone
    of_both = shrunk * near_sum * (1 - of_all * alone * later)
    left = float(y @ y) - shrunk * near_sum**2 - of_all * (shrunk * later * near_sum) ** 2
    return _Level(of_shape, of_both, left)


def _correlation(z: NDArray[np.float64]) -> float:
    centred = z - z.mean()
    power = float(centred @ centred)
    return min(max(float(centred[1:] @ centred[:-1]) / power, 0.0), _MOST_CORRELATED) if power > 0 else 0.0


def _of_counts(values: NDArray[np.float64], usual: int, near: Apart) -> Gap | None:
    rate = (float(values[:usual].sum()) + 0.5) / usual
    largest = float(values[usual:].max())
    if largest <= 0:
        return None
    shapes = _shapes(len(values), usual)
    heights = np.geomspace(max(0.05, rate / 4), 2 * largest, _HEIGHTS)
    log = np.stack([_poisson(values, shapes, rate, height) for height in heights])
    log[:, :, : near.row] = -np.inf
    height, shape, row = np.unravel_index(int(np.argmax(log)), log.shape)
    mean = np.full(len(values), rate)
    mean[row:] += heights[height] * shapes[shape, : len(values) - row]
    # Counts that come in bursts say less each.
    burst = max(1.0, float(((values - mean) ** 2 / mean).mean()))
    return _read(log.reshape(-1, len(values)) / burst)


def _poisson(
    values: NDArray[np.float64], shapes: NDArray[np.float64], rate: float, height: float
) -> NDArray[np.float64]:
    """Log likelihood of a rate that rises by a shape of that height, against the rate that stays, from every row."""
    log = _along(np.log1p(height * shapes / rate), values) - height * np.cumsum(shapes, axis=1)[:, ::-1]
    log[:, 0] = -np.inf
    return log


def _read(log: NDArray[np.float64]) -> Gap | None:
    """The interval between the tails, and the median inside its gap."""
    top = float(log.max())
    if not np.isfinite(top):
        return None
    mass = np.exp(log - top).sum(axis=0)
    total = np.cumsum(mass) / mass.sum()
    tail = (1 - CONFIDENCE) / 2
    first, at, last = (int(np.searchsorted(total, q)) for q in (tail, 0.5, 1 - tail))
    before = float(total[at - 1]) if at else 0.0
    return Gap(first, at, last, (0.5 - before) / max(float(total[at]) - before, 1e-12))
