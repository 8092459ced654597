"""The systemd journal as ``journalctl -o export`` and journal-upload write it: fields by lines, binary ones by length.

systemd: JOURNAL_EXPORT_FORMATS. An entry ends at an empty line. A field is ``NAME=text``, or its name alone on a line, eight
bytes of length (little-endian), so many bytes, and a line feed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, Final

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import journal_entry
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading

_NAME: Final = re.compile(rb"[A-Z_][A-Z0-9_]{0,63}", re.ASCII)
_HEAD: Final = re.compile(rb"(?:[A-Z_][A-Z0-9_]{0,63}=[^\n]*\n){0,40}__REALTIME_TIMESTAMP=[0-9]{15,17}\n", re.ASCII)
#: A field may be so long; journald itself refuses longer ones.
_LONGEST: Final = 64 << 20


def sniff(head: bytes) -> float:
    return 0.97 if _HEAD.match(head.lstrip(b"\n")) else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    clock, remarks = Clock(reading), Remarks()
    entries = _Entries(stream)
    for fields, place, fault in entries.all():
        if fault:
            yield Problem(fault, place, Gravity.WARNING, "journal-entry")
        elif fields:
            yield journal_entry.event(fields, place, clock, remarks)
    yield from remarks.problems()


class _Entries:
    """Reads one entry after the other, counting bytes and lines."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._at = 0
        self._line = 1

    def all(self) -> Iterator[tuple[dict[str, str], Place, str]]:
        """Fields, place and fault of each entry."""
        fields: dict[str, str] = {}
        start, first, fault = 0, 1, ""
        while line := self._next():
            if line == b"\n":
                if fields or fault:
                    yield fields, Place(start, self._at, first, self._line - 1), fault
                fields, fault, start, first = {}, "", self._at, self._line
                continue
            name, equals, value = line.rstrip(b"\n").partition(b"=")
            if not _NAME.fullmatch(name):
                fault = fault or "a line that is no field of an entry"
            elif equals:
                fields[name.decode()] = value.decode("utf-8", "replace")
            else:
                text = self._sized()
                fault = fault or ("" if text is not None else "a field that is shorter than it says")
                fields[name.decode()] = text or ""
        if fields or fault:
            yield fields, Place(start, self._at, first, max(first, self._line - 1)), fault

    def _next(self) -> bytes:
        line = self._stream.readline(_LONGEST)
        self._at += len(line)
        self._line += line.count(b"\n")
        return line

    def _sized(self) -> str | None:
        """The value of a field that says its length; None when it ends before."""
        head = self._stream.read(8)
        size = int.from_bytes(head, "little") if len(head) == 8 else -1
        body = self._stream.read(size + 1) if 0 <= size < _LONGEST else b""
        self._at += len(head) + len(body)
        self._line += head.count(b"\n") + body.count(b"\n")
        whole = 0 <= size < _LONGEST and len(body) == size + 1 and body.endswith(b"\n")
        return body[:-1].decode("utf-8", "replace") if whole else None


SOURCE = Source("journald-export", "the systemd journal in its export format", sniff, read)
