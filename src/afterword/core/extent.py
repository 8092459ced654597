"""Extent: the bytes that a set of stretches covers, in little memory while they come in order."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass(slots=True)
class Extent:
    """Half-open stretches; neighbours that touch are one from the start."""

    _stretches: list[tuple[int, int]] = field(default_factory=list)

    def add(self, start: int, end: int) -> None:
        if self._stretches:
            low, high = self._stretches[-1]
            if low <= start <= high:
                if end > high:
                    self._stretches[-1] = (low, end)
                return
        self._stretches.append((start, end))

    def merged(self) -> list[tuple[int, int]]:
        """The same bytes as stretches in order that do not touch."""
        if not self._stretches:
            return []
        ends = np.array(sorted(self._stretches), dtype=np.int64)
        reach = np.maximum.accumulate(ends[:, 1])
        opens = np.flatnonzero(np.concatenate(([True], ends[1:, 0] > reach[:-1])))
        closes = np.append(opens[1:] - 1, len(ends) - 1)
        return list(zip(ends[opens, 0].tolist(), reach[closes].tolist(), strict=True))

    def length(self) -> int:
        return sum(end - start for start, end in self.merged())

    def without(self, other: Extent) -> int:
        """How many of these bytes the other one does not cover."""
        both = Extent([*self._stretches, *other._stretches])
        return both.length() - other.length()
