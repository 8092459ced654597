"""Requests that users lost, counted one by one: by the log of whoever answered them, else by traces where these tell enough.

A log has a line for every request. Traces may be one in so many, or kept because they failed; then their number, and the share
of the bad ones among them, is not that of the requests. A recorded rate of requests, or how many were kept before, tells.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core import access, request
from afterword.core.entity import UNNAMED
from afterword.model.loss import Amount, Loss
from afterword.model.time import MILLISECOND, MINUTE, SECOND, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Series, Spans
    from afterword.core.window import Found

#: The two-sided 95 % of a normal distribution.
_TWO_SIDED = 1.96
#: Steps in which the share of bad requests is added up, the shortest of them, and the requests in one from which it is known.
_STEPS, _SHORTEST, _ENOUGH = 60, 5 * SECOND, 20
#: A line or span stands at one end of its request; the bounds of the impact at the other.
_MARGIN = 50 * MILLISECOND
#: Traces of so large a share of the requests are all of them but for chance; of one that changes no more than that, a fair sample.
_ALL, _AS_BEFORE = 0.8, 1.4
#: So many more traces while hardly more good ones come, and so large a share of bad ones, is what keeping the bad ones looks like.
_MORE, _HARDLY_MORE, _MANY_BAD = 1.3, 1.15, 0.3


class Stretch(NamedTuple):
    """The impact: from when to when at best, and the shortest and longest that the bounds allow."""

    best: Span
    least: Span
    most: Span
    going_on: bool


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests of users: when they came, whether they failed or were merely far too slow, and how many failed when all was well."""

    spans: Spans
    rows: NDArray[np.int64]
    at: NDArray[np.int64]
    failed: NDArray[np.bool_]
    slow: NDArray[np.bool_]
    usual: float
    usually_seen: int

    def many(self, span: Span) -> int:
        return int(self.inside(span).sum())

    def inside(self, span: Span) -> NDArray[np.bool_]:
        inside: NDArray[np.bool_] = (self.at >= span.start) & (self.at <= span.end + _MARGIN)
        return inside

    @property
    def where(self) -> str:
        names = sorted({self.spans.components[code] for code in np.unique(self.spans.component[self.rows]).tolist()})
        return ", ".join(names[:3])


def requests(spans: Spans, found: Found, *, stamped_at_end: bool = False) -> Requests | None:
    """Those that came in from outside; None where there are none."""
    rows = request.from_outside(spans, found.baseline)
    if not len(rows):
        return None
    wrong = request.bad_rows(spans, rows, found.baseline)
    failed = wrong & spans.failed[rows]
    at = spans.at[rows] + (spans.took[rows] if stamped_at_end else 0)
    healthy = (at >= found.baseline.start) & (at <= found.baseline.end)
    usual = float(failed[healthy].mean()) if healthy.any() else 0.0
    return Requests(spans, rows, at, failed, wrong & ~failed, usual, int(healthy.sum()))


def by_log(told: access.Calls, traced: Requests | None, found: Found, stretch: Stretch) -> Loss | None:
    """What the log counts: a line for every request, also of those of which no trace was kept."""
    mine = requests(told.spans, found, stamped_at_end=True)
    if mine is None or not (mine.inside(stretch.most) & (mine.failed | mine.slow)).any():
        return None
    bad, many = int((mine.inside(stretch.best) & mine.failed).sum()), mine.many(stretch.best)
    who = "the log" if mine.where == UNNAMED else f"the log of {mine.where}"
    method = f"{bad:,} of the {many:,} requests in {who} were answered with a status of {access.FAILED} or more{_usually(mine)}"
    kept = traced.many(stretch.best) if traced is not None else many
    if kept < _ALL * many:
        method += f"; traces hold {kept:,} of these requests, a sample that is not counted"
    return _loss(mine, stretch, method, 1.0)


