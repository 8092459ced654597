"""Lines of a byte stream with their places. Only a line feed ends a line: U+2028 or a form feed inside one does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from afterword.model.evidence import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

#: So much of a line is looked at; what is longer keeps its place and its bytes, and is marked as cut.
LONGEST = 1 << 20


class Line(NamedTuple):
    """One line: byte offsets with its line feed, number from 1, and its bytes without the end of line."""

    start: int
    end: int
    number: int
    body: bytes
    cut: bool = False

    @property
    def place(self) -> Place:
        return Place(self.start, self.end, self.number, self.number)

    @property
    def text(self) -> str:
        """The body as text; bytes that are no UTF-8 become U+FFFD, the original bytes stay in the evidence."""
        return self.body.decode("utf-8", "replace")


def lines(stream: BinaryIO, *, offset: int = 0, number: int = 1, longest: int = LONGEST) -> Iterator[Line]:
    """All lines in bounded memory. ``offset`` and ``number`` are those of the first one."""
    start = offset
    while piece := stream.readline(longest):
        size, cut = len(piece), False
        while not piece.endswith(b"\n") and len(piece) == longest and (rest := stream.readline(longest)):
            size, cut = size + len(rest), True
            if rest.endswith(b"\n") or len(rest) < longest:
                break
        yield Line(start, start + size, number, piece.rstrip(b"\r\n"), cut)
        start, number = start + size, number + 1


def join(first: Place, last: Place) -> Place:
    """The stretch from one place to another that follows it."""
    return Place(first.start, last.end, first.first, last.last, first.part)
