"""Items of the inbox: requests of OTLP behind lengths, and webhooks as lines of JSON with their receipt.

A line is ``{"inbox": 1, "kind": …, "received": …, "headers": {…}, "delivered": …}``: what was delivered stands in it as it came.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.core.clock import Stamp, parse_time
from afterword.model.time import iso
from afterword.reading import otlp_frame
from afterword.reading.otlp_wire import CutError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: The member that holds what was delivered, and the one that says when.
DELIVERED, RECEIVED = "delivered", "received"
_HEAD = re.compile(rb'\{"inbox": 1, "kind": "[a-z]+", "received": "([0-9T:.Z-]+)"')


def line(kind: str, received: int, headers: Mapping[str, str], delivered: bytes) -> bytes:
    """A webhook as one line. Line feeds in JSON are space between its tokens: a blank says the same."""
    head = {"inbox": 1, "kind": kind, RECEIVED: iso(received), "headers": dict(headers)}
    return json.dumps(head)[:-1].encode() + f', "{DELIVERED}": '.encode() + one_line(delivered) + b"}\n"


def one_line(delivered: bytes) -> bytes:
    """JSON without line feeds and without a mark at its start."""
    return delivered.removeprefix(b"\xef\xbb\xbf").strip().replace(b"\n", b" ").replace(b"\r", b" ")


def is_of(head: bytes, kind: str) -> bool:
    """Whether a stream begins with a webhook of this kind, as the inbox writes it."""
    return head.startswith(f'{{"inbox": 1, "kind": "{kind}", "{RECEIVED}": '.encode())


def requests(stream: BinaryIO) -> Iterator[tuple[bytes, int | None]]:
    """Every request with its length, and when it was received, up to the first that is torn."""
    while len(head := stream.read(4)) == 4:
        length = int.from_bytes(head, "big")
        if not 0 < length <= otlp_frame.LONGEST:
            return
        body = stream.read(length)
        try:
            received = otlp_frame.receipt(body)
        except CutError:
            return
        if len(body) < length or received is None:
            return
        yield head + body, received


def lines(stream: BinaryIO) -> Iterator[tuple[bytes, int | None]]:
    """Every webhook as its line, and when it was received, up to the first that is torn."""
    for found in stream:
        head = _HEAD.match(found)
        if head is None or not found.endswith(b"}\n"):
            return
        try:
            json.loads(found)
        except (ValueError, RecursionError):
            return
        stamp = parse_time(head[1].decode())
        yield found, stamp.ns if isinstance(stamp, Stamp) else None
