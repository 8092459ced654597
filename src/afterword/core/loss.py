"""Customer-minutes and requests lost: the area between what failed and what usually fails, over the time of the impact.

Single requests are counted where a log or traces hold them (``core/counted.py``). Else it is a recorded share of errors, with the
rate of requests where there is one; else a recorded rate of errors. Where nothing failed and answers were slow, it is those (``core/slow.py``).
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core import counted, indicator, objective, slow, statistics
from afterword.core.counted import Stretch
from afterword.core.indicator import Family, family
from afterword.core.rule import AlertRule
from afterword.model.cause import Role
from afterword.model.incident import By, PointName
from afterword.model.loss import Amount, Budget, Loss
from afterword.model.time import DAY, MINUTE, SECOND, Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.core.access import Calls
    from afterword.core.case import Case, Series
    from afterword.core.request import Harm
    from afterword.core.window import Found
    from afterword.model.cause import Explanation
    from afterword.model.evidence import Citation
    from afterword.model.incident import Point
    from afterword.model.postmortem import Signal

    #: Objectives as people set them: names and shares.
    Objectives = Sequence[tuple[str, float]]

#: The two-sided 95 % of a normal distribution, and the length of the window of an error budget.
_TWO_SIDED, WINDOW = 1.96, 30 * DAY
_MOST_BUDGETS = 3
_SHARE = re.compile(r"ratio|rate|percent|pct|share|availab|success|fraction")
_PERCENT = re.compile(r"percent|pct|availab|success|rate")
_REQUESTS = re.compile(r"requests?|rps|qps|calls|throughput")
_OF_REQUESTS = re.compile(r"requests?|http|rpc|5xx|calls|responses?")


class Share(NamedTuple):
    """A share of bad requests over time, as recorded, with the usual one and how exact that is."""

    series: Series
    bad: NDArray[np.float64]
    usual: float
    unsure: float


def assess(
    case: Case,
    found: Found,
    series: Sequence[Series],
    signals: Sequence[Signal],
    points: Sequence[Point],
    graph: Explanation,
    told: Harm | None,
    calls: Calls | None,
    objectives: Objectives = (),
) -> Loss:
    """What was lost, by the best of what the evidence holds, with the error budgets that are known.

    ``told``: what single requests say of the harm; where they saw none, they do not say how much of it there was. ``calls``:
    the requests in the log of whoever takes users in.
    """
    stretch = _stretch(points, found)
    if stretch is None:
        return Loss()
    made = _by_requests(case, found, series, stretch, calls) if told is not None else None
    if made is None or made.minutes is None:
        # A share that somebody recorded is better than traces of which nobody knows what they are a sample of.
        known = [s for s in series if made is None or not s.derived.startswith("measured")]
        shares = _by_series(found, known, signals, stretch, graph)
        made = shares if made is None or shares.minutes is not None else made
    budgets = tuple(_budgets(case, made, objectives))
    if _nothing_failed(made, signals):
        made, budgets = _of_slow(case, found, series, stretch, objectives) or (made, budgets)
    return replace(made, going_on=stretch.going_on, budgets=budgets)


def _nothing_failed(made: Loss, signals: Sequence[Signal]) -> bool:
    """No request is known to have been lost, no error rose, and requests were slow."""
    if any(amount is not None and amount.value > 0 for amount in (made.minutes, made.requests)):
        return False
    rose = {family(s.indicator) for s in signals if indicator.worse(s.indicator) * s.shift > 0}
    return Family.ERRORS not in rose and (Family.LATENCY in rose or bool(made.slow))


def _of_slow(
    case: Case, found: Found, series: Sequence[Series], stretch: Stretch, objectives: Objectives
) -> tuple[Loss, tuple[Budget, ...]] | None:
    """What slow answers cost, with the budget of the objective whose limit was used; of others, were they to count as bad."""
    stated = objective.stated(case.policies)
    told = slow.assess(case, found, series, stretch, stated)
    if told is None:
        return None
    made, of = told
    if of is not None:
        return made, tuple(_burned(made, [(of.name, of.share, of.cites)]))
    known = _objectives(case, made.component, objectives)
    return made, tuple(
        _burned(made, [(f"{name}, were slow answers bad ones", share, cites) for name, share, cites in known])
    )


def _stretch(points: Sequence[Point], found: Found) -> Stretch | None:
    known = {p.name: p for p in points if p.by is By.ESTIMATE}
    started, ended = known.get(PointName.STARTED), known.get(PointName.RECOVERED)
    if started is None:
        return None
    if ended is None or ended.at <= started.at:
        end = max(found.block.end, started.latest)
        spans = (Span(started.at, end), Span(started.latest, end), Span(started.earliest, end))
        return Stretch(*spans, going_on=True)
    least = Span(started.latest, max(ended.earliest, started.latest))
    return Stretch(Span(started.at, ended.at), least, Span(started.earliest, ended.latest), going_on=False)


# ----------------------------------------------------------------------------------------------------- single requests


def _by_requests(
    case: Case, found: Found, series: Sequence[Series], stretch: Stretch, calls: Calls | None
) -> Loss | None:
    """By the log of whoever takes users in; else by traces, unless a share was recorded and they are but a sample."""
    traced = counted.requests(case.spans, found) if len(case.spans) else None
    made = counted.by_log(calls, traced, found, stretch) if calls is not None else None
    if made is not None or traced is None:
        return made
    return counted.by_traces(traced, _rate(traced.where, series, stretch.best), found, stretch)


# -------------------------------------------------------------------------------------------------------------- series


def _by_series(
    found: Found, series: Sequence[Series], signals: Sequence[Signal], stretch: Stretch, graph: Explanation
) -> Loss:
    felt = {(s.component, s.indicator): s for s in signals if family(s.indicator) is Family.ERRORS}
    named = {(s.component, s.indicator + (f" {s.statistic}" if s.statistic else "")): s for s in series}
    edge = next((c.component for c in graph.causes if c.role is Role.IMPACT), "")
    # Where users come in, before what lies behind it; then what shifted most.
    order = sorted(felt.values(), key=lambda s: (s.component != edge, -abs(s.shift), s.component, s.indicator))
    chosen = [named[s.component, s.indicator] for s in order if (s.component, s.indicator) in named]
    for one in chosen:
        share = _share(one, found)
        if share is not None:
            return _of_share(share, _rate(one.component, series, stretch.best), stretch)
    for one in chosen:
        if one.derived.startswith("rate") and _OF_REQUESTS.search(one.indicator.lower()):
            return _of_rate(one, found, stretch)
    if not felt:
        return Loss("not known: no series or request tells how many failed; a latency alone does not")
    return Loss("not known: errors rose, but nothing recorded tells what share of the requests they are")


def _share(series: Series, found: Found) -> Share | None:
    """The series as a share of bad requests, where its name and its range say that it is one."""
    name = series.indicator.split("{", maxsplit=1)[0].lower()
    largest = float(series.value.max(initial=0.0))
    if not _SHARE.search(name) or float(series.value.min(initial=0.0)) < 0:
        return None
    percent = largest > 1.0 and largest <= 100.0 and bool(_PERCENT.search(name)) and not name.endswith("rate")
    if largest > 1.0 and not percent and not (largest <= 100.0 and indicator.is_share_of_success(name)):
        return None
    value = series.value / (100.0 if largest > 1.0 else 1.0)
    bad = 1.0 - value if indicator.is_share_of_success(name) else value
    low, high = np.searchsorted(series.at, [found.baseline.start, found.baseline.end + 1])
    usual = bad[low:high]
    if len(usual) < 3:
        return None
    return Share(series, bad, float(usual.mean()), float(usual.std() / math.sqrt(len(usual))))


def _of_share(share: Share, rate: Series | None, stretch: Stretch) -> Loss:
    minutes, lost = [], []
    for span, way in ((stretch.best, 0.0), (stretch.least, 1.0), (stretch.most, -1.0)):
        at, bad = _held(share.series.at, share.bad, span)
        over = np.maximum(bad - share.usual - way * _TWO_SIDED * share.unsure, 0.0)
        per_second = np.interp(_middles(span, at), rate.at, rate.value) if rate is not None else np.zeros(len(at))
        # What each sample is off by itself, as neighbours differ.
        off = float(np.diff(bad).std() / math.sqrt(2)) if len(bad) > 2 else 0.0
        minutes.append((float(over @ at) - way * _TWO_SIDED * off * float(np.sqrt(at @ at))) / MINUTE)
        weights = per_second * at
        lost.append((float(over @ weights) - way * _TWO_SIDED * off * float(np.sqrt(weights @ weights))) / SECOND)
    one = share.series
    inside = _within(one.at, share.bad, stretch.best)
    worst = float(inside.max(initial=0.0))
    method = f"the share of errors that {one.component}: {one.indicator} recorded, above its usual {share.usual:.3g}"
    cites: tuple[Citation, ...] = (one.cite,)
    if rate is None:
        return Loss(method, one.component, None, None, _amount(minutes), worst, cites)
    of = float(np.mean(_within(rate.at, rate.value, stretch.best)) * stretch.best.length / SECOND)
    method += f", times the requests of {rate.indicator}"
    return Loss(method, one.component, _amount(lost), of, _amount(minutes), worst, (*cites, rate.cite))


def _of_rate(series: Series, found: Found, stretch: Stretch) -> Loss:
    """Errors a second above the usual ones; of how many requests nobody recorded."""
    usual = series.within(found.baseline)
    level, unsure = float(usual.mean()), float(usual.std() / math.sqrt(max(len(usual), 1)))
    lost = []
    for span, way in ((stretch.best, 0.0), (stretch.least, 1.0), (stretch.most, -1.0)):
        at, value = _held(series.at, series.value, span)
        lost.append(float(np.maximum(value - level - way * _TWO_SIDED * unsure, 0.0) @ at) / SECOND)
    method = f"the errors that {series.component}: {series.indicator} counted, above the usual ones; of how many is not known"
    return Loss(method, series.component, _amount(lost), None, None, None, (series.cite,))


def _amount(figures: Sequence[float]) -> Amount:
    best, least, most = figures
    return Amount(best, max(min(least, best), 0.0), max(most, best))


def _held(
    at: NDArray[np.int64], value: NDArray[np.float64], span: Span
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How long each sample holds inside the span, in ns, and the samples: one speaks of the time since the one before."""
    edges = np.clip(np.concatenate(([span.start], at)), span.start, span.end)
    made = np.diff(edges).astype(np.float64)
    if len(at) and span.end > at[-1]:
        made[-1] += float(min(span.end - int(at[-1]), statistics.step_of(at)))
    kept = made > 0
    return made[kept], value[kept]


