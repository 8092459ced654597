"""Handlers of errors that do nothing: what goes wrong is neither told nor mended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.diff.effect import Effect, effect_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Syntax

_HANDLERS = frozenset(["except_clause", "catch_clause", "rescue", "rescue_block", "catch_block", "except_group_clause"])
#: Nothing, or as good as nothing, behind the head of the handler.
_EMPTY = re.compile(r"(?:\{\s*\}|:\s*(?:pass|\.\.\.)|\n\s*nil)\s*$")


def silent_handlers(read: Read) -> Iterator[Effect]:
    """Handlers that came in empty, or were emptied."""
    assert read.old is not None
    assert read.new is not None
    fresh = [(text, row) for text, row, changed in _silent(read.new) if changed]
    if len(fresh) > sum(changed for _, _, changed in _silent(read.old)):
        text, row = fresh[0]
        yield effect_of("swallowed", f"an error is swallowed: “{' '.join(text.split())[:78]}”", row, 0.5, text[:200])


def _silent(side: Syntax) -> Iterator[tuple[str, int, bool]]:
    for node in side.root.walk():
        if node.type in _HANDLERS and _EMPTY.search(node.text[-80:]):
            yield node.text, node.row, node.changed or any(one.changed for one in node.walk())
