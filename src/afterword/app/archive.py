"""What lies around the bytes that sources read: compression, wide encodings, and archives of several files.

Everything here is hostile until read. A file may grow only so far beyond its size; names of members are data and never
become paths; what breaks a rule is refused as a whole, with a code, and nothing of it is read.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import re
import stat
import tarfile
import tempfile
import zipfile
import zlib
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Self, cast

import zstandard

from afterword.model.evidence import Gravity, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from afterword.model.evidence import Evidence
    from afterword.ports import Blobs

#: A file may become so many times larger, but always so much, and never more than that.
RATIO, FLOOR, CEILING = 200, 16 << 20, 10 << 30
MOST_MEMBERS = 10_000
DEEPEST = 3
_PIECE = 1 << 20
_IN_MEMORY = 32 << 20
_ZIP_LOCAL = 30


class RefusedError(Exception):
    """An archive that is not opened; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


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
        opener = _opener(_head(peeled.stream, 8))
        if opener is None:
            return
        peeled.replace(_inflate(opener(peeled.stream), budget, peeled.problems))
    if _opener(_head(peeled.stream, 8)) is not None:
        raise RefusedError("archive-nested", "it is compressed more than twice")


def content(blobs: Blobs, evidence: Evidence) -> bytes:
    """The bytes of an artefact as its source read them, so that the places in citations hold."""
    with blobs.open(evidence.sha256) as stream, peel(stream, Budget.of(evidence.size)) as peeled:
        return peeled.stream.read()


def _head(stream: BinaryIO, size: int) -> bytes:
    stream.seek(0)
    head = stream.read(size)
    stream.seek(0)
    return head


def _opener(head: bytes) -> Callable[[BinaryIO], BinaryIO] | None:
    if head.startswith(b"\x1f\x8b\x08"):
        return lambda stream: cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))
    if re.match(rb"BZh[1-9]", head):
        return lambda stream: cast("BinaryIO", bz2.BZ2File(stream))
    if head.startswith(b"\xfd7zXZ\0"):
        return lambda stream: cast("BinaryIO", lzma.LZMAFile(stream))
    if head.startswith(b"\x28\xb5\x2f\xfd"):
        return lambda stream: cast(
            "BinaryIO", zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)
        )
    return None


def _inflate(layer: BinaryIO, budget: Budget, problems: list[Problem]) -> BinaryIO:
    """Unpack; what comes before a fault is kept, and the fault is named."""
    with ExitStack() as unless_done:
        out = unless_done.enter_context(spooled())
        try:
            while piece := _some(layer):
                budget.spend(len(piece))
                out.write(piece)
        except (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError, ValueError) as error:
            size = out.tell()
            if not size:
                raise RefusedError("archive-damaged", f"it cannot be unpacked: {error}") from error
            says = f"the compressed file is damaged after {size} bytes: {error}"
            place = Place(size, size, 1, 1)
            problems.append(Problem(says, place, Gravity.ERROR, "archive-damaged", quarantined=False))
        out.seek(0)
        unless_done.pop_all()
        return out


def _some(layer: BinaryIO) -> bytes:
    """What there is now: before a fault is found, the bytes in front of it are given out."""
    read = getattr(layer, "read1", layer.read)
    found: bytes = read(_PIECE)
    return found


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


def members(stream: BinaryIO, budget: Budget) -> Iterator[tuple[str, BinaryIO]] | None:
    """The files of a zip or tar archive by name, or None when the stream is neither. Raises RefusedError."""
    head = _head(stream, 512)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(stream, budget)
    if head[257:262] == b"ustar":
        return _tar(stream, budget)
    if head.lstrip()[:1] not in (b"{", b"[", b"<") and zipfile.is_zipfile(stream):
        raise RefusedError("archive-prefix", "a zip archive hides behind other bytes")
    stream.seek(0)
    return None


def _zip(stream: BinaryIO, budget: Budget) -> Iterator[tuple[str, BinaryIO]]:
    stream.seek(0, 2)
    size = stream.tell()
    try:
        with zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
            _check_zip(infos, size, budget)
            for info in infos:
                if not info.is_dir():
                    yield info.filename, _member(cast("BinaryIO", archive.open(info)), budget)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, zlib.error, ValueError, RuntimeError) as error:
        raise RefusedError("archive-damaged", f"the zip archive cannot be unpacked: {error}") from error


def _check_zip(infos: list[zipfile.ZipInfo], size: int, budget: Budget) -> None:
    """Rules that need no unpacking: number, names, links, sizes that are claimed, stretches that overlap."""
    for _ in infos:
        budget.count()
    names = [info.orig_filename for info in infos]
    if len(set(names)) != len(names):
        raise RefusedError("archive-twice", "two of its files have the same name")
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        _check_name(info.orig_filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RefusedError("archive-link", f"{info.filename[:80]!r} is a link")
        if info.flag_bits & 1:
            raise RefusedError("archive-encrypted", "it is encrypted")
        if info.header_offset < end or info.header_offset + info.compress_size > size:
            raise RefusedError("archive-overlap", "its files overlap, or claim more bytes than there are")
        end = info.header_offset + _ZIP_LOCAL + info.compress_size
    if sum(info.file_size for info in infos) > budget.bytes:
        raise RefusedError("archive-bomb", f"it unpacks to more than {RATIO} times its size")


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    rooted = name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name)
    if rooted or ".." in parts or "\0" in name or "\\" in name or name in ("", "."):
        raise RefusedError("archive-name", f"the name {name[:80]!r} points outside of the archive")


def _tar(stream: BinaryIO, budget: Budget) -> Iterator[tuple[str, BinaryIO]]:
    try:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for info in archive:
                budget.count()
                _check_name(info.name.removeprefix("./") or info.name if info.name != "." else "dir/")
                if info.isdir():
                    continue
                if not info.isreg():
                    raise RefusedError("archive-link", f"{info.name[:80]!r} is a link or a device")
                body = archive.extractfile(info)
                if body is not None:
                    yield info.name, _member(cast("BinaryIO", body), budget)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise RefusedError("archive-damaged", f"the tar archive cannot be unpacked: {error}") from error


def _member(body: BinaryIO, budget: Budget) -> BinaryIO:
    with body, ExitStack() as unless_done:
        out = unless_done.enter_context(spooled())
        while piece := body.read(_PIECE):
            budget.spend(len(piece))
            out.write(piece)
        out.seek(0)
        unless_done.pop_all()
        return out
