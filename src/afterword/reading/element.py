"""Objects inside the envelopes that APIs put around them: ``{"data": {"alerts": [...]}}`` holds as many as the array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.reading import json_value
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Envelopes inside envelopes.
_DEEPEST = 4
_SAMPLES = 20


def elements(stream: BinaryIO, *names: str) -> Iterator[Node | Problem | Skipped]:
    """Every object of the stream; those in an array or object under one of ``names`` instead of what is around them."""
    for found in json_value.values(stream):
        if isinstance(found, Node):
            yield from inside(found, *names)
        else:
            yield found


def inside(node: Node, *names: str) -> Iterator[Node | Problem]:
    """The same for one value."""
    yield from _unwrapped(node, names, 0)


def _unwrapped(node: Node, names: tuple[str, ...], depth: int) -> Iterator[Node | Problem]:
    value = node.value
    if isinstance(value, list):
        for item in node.items():
            yield from _unwrapped(item, names, depth)
    elif not isinstance(value, dict):
        yield Problem("neither an object nor an array of them", node.place(), Gravity.WARNING, "json-kind")
    else:
        inside = [n for n in names if _holds(value.get(n))] if depth < _DEEPEST else []
        if not inside:
            yield node
        for key, member in node.members() if inside else ():
            if key in inside:
                yield from _unwrapped(member, names, depth + 1)


def _holds(value: Any) -> bool:
    """Whether a member is an envelope's: an object, or an array that does not begin with a plain value."""
    return isinstance(value, dict) or (isinstance(value, list) and (not value or isinstance(value[0], dict | list)))


def peek(head: bytes, *names: str) -> list[Mapping[str, Any]]:
    """The first objects of a stream, for recognising it, out of the same envelopes."""
    found: list[Mapping[str, Any]] = []
    for value in json_value.samples(head):
        found += _peeked(value, names, 0)
    return found[:_SAMPLES]


def _peeked(value: Any, names: tuple[str, ...], depth: int) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        # Arrays in arrays are followed as little as envelopes: a head is looked at, not read.
        return (
            [one for item in value[:_SAMPLES] for one in _peeked(item, names, depth + 1)]
            if depth <= 2 * _DEEPEST
            else []
        )
    if not isinstance(value, dict):
        return []
    inside = [value[n] for n in names if _holds(value.get(n))] if depth < _DEEPEST else []
    return [one for inner in inside for one in _peeked(inner, names, depth + 1)] if inside else [value]


def dig(value: Any, *path: str) -> Any:
    """The value down a path of names, None where the path ends before."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def share(found: list[Mapping[str, Any]], *keys: str) -> float:
    """How many of the objects have all of these keys, 0 to 1."""
    return sum(all(key in one for key in keys) for one in found) / len(found) if found else 0.0
