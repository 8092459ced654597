"""Answers that hold nothing: ``[]``, ``{"status": "success", "data": {"groups": []}}``. Nobody fails to read them."""

from __future__ import annotations

from typing import Any

from afterword.reading import strict_json

#: What is larger holds something.
LONGEST = 4096
_DEEPEST = 6


def is_hollow(raw: bytes) -> bool:
    """Whether this is JSON with an empty list in it and no list that has anything."""
    if not raw.strip() or len(raw) > LONGEST:
        return False
    try:
        value = strict_json.loads(raw.decode("utf-8-sig"))
    except (strict_json.Malformed, UnicodeDecodeError):
        return False
    found = list(_lists(value, 0))
    return bool(found) and not any(found)


def _lists(value: Any, depth: int) -> Any:
    """The lists of an envelope, those inside its members too."""
    if isinstance(value, list):
        yield value
    elif isinstance(value, dict) and depth < _DEEPEST:
        for one in value.values():
            yield from _lists(one, depth + 1)
