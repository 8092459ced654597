"""Backstage's catalogue: ``catalog-info.yaml``, and what its API answers. An entity and who owns it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, json_value, strict_yaml
from afterword.reading import name as names
from afterword.reading.element import dig
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading

_VERSION = re.compile(rb"(?m)^[ \t]*[\"']?apiVersion[\"']?:[ \t]*[\"']?backstage\.io/")


def sniff(head: bytes) -> float:
    """Sure of the version that every entity states."""
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        found = element.peek(head, "items")[:5]
        return 0.95 if any(names.text(one.get("apiVersion")).startswith("backstage.io/") for one in found) else 0.0
    return 0.95 if _VERSION.search(head) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    first = stream.read(64)
    stream.seek(0)
    if first.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        yield from _json(stream)
        return
    raw = stream.read(strict_yaml.LONGEST + 1)
    size = len(raw) + len(stream.read())
    try:
        for node in strict_yaml.documents(raw):
            if node.members():
                said = (node.said("kind"), node.said("metadata", "name"), node.said("spec", "owner"))
                more = {
                    "system": node.said("spec", "system"),
                    "tier": node.said("spec", "tier"),
                    "lifecycle": node.said("spec", "lifecycle"),
                }
                yield from _entity(*said, more, node.place())
    except Malformed as error:
        place = Place(0, size, 1, raw.count(b"\n") + (not raw.endswith(b"\n")) or 1)
        yield Problem(f"not YAML that can be relied on: {error}", place, Gravity.ERROR, error.code)


def _json(stream: BinaryIO) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, "items"):
        if isinstance(node, json_value.Node):
            value = node.value
            said = (
                names.text(value.get("kind")),
                names.text(dig(value, "metadata", "name")),
                names.text(dig(value, "spec", "owner")),
            )
            more: dict[str, Any] = {key: dig(value, "spec", key) for key in ("system", "tier", "lifecycle")}
            yield from _entity(*said, more, node.place())
        else:
            yield node


def _entity(
    kind: str, called: str, owner: str, more: dict[str, Any], place: Place
) -> Iterator[Event | Problem | Skipped]:
    if not called:
        yield Problem("an entity without a name", place, Gravity.WARNING, "backstage-shape")
    elif not owner:
        yield Skipped(f"an entity that nobody is said to own: {kind}", place)
    else:
        yield Event(
            Kind.OWNER, place, None, called, owner, offset=None, attributes=fact.attributes({"kind": kind, **more})
        )


SOURCE = Source("backstage", "the catalogue of Backstage: who owns what", sniff, read)
