"""Vectors over a grid of times, and how two of them are joined. Every rule is that of Prometheus, step by step.

``there`` tells where a series has a value at all: a value that is no number is something else than none.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql.node import Matching, UnsupportedError
from afterword.core.promql.parse import COMPARISONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.promql.track import Labels

    Row = tuple[NDArray[np.float64], NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Vector:
    """Rows by their labels: values of shape (times,), and where they are there."""

    rows: Mapping[Labels, Row]


@dataclass(frozen=True, slots=True)
class Scalar:
    value: NDArray[np.float64]


_NAME = frozenset(("__name__",))
_OPERATORS: Mapping[str, Callable[..., NDArray[np.float64]]] = {
    "+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "%": np.fmod, "^": np.power,
}  # fmt: skip
_COMPARE: Mapping[str, Callable[..., NDArray[np.bool_]]] = {
    ">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal, "==": np.equal, "!=": np.not_equal,
}  # fmt: skip


def gathered(rows: Iterable[tuple[Labels, Row]]) -> Vector:
    """Rows that came to the same labels are one, as long as no two of them are there at the same time."""
    made: dict[Labels, Row] = {}
    for labels, (value, there) in rows:
        if labels not in made:
            made[labels] = (value, there)
            continue
        old, seen = made[labels]
        if bool(np.any(seen & there)):
            raise UnsupportedError("two series of the answer come to the same labels, which Prometheus refuses")
        made[labels] = (np.where(there, value, old), seen | there)
    return Vector({labels: row for labels, row in made.items() if bool(np.any(row[1]))})


def without(labels: Labels, names: Iterable[str]) -> Labels:
    left = frozenset(names)
    return tuple(pair for pair in labels if pair[0] not in left)


def only(labels: Labels, names: Iterable[str]) -> Labels:
    kept = frozenset(names)
    return tuple(pair for pair in labels if pair[0] in kept)


def nameless(labels: Labels) -> Labels:
    return without(labels, _NAME)


def calculated(op: str, a: NDArray[np.float64], b: NDArray[np.float64], *, returns_bool: bool) -> Row:
    """Value and whether it stays: arithmetic always does, a comparison keeps the left value where it holds."""
    with np.errstate(all="ignore"):
        if op in _OPERATORS:
            value = np.asarray(_OPERATORS[op](a, b), dtype=np.float64)
            return value, np.ones(value.shape, dtype=bool)
        holds = np.asarray(_COMPARE[op](a, b))
    if returns_bool:
        return holds.astype(np.float64), np.ones(holds.shape, dtype=bool)
    return np.broadcast_to(a, holds.shape), holds


def with_scalar(op: str, vector: Vector, scalar: Scalar, *, returns_bool: bool, turned: bool) -> Vector:
    """``turned``: the scalar stands on the left. A comparison keeps the value of the vector either way."""
    compares = op in COMPARISONS
    made = []
    for labels, (value, there) in vector.rows.items():
        a, b = (scalar.value, value) if turned else (value, scalar.value)
        new, kept = calculated(op, a, b, returns_bool=returns_bool)
        if compares and not returns_bool:
            new = value
        named = labels if compares and not returns_bool else nameless(labels)
        made.append((named, (new, there & kept)))
    return gathered(made)


def signature(labels: Labels, matching: Matching) -> Labels:
    if matching.on:
        return only(labels, matching.labels)
    return without(labels, (*matching.labels, "__name__"))


def combined(op: str, left: Vector, right: Vector, matching: Matching) -> Vector:
    """``and``, ``or``, ``unless``: which rows are there, decided at each time by what the other side has."""
    seen_left = _seen(left, matching)
    seen_right = _seen(right, matching)
    made: list[tuple[Labels, Row]] = []
    for labels, (value, there) in left.rows.items():
        other = seen_right.get(signature(labels, matching))
        here = there if op == "or" else there & ~other if op == "unless" and other is not None else there
        if op == "and":
            here = there & other if other is not None else np.zeros(there.shape, dtype=bool)
        made.append((labels, (value, here)))
    if op == "or":
        for labels, (value, there) in right.rows.items():
            other = seen_left.get(signature(labels, matching))
            made.append((labels, (value, there if other is None else there & ~other)))
    return gathered(made)


def _seen(vector: Vector, matching: Matching) -> dict[Labels, NDArray[np.bool_]]:
    made: dict[Labels, NDArray[np.bool_]] = {}
    for labels, (_, there) in vector.rows.items():
        key = signature(labels, matching)
        made[key] = made[key] | there if key in made else there
    return made


def joined(op: str, left: Vector, right: Vector, matching: Matching, *, returns_bool: bool) -> Vector:
    """Arithmetic or comparison of two vectors: one to one, or many to one with ``group_left`` and ``group_right``."""
    if not left.rows or not right.rows:
        return Vector({})
    turned = matching.many == "right"
    many, one = (right, left) if turned else (left, right)
    partners = _grouped(one, matching)
    made: list[tuple[Labels, Row]] = []
    taken: dict[Labels, NDArray[np.bool_]] = {}
    anything = _any(many) & _any(one)
    for key, rows in partners.items():
        _alone([there for _, _, there in rows], anything, key)
    for labels, (value, there) in many.rows.items():
        key = signature(labels, matching)
        for other, paired, seen in partners.get(key, ()):
            a, b = (paired, value) if turned else (value, paired)
            new, kept = calculated(op, a, b, returns_bool=returns_bool)
            here = there & seen & kept
            if not matching.many:
                _once(taken, key, here)
            made.append((_named(op, labels, other, matching, returns_bool=returns_bool), (new, here)))
    return gathered(made)


def _any(vector: Vector) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.any([there for _, there in vector.rows.values()], axis=0)
    return found


def _grouped(
    vector: Vector, matching: Matching
) -> dict[Labels, list[tuple[Labels, NDArray[np.float64], NDArray[np.bool_]]]]:
    made: dict[Labels, list[tuple[Labels, NDArray[np.float64], NDArray[np.bool_]]]] = defaultdict(list)
    for labels, (value, there) in vector.rows.items():
        made[signature(labels, matching)].append((labels, value, there))
    return made


def _alone(rows: Sequence[NDArray[np.bool_]], anything: NDArray[np.bool_], key: Labels) -> None:
    """On the side of the one no two rows of a group may be there at once, where anything is joined at all."""
    if len(rows) > 1 and bool(np.any((np.sum(rows, axis=0) > 1) & anything)):
        raise UnsupportedError(
            f"several series match {dict(key)} on the side that may have one, which Prometheus refuses"
        )


def _once(taken: dict[Labels, NDArray[np.bool_]], key: Labels, here: NDArray[np.bool_]) -> None:
    if key in taken and bool(np.any(taken[key] & here)):
        raise UnsupportedError(f"several series match {dict(key)}; Prometheus wants group_left() or group_right() then")
    taken[key] = taken[key] | here if key in taken else here


def _named(op: str, labels: Labels, other: Labels, matching: Matching, *, returns_bool: bool) -> Labels:
    """Labels of a joined row: those matched on, or those of the many and what they take from the one."""
    made = labels if op in COMPARISONS and not returns_bool else nameless(labels)
    if not matching.many:
        made = only(made, matching.labels) if matching.on else without(made, matching.labels)
    if matching.include:
        taken = {key: value for key, value in other if key in matching.include}
        made = tuple(sorted({**dict(without(made, matching.include)), **taken}.items()))
    return made
