"""Which lines the tests ran, as XML: Cobertura (coverage.py, gcovr, coverlet, PHPUnit), JaCoCo and Clover. One fact a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import covered
from afterword.reading.strict_json import Malformed
from afterword.reading.xml_walk import LONGEST, Xml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.xml_walk import Step

_HEAD = re.compile(rb"<(?:coverage|report)\b")
_INSIDE = re.compile(rb"<(?:packages|sources|package|sessioninfo|project|class|sourcefile|counter)\b")
#: The element of a file and the attribute that names it.
_FILES = {"class": "filename", "sourcefile": "name", "file": "path"}


@dataclass(slots=True)
class _File:
    tag: str
    path: str
    at: int
    hits: dict[int, int] = field(default_factory=dict)


def sniff(head: bytes) -> float:
    """Sure of the root of one of the three formats with what only they have inside."""
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return 0.0
    found = _HEAD.search(head[:4096])
    return 0.95 if found and _INSIDE.search(head, found.end()) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    xml = Xml(stream.read(LONGEST + 1))
    size = len(xml.raw) + len(stream.read())
    package, count, ended = "", 0, 0
    here: _File | None = None
    try:
        for step in xml.steps():
            if step.opened and step.tag == "package":
                package = step.attributes.get("name", "")
            elif step.opened and step.tag in _FILES and here is None:
                here = _opened(step, package)
            elif step.opened and step.tag == "line" and here is not None:
                _line(step.attributes, here)
            elif not step.opened and here is not None and step.tag == here.tag:
                place = xml.place(here.at, step.at)
                count, ended = count + 1, place.end
                yield covered.fact(place, here.path, here.hits) or Skipped("a file without lines", place)
                here = None
    except Malformed as error:
        rest = Place(ended, size, xml.raw.count(b"\n", 0, ended) + 1, xml.raw.count(b"\n") + (not xml.raw.endswith(b"\n")) or 1)  # fmt: skip
        yield Problem(f"not XML that can be relied on: {error}", rest, Gravity.ERROR, error.code)
        return
    if not count:
        whole = Place(0, size, 1, xml.raw.count(b"\n") + (not xml.raw.endswith(b"\n")) or 1)
        yield Problem("no file of a report of coverage", whole, Gravity.WARNING, "coverage-shape")


def _opened(step: Step, package: str) -> _File | None:
    path = step.attributes.get(_FILES[step.tag], "") or step.attributes.get("name", "")
    if step.tag == "sourcefile" and package:
        path = f"{package}/{path}"
    if step.tag == "class" and "filename" not in step.attributes:
        # A class of JaCoCo: its lines stand in the source file.
        return None
    return _File(step.tag, path.replace("\\", "/"), step.at) if path else None


def _line(said: Mapping[str, str], file: _File) -> None:
    """``number`` and ``hits`` of Cobertura, ``nr`` and ``ci`` of JaCoCo, ``num`` and ``count`` of Clover."""
    number = next((said[key] for key in ("number", "nr", "num") if said.get(key, "").isdecimal()), "")
    hits = next((said[key] for key in ("hits", "ci", "count") if said.get(key, "").isdecimal()), "")
    if number and hits and len(number) < 9:
        file.hits[int(number)] = max(file.hits.get(int(number), 0), int(hits[:9]))


SOURCE = Source("coverage-xml", "which lines the tests ran: Cobertura, JaCoCo and Clover", sniff, read)
