"""Our own engine: an expression over recorded series, at every time of a grid at once. What it lacks it refuses by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql import function as functions
from afterword.core.promql.gather import aggregated
from afterword.core.promql.node import (
    Aggregate,
    Binary,
    Call,
    Negative,
    Number,
    Selector,
    Subquery,
    Text,
    UnsupportedError,
)
from afterword.core.promql.parse import COMPARISONS, SETS
from afterword.core.promql.track import Track, instants, windows
from afterword.core.promql.vector import Scalar, Vector, calculated, combined, gathered, joined, nameless, with_scalar
from afterword.core.promql.window import RANGED, over
from afterword.model.time import MINUTE, SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from afterword.core.promql.node import Node
    from afterword.core.promql.track import Labels, Tracks
    from afterword.core.promql.vector import Row

#: Steps that a subquery may have.
_MOST = 500_000


class Evaluator:
    """``closed``: ranges hold a sample at their very start, as before Prometheus 3. ``every``: how often rules are evaluated."""

    def __init__(self, tracks: Tracks, times: NDArray[np.int64], *, closed: bool = False, every: int = MINUTE) -> None:
        self.tracks = tracks
        self.times = times
        self.closed = closed
        self.every = every

    def evaluate(self, node: Node) -> Vector | Scalar:
        if isinstance(node, Number):
            return Scalar(np.full(len(self.times), node.value))
        if isinstance(node, Selector):
            return self._selected(node)
        if isinstance(node, Call):
            return self._called(node)
        if isinstance(node, Aggregate):
            if node.op == "count_values":
                raise UnsupportedError("count_values() needs a Prometheus")
            parameter = None if node.parameter is None else self.scalar(node.parameter).value
            return aggregated(node, self.vector(node.inner), parameter)
        if isinstance(node, Binary):
            return self._binary(node)
        if isinstance(node, Negative):
            return self._negative(node)
        raise UnsupportedError("a text is no value" if isinstance(node, Text) else "a subquery needs a function")

    def vector(self, node: Node) -> Vector:
        found = self.evaluate(node)
        if isinstance(found, Scalar):
            raise UnsupportedError("a number stands where series are expected")
        return found

    def scalar(self, node: Node) -> Scalar:
        found = self.evaluate(node)
        if isinstance(found, Vector):
            raise UnsupportedError("series stand where a number is expected")
        return found

    # ---------------------------------------------------------------------------------------- samples

    def _selected(self, node: Selector) -> Vector:
        if node.pinned:
            raise UnsupportedError("'@' needs a Prometheus")
        if node.range:
            raise UnsupportedError("a range without a function has no value")
        at = self.times - node.offset
        return gathered((one.labels, instants(one, at, closed=self.closed)[:2]) for one in self.tracks.chosen(node))

    def _ranged(self, node: Call) -> Vector:
        place, number = RANGED[node.function]
        wanted = 1 if number < 0 else 2
        if len(node.arguments) != wanted:
            raise UnsupportedError(f"{node.function}() has another number of arguments")
        tracks, width, offset = self._range(node.arguments[place], node.function)
        parameter = self.scalar(node.arguments[number]).value if number >= 0 else None
        made: list[tuple[Labels, Row]] = []
        for one in tracks:
            found = windows(one, self.times, width, offset, closed=self.closed)
            named = one.labels if node.function == "last_over_time" else nameless(one.labels)
            made.append((named, over(node.function, found, parameter)))
        return gathered(made)

    def _range(self, node: Node, function: str) -> tuple[Sequence[Track], int, int]:
        """The series of a range argument, how long the range is, and by how much it is set back."""
        if isinstance(node, Selector | Subquery) and node.pinned:
            raise UnsupportedError("'@' needs a Prometheus")
        if isinstance(node, Selector) and node.range:
            return self.tracks.chosen(node), node.range, node.offset
        if isinstance(node, Subquery):
            return self._again(node), node.range, node.offset
        raise UnsupportedError(f"{function}() needs a range such as x[5m]")

    def _again(self, node: Subquery) -> list[Track]:
        """A subquery: its expression at whole multiples of its step, over all that the ranges cover."""
        step = node.step or self.every
        first, last = int(self.times[0]) - node.offset - node.range, int(self.times[-1]) - node.offset
        if (last - first) // step > _MOST:
            raise UnsupportedError("a subquery with so many steps needs a Prometheus")
        times = np.arange(-(-first // step) * step, last + 1, step, dtype=np.int64)
        inner = Evaluator(self.tracks, times, closed=self.closed, every=self.every)
        found = inner.evaluate(node.inner)
        rows = {(): (found.value, np.ones(len(times), dtype=bool))} if isinstance(found, Scalar) else found.rows
        return [Track(labels, times[there], value[there]) for labels, (value, there) in rows.items()]

    # ---------------------------------------------------------------------------------------- functions

    def _called(self, node: Call) -> Vector | Scalar:
        name, given = node.function, node.arguments
        if name in ("absent", "absent_over_time"):
            return self._absent(node)
        if name in RANGED:
            return self._ranged(node)
        if name in functions.ARITHMETIC and given:
            return functions.applied(name, self.vector(given[0]), [self.scalar(one).value for one in given[1:]])
        if name in functions.CALENDAR and len(given) < 2:
            return functions.dated(name, self.vector(given[0]) if given else None, self.times)
        if name == "histogram_quantile" and len(given) == 2:
            return functions.histogram_quantile(self.scalar(given[0]).value, self.vector(given[1]))
        if name in ("label_replace", "label_join"):
            return self._labelled(node)
        if name in ("sort", "sort_desc") and len(given) == 1:
            return self.vector(given[0])
        return self._turned(node)

    def _turned(self, node: Call) -> Vector | Scalar:
        """Between numbers and series, and the time itself."""
        name, given = node.function, node.arguments
        if name == "time" and not given:
            return Scalar(self.times / SECOND)
        if name == "vector" and len(given) == 1:
            return Vector({(): (self.scalar(given[0]).value, np.ones(len(self.times), dtype=bool))})
        if name == "scalar" and len(given) == 1:
            return Scalar(_alone(self.vector(given[0]), len(self.times)))
        if name == "timestamp" and len(given) == 1:
            return self._stamped(given[0])
        raise UnsupportedError(f"{name}() needs a Prometheus")

    def _stamped(self, node: Node) -> Vector:
        """When the sample was taken; what was worked out is as old as its evaluation."""
        if not isinstance(node, Selector):
            rows = self.vector(node).rows.items()
            return gathered((nameless(labels), (self.times / SECOND, there)) for labels, (_, there) in rows)
        made: list[tuple[Labels, Row]] = []
        for one in self.tracks.chosen(node):
            _, there, at = instants(one, self.times - node.offset, closed=self.closed)
            made.append((nameless(one.labels), (at / SECOND, there)))
        return gathered(made)

    def _labelled(self, node: Call) -> Vector:
        texts = [one.value for one in node.arguments[1:] if isinstance(one, Text)]
        if len(texts) + 1 != len(node.arguments) or len(texts) < (4 if node.function == "label_replace" else 2):
            raise UnsupportedError(f"{node.function}() has other arguments")
        vector = self.vector(node.arguments[0])
        if node.function == "label_join":
            return functions.label_joined(vector, texts[0], texts[1], texts[2:])
        return functions.relabelled(vector, *texts[:4])

    def _absent(self, node: Call) -> Vector:
        """One row with what the selector says of its labels, wherever nothing is there."""
        if len(node.arguments) != 1:
            raise UnsupportedError(f"{node.function}() has another number of arguments")
        (argument,) = node.arguments
        found = self._ranged(node) if node.function == "absent_over_time" else self.vector(argument)
        there = [row[1] for row in found.rows.values()]
        missing = ~np.any(there, axis=0) if there else np.ones(len(self.times), dtype=bool)
        return gathered([(_said(argument), (np.ones(len(self.times)), missing))])

    # ---------------------------------------------------------------------------------------- operators

    def _negative(self, node: Negative) -> Vector | Scalar:
        found = self.evaluate(node.inner)
        if isinstance(found, Scalar):
            return Scalar(-found.value)
        return gathered((nameless(labels), (-value, there)) for labels, (value, there) in found.rows.items())

    def _binary(self, node: Binary) -> Vector | Scalar:
        left, right = self.evaluate(node.left), self.evaluate(node.right)
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            if node.op in SETS or (node.op in COMPARISONS and not node.returns_bool):
                raise UnsupportedError(f"{node.op!r} between two numbers needs 'bool'")
            return Scalar(calculated(node.op, left.value, right.value, returns_bool=node.returns_bool)[0])
        if isinstance(left, Vector) and isinstance(right, Vector):
            if node.op in SETS:
                return combined(node.op, left, right, node.matching)
            return joined(node.op, left, right, node.matching, returns_bool=node.returns_bool)
        if node.op in SETS:
            raise UnsupportedError(f"{node.op!r} stands between vectors only")
        if isinstance(left, Vector):
            assert isinstance(right, Scalar)
            return with_scalar(node.op, left, right, returns_bool=node.returns_bool, turned=False)
        assert isinstance(right, Vector)
        return with_scalar(node.op, right, left, returns_bool=node.returns_bool, turned=True)


def _alone(vector: Vector, length: int) -> NDArray[np.float64]:
    """The value where exactly one row is there, else no number."""
    if not vector.rows:
        return np.full(length, np.nan)
    there = np.stack([row[1] for row in vector.rows.values()])
    value = np.stack([np.where(row[1], row[0], 0.0) for row in vector.rows.values()])
    return np.where(np.sum(there, axis=0) == 1, np.sum(value, axis=0), np.nan)


def _said(node: Node) -> Labels:
    """The labels that a selector states by one equality each."""
    if not isinstance(node, Selector):
        return ()
    stated = [m for m in node.matchers if m.label != "__name__"]
    often = [m.label for m in stated]
    return tuple(sorted((m.label, m.value) for m in stated if m.op == "=" and often.count(m.label) == 1 and m.value))
