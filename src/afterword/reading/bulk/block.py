"""A stream of lines in blocks: what a reader of columns knows goes as one batch, everything else line by line.

The batch says the same as the reading line by line: a few rows of each block are read both ways and compared, and where
they differ, the rest of the stream is read line by line. Blank lines are left out.
"""

from __future__ import annotations

import gc
import io
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa

from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Place
from afterword.ports import Batch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.model.evidence import Problem, Skipped

    Read = Iterator[Event | Problem | Skipped]

_BLOCK = 2 << 20
#: So much is held back for lines that belong together; what needs more is read line by line to the end.
_MOST = 16 << 20


class Lines(Protocol):
    """How the lines of one artefact are read: in columns, and one by one."""

    #: Whether lines that are not known may belong to the known line above them.
    headed: bool
    kind: Kind

    def match(self, texts: Sequence[str]) -> tuple[NDArray[np.bool_], pa.Table]:
        """Which of the lines are known, and the columns of these; each known line is one event of its own."""

    def slow(self, stream: BinaryIO, offset: int, number: int) -> Read:
        """The events of lines that begin at an offset and a number."""

    def again(self, stream: BinaryIO, offset: int, number: int) -> Read:
        """The same, for lines that are read to compare: nothing of them is remembered."""


@dataclass(frozen=True, slots=True)
class _Block:
    raw: bytes
    offset: int
    number: int
    texts: list[str]
    #: Where each line begins in ``raw``, and at last where the block ends.
    bounds: NDArray[np.int64]

    def stretch(self, first: int, stop: int) -> bytes:
        return self.raw[self.bounds[first] : self.bounds[stop]]


def read(stream: BinaryIO, lines: Lines) -> Iterator[Event | Problem | Skipped | Batch]:
    """The events of a stream that stands at its beginning."""
    held, offset, number = b"", 0, 1
    while True:
        piece = stream.read(_BLOCK)
        raw = held + piece
        if not raw:
            return
        block = _block(raw, offset, number, last=not piece)
        with _uncollected():
            hit, table = lines.match(block.texts)
        stop, segments, kept = _split(block, hit, headed=lines.headed, last=not piece)
        table = _placed(block, np.flatnonzero(kept), table.filter(pa.array(kept[hit])))
        if not _agrees(block, table, np.flatnonzero(kept), lines) or len(raw) - block.bounds[stop] > _MOST:
            stream.seek(offset)
            yield from lines.slow(stream, offset, number)
            return
        yield from _batch(block, table, segments, lines)
        held = raw[block.bounds[stop] :]
        offset, number = offset + int(block.bounds[stop]), number + stop
        if not piece:
            return


@contextmanager
def _uncollected() -> Iterator[None]:
    """A block makes a million small objects and no cycle: looking for one again and again takes longer than the work."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _block(raw: bytes, offset: int, number: int, *, last: bool) -> _Block:
    """The whole lines of some bytes; at the end of the stream what is left is a line too."""
    body = raw if last else raw[: raw.rfind(b"\n") + 1]
    pieces = body.split(b"\n")
    sizes = np.fromiter(map(len, pieces), np.int64, len(pieces)) + 1
    if not pieces[-1]:
        pieces.pop()
        sizes = sizes[:-1]
    bounds = np.concatenate(([0], np.cumsum(sizes)))
    bounds[-1] = len(body)
    return _Block(raw, offset, number, _texts(body, pieces), bounds)


def _texts(body: bytes, pieces: list[bytes]) -> list[str]:
    try:
        texts = body.decode("utf-8").split("\n")[: len(pieces)]
    except UnicodeDecodeError:
        # A NUL makes a line that is no text one that no pattern knows.
        texts = [_text(piece) for piece in pieces]
    return [text.rstrip("\r") for text in texts] if b"\r" in body else texts


def _text(piece: bytes) -> str:
    try:
        return piece.decode("utf-8")
    except UnicodeDecodeError:
        return "\0"


def _split(
    block: _Block, hit: NDArray[np.bool_], *, headed: bool, last: bool
) -> tuple[int, list[tuple[int, int]], NDArray[np.bool_]]:
    """Up to which line the block is settled, the stretches to read line by line, and the lines that go as columns."""
    count = len(block.texts)
    rows = np.flatnonzero(hit)
    end = int(rows[-1]) + (not headed) if len(rows) else 0
    stop = count if last else min(end if headed or (count and not hit[-1]) else count, count)
    kept = hit.copy()
    kept[stop:] = False
    other = [row for row in np.flatnonzero(~hit[:stop]).tolist() if block.texts[row].strip(" \t\x0b\x0c")]
    segments = []
    for after in np.unique(np.searchsorted(rows, other)).tolist():
        first = (int(rows[after - 1]) + (not headed)) if after else 0
        if headed and after:
            kept[first] = False
        segments.append((first, min(int(rows[after]), stop) if after < len(rows) else stop))
    return stop, segments, kept


def _placed(block: _Block, rows: NDArray[np.int64], table: pa.Table) -> pa.Table:
    number = pa.array(block.number + rows)
    places = {
        "start": pa.array(block.offset + block.bounds[rows]),
        "end": pa.array(block.offset + block.bounds[rows + 1]),
        "first": number,
        "last": number,
    }
    for name, column in places.items():
        table = table.append_column(name, column)
    return table


def _batch(
    block: _Block, table: pa.Table, segments: list[tuple[int, int]], lines: Lines
) -> Iterator[Problem | Skipped | Batch]:
    events: list[Event] = []
    for first, stop in segments:
        piece = io.BytesIO(block.stretch(first, stop))
        for one in lines.slow(piece, block.offset + int(block.bounds[first]), block.number + first):
            if isinstance(one, Event):
                events.append(one)
            else:
                yield one
    if events or table.num_rows:
        yield Batch(lines.kind, table, tuple(events))


def _agrees(block: _Block, table: pa.Table, rows: NDArray[np.int64], lines: Lines) -> bool:
    """Whether the first, the middle and the last known line say the same when they are read by themselves."""
    if not len(rows):
        return True
    for at in sorted({0, len(rows) // 2, len(rows) - 1}):
        row = int(rows[at])
        piece = io.BytesIO(block.stretch(row, row + 1))
        found = list(lines.again(piece, block.offset + int(block.bounds[row]), block.number + row))
        said = table.slice(at, 1).to_pylist()[0]
        if len(found) != 1 or not isinstance(found[0], Event) or not _same(found[0], said, lines.kind):
            return False
    return True


def _same(event: Event, said: dict[str, Any], kind: Kind) -> bool:
    attributes = json.loads(said["attributes"]) if said["attributes"] else {}
    again = Event(
        kind,
        Place(said["start"], said["end"], said["first"], said["last"]),
        said["at"],
        said["subject"],
        said.get("name", ""),
        said["text"],
        took=said.get("took"),
        severity=said["severity"],
        offset=said["offset"],
        attributes=attributes,
        granularity=said["granularity"],
        meaning=Meaning(said.get("meaning", event.meaning)),
        clock=said.get("clock", ""),
    )
    marks = all((said.get(name) or None) == (attributes.get(name) or None) for name in ("trace", "span", "parent"))
    return marks and event == again and dict(event.attributes) == attributes
