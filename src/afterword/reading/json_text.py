"""JSON text with a way from characters to bytes and lines, also where it is made of stretches of a larger document."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.model.evidence import Place
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Sequence


class Text:
    """JSON text with a way from characters to bytes and lines; ``offset`` and ``number`` are those of its start."""

    #: False where there is more of the document than this text holds.
    whole = True

    def __init__(self, raw: bytes, offset: int = 0, number: int = 1) -> None:
        self.raw = raw
        self.offset = offset
        self.number = number
        self.text = decode(raw)

    @cached_property
    def _starts(self) -> Any:
        """Byte offset of each character; None where every character is one byte."""
        if len(self.text) == len(self.raw):
            return None
        octets = np.frombuffer(self.raw, dtype=np.uint8)
        return np.append(np.flatnonzero((octets & 0xC0) != 0x80), len(octets))

    @cached_property
    def _feeds(self) -> Any:
        return np.flatnonzero(np.frombuffer(self.raw, dtype=np.uint8) == 0x0A)

    def place(self, start: int, end: int, part: str = "") -> Place:
        """The place of a stretch of characters."""
        low, high = (start, end) if self._starts is None else (int(self._starts[start]), int(self._starts[end]))
        (first, from_), (last, to) = self._where(low), self._where(max(low, high - 1))
        alone = self.raw[low - 1 : low] in (b"", b"\n") and self.raw[high : high + 1] in (b"", b"\r", b"\n")
        return Place(from_, to + min(1, high - low), first, last, part, inline=not alone)

    def _where(self, at: int) -> tuple[int, int]:
        """Line and offset of a byte of this text."""
        return int(np.searchsorted(self._feeds, at)) + self.number, self.offset + at


class Stitched(Text):
    """Text made of stretches of a larger document: ``parts`` say where each begins, here and there, and on which line."""

    whole = False

    def __init__(self, raw: bytes, parts: Sequence[tuple[int, int, int]]) -> None:
        super().__init__(raw)
        self._parts = parts
        self._begins = [at for at, _, _ in parts]

    def _where(self, at: int) -> tuple[int, int]:
        begin, offset, line = self._parts[max(0, bisect_right(self._begins, at) - 1)]
        low, high = np.searchsorted(self._feeds, [begin, at])
        return line + int(high - low), offset + at - begin


def decode(raw: bytes) -> str:
    """UTF-8 with or without a byte order mark (which counts as a character, so that offsets hold). Raises Malformed."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed("json-encoding", f"not UTF-8: {error.reason}", 0) from None
