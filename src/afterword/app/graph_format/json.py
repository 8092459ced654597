"""The graph as JSON; its schema is that of the word ``DrawnGraph``."""

from __future__ import annotations

import json
from typing import Any

from afterword.app import wire
from afterword.model.drawn import DrawnGraph
from afterword.model.refusal import InvalidError

_VERSION = DrawnGraph("", (), ()).version


def write(drawn: DrawnGraph) -> str:
    return json.dumps(json.loads(wire.dumps(drawn)), indent=1, ensure_ascii=False) + "\n"


def read(text: str) -> DrawnGraph:
    """Raises InvalidError with every reason."""
    found: DrawnGraph = wire.loads(DrawnGraph, text.encode())
    if found.version != _VERSION:
        raise InvalidError(f"this graph is of version {found.version[:40]!r}; {_VERSION} is read here")
    return found


def schema() -> dict[str, Any]:
    """JSON Schema of what is read and written."""
    return wire.schema(DrawnGraph)
