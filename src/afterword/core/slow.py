"""What users went without where nothing failed and answers were slow: requests slower than a limit, above the usual share.

The limit is that of an objective where one is known of the component. Else it is the slowest hundredth of the healthy stretch,
and said to be. Single requests are counted; else recorded quantiles bound the share of the requests that were slower: where the
95 % point is above the limit and the median is not, between 5 and 50 of a hundred were.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core import indicator, request
from afterword.core.indicator import Family
from afterword.model.loss import Amount, Loss
from afterword.model.time import MILLISECOND, MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Series
    from afterword.core.counted import Stretch
    from afterword.core.objective import Objective
    from afterword.core.window import Found
    from afterword.model.time import Span

#: The share of usual requests that is slower than a limit that nobody stated.
_USUALLY = 0.01
#: Requests of the healthy stretch from which that is known, and slow ones that are no accident.
_SEEN, _SOME = 50, 5
_TWO_SIDED = 1.96
#: So many samples of the healthy stretch say what is usual.
_LOOKED_AT = 200
_QUANTILE = re.compile(r"(?:^|[^a-z0-9])p(50|75|90|95|98|99|999)(?:[^0-9]|$)")
_MEDIAN = re.compile(r"(?:^|[^a-z])median(?:[^a-z]|$)")
_MILLIS = re.compile(r"(?:^|[_ .])(?:ms|millis|milliseconds)(?:[_ .]|$)")
_SECONDS = re.compile(r"(?:^|[_ .])(?:s|secs?|seconds)(?:[_ .]|$)")


class Limit(NamedTuple):
    """From where on a request is too slow, and who says so; the objective, where one does."""

    slower: float
    says: str
    of: Objective | None


def assess(
    case: Case, found: Found, series: Sequence[Series], stretch: Stretch, objectives: Sequence[Objective]
) -> tuple[Loss, Objective | None] | None:
    """The loss, and the objective whose limit it goes by; None where nothing tells how many were slow."""
    timed = [one for one in objectives if one.slower]
    return _by_requests(case, found, stretch, timed) or _by_quantiles(found, series, stretch, timed)


def mine(objectives: Sequence[Objective], component: str) -> Objective | None:
    """The strictest of those of a component; where only one service has any, that of the whole."""
    named = [one for one in objectives if _parts(one.about) & _parts(component)]
    if not named and len({one.about for one in objectives}) == 1:
        named = list(objectives)
    return min(named, key=lambda one: (one.slower, one.name), default=None)


def _parts(name: str) -> set[str]:
    return {p for p in re.split(r"[^a-z0-9]+", name.lower()) if len(p) > 2 and p not in ("service", "slo", "api")}


# ----------------------------------------------------------------------------------------------------- single requests


def _by_requests(
    case: Case, found: Found, stretch: Stretch, timed: Sequence[Objective]
) -> tuple[Loss, Objective | None] | None:
    spans = case.spans
    rows = request.from_outside(spans, found.baseline) if len(spans) else np.zeros(0, dtype=np.int64)
    healthy = _inside(spans.at[rows], found.baseline) if len(rows) else np.zeros(0, dtype=np.bool_)
    if int(healthy.sum()) < _SEEN:
        return None
    where = sorted({spans.components[code] for code in np.unique(spans.component[rows]).tolist()})
    took = spans.took[rows]
    of = next((one for name in where if (one := mine(timed, name)) is not None), None)
    limit = _limit(took[healthy].astype(np.float64), of)
    slow = (took > limit.slower) & ~spans.failed[rows]
    usual = float(slow[healthy].mean())
    figures = [
        _counted(slow, _inside(spans.at[rows], span), usual) for span in (stretch.best, stretch.least, stretch.most)
    ]
    bad, many = int((slow & _inside(spans.at[rows], stretch.best)).sum()), figures[0][1]
    if figures[0][0] < _SOME:
        return None
    chance = _TWO_SIDED * math.sqrt(usual * many + bad * (spans.weight > 1))
    least, most = max(min(figures[1][0], figures[0][0]) - chance, 0.0), max(figures[2][0], figures[0][0]) + chance
    lost = Amount(figures[0][0], least, most)
    minutes = [x / many * stretch.best.length / MINUTE for x in (lost.value, lost.least, min(lost.most, many))]
    method = (
        f"nothing failed above the usual, but {bad} of {many} requests of users took longer than "
        f"{_shown(limit.slower / SECOND)}, {limit.says}"
    )
    hit = rows[slow & _inside(spans.at[rows], stretch.best)]
    cites = tuple(dict.fromkeys(spans.rows.cite(int(row)) for row in hit[[0, -1]]))
    weighed = Amount(*(x * spans.weight for x in (lost.value, lost.least, lost.most)))
    made = Loss(method, ", ".join(where[:3]), weighed, float(many * spans.weight), Amount(*minutes), None, cites)  # fmt: skip
    return made, limit.of


def _limit(usual: NDArray[np.float64], of: Objective | None) -> Limit:
    if of is not None:
        return Limit(float(of.slower), f"the limit of the objective {of.name}", of)
    slowest = float(np.quantile(usual, 1 - _USUALLY, method="higher"))
    return Limit(slowest, "which one in a hundred does when all is well; no objective says what is too slow", None)


def _counted(slow: NDArray[np.bool_], inside: NDArray[np.bool_], usual: float) -> tuple[float, int]:
    many = int(inside.sum())
    return max(float((slow & inside).sum()) - usual * many, 0.0), many


def _inside(at: NDArray[np.int64], span: Span) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = (at >= span.start) & (at <= span.end)
    return inside


def _shown(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


# ----------------------------------------------------------------------------------------------------------- quantiles


class Quantile(NamedTuple):
    """A recorded quantile of how long requests took."""

    part: float
    series: Series


def quantiles(series: Sequence[Series]) -> dict[str, list[Quantile]]:
    """By component, in rising order; of one component those of one measurement, the one with most of them."""
    groups: dict[tuple[str, str], list[Quantile]] = {}
    for one in series:
        name = f"{one.indicator} {one.statistic}".strip().lower()
        found = _QUANTILE.search(name)
        if indicator.family(one.indicator) is not Family.LATENCY or not (found or _MEDIAN.search(name)):
            continue
        part = float(f"0.{found[1]}") if found else 0.5
        groups.setdefault((one.component, re.sub(_QUANTILE, "*", re.sub(_MEDIAN, "*", name))), []).append(
            Quantile(part, one)
        )
    made: dict[str, list[Quantile]] = {}
    for (component, _), group in sorted(groups.items()):
        if len(group) > len(made.get(component, ())):
            made[component] = sorted(group, key=lambda q: q.part)
    return made


def _by_quantiles(
    found: Found, series: Sequence[Series], stretch: Stretch, timed: Sequence[Objective]
) -> tuple[Loss, Objective | None] | None:
    best: tuple[Loss, Objective | None] | None = None
    for component, known in quantiles(series).items():
        made = _of_quantiles(component, known, found, stretch, mine(timed, component))
        if made is None or made[0].minutes is None:
            continue
        # An objective tells more than none; then whoever lost most.
        if best is None or (made[1] is not None, made[0].minutes.value) > (best[1] is not None, _value(best[0])):
            best = made
    return best


def _value(loss: Loss) -> float:
    return loss.minutes.value if loss.minutes is not None else 0.0


def _of_quantiles(
    component: str, known: Sequence[Quantile], found: Found, stretch: Stretch, of: Objective | None
) -> tuple[Loss, Objective | None] | None:
    highest = known[-1]
    usual = highest.series.within(found.baseline)
    unit = _unit(highest.series.indicator)
    if len(usual) < 3:
        return None
    if of is not None and unit:
        slower, says = of.slower / unit, f"the limit of the objective {of.name}"
    elif len(known) < 2:
        # One of a hundred was slower than usual, or all of them: that is no figure.
        return None
    else:
        of, slower = None, float(usual.max())
        says = f"the highest that its {highest.part * 100:.3g} % point was when all was well; no objective says what is too slow"
    during = [_share(known, at, slower) for at in _times(highest.series, stretch.best)]
    usually = [_share(known, at, slower)[1] for at in _times(highest.series, found.baseline)[-_LOOKED_AT:]]
    if not during or not any(value for _, value, _ in during):
        return None
    least, value, most = (np.maximum(np.array(one) - np.mean(usually), 0.0) for one in zip(*during, strict=True))
    minutes = stretch.best.length / MINUTE
    shorter, longer = stretch.least.length / MINUTE, stretch.most.length / MINUTE
    amount = Amount(
        float(value.mean()) * minutes,
        float(least.mean()) * min(shorter, minutes),
        float(most.mean()) * max(longer, minutes),
    )
    shown = _shown(slower * unit / SECOND) if unit else f"{slower:.3g}"
    parts = ", ".join(f"{q.part * 100:.3g}" for q in known)
    method = (
        f"nothing failed above the usual, but requests of {component} took longer than {shown}, {says}; how many of them is "
        f"bounded by the recorded {parts} % points"
    )
    cites = tuple(dict.fromkeys(q.series.cite for q in known))
    return Loss(method, component, None, None, amount, float(value.max()), cites), of


def _unit(name: str) -> float:
    """Nanoseconds of one of its units; 0 where the name tells none."""
    if _MILLIS.search(name.lower()):
        return float(MILLISECOND)
    return float(SECOND) if _SECONDS.search(name.lower()) else 0.0


def _times(series: Series, span: Span) -> NDArray[np.int64]:
    return series.at[_inside(series.at, span)]


def _share(known: Sequence[Quantile], at: int, slower: float) -> tuple[float, float, float]:
    """Least, likely and most of the requests that were slower at that time, as a share."""
    level = [
        (q.part, float(q.series.value[max(int(np.searchsorted(q.series.at, at, side="right")) - 1, 0)])) for q in known
    ]
    above = [one for one in level if one[1] > slower]
    if not above:
        return 0.0, 0.0, 1 - level[-1][0]
    first = above[0]
    below = [one for one in level if one[1] <= slower and one[0] < first[0]]
    least, most = 1 - first[0], 1 - below[-1][0] if below else 1.0
    if not below or below[-1][1] <= 0 or below[-1][1] >= first[1]:
        return least, least, most
    # Between two quantiles durations are spread as evenly by their logarithm as anything is.
    way = math.log(slower / below[-1][1]) / math.log(first[1] / below[-1][1])
    return least, most - way * (most - least), most
