"""Bytes changed in the ways that break parsers, the same ones for the same seed."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 60_000
_PIECES = [
    b"", b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\n", b"\r\n", b"\n\n", b"\t", b" ", b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b"(", b")",
    b",", b":", b"=", b"-", b"+", b"0", b"-1", b"1e400", b"NaN", b"9223372036854775808", b"18446744073709551616", b"\\ud800", b"null", b"true",
    b"{}", b"[[]]", b"2024-02-30T25:61:61Z", b"0001-01-01T00:00:00Z", b"\xc3", b"\xed\xa0\x80", b"\xe2\x80\xa8", b"<!DOCTYPE a [", b"&a;", b"*a",
    b"&a ", b"<<: ", b"!!python/object", b"%00", b"../", b"\x1f\x8b\x08", b"PK\x03\x04", b"\x80\x80\x80\x80\x10", b"a" * 200, b"[" * 200,
]  # fmt: skip


class Mutants:
    """An endless supply, made from samples."""

    def __init__(self, samples: Sequence[bytes], seed: int) -> None:
        self._samples = [one[:LONGEST] for one in samples]
        self._random = random.Random(seed)

    def next(self) -> bytes:
        pick = self._random
        raw = bytearray(pick.choice(self._samples))
        for _ in range(pick.choice((1, 1, 2, 3, 8))):
            self._change(raw)
        return bytes(raw[: 2 * LONGEST])

    def _change(self, raw: bytearray) -> None:
        pick = self._random
        start = pick.randrange(len(raw) + 1)
        end = min(len(raw), start + pick.choice((0, 1, 1, 2, 4, 16, 200, 2_000)))
        kind = pick.randrange(7)
        if kind == 0 and start < len(raw):
            raw[start] ^= 1 << pick.randrange(8)
        elif kind == 1:
            raw[start:end] = pick.choice(_PIECES)
        elif kind == 2:
            raw[start:start] = raw[start:end] * pick.choice((1, 2, 20))
        elif kind == 3:
            del raw[start:end]
        elif kind == 4:
            other = pick.choice(self._samples)
            at = pick.randrange(len(other) + 1)
            raw[start:end] = other[at : at + pick.choice((1, 8, 100, 1_000))]
        elif kind == 5:
            del raw[start:]
        else:
            raw[start:end] = pick.randbytes(end - start)
