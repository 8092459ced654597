"""Numbers of lines as people write them: ``1-5,8``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ONE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
#: A range that is longer than this is no range of lines of a file.
_MOST = 1_000_000


def said(numbers: Iterable[int]) -> str:
    """Sorted numbers with what follows one another as a range."""
    made: list[list[int]] = []
    for number in sorted(set(numbers)):
        if made and made[-1][1] == number - 1:
            made[-1][1] = number
        else:
            made.append([number, number])
    return ",".join(f"{low}-{high}" if high > low else f"{low}" for low, high in made)


def read(text: str) -> frozenset[int]:
    """The numbers of a text; what is none is left out."""
    found: set[int] = set()
    for part in text.split(","):
        one = _ONE.fullmatch(part.strip())
        low, high = (int(one[1]), int(one[2] or one[1])) if one else (1, 0)
        if low <= high <= low + _MOST:
            found.update(range(low, high + 1))
    return frozenset(found)
