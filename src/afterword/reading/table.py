"""Tables as text (CSV, TSV, semicolons): records with their places, quoted line feeds included."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.reading.line import join, lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.reading.line import Line

_DELIMITERS = (",", "\t", ";", "|")
#: A quoted field may run over so many lines; an open quote that runs on longer is a fault of its line.
_MOST_LINES = 2_000
_LONGEST_FIELD = 1 << 20
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
    records = [_split(line.rstrip("\r"), delimiter) for line in rest.split("\n")[:20] if line.strip()]
    samples = tuple(tuple(one) for one in records[:-1] or records if one is not None and len(one) == len(columns))
    return Shape(delimiter, tuple(columns), samples) if samples or not records else None


def _is_header(columns: Sequence[str]) -> bool:
    """Names, not values: no number, nothing twice, nothing empty but perhaps the first (an index)."""
    names = [one.strip() for one in columns]
    plain = [one for one in names[1:] if one]
    numbers = sum(one.replace(".", "", 1).lstrip("-").isdigit() for one in names)
    return (
        len(plain) >= len(names) - 1 and len(set(names)) == len(names) and not numbers and len(names) <= _MOST_COLUMNS
    )


def rows(stream: BinaryIO, found: Shape) -> Iterator[Row | Problem | Skipped]:
    """The records below the header. A record with another number of fields is a Problem."""
    wanted = len(found.columns)
    for place, body, header in _records(lines(stream)):
        if not body.strip():
            yield Skipped("a blank line", place)
            continue
        fields = _split(body, found.delimiter)
        if header:
            yield Skipped("the header of the table", place)
        elif fields is None:
            yield Problem("a record that cannot be taken apart", place, Gravity.WARNING, "table-record")
        elif len(fields) != wanted:
            yield Problem(f"{len(fields)} fields where the header has {wanted}", place, Gravity.WARNING, "table-fields")
        else:
            yield Row(fields, place)


def _records(found: Iterator[Line]) -> Iterator[tuple[Place, str, bool]]:
    """Lines, joined while a quote is open."""
    held: list[Line] = []
    first = True
    for line in found:
        held.append(line)
        if sum(one.body.count(b'"') for one in held) % 2 and len(held) < _MOST_LINES:
            continue
        yield (*_joined(held), first)
        held, first = [], False
    if held:
        # The quote never closed: each line stands for itself.
        for line in held:
            yield line.place, line.text, first
            first = False


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
