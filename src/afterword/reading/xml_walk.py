"""XML tag by tag with the place of each: no entities, nothing outside of the document, nothing deep, nothing endless.

What is refused is a ``Malformed`` with a code: ``xml-syntax`` ``xml-entity`` ``xml-deep`` ``xml-long`` ``xml-encoding``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from xml.parsers import expat

import numpy as np

from afterword.model.evidence import Place
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = 64 << 20
MOST_STEPS = 5_000_000
DEEPEST = 64
_BLOCK = 1 << 18
_ENCODINGS = {b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1"}
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"']{0,40})[\"']")


class Step(NamedTuple):
    """One tag: opened or closed, and the byte at which it begins."""

    opened: bool
    tag: str
    attributes: Mapping[str, str]
    at: int


class Xml:
    """A document in memory, and the way from its bytes to places."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._feeds = np.flatnonzero(np.frombuffer(raw, dtype=np.uint8) == 0x0A)

    def steps(self) -> Iterator[Step]:
        """Every tag in order. Raises Malformed where the document cannot be relied on; what came before has been told."""
        if len(self.raw) > LONGEST:
            raise Malformed("xml-long", f"XML of more than {LONGEST >> 20} MiB")
        declared = _DECLARED.match(self.raw[:300])
        if self.raw[:2] in (b"\xfe\xff", b"\xff\xfe") or (declared and declared[1].lower() not in _ENCODINGS):
            raise Malformed("xml-encoding", "an encoding that is not read")
        reader = _Reader()
        for start in range(0, len(self.raw), _BLOCK):
            yield from reader.feed(self.raw[start : start + _BLOCK], last=start + _BLOCK >= len(self.raw))

    def place(self, start: int, last: int, part: str = "") -> Place:
        """From the tag that begins at one byte to the end of the tag that begins at another."""
        # The end of a tag that closes itself is told at the byte behind it.
        behind = last > start and self.raw[last - 1 : last] == b">" and self.raw[last : last + 2] != b"</"
        end = last if behind else self.raw.find(b">", last) + 1 or len(self.raw)
        first, final = (int(np.searchsorted(self._feeds, at)) + 1 for at in (start, end - 1))
        alone = self.raw[start - 1 : start] in (b"", b"\n") and self.raw[end : end + 1] in (b"", b"\r", b"\n")
        return Place(start, end, first, final, part, inline=not alone)


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._entity
        self.made: list[Step] = []
        self.depth = self.count = 0

    def feed(self, raw: bytes, *, last: bool) -> Iterator[Step]:
        refused: Malformed | None = None
        try:
            self.parser.Parse(raw, last)
        except Malformed as error:
            refused = error
        except expat.ExpatError as error:
            says = f"{expat.ErrorString(error.code)} (line {error.lineno})"
            refused = Malformed("xml-syntax", f"not well-formed XML: {says}")
        made, self.made = self.made, []
        yield from made
        if refused is not None:
            raise refused

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth, self.count = self.depth + 1, self.count + 1
        if self.depth > DEEPEST:
            raise Malformed("xml-deep", f"nested more than {DEEPEST} levels deep")
        if self.count > MOST_STEPS:
            raise Malformed("xml-long", f"more than {MOST_STEPS} elements")
        self.made.append(Step(True, tag.rpartition(":")[2], attributes, self.parser.CurrentByteIndex))

    def _end(self, tag: str) -> None:
        self.depth -= 1
        self.made.append(Step(False, tag.rpartition(":")[2], {}, self.parser.CurrentByteIndex))

    def _entity(self, *_said: object) -> None:
        raise Malformed("xml-entity", "a declaration of an entity: what it stands for may be endless")
