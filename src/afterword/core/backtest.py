"""When an alert rule would have fired over the recorded series. A part of PromQL, exact; the rest is refused by name.

Semantics follow the Prometheus documentation: instant vectors look back five minutes, ranges are open on the left
(3.0), rate and increase extrapolate to the ends of the range, a comparison filters, ``for`` needs an unbroken run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql import Binary, Call, Number, Selector, UnsupportedError, parse
from afterword.model.time import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Series
    from afterword.core.promql import Node
    from afterword.model.time import Span

LOOKBACK = 5 * MINUTE
MOST_STEPS = 200_000

#: Labels of a series, without the name of the metric.
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One alert of a rule file. ``held`` is its ``for``, in ns."""

    name: str
    expr: str
    held: int = 0


@dataclass(frozen=True, slots=True)
class Firing:
    """One unbroken stretch in which the alert fired. ``end`` None: still firing at the end of the data."""

    component: str
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Backtest:
    """One alert over the recording. ``cannot`` says why there is no answer; then everything else is empty."""

    alert: str
    expr: str
    #: First firing inside the incident, and minutes from it to the actual detection: negative is later than it.
    fired_at: int | None = None
    minutes_earlier: float | None = None
    #: When the alert did fire, as recorded.
    did_fire_at: int | None = None
    firings: tuple[Firing, ...] = ()
    #: Firings outside the incident.
    extra: int = 0
    cannot: str = ""


def backtest(
    rules: Sequence[AlertRule],
    series: Sequence[Series],
    incident: Span,
    *,
    detected: int | None = None,
    did_fire: Mapping[str, int] | None = None,
    step: int = MINUTE,
) -> tuple[Backtest, ...]:
    """Every rule over the series. ``step`` is the evaluation interval of the rule group."""
    fired = did_fire or {}
    return tuple(_one(rule, series, incident, detected, fired.get(rule.name), step) for rule in rules)


def _one(
    rule: AlertRule, series: Sequence[Series], incident: Span, detected: int | None, did_fire: int | None, step: int
) -> Backtest:
    try:
        firings = tuple(firings_of(rule, series, step))
    except UnsupportedError as error:
        return Backtest(rule.name, rule.expr, did_fire_at=did_fire, cannot=f"cannot be evaluated here: {error}")
    inside = [one for one in firings if one.start <= incident.end and (one.end is None or one.end >= incident.start)]
    first = min((max(one.start, incident.start) for one in inside), default=None)
    earlier = None if first is None or detected is None else (detected - first) / MINUTE
    return Backtest(rule.name, rule.expr, first, earlier, did_fire, firings, len(firings) - len(inside))


def firings_of(rule: AlertRule, series: Sequence[Series], step: int = MINUTE) -> Iterator[Firing]:
    """Stretches in which the rule fires, for each set of labels. Raises UnsupportedError."""
    expression = parse(rule.expr)
    grid = _grid(expression, series, step)
    vector = _Evaluator(series, grid).vector(expression)
    for labels, values in sorted(vector.items()):
        component = dict(labels).get("component", "")
        yield from _stretches(grid, ~np.isnan(values), rule.held, component)


def _stretches(grid: NDArray[np.int64], true: NDArray[np.bool_], held: int, component: str) -> Iterator[Firing]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], true.astype(np.int8), [0]))))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        start = int(grid[begin]) + held
        last = int(grid[end - 1])
        if start <= last:
            # The alert becomes active at the first evaluation and fires at the first one a full ``for`` later.
            at = int(grid[np.searchsorted(grid, start)])
            yield Firing(component, at, int(grid[end]) if end < len(grid) else None)


def _selectors(node: Node) -> Iterator[Selector]:
    if isinstance(node, Selector):
        yield node
    elif isinstance(node, Call):
        yield from _selectors(node.argument)
    elif isinstance(node, Binary):
        yield from _selectors(node.left)
        yield from _selectors(node.right)


