"""Series as Prometheus takes them in over its remote-write protocol (1.0): protobuf inside snappy, written out by hand.

Both formats are small here: four kinds of message, and a block of snappy whose pieces are all literal.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from afterword.core.promql.track import Track

#: Bytes of one request before it is packed.
MOST = 4 << 20
_MILLISECOND = 1_000_000
_PIECE = 1 << 16
_LITERAL = bytes([61 << 2])


def requests(tracks: Iterable[Track]) -> Iterator[bytes]:
    """Bodies of requests that together hold all samples, those of a series in the order of time."""
    held: list[bytes] = []
    size = 0
    for track in tracks:
        for message in _series(track):
            if size + len(message) > MOST and held:
                yield packed(b"".join(held))
                held, size = [], 0
            held.append(message)
            size += len(message)
    if held:
        yield packed(b"".join(held))


def _series(track: Track) -> Iterator[bytes]:
    """TimeSeries messages: labels (1) and samples (2), so many at a time that none grows too long."""
    labels = b"".join(_field(1, _field(1, _text(key)) + _field(2, _text(value))) for key, value in track.labels)
    times, values = (track.at // _MILLISECOND).tolist(), track.value.tobytes()
    samples = [_field(2, b"\x09" + values[8 * i : 8 * i + 8] + b"\x10" + _number(at)) for i, at in enumerate(times)]
    for start in range(0, len(samples), 50_000):
        yield _field(1, labels + b"".join(samples[start : start + 50_000]))


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _number(len(body)) + body


def _number(value: int) -> bytes:
    """A varint; of a number below zero the 64 bits of its two's complement."""
    value &= (1 << 64) - 1
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def packed(body: bytes) -> bytes:
    """A block of snappy: its length, then literals of at most 64 KiB."""
    made = [_number(len(body))]
    for start in range(0, len(body), _PIECE):
        piece = body[start : start + _PIECE]
        made += [_LITERAL, struct.pack("<H", len(piece) - 1), piece]
    return b"".join(made)
