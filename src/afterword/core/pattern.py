"""Patterns that come from outside (a rule file, a list of owners, a filter) run on RE2: in time linear in the text."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

#: Memory that one compiled pattern may take, and how long its text may be.
_MEMORY, _LONGEST = 8 << 20, 1000


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> Any:
    """The pattern, with the methods of a compiled one. Raises ValueError when RE2 does not have what it says."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY
    if len(pattern) > _LONGEST:
        raise ValueError(f"a pattern of {len(pattern)} characters")
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        said = error.args[0] if error.args else "it is no pattern"
        raise ValueError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None


def escaped(text: str) -> str:
    """A pattern that matches the text and nothing else."""
    return str(re2.escape(text))
