"""Series as Prometheus takes them in over its remote-write protocol (1.0): protobuf inside snappy, written out by hand.

Both formats are small here: four kinds of message, and a block of snappy whose pieces are all literal. What is sent is
in the order of time, a stretch after the other: a server takes that up several times faster than series after series.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from afterword.core.promql.track import Track

#: Bytes of one request before it is packed.
MOST = 4 << 20
#: Of a stretch shorter than an hour nothing is too old for the head of the database.
_STRETCH = 50 * MINUTE
_MILLISECOND = 1_000_000
_PIECE = 1 << 16
_LITERAL = bytes([61 << 2])
#: Milliseconds that take six bytes as a varint: 1971 to 2109.
_SIX = (1 << 35, 1 << 42)


def requests(tracks: Iterable[Track]) -> Iterator[bytes]:
    """Bodies of requests that together hold all samples."""
    held: list[bytes] = []
    size = 0
    for message in _messages([one for one in tracks if len(one.at)]):
        if size + len(message) > MOST and held:
            yield packed(b"".join(held))
            held, size = [], 0
        held.append(message)
        size += len(message)
    if held:
        yield packed(b"".join(held))


def _messages(tracks: list[Track]) -> Iterator[bytes]:
    """TimeSeries messages: labels (1) and the samples (2) of one stretch of time."""
    if not tracks:
        return
    labels = [b"".join(_field(1, _field(1, _text(k)) + _field(2, _text(v))) for k, v in one.labels) for one in tracks]
    done = [0] * len(tracks)
    while left := [n for n, one in enumerate(tracks) if done[n] < len(one.at)]:
        # The next stretch begins with the next sample: years without one cost nothing.
        end = min(int(tracks[n].at[done[n]]) for n in left) + _STRETCH
        for n in left:
            first, last = done[n], int(np.searchsorted(tracks[n].at, end))
            done[n] = last
            for part in range(first, last, 50_000):
                piece = slice(part, min(last, part + 50_000))
                yield _field(1, labels[n] + _samples(tracks[n].at[piece] // _MILLISECOND, tracks[n].value[piece]))


def _samples(times: NDArray[np.int64], values: NDArray[np.float64]) -> bytes:
    """Value (1) and time (2) of each sample; nearly all are of one length, and are laid out at once."""
    if times[0] < _SIX[0] or times[-1] >= _SIX[1]:
        raw = values.tobytes()
        each = (b"\x09" + raw[8 * i : 8 * i + 8] + b"\x10" + _number(at) for i, at in enumerate(times.tolist()))
        return b"".join(_field(2, one) for one in each)
    made = np.empty((len(times), 18), dtype=np.uint8)
    made[:, :3] = (2 << 3 | 2, 16, 0x09)
    made[:, 3:11] = np.ascontiguousarray(values).view(np.uint8).reshape(-1, 8)
    made[:, 11] = 0x10
    for byte in range(6):
        made[:, 12 + byte] = (times >> (7 * byte)) & 0x7F | (0x80 if byte < 5 else 0)
    return made.tobytes()


def _field(number: int, body: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _number(len(body)) + body


def _text(text: str) -> bytes:
    return text.encode("utf-8", "replace")


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
