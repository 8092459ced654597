"""Log records out of a text stream: each line read in the file's own shapes, and the lines below it that belong to it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, Final

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.reading import log_head, log_inner
from afterword.reading.line import lines
from afterword.reading.log_time import NONE, Clock
from afterword.reading.remark import Remarks
from afterword.reading.said import LONGEST, Said, exception, hinted, level
from afterword.reading.shape.shape import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from afterword.ports import Reading
    from afterword.reading.line import Line
    from afterword.reading.shape.shape import Shape

    Read = Callable[[str], Said | None]

_HEAD: Final = 1 << 16
#: So many lines of a record are kept as its text, and so many characters; its place covers all of them.
_KEPT: Final = 30
#: So much of a line is looked at.
_READ: Final = 1 << 16
#: A record that runs on longer than this is no record.
_MOST: Final = 5_000
#: So many blank lines end a record.
_BLANKS: Final = 3
#: Shapes that are tried on every line.
_ACTIVE: Final = 4
_BELONGS: Final = re.compile(
    r"[ \t]|at [\w$.<]|Caused by:|Suppressed:|\.\.\. \d+ |Traceback \(most|During handling of|The above exception|(?:[A-Za-z_][\w$]*[.:\\]+)*[A-Z][\w$]*"
    r"(?:Exception|Error|Throwable|Exit|Interrupt)(?:: |:?$| \()|goroutine \d+ |created by |\[signal |[}\])]+[,;]?\s*$|[{\[]\s*$|--- End of |stack backtrace:"
    r"|note: run with|\^+\s*$|Stack trace:|#\d+ |\s*thrown in|Stacktrace|nested exception|<eof>$"
)
_CALL: Final = re.compile(r"(?:[\w./*\[\]-]|\(\*?\w{1,80}\)){1,200}\(")
_RAISED: Final = re.compile(r"([A-Za-z_][\w.]*)(?::|$)")
_LEVELLED: Final = re.compile(r"\s*(?:(?P<word>[A-Za-z]{3,11}): )")


class Record:
    """The record that is being read."""

    __slots__ = ("end", "first", "heads", "last", "more", "said", "start", "tail")

    def __init__(self, said: Said, line: Line, *, heads: bool) -> None:
        self.said = said
        self.start, self.end = line.start, line.end
        self.first = self.last = line.number
        self.heads = heads
        self.more: list[str] = []
        self.tail = ""

    def add(self, blank: Sequence[Line], line: Line, text: str) -> None:
        """One more line of the record, with the blank lines before it."""
        self.end, self.last = line.end, line.number
        if len(self.more) < _KEPT:
            self.more += ["" for _ in blank]
            self.more.append(text[:LONGEST])
        if text[:1] not in (" ", "\t", ""):
            self.tail = text[:LONGEST]

    def takes(self, text: str) -> bool:
        """Whether a line that is no record of its own belongs to this one."""
        if self.last - self.first >= _MOST:
            return False
        if self.heads:
            return not log_head.has_time(text)
        if _BELONGS.match(text):
            return True
        if not self.more:
            return False
        if self.more[-1].startswith("  ") and any(line.startswith("Traceback (most") for line in self.more):
            return _RAISED.match(text) is not None
        return self.more[-1].startswith(("goroutine", "\t")) and text[-1] in ")\r" and _CALL.match(text) is not None


def recognised(head: bytes, shapes: Sequence[Shape]) -> float:
    """The share of the head's lines that one of the shapes reads."""
    found = _sample(head)
    if not found:
        return 0.0
    return sum(any(one.pattern.fullmatch(text) for one in shapes) for text in found) / len(found)


def dated(head: bytes) -> float:
    """The share of the head's lines (those that continue a record left out) that have a time at their head."""
    found = [text for text in _sample(head) if not _BELONGS.match(text)]
    return sum(log_head.has_time(text) for text in found) / len(found) if found else 0.0


def _sample(head: bytes, most: int = 200) -> list[str]:
    """Whole lines of the head, as text."""
    cut = head.rsplit(b"\n", 1)[0] if len(head) >= _HEAD and b"\n" in head else head
    found = [raw.rstrip(b"\r").decode("utf-8", "replace")[:4096] for raw in cut.split(b"\n", most)[:most]]
    return [text.removeprefix("\ufeff") for text in found if text.strip()]


def records(stream: BinaryIO, reading: Reading, shapes: Sequence[Shape]) -> Iterator[Event | Problem | Skipped]:
    """Every record of the stream. Lines with a time begin one; stack traces and indented lines belong to the one before."""
    clock, remarks = Clock(reading), Remarks()
    active = [(reader(one, clock), one.wraps, one.heads) for one in begun(stream, shapes, clock, remarks)]
    yield from of_lines(lines(stream), active, clock, remarks)
    yield from remarks.problems()


