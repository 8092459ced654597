"""Foreign postmortems as files: Markdown, text, HTML and DOCX become lines of text that core can read.

A file is recognised by its content. Headings, bullets and table rows keep a Markdown mark; everything else that a
page or a document carries (scripts, styles, pictures, comments, macros) is left out and never run.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from afterword.app import archive
from afterword.app.xml_reader import parse_xml
from afterword.model.refusal import NotFoundError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from afterword.app.xml_reader import Element

LARGEST = 32 << 20
MOST_MEMBERS = 5_000
_WORD = "word/document.xml"
#: What all of its members together may claim to be: pictures weigh more than words.
_UNPACKED = 1 << 30


@dataclass(frozen=True, slots=True)
class Foreign:
    """``kind`` is markdown, text, html or docx. Lines count in ``text``; for HTML they are those of the source
    wherever a block begins on a line of its own, for DOCX paragraphs and table rows.
    """

    kind: str
    text: str


def open_(path: Path) -> tuple[Foreign, bytes]:
    """The document in a file, and its bytes. Raises what refuses a file that is not there or holds no document."""
    try:
        body = path.read_bytes()
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}.") from None
    except OSError as error:
        raise UnreadableError(f"{path} cannot be read: {error.strerror}") from error
    return read(body), body


def read(data: bytes) -> Foreign:
    """The text of one document. Raises UnreadableError when the bytes are no document."""
    if len(data) > LARGEST:
        raise UnreadableError(f"the document is larger than {LARGEST >> 20} MiB")
    if data[:4] == b"PK\x03\x04":
        return Foreign("docx", _docx(data))
    text = _decoded(data)
    if re.search(r"<(?:!doctype\s+html|html|body|h1|p|div|table|ul)\b", text[:4096], re.IGNORECASE) and "</" in text:
        return Foreign("html", _html(text))
    return Foreign("markdown" if re.search(r"^(#{1,6} |[-*] |\|)", text, re.MULTILINE) else "text", text)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:4096]:
        raise UnreadableError("the file holds binary data, not a document")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


# ------------------------------------------------------------------------------------------------ HTML

_SILENT = {"script", "style", "head", "template", "noscript", "svg", "iframe", "object"}
_BLOCKS = {
    "p",
    "div",
    "section",
    "article",
    "ul",
    "ol",
    "table",
    "blockquote",
    "pre",
    "br",
    "hr",
    "dl",
    "dt",
    "dd",
    "main",
}
_HEADINGS = {f"h{depth}": "#" * depth + " " for depth in range(1, 7)}


def _html(text: str) -> str:
    page = _Page()
    page.feed(text)
    page.close()
    page.flush()
    return "\n".join(page.lines)


class _Page(HTMLParser):
    """Blocks of a page as lines, each on its line of the source while there is room."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.held: list[str] = []
        self.mark = ""
        self.at = 1
        self.silent: list[str] = []
        self.cells: list[str] | None = None

    def flush(self) -> None:
        text = " ".join("".join(self.held).split())
        self.held = []
        if text:
            self.lines.extend([""] * (self.at - 1 - len(self.lines)))
            self.lines.append(self.mark + text)
        self.mark = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self.silent.append(tag)
        elif self.cells is not None and tag != "tr":
            if tag in {"td", "th"}:
                self.cells.append("")
        elif tag in _HEADINGS or tag in _BLOCKS or tag in {"li", "tr"}:
            self.flush()
            self.at = self.getpos()[0]
            self.mark = _HEADINGS.get(tag, "- " if tag == "li" else "")
            self.cells = [] if tag == "tr" else None

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            del self.silent[self.silent.index(tag) :]
        elif tag in {"tr", "table"} and self.cells is not None:
            self.held = ["| " + " | ".join(" ".join(cell.split()) for cell in self.cells) + " |"] if self.cells else []
            self.cells = None
            self.flush()
        elif self.cells is None and (tag in _HEADINGS or tag in _BLOCKS or tag == "li"):
            self.flush()

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if self.cells:
            self.cells[-1] += data.replace("|", "/")
        elif self.cells is None:
            if data.strip() and not "".join(self.held).strip():
                self.at = self.getpos()[0] + len(data[: len(data) - len(data.lstrip())].split("\n")) - 1
            self.held.append(data)


# ------------------------------------------------------------------------------------------------ DOCX


def _docx(data: bytes) -> str:
    """The paragraphs and tables of the main part. Only that one member is ever unpacked, and never more than allowed."""
    try:
        found = archive.members(io.BytesIO(data), archive.Budget(_UNPACKED, MOST_MEMBERS), only=_WORD)
        for _, member in found or ():
            with member:
                body = member.read(LARGEST + 1)
            if len(body) > LARGEST:
                raise UnreadableError(f"the Word document unpacks to more than {LARGEST >> 20} MiB")
            return "\n".join(_blocks(parse_xml(body, largest=LARGEST)))
    except archive.RefusedError as error:
        raise UnreadableError(f"the Word document cannot be unpacked: {error}") from None
    raise UnreadableError(f"the archive holds no {_WORD}: it is no Word document")


def _local(element: Element) -> str:
    return element.tag.rpartition(":")[2]


def _blocks(element: Element) -> Iterator[str]:
    for child in element.children:
        name = _local(child)
        if name == "p":
            yield _mark(child) + _text(child).rstrip()
        elif name == "tbl":
            yield from (_table_row(row) for row in child.children if _local(row) == "tr")
        elif name in {"body", "sdt", "sdtContent", "ins"}:
            yield from _blocks(child)


def _table_row(row: Element) -> str:
    cells = [_text(cell).replace("|", "/") for cell in row.children if _local(cell) == "tc"]
    return "| " + " | ".join(cells) + " |"


def _text(element: Element) -> str:
    """Text as it reads now: deleted passages of tracked changes and field codes are not part of it."""
    name = _local(element)
    if name == "t":
        return element.text
    if name in {"tab", "br", "cr"}:
        return " "
    if name in {"del", "moveFrom", "instrText", "pPr", "rPr"}:
        return ""
    joined = "".join(_text(child) for child in element.children)
    return joined + " " if name == "p" else joined


def _mark(paragraph: Element) -> str:
    """Headings and list items by their style."""
    for properties in paragraph.children:
        if _local(properties) != "pPr":
            continue
        for one in properties.children:
            style = next((value for key, value in one.attributes.items() if key.endswith("val")), "")
            heading = re.fullmatch(r"[Hh]eading ?([1-6])", style) if _local(one) == "pStyle" else None
            if heading:
                return "#" * int(heading[1]) + " "
            if _local(one) == "pStyle" and style.lower() == "title":
                return "# "
            if _local(one) == "numPr" or (_local(one) == "pStyle" and style.lower().startswith("list")):
                return "- "
    return ""
