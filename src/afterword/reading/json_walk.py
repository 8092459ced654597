"""Elements deep inside JSON values, each with its place, found in one pass: what is not on the way is stepped over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.reading import strict_json
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from afterword.reading.json_text import Text

    #: The objects that were passed on the way, outermost first.
    Trail = tuple[dict[str, Any], ...]

skip, space = strict_json.skip, strict_json.space


def elements(node: Node, levels: Sequence[frozenset[str]]) -> Iterator[tuple[Trail, Node]]:
    """What stands at the end of a way of names. Each level is a set of names; arrays on the way are passed through."""
    yield from _walk(node.text, node.start, node.value, tuple(levels), ())


def count(value: Any, levels: Sequence[frozenset[str]]) -> int:
    """How many elements the same way leads to, without their places."""
    if isinstance(value, list):
        return sum(count(one, levels) for one in value) if levels else len(value)
    if not levels:
        return 1
    if not isinstance(value, dict):
        return 0
    return sum(
        count(one, levels[1:]) for key, one in value.items() if key in levels[0] and isinstance(one, dict | list)
    )


def plain(value: Any, levels: Sequence[frozenset[str]], trail: Trail = ()) -> Iterator[tuple[Trail, Any]]:
    """The same elements without their places."""
    if isinstance(value, list):
        for one in value:
            if levels:
                yield from plain(one, levels, trail)
            else:
                yield trail, one
    elif not levels:
        yield trail, value
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in levels[0] and isinstance(one, dict | list):
                yield from plain(one, levels[1:], (*trail, value))


def _walk(
    text: Text, at: int, value: Any, levels: tuple[frozenset[str], ...], trail: Trail
) -> Generator[tuple[Trail, Node], None, int]:
    """Yields what is found in the value at ``at``; returns where it ends."""
    if isinstance(value, list):
        return (yield from _array(text, at, value, levels, trail))
    if levels and isinstance(value, dict):
        return (yield from _object(text, at, value, levels, trail))
    end = skip(text.text, at)[1]
    if not levels:
        yield trail, Node(text, at, end, value)
    return end


def _array(
    text: Text, at: int, value: list[Any], levels: tuple[frozenset[str], ...], trail: Trail
) -> Generator[tuple[Trail, Node], None, int]:
    source = text.text
    at = space(source, at + 1)
    if not value:
        return at + 1
    for one in value:
        at = space(source, at)
        if levels:
            end = yield from _walk(text, at, one, levels, trail)
        else:
            end = skip(source, at)[1]
            yield trail, Node(text, at, end, one)
        at = space(source, end) + 1
    return at


def _object(
    text: Text, at: int, value: dict[str, Any], levels: tuple[frozenset[str], ...], trail: Trail
) -> Generator[tuple[Trail, Node], None, int]:
    source = text.text
    at = space(source, at + 1)
    if not value:
        return at + 1
    for key, one in value.items():
        at = space(source, at)
        colon = space(source, skip(source, at)[1])
        at = space(source, colon + 1)
        if key in levels[0] and isinstance(one, dict | list):
            end = yield from _walk(text, at, one, levels[1:], (*trail, value))
        else:
            end = skip(source, at)[1]
        at = space(source, end) + 1
    return at
