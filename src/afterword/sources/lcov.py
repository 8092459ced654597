"""Which lines the tests ran, as lcov's tracefiles say it (gcov, Istanbul, c8, llvm-cov, Dart). One fact a file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import covered
from afterword.reading.line import join, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.line import Line

_KNOWN = re.compile(r"(?:TN|SF|VER|FN|FNDA|FNF|FNH|FNL|FNA|BRDA|BRF|BRH|DA|LF|LH|MCDC|MCF|MCH):.*|end_of_record\s*")
_DA = re.compile(r"DA:(\d{1,8}),(-?\d{1,18})(?:,.*)?")


def sniff(head: bytes) -> float:
    """Sure of a file and its lines in the words of a tracefile."""
    text = head.decode("utf-8", "replace")
    said = [one.strip() for one in text.split("\n")[:400] if one.strip()]
    good = sum(bool(_KNOWN.fullmatch(one)) for one in said)
    return 0.95 if good and good >= len(said) - 1 and re.search(r"(?m)^SF:", text) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    held: list[Line] = []
    for line in lines(stream):
        text = line.text.removeprefix("\ufeff").strip()
        if held and text == "end_of_record":
            yield _file([*held, line])
            held = []
        elif held and (_KNOWN.fullmatch(text) or not text):
            held.append(line)
        elif text.startswith("SF:"):
            held = [line]
        elif not text or _KNOWN.fullmatch(text) or text.startswith("#"):
            yield Skipped("a line outside of a file", line.place)
        else:
            yield from _broken(held)
            held = []
            yield Problem("no line of a tracefile", line.place, Gravity.WARNING, "lcov-line")
    yield from _broken(held)


def _broken(held: list[Line]) -> Iterator[Problem]:
    if held:
        place = join(held[0].place, held[-1].place)
        yield Problem("a file whose record does not end", place, Gravity.WARNING, "lcov-open")


def _file(held: list[Line]) -> Event | Skipped:
    hits: dict[int, int] = {}
    for line in held[1:]:
        if found := _DA.fullmatch(line.text.strip()):
            number = int(found[1])
            hits[number] = max(hits.get(number, 0), int(found[2]))
    place = join(held[0].place, held[-1].place)
    path = held[0].text.removeprefix("\ufeff").strip()[3:].replace("\\", "/")
    return covered.fact(place, path, hits) or Skipped("a file without lines", place)


SOURCE = Source("lcov", "which lines the tests ran: lcov's tracefiles", sniff, read)
