"""Remark: what a rule found in a document, where, and what would be better. And the document as rules see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.foreign import import_
from afterword.core.outline import BULLET, Line, Part, outline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.foreign import ForeignPostmortem


@dataclass(frozen=True, slots=True)
class Remark:
    """``rule`` is stable; ``quote`` stands on ``line``, which is that of the text that was given."""

    rule: str
    line: int
    quote: str
    says: str
    suggest: str
    severity: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with the line it begins on. ``spoken``: quoted from a chat, a log or a person."""

    text: str
    line: int
    part: Part
    spoken: bool
    #: The line it ends on.
    last: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """A document read once for all rules."""

    text: str
    kind: str
    lines: tuple[Line, ...]
    sentences: tuple[Sentence, ...]
    stated: ForeignPostmortem


#: No sentence is longer; what a line holds beyond it is data that lost its line breaks, and is not read.
LONGEST_LINE = 20_000


def draft(text: str, kind: str) -> Draft:
    if len(text) > LONGEST_LINE:
        text = "\n".join(line[:LONGEST_LINE] for line in text.splitlines())
    lines = outline(text)
    return Draft(text, kind, lines, tuple(_sentences(lines)), import_(text))


#: A chat line, a log line, a bot's command, a block quote, a mail: somebody else's words.
_SPOKEN = re.compile(
    r"^\s*>|<[ +@%~]?[\w|.\[\]`-]+>|!log\b|^\s*\d\d:\d\d(:\d\d)?\s*<|\bPROBLEM - |\bRECOVERY - |^\s*(\w+ ){0,2}\w+: [a-z]"
)
_END = re.compile(r"(?<=[.!?])[\"”)]*\s+(?=[A-Z\"“(\[*_`])")


def _sentences(lines: Sequence[Line]) -> Iterator[Sentence]:
    """Paragraphs joined over their line breaks and cut at sentence ends."""
    held: list[Line] = []
    for line in [*lines, None]:
        if line is None or line.aside or line.heading or not line.text.strip() or BULLET.match(line.text):
            yield from _cut(held)
            held = []
        if line is not None and not line.aside and not line.heading and line.text.strip():
            held.append(line)


def _cut(held: Sequence[Line]) -> Iterator[Sentence]:
    if not held:
        return
    starts: list[int] = []
    text = ""
    for line in held:
        starts.append(len(text))
        text += line.bare + " "
    spoken = bool(_SPOKEN.search(held[0].text))
    begin = 0
    for end in [*(match.end() for match in _END.finditer(text)), len(text)]:
        if text[begin:end].strip():
            at = sum(start <= begin for start in starts) - 1
            stop = sum(start < end - 1 for start in starts) - 1
            yield Sentence(text[begin:end].strip(), held[at].number, held[at].part, spoken, held[stop].number)
        begin = end


#: Escape sequences, and marks that turn the direction of writing: words of a stranger that would speak to a terminal.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Without what would act on a terminal or a page; one space between words."""
    return " ".join(_CONTROL.sub(" ", text).split())


def quote_of(text: str) -> str:
    """A quotation short enough to be shown."""
    text = printable(text)
    return text if len(text) <= 160 else text[:157].rstrip() + "…"