def _middles(span: Span, held: NDArray[np.float64]) -> NDArray[np.float64]:
    ends = span.start + np.cumsum(held)
    middles: NDArray[np.float64] = ends - held / 2
    return middles


def _within(at: NDArray[np.int64], value: NDArray[np.float64], span: Span) -> NDArray[np.float64]:
    low, high = np.searchsorted(at, [span.start, span.end + 1])
    return value[low : max(high, low + 1)]


def _rate(component: str, series: Sequence[Series], span: Span) -> Series | None:
    """Requests a second that came to a component: the largest recorded rate of them that is no rate of errors."""
    mine = [
        s
        for s in series
        if s.component == component
        and _REQUESTS.search(s.indicator.split("{", maxsplit=1)[0].lower())
        and family(s.indicator) is Family.TRAFFIC
        and "{" not in s.indicator
        and (s.derived.startswith("rate") or re.search(r"rate|rps|qps|per_s", s.indicator.lower()))
        and len(_within(s.at, s.value, span))
    ]
    return max(mine, key=lambda s: (float(np.median(s.value)), s.indicator), default=None)


# ------------------------------------------------------------------------------------------------------------- budgets


def _budgets(case: Case, loss: Loss, objectives: Objectives) -> Iterator[Budget]:
    """The share of each budget of thirty days that was burned: minutes lost, of those that may be lost in that time."""
    yield from _burned(loss, _objectives(case, loss.component, objectives))


