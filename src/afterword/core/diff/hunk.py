"""One hunk of a diff: the text before and the text after, each with the lines around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.diff.patch import Line


@dataclass(frozen=True, slots=True)
class Hunk:
    path: str
    heading: str
    lines: tuple[Line, ...]

    def side(self, sign: str) -> tuple[Line, ...]:
        """The lines before (``-``) or after (``+``) the change, with those that stayed."""
        return tuple(x for x in self.lines if x.sign in (sign, " "))

    def changed(self, sign: str) -> tuple[Line, ...]:
        return tuple(x for x in self.lines if x.sign == sign)


def hunks(lines: Sequence[Line]) -> Iterator[Hunk]:
    for (path, _), group in groupby(lines, key=lambda x: (x.path, x.hunk)):
        held = tuple(group)
        if any(x.sign != " " for x in held):
            yield Hunk(path, held[0].heading, held)


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One side of a hunk, made ready for a parser: what is closed in it is opened first, what stays open is closed."""

    text: str
    #: For each line of the text its line in the diff, 0 where it was put in.
    rows: tuple[int, ...]
    changed: frozenset[int]


def excerpt(lines: Sequence[Line], language: str) -> Excerpt:
    texts = [x.text.replace("\r", "") for x in lines]
    before, after = (_openings(texts), []) if language == "python" else _braces(texts, language)
    if _inside_comment(texts, language):
        before = ["/*", *before]
    rows = (*(0 for _ in before), *(x.row for x in lines), *(0 for _ in after), 0)
    changed = frozenset(x.row for x in lines if x.sign != " ")
    return Excerpt("\n".join((*before, *texts, *after, "")), rows, changed)


def _openings(texts: Sequence[str]) -> list[str]:
    """Headers for the blocks of Python that the hunk begins in, so that its first lines stand in a block."""
    found: list[tuple[int, str]] = []
    least = 10_000
    for text in texts:
        bare = text.strip()
        depth = len(text.expandtabs(4)) - len(text.expandtabs(4).lstrip())
        if not bare or bare.startswith(("#", ")", "]", "}")) or depth >= least:
            continue
        if least < 10_000:
            found.append((depth, "try:" if re.match(r"(except|finally)\b", bare) else "if 1:"))
        least = depth
    return [" " * depth + opening for depth, opening in reversed(found)]


_QUOTED = re.compile(r"\"(?:\\.|[^\"\\]){0,400}\"|'(?:\\.|[^'\\]){0,400}'|`[^`]{0,400}`|//.*$")


def _braces(texts: Sequence[str], language: str) -> tuple[list[str], list[str]]:
    """As many opening braces as the hunk closes without opening them, and closing ones for those that it leaves open."""
    if language in {"ruby", "bash"}:
        return [], []
    depth = lowest = 0
    for text in texts:
        for char in _QUOTED.sub("", text[:2000]):
            depth += (char == "{") - (char == "}")
            lowest = min(lowest, depth)
    return ["{"] * min(-lowest, 20), ["}"] * min(depth - lowest, 20)


def _inside_comment(texts: Sequence[str], language: str) -> bool:
    """Whether the hunk begins in a block comment, each of whose lines begins with an asterisk up to its end."""
    if language in {"python", "ruby", "bash"}:
        return False
    for text in texts:
        bare = text.strip()
        if bare.startswith("*/"):
            return True
        if not re.match(r"\*(?:\s|$)", bare):
            return False
        if bare.endswith("*/"):
            return True
    return bool(texts)
