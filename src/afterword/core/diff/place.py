"""Where an effect stands: file, line, language, function or key, and the text before and after."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.core.diff.call import FUNCTIONS, where

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.diff.effect import Effect
    from afterword.core.diff.patch import Line
    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Syntax

_LONGEST = 160


def placed(effect: Effect, reads: Sequence[Read]) -> Effect:
    read = next((r for r in reads if r.hunk.lines[0].row <= effect.line <= r.hunk.lines[-1].row), None)
    if read is None:
        return effect
    line = next((x for x in read.hunk.lines if x.row == effect.line), read.hunk.lines[0])
    before, after = _exchange(line, read.hunk.lines)
    inside = effect.where or _inside(line, read)
    return replace(
        effect, language=read.language, path=line.path, number=line.number, where=inside, before=before, after=after
    )


def _exchange(line: Line, lines: Sequence[Line]) -> tuple[str, str]:
    """The line with its counterpart: as far from the beginning of the removed lines as it is of the added ones."""
    if line.sign == " ":
        return "", line.text.strip()[:_LONGEST]
    at = first = next(i for i, x in enumerate(lines) if x is line)
    last = at
    while first > 0 and lines[first - 1].sign != " ":
        first -= 1
    while last + 1 < len(lines) and lines[last + 1].sign != " ":
        last += 1
    sides: Mapping[str, list[Line]] = {s: [x for x in lines[first : last + 1] if x.sign == s] for s in "-+"}
    nth = next(i for i, x in enumerate(sides[line.sign]) if x is line)
    texts = [sides[s][nth].text.strip()[:_LONGEST] if nth < len(sides[s]) else "" for s in "-+"]
    return texts[0], texts[1]


def _inside(line: Line, read: Read) -> str:
    side: Syntax | None = read.side("-" if line.sign == "-" else "+")
    if side is None:
        return _heading(read)
    here = [n for n in side.root.walk() if n.row <= line.row <= n.last and n.row]
    deepest = here[-1] if here else None
    found = where(deepest, side.above()) if deepest is not None else ""
    own = deepest is not None and deepest.type in FUNCTIONS
    return found or ("" if own else _heading(read))


def _heading(read: Read) -> str:
    """The line that the hunk stands below, where it names a function, a class or a key."""
    heading = read.hunk.heading[:80]
    return "" if re.match(r"(?:import|from|using|use|package|#include|\W*$)", heading) else heading.rstrip("{ ")
