"""Our own engine behind the same socket as a real Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from afterword.core.promql.evaluate import Evaluator
from afterword.core.promql.parse import parse
from afterword.core.promql.track import Tracks
from afterword.core.promql.vector import Scalar, Vector
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from afterword.core.promql.track import Track


class OwnEngine:
    """Answers what it can exactly, and refuses the rest by name."""

    name = "afterword"

    def __init__(self, tracks: Iterable[Track] = (), *, closed: bool = False, every: int = MINUTE) -> None:
        self._tracks = Tracks(tracks)
        self._closed = closed
        self._every = every

    def add(self, tracks: Iterable[Track]) -> None:
        self._tracks.add(tracks)

    def ask(self, expr: str, times: NDArray[np.int64]) -> Vector:
        """The rows of an expression at these times. Raises UnsupportedError."""
        found = Evaluator(self._tracks, times, closed=self._closed, every=self._every).evaluate(parse(expr))
        if isinstance(found, Scalar):
            return Vector({(): (found.value, np.ones(len(times), dtype=bool))})
        return found

    def close(self) -> None:
        self._tracks = Tracks()
