"""Markdown that reads well on GitHub and in a terminal, and gives every claim back.

A claim is ``<a id="c12">its words</a>``: invisible when rendered, an anchor to link to, and found again by
``claims_in``. A citation is a link to the line of the evidence index, with the id of its claim as the title:
``[`E3:12-14`](#e3 "c40")``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.exporters import inert
from afterword.model.document import Bullets, Note, Paragraph, Picture, Said, Table
from afterword.ports import Exporter, Rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from afterword.model.document import Block, Document, Inline, Section

_CODE = r"`[^`\n]*`"
_BODY = rf"(?:\\.|{_CODE}|</?code>|[^`<\\\n])*"
#: Read from left to right, so that what stands in a code span or behind a backslash is never taken for a claim.
_TOKEN = re.compile(
    rf'<a (?:id|name)="(c\d+)">({_BODY})</a>'
    rf'|\[({_CODE}|<code>{_BODY}</code>)\]\(#e\d+ "(c\d+)"\)'
    rf"|{_CODE}|\\."
)
_EVIDENCE = re.compile(r"E\d+")


def render(doc: Document) -> Rendered:
    """The document as one Markdown file; pictures are referred to as files beside it."""
    return Rendered("text/markdown", ".md", _Writer(doc).document(doc).encode())


def claims_in(text: str) -> list[tuple[str, str]]:
    """Every claim of a document with the words that stand for it, in order; a claim said twice is there twice."""
    found: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(text):
        anchor, words, cited, cite = match.groups()
        if anchor:
            found.append((anchor, inert.read(words)))
        elif cite:
            found.append((cite, inert.read(cited)))
    return found


class _Writer:
    """Writes blocks; knows which anchors stand already, since an id may stand only once."""

    def __init__(self, doc: Document) -> None:
        #: Evidence that a claim of citation leads to, by claim.
        self._cited = {one.id: str(one.args["evidence"]) for one in doc.claims if one.op == "line"}
        self._anchored: set[str] = set()

    def document(self, doc: Document) -> str:
        parts = [f"# {_heading(doc.title)}", *(self.section(one) for one in doc.sections)]
        return "\n\n".join(parts) + "\n"

    def section(self, section: Section) -> str:
        index = section.id == "evidence"
        blocks = [self.block(block, index=index) for block in section.blocks]
        return "\n\n".join([f"## {_heading(section.title)}", *(one for one in blocks if one)])

    def block(self, block: Block, *, index: bool) -> str:
        if isinstance(block, Paragraph):
            return inert.line(self.inlines(block.inlines)).rstrip()
        if isinstance(block, Bullets):
            return "\n".join(self.bullets(block))
        if isinstance(block, Table):
            return "\n".join(self.table(block, index=index))
        if isinstance(block, Picture):
            return f"![{inert.text(block.alt)}]({_file(block.name)})"
        return "\n".join(_note(block))

    def bullets(self, bullets: Bullets) -> Iterator[str]:
        marker, step = ("1. ", 3) if bullets.ordered else ("- ", 2)
        for item, depth in zip(bullets.items, _depths(bullets), strict=True):
            yield " " * (step * depth) + marker + inert.line(self.inlines(item)).rstrip()

    def table(self, table: Table, *, index: bool) -> Iterator[str]:
        yield _row(map(inert.text, table.head))
        yield _row(["---"] * len(table.head))
        for row in table.rows:
            cells = [self.inlines(cell) for cell in row]
            if index and row and row[0] and _EVIDENCE.fullmatch(row[0][0].text):
                cells[0] = f'<a id="{row[0][0].text.lower()}">{cells[0]}</a>'
            yield _row(cells)

    def inlines(self, inlines: Sequence[Inline]) -> str:
        return "".join(map(self.inline, inlines))

    def inline(self, one: Inline) -> str:
        written = _styled(one)
        if not isinstance(one, Said):
            return written
        evidence = self._cited.get(one.claim, "")
        if one.code and _EVIDENCE.fullmatch(evidence):
            return f'[{written}](#{evidence.lower()} "{one.claim}")'
        attribute = "name" if one.claim in self._anchored else "id"
        self._anchored.add(one.claim)
        return f'<a {attribute}="{one.claim}">{written}</a>'


def _styled(one: Inline) -> str:
    if one.code:
        return inert.code(one.text)
    if not one.strong:
        return inert.text(one.text)
    # Stars at the edge of a word that is no letter would not count as bold beside letters; an element always does.
    edges = one.text[:1].isalnum() and one.text[-1:].isalnum()
    return inert.strong(one.text) if isinstance(one, Said) or edges else f"<strong>{inert.text(one.text)}</strong>"


def _depths(bullets: Bullets) -> list[int]:
    """The depth of each item; a list grows by one level at a time, or Markdown reads the item as code."""
    made: list[int] = []
    for wanted in bullets.depths or (0,) * len(bullets.items):
        made.append(min(wanted, made[-1] + 1) if made else 0)
    return made


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _heading(words: str) -> str:
    """One line; a hash at its end would close it and be lost."""
    return re.sub(r"#$", r"\\#", inert.line(inert.text(words)).rstrip())


def _file(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "_", name) + ".svg"


def _note(note: Note) -> Iterator[str]:
    """A quote that begins with who wrote it, line by line as they wrote it."""
    yield f"> **Written by {inert.text(note.by.strip())}:**"
    for passage in re.split(r"\n\s*\n", note.text.replace("\r\n", "\n").strip("\n")):
        yield ">"
        yield "> " + "\\\n> ".join(inert.line(inert.text(one)).rstrip() or "&#32;" for one in passage.split("\n"))


EXPORTER = Exporter(
    "markdown", "One Markdown file for GitHub, a wiki or a terminal; every claim can be found again", render
)
