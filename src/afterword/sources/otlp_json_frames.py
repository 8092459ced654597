"""OTLP as JSON behind lengths of four bytes, each request packed with Zstandard or plain: collectors' files with ``compression``.

A packed request is the place of all that it holds, and ``part`` says which one of it; in a plain one every element has its own.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import json_value, json_walk, otlp_frame, otlp_object, otlp_walk, strict_json
from afterword.reading.json_text import Text
from afterword.reading.json_value import Node
from afterword.reading.otlp_record import Names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading
    from afterword.reading.otlp_frame import Frame
    from afterword.reading.otlp_walk import Read

_HEAD = 1 << 16
_JSON = otlp_frame.Shape(re.compile(rb"[{\[\x28]"), lambda raw, _: _is_framed(len(raw).to_bytes(4, "big") + raw))


def sniff(head: bytes) -> float:
    """Sure of a length and a request behind it."""
    return 0.94 if _is_framed(head) else 0.0


def _is_framed(head: bytes) -> bool:
    length = int.from_bytes(head[:4], "big")
    if len(head) < 8 or not 0 < length <= otlp_frame.LONGEST:
        return False
    body = otlp_frame.beginning(head[4 : 4 + length])
    if body[:1] not in (b"{", b"["):
        return False
    return any(otlp_object.is_request(one) for one in json_value.samples(body)[:1])


def read(stream: BinaryIO, _reading: Reading) -> Read:
    framed = _is_framed(stream.read(_HEAD))
    size = stream.seek(0, 2)
    if not framed:
        yield Problem(
            "no request of OTLP behind a length", Place(0, size, 1, 1, inline=True), Gravity.WARNING, "otlp-wire"
        )
        return
    names = Names()
    for _, node in _requests(stream):
        if isinstance(node, Node):
            otlp_object.names(node.value, names)
    names.settle()
    for frame, node in _requests(stream):
        if isinstance(node, Node) and frame is not None:
            yield from otlp_walk.request(node, names, _placed(frame))
        elif not isinstance(node, Node):
            yield node


def _requests(stream: BinaryIO) -> Iterator[tuple[Frame | None, Node | Problem | Skipped]]:
    """Every request of the file with its frame; what is none is set aside."""
    for frame in otlp_frame.frames(stream, "fixed", _JSON):
        if isinstance(frame, Problem):
            yield None, frame
            continue
        try:
            text = Text(frame.raw, 0 if frame.packed else frame.start)
            value, end = strict_json.load_at(text.text, strict_json.space(text.text, 0))
        except strict_json.Malformed as error:
            yield frame, Problem(f"no request of OTLP: {error}", frame.place, Gravity.WARNING, error.code)
            continue
        if otlp_object.is_request(value):
            yield frame, Node(text, strict_json.space(text.text, 0), end, value)
        else:
            yield frame, Problem("not a request of OTLP", frame.place, Gravity.WARNING, "otlp")


def _placed(frame: Frame) -> otlp_walk.Placed:
    def placed(node: Node, kind: str, number: int) -> Place:
        if frame.packed:
            return frame.at(0, 0, f"{kind} {number}")
        return replace(node.place(), first=1, last=1, inline=True)

    return placed


def tell(stream: BinaryIO, start: int, end: int, part: str) -> str:
    """The element at a place as it is written; out of a packed request, by its number."""
    kind, _, number = part.partition(" ")
    for frame, node in _requests(stream):
        if frame is None or not isinstance(node, Node) or not (frame.start <= start and end <= frame.end):
            continue
        if not frame.packed:
            return frame.raw[start - frame.start : end - frame.start].decode("utf-8", "replace")
        return _numbered(node, kind, number.partition(" ")[0])
    return ""


def _numbered(node: Node, kind: str, number: str) -> str:
    count = 0
    for named, levels in otlp_object.WAYS:
        for _, found in json_walk.plain(node.value, otlp_object.way(node.value, levels) or (frozenset(),)):
            count += 1
            if (named, str(count)) == (kind, number):
                return json.dumps(found, ensure_ascii=False)
    return ""


SOURCE = Source(
    "otlp-json-frames", "OTLP JSON behind lengths, packed or not, as collectors write it", sniff, read, tell=tell
)
