"""Keys of what is handed to others: the same value under another name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from afterword.core.diff.call import CALLS, ancestors
from afterword.core.diff.effect import Effect, effect_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.diff.reading import Read
    from afterword.core.diff.syntax import Node, Syntax

_PLAIN = re.compile(r"[\"']?([A-Za-z_][\w\-]{0,60})[\"']?$")


def changed_keys(read: Read) -> Iterator[Effect]:
    """Keys of objects that are handed to a call or given back: who reads them looks for the old name."""
    assert read.old is not None
    assert read.new is not None
    old, new = _pairs(read.old), _pairs(read.new)
    for value, (key, node) in new.items():
        before = old.get(value)
        if before is None or not node.changed or key == before[0] or key in {k for k, _ in old.values()}:
            continue
        if before[0] not in {k for k, _ in new.values()}:
            yield effect_of("schema", f"key {before[0]} became {key}", node.row, 0.55, f"{before[0]} {key}")


def _pairs(side: Syntax) -> dict[str, tuple[str, Node]]:
    """Key and place by the text of the value; a value that stands twice tells nothing."""
    found: dict[str, tuple[str, Node]] = {}
    twice: set[str] = set()
    above = side.above()
    for node in side.root.walk():
        key, value = (node.child("key"), node.child("value")) if node.type == "pair" else (None, None)
        plain = _PLAIN.match(key.text) if key is not None else None
        if (
            plain is None
            or value is None
            or not any(one.type in CALLS or "return" in one.type for one in ancestors(node, above))
        ):
            continue
        twice |= {value.text} & found.keys()
        found[value.text] = (plain.group(1), node)
    return {value: pair for value, pair in found.items() if value not in twice}
