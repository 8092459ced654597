"""What was found, and how patterns are compiled: on RE2, over bytes, so that no line can make them slow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import re2

#: Memory for the automaton of one pattern; when it is full, RE2 begins it anew.
_MEMORY = 64 << 20


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """A secret, or something about a person, at ``body[start:end]``; ``kind`` is what its placeholder says."""

    start: int
    end: int
    kind: str


def compiled(pattern: str, *, fold: bool = False) -> Any:
    """A pattern over bytes, each of them one sign; ``fold``: capital letters are the same as small ones."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY
    options.case_sensitive = not fold
    options.log_errors = False
    return re2.compile(pattern.encode("latin-1"), options)


def words(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())
