"""The data of a Secret of Kubernetes: every value of it is a secret, whatever its name, and base 64 hides nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from afterword.core.secret.found import Found, compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND: Final = "secret:kubernetes-secret"
_SECRET: Final = compiled(r"""(?m)\bkind\\*["']?:[ \t]*\\*["']?Secret(?:\\*["']|[ \t]*\r?$|[,\x00])""")
#: A Secret is so long at most, as Kubernetes has it, in base 64.
_REACH: Final = 1_400_000
_APART: Final = re.compile(rb"(?m)^---|\x00")
_DATA: Final = re.compile(rb"(?m)^([ \t]*)(?:data|stringData):[ \t]*\r?\n")
_ENTRY: Final = re.compile(rb"([ \t]+)[\w.\-]+:[ \t]*([^\s#][^\r\n]*)?\r?(?:\n|\Z)")
_OBJECT: Final = re.compile(rb"""(?<!\\)\\*+["'](?:data|stringData)\\*+["']:\s*+\{([^{}]*)\}""")
_PAIR: Final = re.compile(rb"""(?<!\\)\\*+["'][\w.\-]++\\*+["']:\s*+\\*+["']([^"'\\]+)""")


def find(body: bytes) -> Iterator[Found]:
    """The values in each Secret, in YAML and in JSON."""
    if b"Secret" not in body:
        return
    end = 0
    for hit in _SECRET.finditer(body):
        if hit.start() < end:
            continue
        start, end = _document(body, hit.start())
        yield from _yaml(body, start, end)
        for held in _OBJECT.finditer(body, start, end):
            if len(held.group()) > 8:
                yield from (Found(*pair.span(1), KIND) for pair in _PAIR.finditer(body, *held.span(1)))


def _document(body: bytes, place: int) -> tuple[int, int]:
    """The document of YAML, or the line of JSON, around a place."""
    low = max(0, place - _REACH)
    starts = [one.end() for one in _APART.finditer(body, low, place)]
    after = _APART.search(body, place)
    return (starts[-1] if starts else low), (
        min(after.start(), place + _REACH) if after else min(len(body), place + _REACH)
    )


def _yaml(body: bytes, start: int, end: int) -> Iterator[Found]:
    for head in _DATA.finditer(body, start, end):
        place = head.end()
        while (entry := _ENTRY.match(body, place, end)) and len(entry.group(1)) > len(head.group(1)):
            if entry.group(2) and entry.group(2).strip() not in (b"|", b"|-", b">"):
                value = entry.group(2).rstrip().strip(b"\"'")
                at = body.index(value, entry.start(2)) if value else entry.start(2)
                if len(value) > 2:
                    yield Found(at, at + len(value), KIND)
            place = entry.end()