def begun(stream: BinaryIO, shapes: Sequence[Shape], clock: Clock, remarks: Remarks) -> list[Shape]:
    """The shapes that the lines of a stream have, by its head; the stream stands at its beginning then."""
    head = stream.read(_HEAD)
    stream.seek(0)
    if b"\r" in head.strip() and b"\n" not in head:
        remarks.note("line-end", "no line feed, only carriage returns: all of it is one line", Place(0, len(head)))
    return _active(head, shapes, clock)


def of_lines(
    found: Iterable[Line], active: Sequence[tuple[Read, bool, bool]], clock: Clock, remarks: Remarks
) -> Iterator[Event | Problem | Skipped]:
    """Every record of some lines, read in the active shapes."""
    held: Record | None = None
    blank: list[Line] = []
    for line in found:
        text = _text(line, remarks)
        if not text or text.isspace():
            blank.append(line)
            if len(blank) >= _BLANKS:
                yield from _ended(held, blank, remarks)
                held = None
            continue
        said, wraps, heads = _read(text[:_READ], active)
        if said is None and text[0] == "{":
            said = log_inner.dated_object(text, clock)
        if said is None:
            if held is not None and held.takes(text):
                held.add(blank, line, text)
                blank.clear()
                continue
            said = log_head.said(text[:_READ], clock)
            if said is None and len(text) > _READ:
                yield from _ended(held, blank, remarks)
                yield _aside(line)
                held = None
                continue
            said = said or Said(NONE, hinted(text), "", text.strip(), {})
        elif wraps:
            said = log_inner.unwrapped(said, clock)
        yield from _ended(held, blank, remarks)
        held = Record(said, line, heads=heads and not said.text)
    yield from _ended(held, blank, remarks)


def _ended(held: Record | None, blank: list[Line], remarks: Remarks) -> Iterator[Event | Skipped]:
    """The record that was open, and the blank lines below it, which nothing continued."""
    if held is not None:
        yield event(held, remarks)
    if blank:
        yield from [Skipped("a blank line", one.place) for one in blank]
        blank.clear()


def _aside(line: Line) -> Problem:
    size = line.end - line.start
    return Problem(f"a line of {size} bytes that begins like no log line", line.place, Gravity.WARNING, "line-long")


def _read(text: str, active: Sequence[tuple[Read, bool, bool]]) -> tuple[Said | None, bool, bool]:
    for read, wraps, heads in active:
        said = read(text)
        if said is not None:
            return said, wraps, heads
    return None, False, False


def _text(line: Line, remarks: Remarks) -> str:
    try:
        text = line.body.decode("utf-8")
    except UnicodeDecodeError:
        text = line.body.decode("utf-8", "replace")
        remarks.note("encoding", "bytes that are no UTF-8 are shown as U+FFFD", line.place)
    if line.cut:
        remarks.note("line-long", "longer than 1 MiB, only its beginning is read", line.place)
    return text.removeprefix("\ufeff") if line.start == 0 else text


def _active(head: bytes, shapes: Sequence[Shape], clock: Clock) -> list[Shape]:
    """The commonest shapes of the head of the file, in the order of the table: special ones before general ones."""
    sample = _sample(head)
    claims: dict[str, int] = {}
    for text in sample:
        for one in shapes:
            if one.pattern.fullmatch(text) and reader(one, clock)(text) is not None:
                claims[one.name] = claims.get(one.name, 0) + 1
                break
    commonest = sorted(claims, key=lambda name: -claims[name])[:_ACTIVE]
    return [one for one in shapes if one.name in commonest]


def event(held: Record, remarks: Remarks) -> Event:
    told, severity, subject, text, attributes = held.said
    place = Place(held.start, held.end, held.first, held.last)
    if told.at is None:
        remarks.note("time", told.doubt, place)
    if held.more:
        text, severity, attributes = _joined(held)
    return Event(
        Kind.LOG,
        place,
        told.at,
        subject,
        "",
        text[:LONGEST],
        None,
        None,
        severity,
        None,
        told.offset,
        attributes,
        told.granularity,
    )


def _joined(held: Record) -> tuple[str, str, dict[str, str]]:
    """Text, severity and attributes of a record of several lines."""
    said = held.said
    attributes = dict(said.attributes)
    severity = said.severity
    more = held.more
    if held.heads:
        found = _LEVELLED.match(more[0])
        severity = severity or (level(found["word"]) if found else "") or hinted("\n".join(more[:3]), 400)
        if found and level(found["word"]):
            more = [more[0][found.end() :], *more[1:]]
    kind = _raised(held) or attributes.get("exception") or exception("\n".join(more))
    if kind:
        attributes["exception"] = kind
    return "\n".join([said.text, *more] if said.text else more).strip(), severity, attributes


def _raised(held: Record) -> str:
    """What a Python traceback ends with: its last line that is not indented."""
    if not any(text.startswith("Traceback (most") for text in held.more):
        return ""
    found = _RAISED.match(held.tail)
    return found[1] if found and not held.tail.startswith("Traceback") else ""
