"""OTLP as protobuf: one request, or many behind lengths, as collectors' file exporters and the inbox write them.

Every span, log record and data point cites its own bytes; in a request that is compressed on its own, the request, and ``part``
says which one of it. The lengths of four bytes and those in varints are both read; line numbers are always 1. What the end of a
file cuts off is read up to its last whole element.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from google.protobuf.message import DecodeError

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import otlp_frame, otlp_message, otlp_record, otlp_wire
from afterword.reading.otlp_frame import Frame
from afterword.reading.otlp_record import Names
from afterword.reading.otlp_wire import CutError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.otlp_message import Element

    Read = Iterator[Event | Problem | Skipped]

_HEAD = 1 << 16


def sniff(head: bytes) -> float:
    """Sure of a request whose first element has the fields of a span, a metric or a log record."""
    return 0.93 if otlp_frame.framing(head) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Read:
    how = otlp_frame.framing(stream.read(_HEAD))
    size = stream.seek(0, 2)
    if not how:
        yield Problem("no request of OTLP", Place(0, size, 1, 1, inline=True), Gravity.WARNING, "otlp-wire")
        return
    names = Names()
    _name(stream, how, names)
    signal = ""
    for frame in otlp_frame.frames(stream, how):
        if isinstance(frame, Problem):
            yield frame
            continue
        signal = otlp_wire.signal(frame.raw, 0, len(frame.raw), cut=frame.cut) or signal
        yield from _request(frame, signal, names)


def _name(stream: BinaryIO, how: str, names: Names) -> None:
    """Look at every series first: other series decide which labels the name of one needs."""
    for frame in otlp_frame.frames(stream, how):
        if isinstance(frame, Frame) and otlp_wire.signal(frame.raw, 0, len(frame.raw), cut=frame.cut) == "metric":
            for one in otlp_message.elements(frame.raw, "metric"):
                if not isinstance(one, CutError) and one.metric is not None and one.start < one.end:
                    _add(frame.raw[one.start : one.end], one, names)
    names.settle()


def _add(raw: bytes, one: Element, names: Names) -> None:
    assert one.metric is not None
    try:
        said = otlp_message.attributes(otlp_message.parsed(otlp_message.POINTS[one.metric.kind], raw))
    except DecodeError:
        return
    names.add(one.metric.name, said, one.about.resource)


def _request(frame: Frame, signal: str, names: Names) -> Read:
    received = None
    try:
        received = otlp_frame.receipt(frame.raw)
    except CutError as error:
        yield Problem(str(error), frame.place, Gravity.WARNING, "otlp-checksum", quarantined=False)
    count = 0
    for count, one in enumerate(otlp_message.elements(frame.raw, signal, received), start=1):
        if isinstance(one, CutError):
            yield _damaged(frame, one)
        else:
            yield from _element(frame, one, signal, count, names)
    if not count:
        yield Skipped("a request that holds nothing", frame.place)


def _damaged(frame: Frame, error: CutError) -> Problem:
    end = len(frame.raw) if error.end is None else error.end
    place = frame.place if frame.packed else frame.at(min(error.at, end), end, "")
    says = f"the rest of this resource cannot be read: {error}"
    return Problem(says, place, Gravity.WARNING, "otlp-wire", quarantined=not frame.packed)


def _element(frame: Frame, one: Element, signal: str, number: int, names: Names) -> Read:
    place = frame.at(one.start, one.end, f"{signal} {number}")
    if one.start == one.end:
        yield Skipped("an element that says nothing", place)
        return
    raw = frame.raw[one.start : one.end]
    try:
        if one.metric is not None:
            yield from otlp_record.point(otlp_message.point(raw, one.metric), one.about, place, names)
        elif signal == "span":
            yield from otlp_record.span(otlp_message.span(raw), one.about, place)
        else:
            yield from otlp_record.log(otlp_message.log(raw), one.about, place)
    except DecodeError as error:
        yield Problem(
            f"no {signal} of OTLP: {error}", place, Gravity.WARNING, "otlp-wire", quarantined=not frame.packed
        )


def tell(stream: BinaryIO, start: int, end: int, part: str) -> str:
    """The element at a place as OTLP JSON."""
    how = otlp_frame.framing(stream.read(_HEAD))
    for frame in otlp_frame.frames(stream, how) if how else ():
        if isinstance(frame, Frame) and frame.start <= start and end <= frame.end:
            return _told(frame, start, end, part)
    return ""


def _told(frame: Frame, start: int, end: int, part: str) -> str:
    signal = otlp_wire.signal(frame.raw, 0, len(frame.raw), cut=frame.cut)
    for number, one in enumerate(otlp_message.elements(frame.raw, signal), start=1):
        if isinstance(one, CutError):
            continue
        place = frame.at(one.start, one.end, f"{signal} {number}")
        if (place.start, place.end) == (start, end) and f"{part} ".startswith(place.part and f"{place.part} "):
            return otlp_message.told(frame.raw[one.start : one.end], signal, one.metric)
    return ""


SOURCE = Source(
    "otlp-protobuf",
    "OpenTelemetry traces, logs and metrics as OTLP protobuf, also behind lengths",
    sniff,
    read,
    tell=tell,
)
