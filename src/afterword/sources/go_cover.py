"""Which lines the tests ran, as ``go test -coverprofile`` says it. One fact for each run of blocks of one file."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import covered
from afterword.reading.line import join, lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.line import Line

_MODE = re.compile(r"mode: (?:set|count|atomic)\s*")
_BLOCK = re.compile(r"(?P<path>[^\s:]+\.go):(?P<first>\d{1,8})\.\d+,(?P<last>\d{1,8})\.\d+ \d+ (?P<count>\d{1,18})\s*")
#: A block that is longer is none that somebody wrote.
_LONGEST_BLOCK = 100_000


def sniff(head: bytes) -> float:
    """Sure of the line that states the mode, with a block below it."""
    said = head.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")[:3]
    good = len(said) > 1 and _MODE.fullmatch(said[0]) and (_BLOCK.fullmatch(said[1]) or not said[1].strip())
    return 0.95 if good else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for path, group in groupby(lines(stream), key=_path):
        if path:
            yield _file(path, list(group))
            continue
        for line in group:
            if _MODE.fullmatch(line.text.removeprefix("\ufeff")) or not line.text.strip():
                yield Skipped("the mode of the profile", line.place)
            else:
                yield Problem("no block of a profile", line.place, Gravity.WARNING, "cover-line")


def _path(line: Line) -> str:
    found = _BLOCK.fullmatch(line.text)
    return found["path"] if found else ""


def _file(path: str, held: Sequence[Line]) -> Event | Skipped:
    """A line that stands in two blocks ran when one of them ran."""
    hits: dict[int, int] = {}
    for line in held:
        found = _BLOCK.fullmatch(line.text)
        assert found is not None
        first, last, count = int(found["first"]), int(found["last"]), int(found["count"])
        for number in range(first, min(last, first + _LONGEST_BLOCK) + 1):
            hits[number] = max(hits.get(number, 0), count)
    place = join(held[0].place, held[-1].place)
    return covered.fact(place, path, hits) or Skipped("a file without lines", place)


SOURCE = Source("go-cover", "which lines the tests ran: Go's coverage profiles", sniff, read)
