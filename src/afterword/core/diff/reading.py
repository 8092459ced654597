"""The hunks of a change, parsed where their language is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.core.diff.hunk import Hunk, hunks
from afterword.core.diff.language import language_of
from afterword.core.diff.patch import HARMLESS_FILES, LONGEST, Line, file_kind
from afterword.core.diff.syntax import Syntax, syntax

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Of a change that is larger than this, the rest is read line by line.
MOST_PARSED = 120_000
#: And after so many texts that no parser took, no more are tried.
MOST_FAILED = 4


@dataclass(frozen=True, slots=True)
class Read:
    """One hunk with its syntax before and after; None where the language is not known or the text not parsed."""

    hunk: Hunk
    language: str
    old: Syntax | None
    new: Syntax | None

    def side(self, sign: str) -> Syntax | None:
        return self.old if sign == "-" else self.new


def read(lines: Sequence[Line]) -> tuple[Read, ...]:
    return tuple(_each(lines))


def _each(lines: Sequence[Line]) -> Iterator[Read]:
    left, failed = MOST_PARSED, 0
    for hunk in hunks(lines):
        language = language_of(hunk.path) if file_kind(hunk.path) not in {*HARMLESS_FILES, "dependency"} else ""
        left -= sum(len(x.text) for x in hunk.lines) if language else 0
        tried = bool(language) and left > 0 and failed < MOST_FAILED
        old = syntax(hunk.side("-"), language) if tried else None
        new = syntax(hunk.side("+"), language) if old is not None else None
        failed += tried and new is None
        yield Read(_bare(hunk, old, new) if old and new else hunk, language, old, new)


def _bare(hunk: Hunk, old: Syntax, new: Syntax) -> Hunk:
    """The hunk with the comments taken out of its code where the parser saw them, and nowhere else."""
    lines = []
    for line in hunk.lines:
        spans = [(a, b) for row, a, b in (old if line.sign == "-" else new).comments if row == line.row]
        lines.append(replace(line, code=_without(line.text, spans)))
    return Hunk(hunk.path, hunk.heading, tuple(lines))


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    held = text.encode("utf-8", "replace")
    for start, end in sorted(spans, reverse=True):
        held = held[:start] + held[end:]
    return held.decode("utf-8", "replace").rstrip()[:LONGEST]
