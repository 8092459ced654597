"""JSON values of a stream, each with its place: one a line, the elements of one document, or several documents in a row."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, overload

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.reading import json_large, strict_json
from afterword.reading.json_text import Stitched, Text, decode
from afterword.reading.line import lines
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.reading.line import Line

#: So much of a stream tells whether it holds a value a line.
_LOOKED_AT = 1 << 16
#: Lines of a large document that is none which are tried as values of their own.
_TRIED = 1000
#: What is larger is read in pieces.
LARGE = 16 << 20
_CLOSE = {"[": "]", "{": "}"}


class Node:
    """A value inside a JSON text: what it is, where it stands, and what is inside it."""

    __slots__ = ("_value", "end", "start", "text")

    def __init__(self, text: Text, start: int, end: int, value: Any) -> None:
        self.text = text
        self.start = start
        self.end = end
        self._value = value

    @property
    def value(self) -> Any:
        return self._value

    def place(self, part: str = "") -> Place:
        return self.text.place(self.start, self.end, part)

    def items(self) -> Iterator[Node]:
        """The elements of an array; nothing when it is none."""
        if not isinstance(self._value, list):
            return
        source, at = self.text.text, self.start + 1
        for value in self._value:
            at = strict_json.space(source, at)
            end = strict_json.skip(source, at)[1]
            yield Node(self.text, at, end, value)
            at = strict_json.space(source, end) + 1

    def members(self) -> Iterator[tuple[str, Node]]:
        """The members of an object; nothing when it is none."""
        if not isinstance(self._value, dict):
            return
        source, at = self.text.text, self.start + 1
        for name, value in self._value.items():
            at = strict_json.space(source, at)
            colon = strict_json.space(source, strict_json.skip(source, at)[1])
            at = strict_json.space(source, colon + 1)
            end = strict_json.skip(source, at)[1]
            yield name, Node(self.text, at, end, value)
            at = strict_json.space(source, end) + 1

    def get(self, *path: str) -> Node | None:
        """The value down a path of names."""
        here: Node | None = self
        for name in path:
            here = next((node for key, node in here.members() if key == name), None) if here else None
        return here


@overload
def values(stream: BinaryIO) -> Iterator[Node | Problem | Skipped]: ...
@overload
def values(stream: BinaryIO, *, text: bool) -> Iterator[Node | Line | Problem | Skipped]: ...


def values(stream: BinaryIO, *, text: bool = False) -> Iterator[Node | Line | Problem | Skipped]:
    """Every JSON value of the stream with its place.

    One value a line where the lines at its beginning are values of their own; else the stream is one document (or
    several in a row). The elements of a document that is an array come one by one. A line that cannot be read is set
    aside; with ``text``, one that is no JSON at all but a sentence comes as the line that it is.
    """
    if are_lines(stream):
        yield from by_line(lines(stream, longest=json_large.LARGEST), text=text)
        return
    if is_large(stream):
        yield from _large(stream, text=text)
        return
    raw = stream.read()
    try:
        made = list(_documents(Text(raw)))
    except Malformed as error:
        readable = sum(_is_value(one.body) for one in lines(io.BytesIO(raw)))
        if readable:
            yield from by_line(lines(io.BytesIO(raw), longest=json_large.LARGEST), text=text)
        else:
            yield _refused(raw, error)
        return
    yield from made


def are_lines(stream: BinaryIO) -> bool:
    """Whether the first line is a value, or two in a row are: a line may be cut off or be no JSON, also the first."""
    first = stream.readline(1 << 22)
    head = [one for one in stream.read(_LOOKED_AT).split(b"\n")[:200] if one.strip()]
    stream.seek(0)
    if _is_value(first):
        return True
    objects = [one.lstrip()[:1] == b"{" and _is_value(one) for one in head]
    return any(one and two for one, two in pairwise(objects))


def _is_value(line: bytes) -> bool:
    body = line.strip().removeprefix(b"\xef\xbb\xbf")
    if body[:1] not in (b"{", b"["):
        return False
    try:
        strict_json.loads(decode(body))
    except Malformed as error:
        # A complete value that cannot be relied on is still a line of its own.
        return error.code in ("json-repeated-key", "json-number")
    return True


def by_line(found: Iterator[Line], *, text: bool) -> Iterator[Node | Line | Problem | Skipped]:
    """The values of lines that hold one each."""
    for line in found:
        if not line.body.strip():
            yield Skipped("a blank line", line.place)
            continue
        if line.cut:
            yield Problem(f"a line longer than {json_large.LARGEST >> 20} MiB", line.place, Gravity.ERROR, "line-long")
            continue
        try:
            yield from _of_line(line)
        except Malformed as error:
            if text and _is_sentence(line.body):
                yield line
                continue
            yield Problem(f"not JSON that can be relied on: {error}", line.place, Gravity.WARNING, error.code)


def _is_sentence(body: bytes) -> bool:
    """Text that nobody meant as JSON: it neither begins like a value nor holds bytes that are no text."""
    try:
        words = body.decode("utf-8").strip()
    except UnicodeDecodeError:
        return False
    return words[:1] not in '{["' and "\0" not in words


def _of_line(line: Line) -> Iterator[Node | Problem | Skipped]:
    text = Text(line.body, line.start, line.number)
    start = strict_json.space(text.text, 1 if text.text.startswith("\ufeff") else 0)
    value, end = strict_json.load_at(text.text, start)
    if strict_json.space(text.text, end) != len(text.text):
        raise Malformed("json-syntax", "something follows after the end of the JSON value", end)
    if isinstance(value, list):
        yield from Node(text, start, end, value).items()
    else:
        yield LineNode(text, start, end, value, line)


class LineNode(Node):
    """A value that is a line of its own: its place is the whole line, the line feed included."""

    __slots__ = ("line",)

    def __init__(self, text: Text, start: int, end: int, value: Any, line: Line) -> None:
        super().__init__(text, start, end, value)
        self.line = line

    def place(self, part: str = "") -> Place:
        return Place(self.line.start, self.line.end, self.line.number, self.line.number, part)


def _documents(text: Text) -> Iterator[Node]:
    at = strict_json.space(text.text, 1 if text.text.startswith("\ufeff") else 0)
    if at == len(text.text):
        return
    while at < len(text.text):
        value, end = strict_json.load_at(text.text, at)
        if not isinstance(value, dict | list):
            raise Malformed("json-syntax", "neither an object nor an array", at)
        whole = Node(text, at, end, value)
        yield from whole.items() if isinstance(value, list) else (whole,)
        at = strict_json.space(text.text, end)


def is_large(stream: BinaryIO) -> bool:
    """Whether the stream, which stands at its beginning, is too long to be held."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    return size > LARGE