def _grid(expression: Node, series: Sequence[Series], step: int) -> NDArray[np.int64]:
    """Evaluation times over all that the selected series cover. A selector that finds nothing is no silent false."""
    found: list[Series] = []
    for selector in _selectors(expression):
        chosen = [one for one in series if selected(selector, one) is not None]
        if not chosen:
            raise UnsupportedError(f"no recorded series is called {selector.name!r} with these labels")
        found += chosen
    filled = [one for one in found if len(one.at)]
    if not filled:
        raise UnsupportedError("it selects no recorded series")
    start = min(int(one.at[0]) for one in filled)
    end = max(int(one.at[-1]) for one in filled)
    if (end - start) // step > MOST_STEPS:
        raise UnsupportedError(f"the recording has more than {MOST_STEPS} evaluation steps")
    first = -(-start // step) * step
    return np.arange(first, end + 1, step, dtype=np.int64)


def selected(selector: Selector, series: Series) -> Labels | None:
    """The labels of a series that the selector takes, None for one that it does not.

    Recorded series carry a component and an indicator; an indicator may hold labels of its own (``name{code="500"}``).
    """
    name, _, inner = series.indicator.partition("{")
    labels = {"component": series.component}
    for part in inner.rstrip("}").split(",") if inner else ():
        key, _, value = part.partition("=")
        labels[key.strip()] = value.strip().strip('"')
    if selector.name not in (name, f"{series.component}_{name}"):
        return None
    for matcher in selector.matchers:
        if not matcher.holds(matcher.value_in(labels)):
            return None
    return tuple(sorted(labels.items()))


class _Evaluator:
    """Evaluates one expression over a grid of times."""

    def __init__(self, series: Sequence[Series], grid: NDArray[np.int64]) -> None:
        self.series = series
        self.grid = grid

    def vector(self, node: Node) -> dict[Labels, NDArray[np.float64]]:
        if isinstance(node, Selector):
            if node.range:
                raise UnsupportedError("a range without a function has no value")
            return {labels: self._instant(one) for labels, one in self._chosen(node)}
        if isinstance(node, Call):
            if not isinstance(node.argument, Selector) or not node.argument.range:
                raise UnsupportedError(f"{node.function} needs a range such as x[5m]")
            width = node.argument.range
            return {labels: self._over(node.function, one, width) for labels, one in self._chosen(node.argument)}
        if isinstance(node, Binary):
            return self._binary(node)
        raise UnsupportedError("a number alone is no alert")

    def _chosen(self, selector: Selector) -> Iterator[tuple[Labels, Series]]:
        seen: set[Labels] = set()
        for one in self.series:
            labels = selected(selector, one)
            if labels is not None:
                if labels in seen:
                    raise UnsupportedError(f"two recorded series answer to {selector.name!r} for {one.component!r}")
                seen.add(labels)
                yield labels, one

    # ---------------------------------------------------------------------------------------- samples

    def _instant(self, one: Series) -> NDArray[np.float64]:
        """The latest sample not older than the look-back."""
        at = np.searchsorted(one.at, self.grid, side="right") - 1
        fresh = (at >= 0) & (self.grid - one.at[np.maximum(at, 0)] < LOOKBACK)
        return np.where(fresh, one.value[np.maximum(at, 0)], np.nan)

    def _over(self, function: str, one: Series, width: int) -> NDArray[np.float64]:
        low = np.searchsorted(one.at, self.grid - width, side="right")
        high = np.searchsorted(one.at, self.grid, side="right")
        made = np.full(len(self.grid), np.nan)
        for at, (a, b) in enumerate(zip(low, high, strict=True)):
            if b - a >= (2 if function in {"rate", "increase"} else 1):
                made[at] = self._window(function, one.at[a:b], one.value[a:b], int(self.grid[at]), width)
        return made

    @staticmethod
    def _window(function: str, at: NDArray[np.int64], value: NDArray[np.float64], end: int, width: int) -> float:
        if function == "avg_over_time":
            return float(value.mean())
        if function == "max_over_time":
            return float(value.max())
        if function == "min_over_time":
            return float(value.min())
        if function == "sum_over_time":
            return float(value.sum())
        if function == "count_over_time":
            return float(len(value))
        increase = extrapolated(at, value, end, width)
        return increase / (width / SECOND) if function == "rate" else increase

    # ---------------------------------------------------------------------------------------- operators

    def _binary(self, node: Binary) -> dict[Labels, NDArray[np.float64]]:
        if node.op in {"and", "or", "unless"}:
            return self._set(node)
        left = None if isinstance(node.left, Number) else self.vector(node.left)
        right = None if isinstance(node.right, Number) else self.vector(node.right)
        if left is not None and isinstance(node.right, Number):
            return {labels: _apply(node.op, row, node.right.value, keep=row) for labels, row in left.items()}
        if right is not None and isinstance(node.left, Number):
            return {labels: _apply(node.op, node.left.value, row, keep=row) for labels, row in right.items()}
        if left is None or right is None:
            raise UnsupportedError("two numbers make no alert")
        pairs = _matched(left, right)
        return {labels: _apply(node.op, left[labels], right[other], keep=left[labels]) for labels, other in pairs}

    def _set(self, node: Binary) -> dict[Labels, NDArray[np.float64]]:
        left, right = self.vector(node.left), self.vector(node.right)
        if node.op == "or":
            made = dict(left)
            for labels, row in right.items():
                made[labels] = np.where(np.isnan(left[labels]), row, left[labels]) if labels in left else row
            return made
        made = {}
        for labels, row in left.items():
            there = ~np.isnan(right[labels]) if labels in right else np.zeros(len(row), dtype=bool)
            made[labels] = np.where(there if node.op == "and" else ~there, row, np.nan)
        return made


def _matched(left: Mapping[Labels, object], right: Mapping[Labels, object]) -> list[tuple[Labels, Labels]]:
    """Vectors are joined where all labels agree, as PromQL does without ``on`` or ``ignoring``."""
    pairs = [(labels, labels) for labels in left if labels in right]
    if not pairs:
        raise UnsupportedError("the two sides have no labels in common; joining them needs on() or ignoring()")
    return pairs


def _apply(
    op: str, a: NDArray[np.float64] | float, b: NDArray[np.float64] | float, *, keep: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Arithmetic gives values; a comparison keeps the value of the vector where it holds."""
    with np.errstate(all="ignore"):
        arithmetic = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide}
        if op in arithmetic:
            return np.asarray(arithmetic[op](a, b), dtype=np.float64)
        compare = {
            ">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal, "==": np.equal, "!=": np.not_equal,
        }  # fmt: skip
        holds = compare[op](a, b) & ~np.isnan(a) & ~np.isnan(b)
        return np.where(holds, keep, np.nan)


def extrapolated(at: NDArray[np.int64], value: NDArray[np.float64], end: int, width: int) -> float:
    """``increase`` as Prometheus computes it (promql/functions.go, extrapolatedRate): resets added, ends extrapolated.

    Written from its documentation: a counter that drops was reset; the covered stretch is extended to the ends of
    the range when they are near (1.1 intervals), else by half an interval, and never to below zero.
    """
    drops = np.flatnonzero(np.diff(value) < 0)
    increase = float(value[-1] - value[0]) + float(value[drops].sum())
    sampled = float(at[-1] - at[0])
    between = sampled / (len(at) - 1)
    before, after = float(at[0] - (end - width)), float(end - at[-1])
    if increase > 0 and value[0] >= 0:
        before = min(before, sampled * float(value[0]) / increase)
    limit = 1.1 * between
    before = between / 2 if before >= limit else before
    after = between / 2 if after >= limit else after
    return increase * (sampled + before + after) / sampled
