"""How requests of OTLP lie in a file: alone, behind lengths of four bytes (as collectors write them), or behind varints.

A frame may be compressed on its own (Zstandard, as collectors do). One that the inbox wrote ends with a field of its own,
which other readers pass over: when it was received, and a checksum of what is before it.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import zstandard

from afterword.model.evidence import Gravity, Place, Problem
from afterword.reading import otlp_wire
from afterword.reading.otlp_wire import LEN, CutError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: No request is longer, packed or unpacked; receivers take far less.
LONGEST = 1 << 28
_ZSTD = b"\x28\xb5\x2f\xfd"
_HEAD = 1 << 16
#: So far behind a damaged length the next request is looked for.
_WINDOW = 8 << 20
#: Field 1999 with a message of fixed size: the time in ns, and the CRC-32 of the bytes before.
_TRAILER = b"\xfa\x7c\x0e\x09"
_TRAILER_SIZE = 17
TRAILER_FIELD = 1999


@dataclass(frozen=True, slots=True)
class Frame:
    """One request: its bytes (unpacked), where it stands in the file, and whether offsets in it are offsets in the file."""

    raw: bytes
    start: int
    end: int
    packed: bool = False
    #: The end of the file came before its own.
    cut: bool = False

    @property
    def place(self) -> Place:
        return Place(self.start, self.end, 1, 1, inline=True)

    def at(self, start: int, end: int, part: str) -> Place:
        """The place of a stretch of the request; in a packed one, the whole frame and what in it is meant."""
        if self.packed:
            return Place(self.start, self.end, 1, 1, part, inline=True)
        return Place(self.start + start, self.start + end, 1, 1, inline=True)


def sealed(request: bytes, received: int) -> bytes:
    """The request as the inbox writes it: length, request, receipt and checksum."""
    trailer = _TRAILER + struct.pack("<QBI", received, 0x15, zlib.crc32(request))
    return struct.pack(">I", len(request) + _TRAILER_SIZE) + request + trailer


def receipt(raw: bytes) -> int | None:
    """When a request was received, if it says so and the checksum holds; None: it does not say. Raises CutError."""
    at = len(raw) - _TRAILER_SIZE
    if at < 0 or raw[at : at + 4] != _TRAILER:
        return None
    received, _, crc = struct.unpack("<QBI", raw[at + 4 :])
    if zlib.crc32(memoryview(raw)[:at]) != crc:
        raise CutError(at, "the checksum does not hold: it is damaged since it was received")
    return int(received)


def framing(head: bytes) -> str:
    """``alone``, ``fixed`` or ``varint``; empty: no requests of OTLP."""
    if len(head) > 4 and _framed(head, 4, int.from_bytes(head[:4], "big")):
        return "fixed"
    if otlp_wire.signal(head, 0, len(head), cut=True):
        return "alone"
    try:
        size, at = otlp_wire.varint(head, 0, min(len(head), 6))
    except CutError:
        return ""
    return "varint" if _framed(head, at, size) else ""


def _framed(head: bytes, at: int, size: int) -> bool:
    if not 0 < size <= LONGEST:
        return False
    end = min(at + size, len(head))
    return _is_request(head[at:end], cut=end < at + size)


def beginning(raw: bytes) -> bytes:
    """The beginning of what a request holds, unpacked where it is packed."""
    return _first(raw) if raw[:4] == _ZSTD else raw


def _is_request(raw: bytes, *, cut: bool) -> bool:
    if raw[:4] == _ZSTD:
        unpacked = _first(raw)
        return bool(otlp_wire.signal(unpacked, 0, len(unpacked), cut=True))
    return bool(otlp_wire.signal(raw, 0, len(raw), cut=cut))


def _first(raw: bytes) -> bytes:
    """What the beginning of a packed frame unpacks to."""
    try:
        return zstandard.ZstdDecompressor().decompressobj().decompress(raw)[:_HEAD] if len(raw) < _HEAD else _some(raw)
    except (zstandard.ZstdError, MemoryError):
        return b""


def _some(raw: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(raw) as reader:
        return reader.read(_HEAD)


class Shape(NamedTuple):
    """How a request may begin, and whether bytes are one; the flag says that they are only its beginning."""

    first: re.Pattern[bytes]
    holds: Callable[[bytes, bool], bool]


PROTOBUF = Shape(re.compile(rb"[\x0a\x28]"), lambda raw, cut: _is_request(raw, cut=cut))


def frames(stream: BinaryIO, how: str, shape: Shape = PROTOBUF) -> Iterator[Frame | Problem]:
    """Every request of the file, one in memory at a time; what is no frame is set aside.

    Behind a length that cannot be, the next request is looked for: one damaged byte costs no more than its own request.
    """
    size = stream.seek(0, 2)
    at = 0
    while at < size:
        stream.seek(at)
        head = stream.read(16)
        try:
            start, length = _extent(head, at, how)
        except CutError as error:
            yield _aside(at, size, f"the file ends, or is no longer made of requests, here: {error}")
            return
        if not length:
            at += _empty(stream, at, how)
            continue
        end = start + length
        if how == "fixed" and (end > size or length > LONGEST):
            end = _next(stream, at + 1, size, shape) or end
            length = end - start
        if length > LONGEST:
            yield _aside(at, min(end, size), "a request longer than 256 MiB")
        else:
            stream.seek(start)
            raw = stream.read(max(0, min(end, size) - start))
            yield from _opened(raw, start, start + len(raw), cut=end > size or len(raw) < length)
        at = max(end, at + 1)


def _empty(stream: BinaryIO, at: int, how: str) -> int:
    """How many bytes requests of nothing take here: a torn file may end with gigabytes of zeros."""
    stream.seek(at)
    piece = stream.read(_HEAD)
    zeros = len(piece) - len(piece.lstrip(b"\0"))
    return max(4, zeros // 4 * 4) if how == "fixed" else max(1, zeros)


def _next(stream: BinaryIO, at: int, size: int, shape: Shape) -> int | None:
    """Where the next request begins whose length fits: to the end of the file, or to another length that may be one."""
    stream.seek(at)
    window = stream.read(_WINDOW)
    for found in shape.first.finditer(window, 4):
        here = found.start() - 4
        length = int.from_bytes(window[here : here + 4], "big")
        end = at + here + 4 + length
        if not 0 < length <= LONGEST or end > size or not _may_follow(stream, end, size, shape):
            continue
        body = window[here + 4 : here + 4 + length]
        if shape.holds(body, len(body) < length):
            return at + here
    return None


def _may_follow(stream: BinaryIO, at: int, size: int, shape: Shape) -> bool:
    if at == size:
        return True
    stream.seek(at)
    head = stream.read(5)
    return len(head) < 5 or (0 < int.from_bytes(head[:4], "big") <= LONGEST and bool(shape.first.match(head, 4)))


def _extent(head: bytes, at: int, how: str) -> tuple[int, int]:
    """Where the next request starts and how long it is. One that stands alone comes resource by resource."""
    if how == "fixed":
        if len(head) < 4:
            raise CutError(at, "cut off inside a length")
        return at + 4, int.from_bytes(head[:4], "big")
    size, after = otlp_wire.varint(head, 0, len(head))
    if how == "varint":
        return at + after, size
    if size & 7 != LEN or not size >> 3:
        raise CutError(at, "no field of a request")
    length, stop = otlp_wire.varint(head, after, len(head))
    return at, stop + length


def _opened(raw: bytes, start: int, end: int, *, cut: bool) -> Iterator[Frame | Problem]:
    if raw[:4] != _ZSTD:
        yield Frame(raw, start, end, cut=cut)
        return
    unpacked = unpack(raw)
    if unpacked is None:
        yield _aside(start, end, "a packed request that cannot be unpacked")
    else:
        yield Frame(unpacked, start, end, packed=True, cut=cut)


def unpack(raw: bytes) -> bytes | None:
    """The content of a Zstandard frame, never more than the longest request; None where it cannot be had."""
    try:
        with zstandard.ZstdDecompressor().stream_reader(raw) as reader:
            found = reader.read(LONGEST + 1)
    except (zstandard.ZstdError, MemoryError):
        return None
    return found if 0 < len(found) <= LONGEST else None


def _aside(start: int, end: int, says: str) -> Problem:
    return Problem(says, Place(start, end, 1, 1, inline=True), Gravity.WARNING, "otlp-wire")
