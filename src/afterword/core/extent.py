"""Extent: the bytes that a set of stretches covers, in little memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Stretches that are kept as they come; more are packed.
_LOOSE = 1 << 16


@dataclass(frozen=True, slots=True)
class _Block:
    """Stretches in order that do not touch, relative to ``base`` in the smallest type that holds them: shape (n, 2)."""

    base: int
    high: int
    pairs: Any

    def within(self, low: int, high: int) -> Any:
        """What lies between two offsets, as absolute numbers."""
        first = np.searchsorted(self.pairs[:, 1], max(0, low - self.base), side="right")
        last = np.searchsorted(self.pairs[:, 0], max(0, high - self.base), side="left")
        return np.clip(self.pairs[first:last].astype(np.int64) + self.base, low, high)


@dataclass(slots=True)
class Extent:
    """Half-open stretches; neighbours that touch are one from the start."""

    _stretches: list[tuple[int, int]] = field(default_factory=list)
    _packed: list[_Block] = field(default_factory=list)

    def add(self, start: int, end: int) -> None:
        if self._stretches:
            low, high = self._stretches[-1]
            if low <= start <= high:
                if end > high:
                    self._stretches[-1] = (low, end)
                return
            if len(self._stretches) >= _LOOSE:
                self._packed += _block(self._stretches)
                self._stretches = []
        self._stretches.append((start, end))

    def merged(self) -> list[tuple[int, int]]:
        """The same bytes as stretches in order that do not touch."""
        blocks = self._blocks()
        if not blocks:
            return []
        pairs = _merge(np.concatenate([one.within(one.base, one.high) for one in blocks]))
        return [(low, high) for low, high in pairs.tolist()]

    def length(self) -> int:
        return _measure(self._blocks())

    def without(self, other: Extent) -> int:
        """How many of these bytes the other one does not cover."""
        return _measure(self._blocks() + other._blocks()) - other.length()

    def _blocks(self) -> list[_Block]:
        return [*self._packed, *_block(self._stretches)]


def _block(stretches: Sequence[tuple[int, int]]) -> list[_Block]:
    if not stretches:
        return []
    pairs = _merge(np.array(stretches, dtype=np.int64))
    base, high = int(pairs[0, 0]), int(pairs[-1, 1])
    return [_Block(base, high, (pairs - base).astype(np.uint32 if high - base < 1 << 32 else np.int64))]


def _merge(pairs: Any) -> Any:
    """Any stretches as stretches in order that do not touch."""
    pairs = pairs[np.argsort(pairs[:, 0], kind="stable")]
    reach = np.maximum.accumulate(pairs[:, 1])
    opens = np.flatnonzero(np.concatenate(([True], pairs[1:, 0] > reach[:-1])))
    closes = np.append(opens[1:] - 1, len(pairs) - 1)
    return np.stack([pairs[opens, 0], reach[closes]], axis=1)


def _measure(blocks: Sequence[_Block]) -> int:
    """How many bytes blocks cover that may overlap: between two beginnings of blocks at a time."""
    edges = sorted({*(one.base for one in blocks), *(one.high for one in blocks)})
    total = 0
    for low, high in pairwise(edges):
        parts = [one.within(low, high) for one in blocks if one.base < high and one.high > low]
        if parts and (pairs := np.concatenate(parts)).size:
            merged = _merge(pairs)
            total += int((merged[:, 1] - merged[:, 0]).sum())
    return total
