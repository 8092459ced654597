"""Rows of a table as text, many at once: the same records with the same places as one by one.

A block is taken apart at once where each of its lines is a record of its own; lines that need a closer look come one by
one between the blocks, and from a line on that no rule of whole blocks covers, everything does.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from afterword.reading import table
from afterword.reading.line import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.model.evidence import Problem, Skipped
    from afterword.reading.table import Row, Shape

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Rows:
    """Records with as many fields as the header has: their fields, and where each of them lies."""

    fields: Sequence[list[str]]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    number: NDArray[np.int64]

    def column(self, at: int) -> list[str]:
        return [one[at] for one in self.fields]


def read(
    stream: BinaryIO, shape: Shape, *, spill: int | None = None, alone: int = 0
) -> Iterator[Rows | Row | Problem | Skipped]:
    """All records; the header, and ``alone`` rows below it, come one by one."""
    stream.seek(0)
    offset, number = 0, 1
    header = True
    for one in table.rows(stream, shape, spill=spill):
        yield one
        offset, number = one.place.end, one.place.last + 1
        if header:
            header = False
        elif isinstance(one, table.Row):
            alone -= 1
        if alone <= 0:
            break
    stream.seek(offset)
    held = b""
    while True:
        piece = stream.read(_BLOCK)
        raw = held + piece
        body = raw[: raw.rfind(b"\n") + 1] if piece else raw
        if body:
            block = _block(body, offset, number, shape)
            if block is None:
                stream.seek(offset)
                yield from table.rows(stream, shape, spill=spill, offset=offset, number=number)
                return
            yield from _pieces(*block, body, shape, spill)
            offset, number = offset + len(body), number + len(block[0])
        held = raw[len(body) :]
        if not piece:
            return


def _block(body: bytes, offset: int, number: int, shape: Shape) -> tuple[list[list[str] | None], Rows] | None:
    """The fields of each line, None for one to look at closer, and the rows; None where a record may be several lines."""
    lines = body.split(b"\n")
    sizes = np.fromiter(map(len, lines), np.int64, len(lines)) + 1
    if not lines[-1]:
        sizes = sizes[:-1]
    texts = _texts(body, len(sizes))
    fields = _fields(texts, shape.delimiter) if texts is not None and sizes.max() <= LONGEST else None
    if fields is None:
        return None
    ends = np.cumsum(sizes)
    ends[-1] = len(body)
    wanted = len(shape.columns)
    known = np.fromiter((len(one) == wanted for one in fields), np.bool_, len(fields))
    starts = np.concatenate(([0], ends[:-1]))
    kept = [one if fine else None for one, fine in zip(fields, known.tolist(), strict=True)]
    places = offset + starts, offset + ends, number + np.arange(len(fields))
    return kept, Rows(fields, *places)


def _texts(body: bytes, count: int) -> list[str] | None:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if "\ufeff" in text or "\0" in text:
        return None
    texts = text.split("\n")[:count]
    return [one.rstrip("\r") for one in texts] if "\r" in text else texts


def _fields(texts: list[str], delimiter: str) -> list[list[str]] | None:
    """The fields of each line; none of a blank one. None where a quote may be open at the end of a line."""
    blank = [row for row, one in enumerate(texts) if not one.strip()]
    quoted = [row for row, one in enumerate(texts) if '"' in one]
    made = [one.split(delimiter) for one in texts] if len(quoted) < len(texts) else [[] for _ in texts]
    if quoted:
        try:
            found = list(csv.reader([texts[row] for row in quoted], delimiter=delimiter, strict=True))
        except csv.Error:
            return None
        if len(found) != len(quoted):
            return None
        for row, one in zip(quoted, found, strict=True):
            made[row] = one
    for row in blank:
        made[row] = []
    return made


def _pieces(
    kept: list[list[str] | None], rows: Rows, body: bytes, shape: Shape, spill: int | None
) -> Iterator[Rows | Row | Problem | Skipped]:
    """The rows, and in between the lines that are read by themselves."""
    first = 0
    offset = int(rows.start[0])
    for row in [at for at, one in enumerate(kept) if one is None]:
        if row > first:
            yield _part(rows, first, row)
        start, end = int(rows.start[row]), int(rows.end[row])
        piece = io.BytesIO(body[start - offset : end - offset])
        yield from table.rows(piece, shape, spill=spill, offset=start, number=int(rows.number[row]))
        first = row + 1
    if first < len(kept):
        yield _part(rows, first, len(kept))


def _part(rows: Rows, first: int, stop: int) -> Rows:
    mine = slice(first, stop)
    return (
        rows
        if stop - first == len(rows.fields)
        else Rows(rows.fields[mine], rows.start[mine], rows.end[mine], rows.number[mine])
    )
