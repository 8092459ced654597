"""XML read by a reader that trusts nothing: no entities, nothing outside the document, bounded in every direction."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from afterword.model.refusal import InvalidError

LARGEST = 16 << 20
DEEPEST = 200
MOST_ATTRIBUTES = 64
MOST_ELEMENTS = 2_000_000

_ENCODINGS = {"utf-8", "us-ascii", "ascii", "iso-8859-1", "utf-16"}
_DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")


@dataclass(slots=True)
class Element:
    """One element with the line it began on."""

    tag: str
    attributes: dict[str, str]
    line: int
    children: list[Element] = field(default_factory=list)
    text: str = ""


def parse_xml(data: bytes, *, largest: int = LARGEST) -> Element:
    """A small tree of elements, or InvalidError. No entity is expanded, nothing outside the document is opened.

    A DOCTYPE that only names the root is harmless and allowed; one that declares an entity or points elsewhere is not.
    Namespaces are refused where they would pull in other documents (XInclude).
    """
    if len(data) > largest:
        raise InvalidError(f"the XML is larger than {largest} bytes")
    declared = _DECLARED.match(data[:200])
    if declared and declared[1].decode("latin-1").lower() not in _ENCODINGS:
        raise InvalidError(f"line 1: the encoding {declared[1].decode('latin-1')!r} is not accepted")
    if data[:4] in (b"+ADw", b"+/v8", b"+/v9"):
        raise InvalidError("line 1: UTF-7 is not accepted")
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise InvalidError(f"line {error.lineno}: not well-formed XML: {expat.ErrorString(error.code)}") from None
    return reader.root()


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.ExternalEntityRefHandler = self._external
        self.parser.SkippedEntityHandler = self._skipped
        self.open: list[Element] = []
        self.first: Element | None = None
        self.elements = 0

    def root(self) -> Element:
        if self.first is None:
            raise InvalidError("the XML has no element")
        return self.first

    def _refuse(self, why: str) -> NoReturn:
        raise InvalidError(f"line {self.parser.CurrentLineNumber}: {why}")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if len(self.open) >= DEEPEST:
            self._refuse(f"elements are nested deeper than {DEEPEST}")
        if len(attributes) > MOST_ATTRIBUTES:
            self._refuse(f"<{tag[:40]}> has {len(attributes)} attributes, more than {MOST_ATTRIBUTES}")
        if self.elements > MOST_ELEMENTS:
            self._refuse(f"more than {MOST_ELEMENTS} elements")
        if tag.rpartition(":")[2] == "include":
            self._refuse(f"<{tag[:40]}> would include another document (XInclude)")
        element = Element(tag, attributes, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.first = element
        self.open.append(element)

    def _end(self, _tag: str) -> None:
        self.open.pop()

    def _text(self, text: str) -> None:
        if self.open:
            self.open[-1].text += text

    def _doctype(self, _name: str, system: str | None, public: str | None, _internal: int) -> None:
        if system or public:
            self._refuse("the DOCTYPE points to something outside the document")

    def _entity(self, name: str, *_rest: object) -> None:
        self._refuse(f"the DOCTYPE declares the entity {name[:40]!r}")

    def _external(self, *_rest: object) -> int:
        self._refuse("the document refers to an external entity")

    def _skipped(self, name: str, _parameter: int) -> None:
        self._refuse(f"the entity {name[:40]!r} is not defined")