def by_traces(mine: Requests, rate: Series | None, found: Found, stretch: Stretch) -> Loss | None:
    """What the traces count, where they are all of the requests, or a sample whose share is known; else what is known of it."""
    inside = mine.inside(stretch.best)
    bad, slow, many = int((inside & mine.failed).sum()), int((inside & mine.slow).sum()), int(inside.sum())
    if not (mine.inside(stretch.most) & (mine.failed | mine.slow)).any():
        return None
    weight = float(mine.spans.weight)
    method = f"{bad:,} of {many:,} requests of users in the traces failed{_usually(mine)}"
    method += f"; each stands for {weight:.0f}" if weight > 1 else ""
    seconds = stretch.best.length / SECOND
    before = mine.usually_seen * weight / (found.baseline.length / SECOND)
    if rate is not None:
        real, usual = _mean(rate, stretch.best), _mean(rate, found.baseline)
        now, then = many * weight / max(real * seconds, 1.0), before / max(usual, 1e-9)
        if now >= _ALL and then >= _ALL:
            return _loss(mine, stretch, method, weight)
        of = real * seconds
        if 1 / _AS_BEFORE <= now / max(then, 1e-9) <= _AS_BEFORE:
            method += f"; traces were kept of {now * 100:.3g} % of the requests that {rate.indicator} counts"
            return _loss(mine, stretch, method, weight / now, (rate.cite,))
        method += (
            f", of {of:,.0f} that {rate.indicator} counts: traces were kept of {then * 100:.3g} % of them before and of "
            f"{now * 100:.3g} % meanwhile, because they failed"
        )
        return _of_kept(mine, bad * weight, of, method, stretch, rate)
    good = (many - bad - slow) * weight / max(seconds, 1e-9)
    if many * weight / seconds > _MORE * before and good <= _HARDLY_MORE * before and bad + slow >= _MANY_BAD * many:
        method = (
            f"{bad:,} requests in the traces failed; of how many is not known: {many * weight / seconds * 60:.0f} traces a minute "
            f"were kept instead of {before * 60:.0f}, so that they may be a sample, kept because they failed"
        )
        lost = max(bad - mine.usual * many, 0.0) * weight
        return Loss(method, mine.where, Amount(lost, lost, lost), None, None, None, _cites(mine, stretch))
    return _loss(mine, stretch, method, weight)


def _usually(mine: Requests) -> str:
    return f", as {mine.usual * 100:.2g} % do when all is well" if mine.usual else ""


def _mean(series: Series, span: Span) -> float:
    inside = series.within(span)
    return float(inside.mean()) if len(inside) else 0.0


def _loss(mine: Requests, stretch: Stretch, method: str, weight: float, cites: tuple = ()) -> Loss:  # type: ignore[type-arg]
    """What failed above the usual share, with the bounds of the window and the chance in what is usual and was not recorded."""
    best, least, most = ((*_failed(mine, span), span) for span in (stretch.best, stretch.least, stretch.most))
    lost = [max(bad - mine.usual * many, 0.0) for bad, many, _ in (best, least, most)]
    chance = _TWO_SIDED * math.sqrt(mine.usual * best[1] + best[0] * (weight > 1))
    low, high = max(min(lost[1], lost[0]) - chance, 0.0), max(lost[2], lost[0]) + chance
    minutes, worst = _weighed(mine, stretch.best)
    scale = [x / lost[0] if lost[0] else 1.0 for x in (low, high)]
    slow = float((mine.inside(stretch.best) & mine.slow).sum()) * weight
    return Loss(
        method, mine.where, Amount(*(x * weight for x in (lost[0], low, high))), float(best[1] * weight),
        Amount(minutes, minutes * scale[0], minutes * scale[1]), worst, (*_cites(mine, stretch), *cites), slow=slow,
    )  # fmt: skip


def _failed(mine: Requests, span: Span) -> tuple[int, int]:
    inside = mine.inside(span)
    return int((inside & mine.failed).sum()), int(inside.sum())


def _of_kept(mine: Requests, bad: float, of: float, method: str, stretch: Stretch, rate: Series) -> Loss:
    """Where those that failed were kept, and of the others only some: all that failed, of the requests that were counted."""
    share = min(bad / of, 1.0) if of else 0.0
    minutes = share * stretch.best.length / MINUTE
    most = max(float(_failed(mine, stretch.most)[0] * mine.spans.weight), bad)
    least = min(float(_failed(mine, stretch.least)[0] * mine.spans.weight), bad)
    scale = [x / bad if bad else 1.0 for x in (least, most)]
    return Loss(
        method, mine.where, Amount(bad, least, most), of, Amount(minutes, minutes * scale[0], minutes * scale[1]), None,
        (*_cites(mine, stretch), rate.cite),
    )  # fmt: skip


def _cites(mine: Requests, stretch: Stretch) -> tuple:  # type: ignore[type-arg]
    """The first and the last that went wrong."""
    rows = mine.rows[mine.inside(stretch.most) & (mine.failed if mine.failed.any() else mine.slow)]
    return tuple(dict.fromkeys(mine.spans.rows.cite(int(row)) for row in (rows[[0, -1]] if len(rows) else rows)))


def _weighed(mine: Requests, span: Span) -> tuple[float, float]:
    """Minutes weighted by the share of requests that failed in each step, and the largest share."""
    inside = mine.inside(span)
    at, wrong = mine.at[inside], mine.failed[inside]
    if not len(at):
        return 0.0, 0.0
    width = max(span.length // _STEPS, _SHORTEST, span.length * _ENOUGH // len(at))
    step = np.clip((at - span.start) // width, 0, max(span.length // width - 1, 0)).astype(np.int64)
    count = np.bincount(step)
    share = np.bincount(step, weights=wrong)[count > 0] / count[count > 0]
    # A step in which nobody asked is like those around it.
    return max(float((share - mine.usual).mean()), 0.0) * span.length / MINUTE, float(share.max())
