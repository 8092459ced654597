"""Functions of vectors at a moment: arithmetic of one value, labels made anew, quantiles of histograms, the calendar."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import pattern
from afterword.core.promql.node import UnsupportedError
from afterword.core.promql.vector import Vector, gathered, nameless, without
from afterword.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.promql.track import Labels
    from afterword.core.promql.vector import Row


def _rounded(value: NDArray[np.float64], to: NDArray[np.float64]) -> NDArray[np.float64]:
    """Ties go up, as in Prometheus."""
    inverse = 1.0 / to
    found: NDArray[np.float64] = np.floor(value * inverse + 0.5) / inverse
    return found


def _clamped(value: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.maximum(low, np.minimum(high, value))
    return found


#: By name: how many numbers follow the vector at least and at most, and what is done to each value.
ARITHMETIC: Mapping[str, tuple[int, int, Callable[..., NDArray[np.float64]]]] = {
    **{
        name: (0, 0, function)
        for name, function in {
            "abs": np.abs, "ceil": np.ceil, "floor": np.floor, "exp": np.exp, "ln": np.log, "log2": np.log2, "log10": np.log10,
            "sqrt": np.sqrt, "sgn": np.sign,
        }.items()
    },
    "round": (0, 1, lambda value, to=None: _rounded(value, np.ones_like(value) if to is None else to)),
    "clamp": (2, 2, _clamped),
    "clamp_min": (1, 1, np.maximum),
    "clamp_max": (1, 1, np.minimum),
}  # fmt: skip


def applied(name: str, vector: Vector, numbers: Sequence[NDArray[np.float64]]) -> Vector:
    least, most, function = ARITHMETIC[name]
    if not least <= len(numbers) <= most:
        raise UnsupportedError(f"{name}() has another number of arguments")
    made: list[tuple[Labels, Row]] = []
    with np.errstate(all="ignore"):
        for labels, (value, there) in vector.rows.items():
            kept = there & (numbers[0] <= numbers[1]) if name == "clamp" else there
            made.append((nameless(labels), (np.asarray(function(value, *numbers), dtype=np.float64), kept)))
    return gathered(made)


# ------------------------------------------------------------------------------------------- the calendar


def _calendar(name: str, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
    whole = np.floor(np.clip(np.nan_to_num(seconds), -1e12, 1e12)).astype(np.int64)
    at = whole.astype("datetime64[s]")
    day, month, year = (at.astype(f"datetime64[{unit}]") for unit in ("D", "M", "Y"))
    parts: dict[str, Callable[[], NDArray[np.int64]]] = {
        "minute": lambda: whole // 60 % 60,
        "hour": lambda: whole // 3600 % 24,
        "day_of_week": lambda: (whole // 86400 + 4) % 7,
        "day_of_month": lambda: (day - month.astype("datetime64[D]")).astype(np.int64) + 1,
        "day_of_year": lambda: (day - year.astype("datetime64[D]")).astype(np.int64) + 1,
        "month": lambda: month.astype(np.int64) % 12 + 1,
        "year": lambda: year.astype(np.int64) + 1970,
        "days_in_month": lambda: ((month + 1).astype("datetime64[D]") - month.astype("datetime64[D]")).astype(np.int64),
    }
    return parts[name]().astype(np.float64)


CALENDAR = frozenset(("minute", "hour", "day_of_week", "day_of_month", "day_of_year", "month", "year", "days_in_month"))


def dated(name: str, vector: Vector | None, times: NDArray[np.int64]) -> Vector:
    """The part of a date; of the time of evaluation where no vector is given."""
    if vector is None:
        return Vector({(): (_calendar(name, times / SECOND), np.ones(len(times), dtype=bool))})
    return gathered((nameless(l), (_calendar(name, value), there)) for l, (value, there) in vector.rows.items())  # noqa: E741


# ------------------------------------------------------------------------------------------- labels

_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_GROUP = re.compile(r"\$(?:(\$)|(\d+|[A-Za-z_]\w*)|\{(\w+)\})")


def relabelled(vector: Vector, target: str, template: str, source: str, expression: str) -> Vector:
    """``label_replace``: where the whole source matches, the target becomes what the template says."""
    try:
        compiled = pattern.compiled(f"^(?s:{expression})$")
    except ValueError as error:
        raise UnsupportedError(f"the pattern {expression[:40]!r} cannot be used: {error}") from None
    if not _LABEL.fullmatch(target):
        raise UnsupportedError(f"{target!r} is no label")
    made: list[tuple[Labels, Row]] = []
    for labels, row in vector.rows.items():
        found = compiled.search(dict(labels).get(source, ""))
        made.append((_set(labels, target, _expanded(template, found)) if found else labels, row))
    return gathered(made)


def _expanded(template: str, found: re.Match[str]) -> str:
    def group(part: re.Match[str]) -> str:
        if part[1]:
            return "$"
        name = part[2] or part[3]
        try:
            return found[int(name) if name.isdigit() else name] or ""
        except (IndexError, KeyError, re.error):
            return ""

    return _GROUP.sub(group, template)


def label_joined(vector: Vector, target: str, separator: str, sources: Sequence[str]) -> Vector:
    if not _LABEL.fullmatch(target):
        raise UnsupportedError(f"{target!r} is no label")
    return gathered(
        (_set(labels, target, separator.join(dict(labels).get(one, "") for one in sources)), row)
        for labels, row in vector.rows.items()
    )


def _set(labels: Labels, target: str, value: str) -> Labels:
    rest = without(labels, (target,))
    return tuple(sorted((*rest, (target, value)))) if value else rest


# ------------------------------------------------------------------------------------------- histograms


def histogram_quantile(q: NDArray[np.float64], vector: Vector) -> Vector:
    """The quantile of classic histograms: the bucket of its rank, and a straight line inside of it."""
    groups: dict[Labels, list[tuple[float, Row]]] = defaultdict(list)
    for labels, row in vector.rows.items():
        bound = _bound(dict(labels).get("le", ""))
        if bound is not None:
            groups[without(labels, ("le", "__name__"))].append((bound, row))
    return gathered((labels, _quantiles(q, sorted(rows, key=lambda one: one[0]))) for labels, rows in groups.items())


def _bound(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _quantiles(q: NDArray[np.float64], rows: Sequence[tuple[float, Row]]) -> Row:
    bounds = np.array([bound for bound, _ in rows])
    value = np.stack([row[0] for _, row in rows])
    there = np.stack([row[1] for _, row in rows])
    made = [_bucket(float(q[t]), bounds[there[:, t]], value[there[:, t], t]) for t in range(value.shape[1])]
    return np.array(made, dtype=np.float64), np.any(there, axis=0)


def _bucket(q: float, bounds: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    if np.isnan(q):
        return float("nan")
    if q < 0 or q > 1:
        return float("-inf") if q < 0 else float("inf")
    if len(bounds) < 2 or not np.isposinf(bounds[-1]):
        return float("nan")
    bounds, at = np.unique(bounds, return_inverse=True)
    counts = np.maximum.accumulate(np.bincount(at, weights=counts))
    total = counts[-1]
    if len(bounds) < 2 or total == 0 or np.isnan(total):
        return float("nan")
    rank = q * total
    b = int(np.searchsorted(counts[:-1], rank, side="left"))
    if b == len(bounds) - 1:
        return float(bounds[-2])
    if b == 0 and bounds[0] <= 0:
        return float(bounds[0])
    below, start = (counts[b - 1], bounds[b - 1]) if b else (0.0, 0.0)
    return float(start + (bounds[b] - start) * ((rank - below) / (counts[b] - below)))
