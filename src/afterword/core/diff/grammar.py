"""Parsing a piece of source text: bounded in size, depth and steps, so that no text makes it slow.

The grammars are tree-sitter's, compiled into their packages; each is loaded when its first file is met.
"""

from __future__ import annotations

import importlib
from functools import lru_cache
from typing import TYPE_CHECKING

from tree_sitter import Language, Parser

if TYPE_CHECKING:
    from tree_sitter import Point, Tree

#: A hunk is small; of texts longer than this, or nested deeper, only the lines are read.
LONGEST = 16_000
DEEPEST = 120
#: What the library calls a step is about 100 operations; a text of LONGEST bytes that somebody wrote takes about 300.
STEPS = 1_500
_PIECE = 4096
#: So many angle brackets may stay open: some grammars take time in the square of them.
_ANGLES = 200
_ENTRY = {"php": "language_php_only", "typescript": "language_typescript", "tsx": "language_tsx"}
_PACKAGE = {"tsx": "typescript"}


@lru_cache(maxsize=32)
def _language(name: str) -> Language:
    module = importlib.import_module(f"tree_sitter_{_PACKAGE.get(name, name)}")
    return Language(getattr(module, _ENTRY.get(name, "language"))())


def tree(source: bytes, language: str) -> Tree | None:
    """The syntax tree, or None where the text is too long, too deep, holds NUL, or takes too many steps."""
    if len(source) > LONGEST or b"\0" in source or _too_deep(source):
        return None
    left = STEPS

    def piece(offset: int, _: Point) -> bytes:
        return source[offset : offset + _PIECE]

    def stop(_: int, __: bool) -> bool:
        nonlocal left
        left -= 1
        return left < 0

    try:
        # A parser that was stopped keeps its state, so each text gets a new one.
        return Parser(_language(language)).parse(piece, progress_callback=stop)
    except ValueError:
        return None


def _too_deep(source: bytes) -> bool:
    depth = deepest = angles = 0
    for byte in source:
        if byte in b"([{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b")]}":
            depth = max(0, depth - 1)
        elif byte == 60:
            angles += 1
        elif byte == 62:
            angles = max(0, angles - 1)
    return deepest > DEEPEST or angles > _ANGLES