def _burned(loss: Loss, known: Sequence[tuple[str, float, tuple[Citation, ...]]]) -> Iterator[Budget]:
    if loss.minutes is None:
        return
    for name, stated, cites in known:
        allowed = (1 - stated) * WINDOW / MINUTE
        burned = Amount(loss.minutes.value / allowed, loss.minutes.least / allowed, loss.minutes.most / allowed)
        yield Budget(name, stated, burned, cites)


def _objectives(
    case: Case, component: str, stated_by_people: Objectives
) -> list[tuple[str, float, tuple[Citation, ...]]]:
    """Those of the component; where only one is known of the whole system, that one. Settings before evidence."""
    made: dict[str, tuple[float, tuple[Citation, ...]]] = {}
    for name, stated in stated_by_people:
        made.setdefault(name, (stated, ()))
    for one in objective.stated(case.policies):
        if not one.slower:
            made.setdefault(one.about, (one.share, one.cites))
    for fact in case.rules:
        rule = AlertRule(fact.event.name, fact.event.text, annotations=tuple(fact.event.attributes.items()))
        found = objective.objectives((rule,), (), lambda _: "").get("")
        if found is not None:
            about = fact.event.attributes.get("service") or fact.event.subject or fact.event.name
            made.setdefault(about, (found, (fact.cite,)))
    for series in case.series:
        if series.indicator.startswith("slo:objective:ratio") and 0 < series.value[-1] < 1:
            made.setdefault(series.component, (float(series.value[-1]), (series.cite,)))
    parts = _parts(component)
    mine = {name: one for name, one in made.items() if parts & _parts(name)}
    chosen = mine or (made if len(made) == 1 else {})
    return [(name, *one) for name, one in sorted(chosen.items())][:_MOST_BUDGETS]


def _parts(name: str) -> set[str]:
    """Words of a name that tell it from others."""
    return {
        p for p in re.split(r"[^a-z0-9]+", name.lower()) if len(p) > 2 and p not in ("service", "slo", "slos", "api")
    }
