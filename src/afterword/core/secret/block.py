"""Private keys over several lines: each line of one is a secret, so that text keeps its lines when they are replaced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from afterword.core.secret.found import Found, compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND: Final = "secret:private-key"
#: Lines that a key may have; after so many it is taken to have been cut off.
MOST_LINES: Final = 200
_MARKS: Final = (b"PRIVATE KEY", b"Private-Lines")
#: The format of PuTTY says how many lines follow.
_COUNTED: Final = re.compile(rb"Private-Lines: (\d{1,3})\s*$")
_BEGIN: Final = compiled(r"-{4,5} ?BEGIN[ A-Z0-9]{0,30}PRIVATE KEY(?: BLOCK)? ?-{4,5}")
_END: Final = re.compile(rb"-{4,5} ?END[ A-Z0-9]{0,30}PRIVATE KEY")
_LINES: Final = re.compile(rb"[^\n\x00]*")
_ESCAPES: Final = re.compile(rb"(?:\\+[nr]|[\s\"'])*")
_INLINE: Final = re.compile(rb"(?:[A-Za-z0-9+/=]|\\+[nr]|[ \t]|\\/){16,}")
_LONG: Final = re.compile(rb"(?:[A-Za-z0-9+/=]|\\/){40,}")
_LAST: Final = re.compile(rb"(?:^|[\s\"'|>:])([A-Za-z0-9+/=]{4,})[\s\"',\\}]*$")


def find(body: bytes, inside: int = 0) -> tuple[list[Found], int]:
    """The lines of keys in the body. ``inside``: lines that a key may still have which began in what came before."""
    if not inside and not any(mark in body for mark in _MARKS):
        return [], 0
    found: list[Found] = []
    for start, end in _lines(body):
        begin = _BEGIN.search(body, start, end)
        if begin is not None:
            closed = _END.search(body, begin.end(), end)
            same = _same_line(body, begin.end(), closed.start() if closed else end)
            found += same
            inside = 0 if same or closed or _gone(body, begin.end(), end) else MOST_LINES
        elif counted := _COUNTED.search(body, start, end):
            inside = int(counted.group(1))
        elif inside:
            over = _END.search(body, start, end)
            found += _piece(body, start, over.start() if over else end)
            inside = 0 if over else inside - 1
    return found, inside


def _lines(body: bytes) -> Iterator[tuple[int, int]]:
    for line in _LINES.finditer(body):
        if line.end() > line.start():
            yield line.span()


def _gone(body: bytes, start: int, end: int) -> bool:
    """Whether the key was replaced already, in the line in which it begins."""
    low = _ESCAPES.match(body, start, end)
    return body.startswith(b"[secret:", low.end() if low else start, end)


def _same_line(body: bytes, start: int, end: int) -> list[Found]:
    """The key where it stands in one line, its own line ends written as escapes."""
    low = _ESCAPES.match(body, start, end)
    piece = _INLINE.match(body, low.end() if low else start, end)
    if piece is None:
        return []
    stop = piece.end()
    while (
        stop > piece.start() and body[stop - 1 : stop] in (b"n", b"r", b"\\", b" ") and b"\\" in body[stop - 2 : stop]
    ):
        stop -= 1
    return [Found(piece.start(), stop, KIND)]


def _piece(body: bytes, start: int, end: int) -> list[Found]:
    """What a line holds of a key, behind whatever a logger put in front of it."""
    if body.find(b"[secret:", start, end) >= 0:
        return []
    found = [Found(*piece.span(), KIND) for piece in _LONG.finditer(body, start, end)]
    last = None if found else _LAST.search(body[start:end])
    if last is None or (last.group(1).isalpha() and last.group(1).islower()):
        return found
    return [Found(start + last.start(1), start + last.end(1), KIND)]
