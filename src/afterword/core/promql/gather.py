"""Aggregation: ``sum by (service) (…)`` and its kin, over the rows of a vector at each time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql.node import UnsupportedError
from afterword.core.promql.vector import Vector, gathered, only, without

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.promql.node import Aggregate
    from afterword.core.promql.track import Labels
    from afterword.core.promql.vector import Row


def aggregated(node: Aggregate, vector: Vector, parameter: NDArray[np.float64] | None) -> Vector:
    """``parameter``: the k or the φ at each time."""
    groups: dict[Labels, list[tuple[Labels, Row]]] = defaultdict(list)
    for labels, row in vector.rows.items():
        groups[_group(node, labels)].append((labels, row))
    if node.op in ("topk", "bottomk"):
        assert parameter is not None
        return gathered(one for rows in groups.values() for one in _best(rows, parameter, least=node.op == "bottomk"))
    return gathered((labels, _one(node.op, [row for _, row in rows], parameter)) for labels, rows in groups.items())


def _group(node: Aggregate, labels: Labels) -> Labels:
    return without(labels, (*node.labels, "__name__")) if node.without else only(labels, node.labels)


def _one(op: str, rows: list[Row], parameter: NDArray[np.float64] | None) -> Row:
    value = np.stack([value for value, _ in rows])
    there = np.stack([there for _, there in rows])
    seen = np.any(there, axis=0)
    count = np.sum(there, axis=0)
    with np.errstate(all="ignore"):
        return _reduced(op, value, there, count, parameter), seen


def _reduced(
    op: str,
    value: NDArray[np.float64],
    there: NDArray[np.bool_],
    count: NDArray[np.int64],
    parameter: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    total: NDArray[np.float64] = np.sum(np.where(there, value, 0.0), axis=0)
    if op == "sum":
        return total
    if op == "avg":
        return total / count
    if op == "count":
        return count.astype(np.float64)
    if op == "group":
        return np.ones(len(count))
    if op in ("min", "max"):
        masked = np.where(there, value, np.nan)
        found: NDArray[np.float64] = (np.fmin if op == "min" else np.fmax).reduce(masked, axis=0)
        return found
    if op in ("stddev", "stdvar"):
        apart = np.where(there, value - total / count, 0.0)
        variance: NDArray[np.float64] = np.sum(apart * apart, axis=0) / count
        return np.sqrt(variance) if op == "stddev" else variance
    assert parameter is not None
    columns = range(value.shape[1])
    return np.array([quantile(float(parameter[t]), value[there[:, t], t]) for t in columns], dtype=np.float64)


def quantile(q: float, values: NDArray[np.float64]) -> float:
    """As Prometheus interpolates: rank q(n-1), what is no number counts as the smallest."""
    if not len(values) or np.isnan(q):
        return float("nan")
    if q < 0 or q > 1:
        return float("-inf") if q < 0 else float("inf")
    ordered = values[np.lexsort((values, ~np.isnan(values)))]
    rank = q * (len(values) - 1)
    low = max(0, int(np.floor(rank)))
    high = min(len(values) - 1, low + 1)
    weight = rank - np.floor(rank)
    return float(ordered[low] * (1 - weight) + ordered[high] * weight)


def _best(rows: list[tuple[Labels, Row]], parameter: NDArray[np.float64], *, least: bool) -> list[tuple[Labels, Row]]:
    """The k rows of highest (lowest) value at each time keep their labels. Which of equal ones stays nobody states."""
    value = np.stack([row[0] for _, row in rows])
    there = np.stack([row[1] for _, row in rows])
    rank = np.where(there, np.where(np.isnan(value), np.inf, value if least else -value), np.nan)
    order = np.argsort(rank, axis=0, kind="stable")
    ordered = np.take_along_axis(rank, order, axis=0)
    k = np.maximum(np.floor(np.nan_to_num(parameter)), 0).astype(np.int64)
    split = np.flatnonzero((k > 0) & (k < len(rows)))
    if np.any(ordered[k[split] - 1, split] == ordered[k[split], split]):
        raise UnsupportedError("several series are equal where topk() or bottomk() cuts, which needs a Prometheus")
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.broadcast_to(np.arange(len(rows))[:, None], order.shape), axis=0)
    kept = there & (place < k)
    return [(labels, (value[i], kept[i])) for i, (labels, _) in enumerate(rows)]