def _large(stream: BinaryIO, *, text: bool) -> Iterator[Node | Line | Problem | Skipped]:
    """A document that is not held as a whole. What cannot be read of it is set aside an element at a time."""
    size = stream.seek(0, io.SEEK_END)
    try:
        document = json_large.Document(stream, size)
    except Malformed as error:
        stream.seek(0)
        if any(_is_value(one.body) for one in islice(lines(stream, longest=1 << 22), _TRIED)):
            stream.seek(0)
            yield from by_line(lines(stream, longest=json_large.LARGEST), text=text)
        else:
            says = f"not JSON that can be relied on: {error}"
            yield Problem(says, Place(0, size, 1, _last_line(stream)), Gravity.ERROR, error.code)
        return
    for piece in document.pieces():
        yield from _piece(document, piece, alone=False)


def _piece(document: json_large.Document, piece: json_large.Piece, *, alone: bool) -> Iterator[Node | Problem]:
    try:
        made = list(_documents(Stitched(*json_large.whole(document, piece))))
    except Malformed as error:
        start, end = piece.stretches[piece.held]
        if not alone and error.code != "json-large":
            for one in document.apart(piece):
                yield from _piece(document, one, alone=True)
            return
        place = Place(start, end, document.line(start), document.line(max(start, end - 1)), inline=True)
        yield Problem(f"not JSON that can be relied on: {error}", place, Gravity.ERROR, error.code)
        return
    yield from made


def _last_line(stream: BinaryIO) -> int:
    """Number of the last line."""
    stream.seek(0)
    feeds, last = 0, b""
    while piece := stream.read(1 << 20):
        feeds, last = feeds + piece.count(b"\n"), piece[-1:]
    return feeds + (last != b"\n")


def _refused(raw: bytes, error: Malformed) -> Problem:
    place = Place(0, len(raw), 1, raw.count(b"\n") + (not raw.endswith(b"\n")))
    line = raw[: error.at].count(b"\n") + 1
    return Problem(f"not JSON that can be relied on: {error} (line {line})", place, Gravity.ERROR, error.code)


@lru_cache(maxsize=8)
def samples(head: bytes) -> tuple[Any, ...]:
    """Up to 20 values from the beginning of a stream, for recognising it; a value that is cut off is closed.

    Elements of an array and lines come as values of their own, so that a sample looks like what ``values`` gives.
    """
    text = head.decode("utf-8", "replace").removeprefix("\ufeff").lstrip()
    if text[:1] not in ("{", "["):
        return ()
    found: list[Any] = []
    for line in text.split("\n", 40)[:40]:
        value = _lenient(line)
        if value is None:
            break
        found += value if isinstance(value, list) else [value]
    if not found:
        closed = _lenient(_closed(text))
        found = closed if isinstance(closed, list) else [closed]
    return tuple(one for one in found[:20] if one is not None)


def _lenient(text: str) -> Any:
    """The JSON value at the start of the text, or None."""
    if text.count("[") + text.count("{") > 10_000:
        return None
    try:
        return json.JSONDecoder(strict=False).raw_decode(text.strip())[0] if text.strip() else None
    except (ValueError, RecursionError):
        return None


def _closed(text: str) -> str:
    """The text up to its last complete member or element, with every open bracket closed."""
    stack: list[str] = []
    kept, open_then = 0, ""
    at, size = 0, len(text)
    while at < size:
        mark = text[at]
        if mark == '"':
            at = _string_end(text, at)
            if at < 0:
                break
        elif mark in "[{":
            stack.append(mark)
            if len(stack) > strict_json.DEEPEST:
                break
        elif mark in "]}":
            if not stack:
                break
            stack.pop()
            if not stack:
                return text[: at + 1]
        if mark in ",]}":
            kept, open_then = at + (mark != ","), "".join(stack)
        at += 1
    return text[:kept] + "".join(_CLOSE[mark] for mark in reversed(open_then))


def _string_end(text: str, at: int) -> int:
    at += 1
    while at < len(text) and text[at] != '"':
        at += 2 if text[at] == "\\" else 1
    return at if at < len(text) else -1
