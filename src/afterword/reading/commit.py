"""Commits as forges and exports write them: the list of files, and their patches as one text that a diff reader understands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.reading import element, fact, name
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from afterword.model.event import Event
    from afterword.model.evidence import Problem, Skipped
    from afterword.ports import Reading

    Made = Iterator[Event | Problem | Skipped]
    #: How one kind of object of a forge is read.
    Shape = Callable[[Node, Reading], Made]

#: Of longer patches the beginning is kept; the bytes stay in the evidence.
LONGEST = 400_000
_SHA = re.compile(r"[0-9a-f]{7,64}")
_PATH = ("filename", "path", "file", "new_path", "newPath", "name", "old_path")
_BEFORE = ("previous_filename", "old_path", "oldPath")
_TEXT = ("patch", "diff")


def is_sha(value: Any) -> bool:
    """Whether a value looks like the name that git gives a commit."""
    return isinstance(value, str) and bool(_SHA.fullmatch(value)) and not (value.isdigit() and len(value) < 12)


def files(listed: Any) -> list[str]:
    """The paths of a list of files, given as texts or as objects; also of one text with a path a line or between commas."""
    if isinstance(listed, str):
        return [one.strip() for one in re.split(r"[\n,]", listed) if one.strip()]
    if isinstance(listed, dict):
        return [str(path) for path in listed]
    return [path for one in listed if (path := _path(one))] if isinstance(listed, list) else []


def _path(one: Any) -> str:
    if isinstance(one, dict):
        return next((name.text(one[key]) for key in _PATH if one.get(key)), "")
    return one if isinstance(one, str) else ""


def diff(listed: Any) -> str:
    """The patches of a list of files, each below the header that names its file; a text stays as it is."""
    if isinstance(listed, str):
        return listed[:LONGEST]
    if not isinstance(listed, list):
        return ""
    return "\n".join(_patch(one) for one in listed if isinstance(one, dict) and _hunks(one))[:LONGEST]


def _hunks(one: Mapping[str, Any]) -> str:
    return next((name.text(one[key]) for key in _TEXT if isinstance(one.get(key), str) and one[key]), "")


def _patch(one: Mapping[str, Any]) -> str:
    path, text = _path(one), _hunks(one)
    if text.startswith(("diff --git", "--- ")):
        return text.rstrip("\n")
    before = next((name.text(one[key]) for key in _BEFORE if one.get(key)), path)
    return f"--- a/{before}\n+++ b/{path}\n" + text.rstrip("\n")


def attributes(who: Any, listed: Any, patch: Any, **more: Any) -> dict[str, str]:
    """The attributes of a change that is a commit."""
    paths: Iterable[str] = dict.fromkeys(files(listed))
    said = {"change": "commit", "who": fact.called(who), "files": list(paths), "diff": diff(patch), **more}
    return fact.attributes(said)


def told(stream: BinaryIO, reading: Reading, shape_of: Callable[[Mapping[str, Any]], Shape], *envelopes: str) -> Made:
    """What each object of a forge tells, read as the kind of object that it is."""
    for node in element.elements(stream, *envelopes):
        if isinstance(node, Node):
            yield from shape_of(node.value)(node, reading)
        else:
            yield node
