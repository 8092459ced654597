"""The bytes of an artefact as its source read them, looked at in pieces: a citation in a large file costs a few of them."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, BinaryIO, Protocol

from afterword.app import archive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from afterword.model.evidence import Evidence
    from afterword.ports import Blobs

#: What is not larger is held in memory.
SMALL = 16 << 20
_PIECE = 1 << 20


class Bytes(Protocol):
    """What ``bytes`` and ``Content`` both can."""

    def __len__(self) -> int: ...
    def __getitem__(self, at: slice, /) -> bytes: ...
    def find(self, sub: bytes, start: int = 0, end: int | None = None, /) -> int: ...


class Content:
    """Bytes that are read where they are asked for. ``read`` gives the bytes from one offset to another."""

    def __init__(self, size: int, read: Callable[[int, int], bytes]) -> None:
        self._size, self._read = size, read

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, at: slice, /) -> bytes:
        low, high, step = at.indices(self._size)
        if step != 1:
            raise ValueError("bytes are read one after the other")
        return self._read(low, high) if low < high else b""

    def find(self, sub: bytes, start: int = 0, end: int | None = None, /) -> int:
        """As ``bytes.find``."""
        low, high, _ = slice(start, end).indices(self._size)
        while low + len(sub) <= high:
            stop = min(high, low + _PIECE)
            found = self._read(low, stop).find(sub)
            if found >= 0:
                return low + found
            if stop == high:
                break
            low = stop - len(sub) + 1
        return -1


def of(blobs: Blobs, evidence: Evidence) -> Bytes:
    """The content of an artefact. A large one that is packed is unpacked into a temporary file, which goes with it."""
    with blobs.open(evidence.sha256) as stream:
        peeled = archive.peel(stream, archive.Budget.of(evidence.size))
        size = peeled.stream.seek(0, 2)
        if size <= SMALL:
            with peeled:
                peeled.stream.seek(0)
                return peeled.stream.read()
        if peeled.stream is stream:
            return Content(size, _kept(blobs, evidence.sha256))
        made = Content(size, _open(peeled.stream))
        weakref.finalize(made, peeled.__exit__)
        return made


def _kept(blobs: Blobs, sha256: str) -> Callable[[int, int], bytes]:
    def read(low: int, high: int) -> bytes:
        with blobs.open(sha256) as stream:
            stream.seek(low)
            return stream.read(high - low)

    return read


def _open(stream: BinaryIO) -> Callable[[int, int], bytes]:
    def read(low: int, high: int) -> bytes:
        stream.seek(low)
        return stream.read(high - low)

    return read


def anchor(line: int, anchors: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The last line before this one whose place is known, with an offset in it."""
    return max((one for one in anchors if one[0] < line), default=(1, 0))


def count_lines(content: Bytes, enough: int, anchors: Sequence[tuple[int, int]]) -> int:
    """How many lines there are; where there are more than enough, a number that is at least so high."""
    count, start = anchor(enough, anchors)
    while count < enough and (piece := content[start : start + _PIECE]):
        count, start = count + piece.count(b"\n"), start + len(piece)
    return count


def nth(content: Bytes, count: int, start: int = 0) -> int:
    """Where the line begins that is so many lines further; the end where there are not so many."""
    while count > 0:
        piece = content[start : start + _PIECE]
        if not piece:
            return len(content)
        feeds = piece.count(b"\n")
        if feeds < count:
            count, start = count - feeds, start + len(piece)
            continue
        at = -1
        for _ in range(count):
            at = piece.find(b"\n", at + 1)
        return start + at + 1
    return start
