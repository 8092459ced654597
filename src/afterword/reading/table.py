"""Tables as text (CSV, TSV, semicolons): records with their places, quoted line feeds included."""

from __future__ import annotations

import csv
import io
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.reading.line import join, lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.reading.line import Line

_DELIMITERS = (",", "\t", ";", "|")
#: A quoted field may run over so many lines; an open quote that runs on longer is a fault of its line.
_MOST_LINES = 2_000
#: A head of this size is likely cut off inside its last record.
_HEAD = 1 << 16
_MOST_COLUMNS = 20_000


@dataclass(frozen=True, slots=True)
class Shape:
    """What the head of a table says: its delimiter, and the names of its columns as they are written."""

    delimiter: str
    columns: tuple[str, ...]
    #: A few records, for recognising what the columns hold.
    samples: tuple[tuple[str, ...], ...]


class Row(NamedTuple):
    """One record: its fields in the order of the columns, and its place."""

    fields: list[str]
    place: Place
    #: More fields than the header has, joined into the column that holds free text.
    spilled: bool = False


@lru_cache(maxsize=8)
def shape(head: bytes) -> Shape | None:
    """The shape of a table with a header line, or None when the head is no such table."""
    text = head.decode("utf-8", "replace").removeprefix("\ufeff")
    if "\0" in text[:4096] or not text.strip():
        return None
    first, _, rest = text.partition("\n")
    delimiter = max(_DELIMITERS, key=first.count)
    if not first.count(delimiter):
        return None
    columns = _split(first.rstrip("\r"), delimiter)
    if columns is None or not _is_header(columns):
        return None
    records = [_split(body, delimiter) for body in _sampled(rest, delimiter) if body.strip()]
    samples = tuple(
        tuple(one)
        for one in (records if len(head) < _HEAD else records[:-1] or records)
        if one is not None and len(one) == len(columns)
    )
    if any(list(one) == columns for one in samples):
        # A line that comes again is a sentence with a comma, not the head of a table.
        return None
    return Shape(delimiter, tuple(columns), samples) if samples or not records else None


def _sampled(text: str, delimiter: str) -> list[str]:
    """Up to 20 records below the header, as text."""
    found = _records(lines(io.BytesIO(text.encode("utf-8", "replace"))), delimiter, header=False)
    return [body for _, body, _ in islice(found, 20)]


def _is_header(columns: Sequence[str]) -> bool:
    """Names, not values: no number, nothing twice, nothing empty but perhaps the first (an index)."""
    names = [one.strip() for one in columns]
    plain = [one for one in names[1:] if one]
    numbers = sum(one.replace(".", "", 1).lstrip("-").isdigit() for one in names)
    return (
        len(plain) >= len(names) - 1 and len(set(names)) == len(names) and not numbers and len(names) <= _MOST_COLUMNS
    )


def rows(
    stream: BinaryIO, found: Shape, *, spill: int | None = None, offset: int = 0, number: int = 1
) -> Iterator[Row | Problem | Skipped]:
    """The records below the header. A record with another number of fields is a Problem.

    ``spill`` is the column of free text, if there is one: fields beyond the header's are then a text with stray delimiters.
    Of a stream that stands further down, ``offset`` and ``number`` are those of its first line; the header lies above it.
    """
    wanted = len(found.columns)
    for place, body, header in _records(
        lines(stream, offset=offset, number=number), found.delimiter, header=not offset
    ):
        if not body.strip():
            yield Skipped("a blank line", place)
            continue
        fields = _split(body, found.delimiter)
        if header:
            yield Skipped("the header of the table", place)
            continue
        torn = spill is not None and (fields is None or len(fields) > wanted)
        if torn:
            fields = _spilled(body, found.delimiter, wanted, spill or 0)
        if fields is None:
            yield Problem("a record that cannot be taken apart", place, Gravity.WARNING, "table-record")
        elif len(fields) != wanted:
            yield Problem(f"{len(fields)} fields where the header has {wanted}", place, Gravity.WARNING, "table-fields")
        else:
            yield Row(fields, place, torn)


def _spilled(body: str, delimiter: str, wanted: int, spill: int) -> list[str] | None:
    """The fields of a record whose text holds delimiters or quotes that nobody escaped."""
    try:
        fields = next(csv.reader([body.replace("\n", " ")], delimiter=delimiter), None)
    except csv.Error:
        return None
    if fields is None or len(fields) < wanted:
        return None
    extra = len(fields) - wanted
    return [*fields[:spill], delimiter.join(fields[spill : spill + extra + 1]), *fields[spill + extra + 1 :]]


def _records(found: Iterator[Line], delimiter: str, *, header: bool = True) -> Iterator[tuple[Place, str, bool]]:
    """Lines, joined while a quoted field is open. A quote that nobody closes costs its own line and no other."""
    ahead: deque[Line] = deque()
    first = header
    while True:
        line = ahead.popleft() if ahead else next(found, None)
        if line is None:
            return
        held = [line]
        inside = _opens(line.body, delimiter, within=False)
        while inside and len(held) < _MOST_LINES:
            following = ahead.popleft() if ahead else next(found, None)
            if following is None:
                break
            held.append(following)
            inside = _opens(following.body, delimiter, within=True)
        if inside:
            ahead.extendleft(reversed(held[1:]))
            del held[1:]
        yield (*_joined(held), first)
        first = False


def _opens(body: bytes, delimiter: str, *, within: bool) -> bool:
    """Whether a quoted field is open at the end of the line, when one was (or was not) at its beginning."""
    if b'"' not in body:
        return within
    at, mark = 0, delimiter.encode()
    while True:
        if within:
            at = _closing(body, at)
            if at < 0:
                return True
            within = False
        if body[at : at + 1] == b'"' and (at == 0 or body[at - 1 : at] == mark):
            within, at = True, at + 1
            continue
        at = body.find(mark, at) + 1
        if not at:
            return False


def _closing(body: bytes, at: int) -> int:
    """The offset behind the quote that closes a field; doubled quotes close nothing. -1: none does."""
    while True:
        at = body.find(b'"', at)
        if at < 0:
            return -1
        if body[at + 1 : at + 2] != b'"':
            return at + 1
        at += 2


def _joined(held: Sequence[Line]) -> tuple[Place, str]:
    text = "\n".join(one.text for one in held)
    return (held[0].place if len(held) == 1 else join(held[0].place, held[-1].place)), text.removeprefix("\ufeff")


def _split(text: str, delimiter: str) -> list[str] | None:
    if '"' not in text:
        return text.split(delimiter)
    try:
        found = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None
