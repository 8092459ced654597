"""YAML read as plain texts with their places: no aliases, no tags, no repeated key, nothing deep, nothing endless.

Scalars stay the texts that they are in the file: ``no`` is not false and ``010`` is not eight. A bomb needs aliases, and
an alias is refused before anything is built. What is refused is a ``Malformed`` with a code:

``yaml-syntax`` ``yaml-alias`` ``yaml-tag`` ``yaml-deep`` ``yaml-long`` ``yaml-repeated-key`` ``yaml-encoding``
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from afterword.reading.json_text import Text
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.evidence import Place

LONGEST = 8 << 20
MOST_EVENTS = 500_000
DEEPEST = 64
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MARK = b"\xef\xbb\xbf"
_OPEN = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSE = (yaml.MappingEndEvent, yaml.SequenceEndEvent)


class Node:
    """A value of a document and the stretch of characters that it stands in."""

    __slots__ = ("end", "start", "text", "value")

    def __init__(self, text: Text, value: Any, start: int, end: int) -> None:
        self.text = text
        #: A text, a list of nodes, or nodes by name.
        self.value = value
        self.start = start
        self.end = end

    def place(self, part: str = "") -> Place:
        """Its place, without the white space behind it that YAML counts to a block."""
        source = self.text.text
        end = self.end
        while end > self.start and source[end - 1].isspace():
            end -= 1
        return self.text.place(self.start, end, part)

    def get(self, *path: str) -> Node | None:
        here: Node | None = self
        for name in path:
            here = here.value.get(name) if here is not None and isinstance(here.value, dict) else None
        return here

    def items(self) -> list[Node]:
        return self.value if isinstance(self.value, list) else []

    def members(self) -> dict[str, Node]:
        return self.value if isinstance(self.value, dict) else {}

    def said(self, *path: str) -> str:
        """The text down a path of names; empty where there is none."""
        found = self.get(*path)
        return found.value if found is not None and isinstance(found.value, str) else ""


def documents(raw: bytes) -> Iterator[Node]:
    """The documents of a stream one by one. Raises Malformed for the first thing that is refused."""
    if len(raw) > LONGEST:
        raise Malformed("yaml-long", f"YAML of more than {LONGEST >> 20} MiB")
    mark = len(_MARK) if raw.startswith(_MARK) else 0
    text = Text(raw[mark:], mark)
    events = _checked(text.text)
    for event in events:
        if not isinstance(
            event, yaml.StreamStartEvent | yaml.StreamEndEvent | yaml.DocumentStartEvent | yaml.DocumentEndEvent
        ):
            yield _built(event, events, text)


def _checked(text: str) -> Iterator[Any]:
    """The events of the parser, each looked at before anything is made of it."""
    depth = 0
    try:
        for count, event in enumerate(yaml.parse(text, Loader=_LOADER)):
            depth += isinstance(event, _OPEN) - isinstance(event, _CLOSE)
            _refuse(event, depth, count)
            yield event
    except Malformed:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        says = getattr(error, "problem", None) or "not YAML"
        raise Malformed(
            "yaml-syntax", f"{says} (line {mark.line + 1})" if mark else says, mark.index if mark else 0
        ) from None
    except (UnicodeError, ValueError, RecursionError):
        raise Malformed("yaml-encoding", "characters that YAML does not allow") from None


def _refuse(event: Any, depth: int, count: int) -> None:
    at = event.start_mark.index
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise Malformed("yaml-alias", "an alias: what it stands for may be endless", at)
    if getattr(event, "tag", None):
        raise Malformed("yaml-tag", f"the tag {str(event.tag)[:60]!r}: only plain values are read", at)
    if depth > DEEPEST:
        raise Malformed("yaml-deep", f"nested more than {DEEPEST} levels deep", at)
    if count > MOST_EVENTS:
        raise Malformed("yaml-long", f"more than {MOST_EVENTS} values", at)


def _built(event: Any, events: Iterator[Any], text: Text) -> Node:
    start, end = _stretch(event)
    if isinstance(event, yaml.ScalarEvent):
        return Node(text, event.value, start, end)
    inner: list[Node] = []
    following: Any = next(events)
    while not isinstance(following, _CLOSE):
        inner.append(_built(following, events, text))
        following = next(events)
    value = inner if isinstance(event, yaml.SequenceStartEvent) else _mapping(inner)
    return Node(text, value, start, _stretch(following)[1])


def _stretch(event: Any) -> tuple[int, int]:
    """First character and the one behind the last."""
    return event.start_mark.index, event.end_mark.index


def _mapping(inner: list[Node]) -> dict[str, Node]:
    """Members by name, from keys and values in turn."""
    members: dict[str, Node] = {}
    for key, value in zip(inner[::2], inner[1::2], strict=True):
        name = key.value if isinstance(key.value, str) else f"a key at {key.start}"
        if name in members:
            raise Malformed("yaml-repeated-key", f"the key {name[:80]!r} stands twice in one mapping", key.start)
        members[name] = value
    return members
