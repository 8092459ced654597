"""Taking apart what is compressed or an archive: a stream of frames, made where a fault can harm nothing.

This runs in the child process of ``unpack_child`` and imports no more than it needs. What it answers is checked again by
``archive``: here is decided what the bytes hold, there how much of it is believed.

A frame is a mark and a body: ``F`` the name of the next file, ``D`` bytes of it, ``X`` damage after some good bytes,
``R`` a refusal (code, NUL, sentence), ``.`` the end.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterator

    Frame = tuple[bytes, bytes]

NAME, DATA, DAMAGED, REFUSED, END = b"F", b"D", b"X", b"R", b"."
PIECE = 1 << 20
_ENOUGH = 1 << 18
_ZIP_LOCAL = 30
_FAULTS = (EOFError, OSError, zlib.error, lzma.LZMAError, zstandard.ZstdError, ValueError, IndexError, RuntimeError)
_KIND = re.compile(rb"(?P<gzip>\x1f\x8b\x08)|(?P<bzip2>BZh[1-9])|(?P<xz>\xfd7zXZ\0)|(?P<zstd>\x28\xb5\x2f\xfd)")


class RefusedError(Exception):
    """An archive that is not opened; ``code`` is stable."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def compression(head: bytes) -> str:
    """How the bytes are compressed by their first ones, or nothing."""
    found = _KIND.match(head)
    return (found.lastgroup or "") if found else ""


def frames(kind: str, stream: BinaryIO, most: int, members: int, only: str = "") -> Iterator[Frame]:
    """Everything in the stream. ``most`` bytes and ``members`` files are refused by what is claimed, before unpacking.

    With ``only``, other files of an archive are passed over.
    """
    try:
        if kind == "zip":
            yield from _zip(stream, most, members, only)
        elif kind == "tar":
            yield from _tar(stream, members, only)
        else:
            yield from _inflated(kind, stream)
    except RefusedError as refused:
        yield REFUSED, f"{refused.code}\0{refused}".encode("utf-8", "replace")
    except MemoryError:
        yield REFUSED, b"archive-limit\0unpacking it takes more memory than it may have"
    yield END, b""


def _inflated(kind: str, stream: BinaryIO) -> Iterator[Frame]:
    """What comes before a fault is given out, then the fault."""
    held = bytearray()
    try:
        with _layer(kind, stream) as layer:
            # Before a fault is found, the bytes in front of it are given out.
            read = getattr(layer, "read1", layer.read)
            while piece := read(PIECE):
                held += piece
                if len(held) >= _ENOUGH:
                    yield DATA, bytes(held)
                    held.clear()
    except _FAULTS as error:
        if held:
            yield DATA, bytes(held)
        yield DAMAGED, str(error).encode("utf-8", "replace")
    else:
        if held:
            yield DATA, bytes(held)


def _layer(kind: str, stream: BinaryIO) -> BinaryIO:
    if kind == "gzip":
        return cast("BinaryIO", gzip.GzipFile(fileobj=stream, mode="rb"))
    if kind == "bzip2":
        return cast("BinaryIO", bz2.BZ2File(stream))
    if kind == "xz":
        return cast("BinaryIO", lzma.LZMAFile(stream))
    return cast("BinaryIO", zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True))


def _zip(stream: BinaryIO, most: int, members: int, only: str) -> Iterator[Frame]:
    size = stream.seek(0, 2)
    try:
        with zipfile.ZipFile(stream) as archive:
            infos = archive.infolist()
            _check_zip(infos, size, most, members)
            for info in infos:
                if not info.is_dir() and only in ("", info.filename):
                    yield NAME, _encoded(info.filename)
                    with archive.open(info) as body:
                        yield from _pieces(cast("BinaryIO", body))
    except (zipfile.BadZipFile, NotImplementedError, *_FAULTS) as error:
        raise RefusedError("archive-damaged", f"the zip archive cannot be unpacked: {error}") from error


def _check_zip(infos: list[zipfile.ZipInfo], size: int, most: int, members: int) -> None:
    """Rules that need no unpacking: number, names, links, sizes that are claimed, stretches that overlap."""
    if len(infos) > members:
        raise RefusedError("archive-members", f"it holds {len(infos)} files")
    names = [info.orig_filename for info in infos]
    if len(set(names)) != len(names):
        raise RefusedError("archive-twice", "two of its files have the same name")
    end = 0
    for info in sorted(infos, key=lambda one: one.header_offset):
        check_name(info.orig_filename)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RefusedError("archive-link", f"{info.filename[:80]!r} is a link")
        if info.flag_bits & 1:
            raise RefusedError("archive-encrypted", "it is encrypted")
        if info.header_offset < end or info.header_offset + info.compress_size > size:
            raise RefusedError("archive-overlap", "its files overlap, or claim more bytes than there are")
        end = info.header_offset + _ZIP_LOCAL + info.compress_size
    if sum(info.file_size for info in infos) > most:
        raise RefusedError("archive-bomb", "it unpacks to more than it may, by what its files claim")


def check_name(name: str) -> None:
    """Raises RefusedError for a name that would lead outside of a folder, were it ever a path."""
    parts = name.replace("\\", "/").split("/")
    rooted = name.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", name)
    if rooted or ".." in parts or "\0" in name or "\\" in name or name in ("", "."):
        raise RefusedError("archive-name", f"the name {name[:80]!r} points outside of the archive")


def _tar(stream: BinaryIO, members: int, only: str) -> Iterator[Frame]:
    try:
        with tarfile.open(fileobj=stream, mode="r:") as archive:
            for number, info in enumerate(archive, 1):
                if number > members:
                    raise RefusedError("archive-members", f"it holds more than {members} files")
                check_name(info.name.removeprefix("./") or info.name if info.name != "." else "dir/")
                if info.isdir():
                    continue
                if not info.isreg():
                    raise RefusedError("archive-link", f"{info.name[:80]!r} is a link or a device")
                body = archive.extractfile(info)
                if body is not None and only in ("", info.name):
                    yield NAME, _encoded(info.name)
                    yield from _pieces(cast("BinaryIO", body))
    except (tarfile.TarError, *_FAULTS) as error:
        raise RefusedError("archive-damaged", f"the tar archive cannot be unpacked: {error}") from error


def _pieces(body: BinaryIO) -> Iterator[Frame]:
    while piece := body.read(PIECE):
        yield DATA, piece


def _encoded(name: str) -> bytes:
    return name.encode("utf-8", "surrogateescape")
