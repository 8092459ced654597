"""What lies around the bytes that sources read: compression, wide encodings, and archives of several files.

Everything here is hostile until read. A file may grow only so far beyond its size; names of members are data and never
become paths; what breaks a rule is refused as a whole, with a code, and nothing of it is read. The taking apart itself
happens in a child process under limits (``confined``).
"""

from __future__ import annotations

import codecs
import tempfile
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from afterword.app import confined, unpack
from afterword.app.unpack import RefusedError, compression
from afterword.model.evidence import Gravity, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["Budget", "Peeled", "RefusedError", "members", "peel", "spooled"]

#: A file may become so many times larger, but always so much, and never more than that.
RATIO, FLOOR, CEILING = 200, 16 << 20, 10 << 30
MOST_MEMBERS = 10_000
DEEPEST = 3
_PIECE = 1 << 20
_IN_MEMORY = 32 << 20


@dataclass(slots=True)
class Budget:
    """How much one file of the evidence may still become."""

    bytes: int
    members: int = MOST_MEMBERS

    @classmethod
    def of(cls, size: int) -> Budget:
        return cls(min(CEILING, max(FLOOR, RATIO * size)))

    def spend(self, size: int) -> None:
        self.bytes -= size
        if self.bytes < 0:
            raise RefusedError("archive-bomb", f"it unpacks to more than {RATIO} times its size")

    def count(self) -> None:
        self.members -= 1
        if self.members < 0:
            raise RefusedError("archive-members", f"it holds more than {MOST_MEMBERS} files")


@dataclass(slots=True)
class Peeled:
    """The bytes that a source reads: seekable, at 0, and what was noticed on the way to them.

    Leaving it closes what was unpacked, not the stream that was given.
    """

    stream: BinaryIO
    encoding: str = ""
    problems: list[Problem] = field(default_factory=list)
    _made: list[BinaryIO] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in self._made:
            stream.close()

    def replace(self, stream: BinaryIO) -> None:
        self.stream = stream
        self._made.append(stream)


def spooled() -> BinaryIO:
    return cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))


def peel(stream: BinaryIO, budget: Budget) -> Peeled:
    """Take off up to two layers of compression and a wide encoding. Raises RefusedError for a bomb."""
    with ExitStack() as unless_done:
        peeled = unless_done.enter_context(Peeled(stream))
        _uncompress(peeled, budget)
        peeled.encoding = _wide(_head(peeled.stream, 4096))
        if peeled.encoding:
            peeled.replace(_transcode(peeled.stream, peeled.encoding))
        peeled.stream.seek(0)
        unless_done.pop_all()
        return peeled


def _uncompress(peeled: Peeled, budget: Budget) -> None:
    for _ in range(2):
        kind = compression(_head(peeled.stream, 8))
        if not kind:
            return
        peeled.replace(_inflate(kind, peeled.stream, budget, peeled.problems))
    if compression(_head(peeled.stream, 8)):
        raise RefusedError("archive-nested", "it is compressed more than twice")


def _head(stream: BinaryIO, size: int) -> bytes:
    stream.seek(0)
    head = stream.read(size)
    stream.seek(0)
    return head


def _inflate(kind: str, stream: BinaryIO, budget: Budget, problems: list[Problem]) -> BinaryIO:
    """Unpack; what comes before a fault is kept, and the fault is named."""
    with ExitStack() as unless_done:
        out = unless_done.enter_context(spooled())
        for mark, body in confined.frames(kind, stream, budget.bytes, budget.members):
            if mark == unpack.DATA:
                budget.spend(len(body))
                out.write(body)
            elif mark == unpack.DAMAGED:
                problems.append(_damaged(body.decode("utf-8", "replace"), out.tell()))
        out.seek(0)
        unless_done.pop_all()
        return out


def _damaged(says: str, size: int) -> Problem:
    if not size:
        raise RefusedError("archive-damaged", f"it cannot be unpacked: {says}")
    says = f"the compressed file is damaged after {size} bytes: {says}"
    return Problem(says, Place(size, size, 1, 1), Gravity.ERROR, "archive-damaged", quarantined=False)


def _wide(head: bytes) -> str:
    """UTF-16 or UTF-32 by its mark, or UTF-16 by the zeros that plain text leaves in every second byte."""
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF32_BE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if head.startswith(mark):
            return name
    even, odd = head[0::2], head[1::2]
    if len(head) >= 8 and len(odd) and odd.count(0) > 0.9 * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(head) >= 8 and len(even) and even.count(0) > 0.9 * len(even) and not odd.count(0):
        return "utf-16-be"
    return ""


def _transcode(stream: BinaryIO, encoding: str) -> BinaryIO:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    out = spooled()
    while piece := stream.read(_PIECE):
        out.write(decoder.decode(piece).encode("utf-8", "replace"))
    out.write(decoder.decode(b"", final=True).encode("utf-8", "replace"))
    return out


def members(stream: BinaryIO, budget: Budget, *, only: str = "") -> Iterator[tuple[str, BinaryIO]] | None:
    """The files of a zip or tar archive by name, or None when the stream is neither. Raises RefusedError.

    With ``only``, the other files are passed over.
    """
    head = _head(stream, 512)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _members("zip", stream, budget, only)
    if head[257:262] == b"ustar":
        return _members("tar", stream, budget, only)
    if head.lstrip()[:1] not in (b"{", b"[", b"<") and zipfile.is_zipfile(stream):
        raise RefusedError("archive-prefix", "a zip archive hides behind other bytes")
    stream.seek(0)
    return None


def _members(kind: str, stream: BinaryIO, budget: Budget, only: str) -> Iterator[tuple[str, BinaryIO]]:
    """One file after another; names and sizes are checked here, whatever the child has checked before."""
    name, body, seen = "", None, set[str]()
    with ExitStack() as held:
        for mark, piece in confined.frames(kind, stream, budget.bytes, budget.members, only):
            if mark == unpack.NAME:
                if body is not None:
                    yield name, _whole(body, held)
                name = piece.decode("utf-8", "replace")
                _check(kind, name, seen, budget)
                body = held.enter_context(spooled())
            elif mark != unpack.DATA or body is None:
                raise RefusedError("archive-crashed", "the process that unpacked it answered nonsense")
            else:
                budget.spend(len(piece))
                body.write(piece)
        if body is not None:
            yield name, _whole(body, held)


def _whole(body: BinaryIO, held: ExitStack) -> BinaryIO:
    """The file from its beginning; from now on it belongs to whoever receives it."""
    held.pop_all()
    body.seek(0)
    return body


def _check(kind: str, name: str, seen: set[str], budget: Budget) -> None:
    budget.count()
    unpack.check_name(name.removeprefix("./") or name)
    # In a tar archive a later file of the same name is a newer one, not a trick.
    if kind == "zip" and name in seen:
        raise RefusedError("archive-twice", "two of its files have the same name")
    seen.add(name)
