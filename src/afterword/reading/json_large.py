"""A JSON document too large to be held, as several small ones: the same envelope, around some of the elements each.

``{"hits": {"total": 9, "hits": [a, b, c, …]}}`` becomes ``{"hits": {"total": 9, "hits": [a, b]}}``, then the same with
``c`` and what follows. Each small document is the large one with stretches left out, so that every byte of it still
has its place. A first pass finds the containers that are larger than a piece; a second one cuts the arrays among them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import numpy as np

from afterword.reading import json_scan, strict_json
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Stretch = tuple[int, int]

#: Elements that are read at once take about so many bytes.
PIECE = 2 << 20
#: One element or one envelope may take so many, and never more is held.
LARGEST = 32 << 20
#: White space around a comma is no longer than this.
_NEAR = 4096
#: Arrays that are cut also inside an element of another array. Everything else inside an element stays whole.
_CUT = frozenset({
    "resourceLogs", "scopeLogs", "logRecords", "resourceSpans", "scopeSpans", "spans", "resourceMetrics", "scopeMetrics",
    "metrics", "resource_logs", "scope_logs", "log_records", "resource_spans", "scope_spans", "resource_metrics", "scope_metrics",
})  # fmt: skip
#: Under a key that is no name but data of its own, everything stays whole.
_NAME = re.compile(r"[A-Za-z_@][\w.@-]*", re.ASCII)
_KEY = re.compile(rb'"([^"\\]{0,80})"\s{0,200}:\s{0,200}\Z')
_FIRST = re.compile(rb"\s*(.)\s*(.?)", re.DOTALL)


class Piece(NamedTuple):
    """Stretches of the document that make one of its own. ``held`` is which of them was cut out of an array."""

    stretches: tuple[Stretch, ...]
    held: int
    #: Whether what is held are elements with commas between them; else whole documents in a row.
    listed: bool


@dataclass(slots=True)
class _Large:
    """A container that is larger than a piece; ``mark`` is its bracket."""

    start: int
    mark: bytes
    key: str = ""
    end: int = 0
    inner: list[_Large] = field(default_factory=list)


class Document:
    """The large containers of a stream, and its lines."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        """Raises Malformed when the brackets of the stream do not close, or nest too deeply."""
        self._stream = stream
        self.size = size
        self._start = 3 if self.take(0, 3) == b"\xef\xbb\xbf" else 0
        self._roots: list[_Large] = []
        self._feeds = [0]
        self._survey()
        self.line = lru_cache(maxsize=256)(self._line)

    def take(self, start: int, end: int) -> bytes:
        self._stream.seek(start)
        return self._stream.read(end - start)

    def _line(self, offset: int) -> int:
        """Number of the line in which an offset lies."""
        block = (offset - self._start) // json_scan.BLOCK
        return 1 + self._feeds[block] + self.take(self._start + block * json_scan.BLOCK, offset).count(b"\n")

    # ------------------------------------------------------------------------------------------- first pass

    def _survey(self) -> None:
        open_: list[_Large] = []
        for marks in json_scan.blocks(self._stream, self._start, self.size):
            self._feeds.append(self._feeds[-1] + marks.feeds)
            if len(marks.at):
                self._block(marks, open_)
        if open_:
            raise Malformed("json-truncated", "the document ends before its brackets are closed", self.size)

    def _block(self, marks: json_scan.Marks, open_: list[_Large]) -> None:
        """Close what began in earlier blocks, and open what ends in later ones; the rest is smaller than a block."""
        low, last = int(marks.depth.min()), int(marks.depth[-1])
        if low < 0:
            raise Malformed("json-syntax", "a bracket closes that was never opened", int(marks.at[marks.depth < 0][0]))
        deep = np.flatnonzero(marks.depth > strict_json.DEEPEST)
        if len(deep):
            says = f"nested more than {strict_json.DEEPEST} levels deep"
            raise Malformed("json-deep", says, int(marks.at[deep[0]]))
        for depth in range(marks.before - 1, low - 1, -1):
            self._close(int(marks.at[np.argmax(marks.depth == depth)]) + 1, open_)
        for depth in range(min(low, marks.before) + 1, last + 1):
            at = int(marks.at[np.flatnonzero((marks.depth == depth) & (marks.step == 1))[-1]])
            open_.append(_Large(at, self.take(at, at + 1)))

    def _close(self, end: int, open_: list[_Large]) -> None:
        one = open_.pop()
        one.end = end
        if one.end - one.start > PIECE:
            found = _KEY.search(self.take(max(0, one.start - 500), one.start))
            one.key = found[1].decode("utf-8", "replace") if found else ""
            (open_[-1].inner if open_ else self._roots).append(one)

    # ------------------------------------------------------------------------------------------ second pass

    def pieces(self) -> Iterator[Piece]:
        """The document as small ones, in order."""
        yield from self._elements(_Large(self._start - 1, b"", "", self.size + 1, self._roots), (), ())

    def apart(self, piece: Piece) -> Iterator[Piece]:
        """A piece as smaller ones that hold one element each."""
        held = piece.stretches[piece.held]
        for one in self._cut(*held, 0, listed=piece.listed):
            yield Piece(
                (*piece.stretches[: piece.held], one, *piece.stretches[piece.held + 1 :]), piece.held, piece.listed
            )

    def _elements(self, array: _Large, before: Sequence[Stretch], after: Sequence[Stretch]) -> Iterator[Piece]:
        """Small elements in groups, and each large one by itself, or again in pieces."""
        at, listed = array.start + 1, bool(array.mark)
        for large in [*array.inner, None]:
            end = self._comma_before(large.start) if large else array.end - 1
            for held in self._cut(at, end, PIECE, listed=listed):
                if self.take(*held).strip():
                    yield Piece((*before, held, *after), len(before), listed)
            if large:
                yield from self._of_element(large, before, after, listed=listed)
                at = self._comma_after(large.end)

    def _comma_before(self, offset: int) -> int:
        near = self.take(max(0, offset - _NEAR), offset).rstrip()
        return max(0, offset - _NEAR) + len(near) - 1 if near.endswith(b",") else offset

    def _comma_after(self, offset: int) -> int:
        near = self.take(offset, offset + _NEAR)
        bare = near.lstrip()
        return offset + len(near) - len(bare) + 1 if bare.startswith(b",") else offset

    def _of_element(
        self, large: _Large, before: Sequence[Stretch], after: Sequence[Stretch], *, listed: bool
    ) -> Iterator[Piece]:
        arrays = [large] if not listed and self._is_cut(large) else self._arrays(large, named=listed)
        if not arrays:
            yield Piece((*before, (large.start, large.end), *after), len(before), listed)
        left_out = [(one.start + 1, one.end - 1) for one in arrays]
        for one in arrays:
            head = _without(large.start, one.start + 1, left_out)
            tail = _without(one.end - 1, large.end, left_out)
            yield from self._elements(one, (*before, *head), (*tail, *after))

    def _arrays(self, large: _Large, *, named: bool) -> Iterator[_Large] | list[_Large]:
        """The arrays to be cut inside a container, those inside of objects too, but not those inside of arrays."""
        if large.mark != b"{":
            return []
        found: list[_Large] = []
        for one in large.inner:
            if not _NAME.fullmatch(one.key):
                continue
            if self._is_cut(one) and (not named or one.key in _CUT or self._are_lines_of_a_stream(one)):
                found.append(one)
            else:
                found += self._arrays(one, named=named)
        return found

    def _is_cut(self, large: _Large) -> bool:
        """Arrays of objects or of arrays; an array of plain values may stand beside another one that belongs to it."""
        return large.mark == b"[" and self._first(large)[:1] in (b"{", b"[")

    def _are_lines_of_a_stream(self, large: _Large) -> bool:
        """Loki writes the lines of a stream as pairs of texts."""
        return large.key == "values" and self._first(large) == b'["'

    def _first(self, large: _Large) -> bytes:
        found = _FIRST.match(self.take(large.start + 1, large.start + 500))
        return found[1] + found[2] if found else b""

    def _cut(self, start: int, end: int, size: int, *, listed: bool) -> Iterator[Stretch]:
        """Stretches of whole elements, each of about ``size`` bytes, or longer where one element is."""
        edge, at = 0, start
        for marks in json_scan.blocks(self._stream, start, end):
            chosen = (marks.depth == 0) & (marks.step == (0 if listed else -1))
            ends = marks.at[chosen] + (0 if listed else 1)
            while len(ends) and ends[-1] > at + size:
                fit = int(np.searchsorted(ends, at + size, side="right"))
                edge = int(ends[fit - 1]) if fit else edge
                cut = edge if edge > at else int(ends[fit])
                yield at, cut
                at, ends = cut + listed, ends[ends > cut]
            edge = int(ends[-1]) if len(ends) else edge
        if at < end:
            yield at, end


def _without(start: int, end: int, gaps: Sequence[Stretch]) -> Iterator[Stretch]:
    """What a stretch leaves when others are taken out of it."""
    at = start
    for low, high in gaps:
        if start <= low < end:
            yield at, low
            at = max(at, high)
    if at < end:
        yield at, end


def whole(document: Document, piece: Piece) -> tuple[bytes, Any]:
    """The bytes of a piece, and for each of its stretches: where it begins in them, in the document, and on which line."""
    if sum(end - start for start, end in piece.stretches) > LARGEST:
        raise Malformed("json-large", f"one element, or what is around it, takes more than {LARGEST >> 20} MiB")
    parts = [document.take(*one) for one in piece.stretches]
    starts = np.cumsum([0, *map(len, parts[:-1])])
    return b"".join(parts), [
        (int(at), start, document.line(start)) for at, (start, _) in zip(starts, piece.stretches, strict=True)
    ]
