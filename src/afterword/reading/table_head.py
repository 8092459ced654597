"""The first records of a table, whatever they are: for tables whose header is not one row of distinct names."""

from __future__ import annotations

import csv
from functools import lru_cache
from typing import NamedTuple

_DELIMITERS = (",", "\t", ";", "|")
_MOST = 40
#: A head of this size may end inside of a line.
_CUT = 1 << 16


class Head(NamedTuple):
    """The delimiter, and up to 40 whole records."""

    delimiter: str
    records: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=8)
def begin(head: bytes) -> Head | None:
    """Take the head of a stream apart; None when its first line holds no delimiter."""
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    lines = [one.rstrip("\r") for one in text.split("\n", _MOST)[:_MOST] if one.strip()]
    if not lines or "\0" in lines[0][:4096]:
        return None
    delimiter = max(_DELIMITERS, key=lines[0].count)
    if delimiter not in lines[0]:
        return None
    if len(lines) > 1 and len(lines) < _MOST and len(head) >= _CUT and not head.endswith(b"\n"):
        del lines[-1]
    return Head(delimiter, tuple(_split(line, delimiter) for line in lines[: _MOST - 1]))


def _split(line: str, delimiter: str) -> tuple[str, ...]:
    if '"' not in line:
        return tuple(line.split(delimiter))
    try:
        return tuple(next(csv.reader([line], delimiter=delimiter), ()))
    except csv.Error:
        return ()
