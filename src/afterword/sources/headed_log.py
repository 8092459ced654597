"""Logs that name their columns in a comment: W3C extended logs (IIS, CloudFront) and the tab-separated logs of Zeek."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, Final

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import log_object
from afterword.reading.line import lines
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.line import Line

_HEADER: Final = re.compile(rb"#fields[:\t ]+(.+)", re.IGNORECASE)
#: W3C's names of fields, under those that a structured record has.
_W3C: Final = {
    "cs-method": "method", "cs-uri-stem": "path", "sc-status": "status", "s-sitename": "service", "x-edge-location": "location",
    "cs(host)": "host", "cs-host": "host", "time-taken": "time_taken", "s-computername": "hostname",
}  # fmt: skip
_EMPTY: Final = frozenset(["-", "(empty)", ""])


def sniff(head: bytes) -> float:
    """Sure when comments at the beginning name a time among the fields."""
    for line in head.split(b"\n")[:20]:
        found = _HEADER.match(line)
        if found:
            names = found[1].decode("utf-8", "replace").lower().split()
            return 0.95 if {"time", "ts", "timestamp"} & set(names) else 0.3
        if line.strip() and not line.startswith(b"#"):
            return 0.0
    return 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    clock, remarks = Clock(reading), Remarks()
    columns: list[str] = []
    path = ""
    for line in lines(stream):
        header = _HEADER.match(line.body)
        if header:
            columns = header[1].decode("utf-8", "replace").split()
        elif line.body.lower().startswith(b"#path"):
            path = line.text[5:].strip(": \t")
        if line.body.startswith(b"#") or not line.body.strip():
            yield Skipped("a comment" if line.body.strip() else "a blank line", line.place)
        else:
            yield _event(line, columns, path, clock, remarks)
    yield from remarks.problems()


def _event(line: Line, columns: list[str], path: str, clock: Clock, remarks: Remarks) -> Event | Problem:
    tabs = b"\t" in line.body
    fields = line.text.split("\t") if tabs else line.text.split()
    if len(fields) != len(columns):
        says = f"{len(fields)} fields where the comment names {len(columns)}"
        return Problem(says, line.place, Gravity.WARNING, "table-fields")
    record = {
        _W3C.get(name.lower(), name): value for name, value in zip(columns, fields, strict=True) if value not in _EMPTY
    }
    # The W3C format states that its times are in UTC; Zeek's count from 1970.
    if "date" in record and "time" in record:
        record["timestamp"] = f"{record.pop('date')}T{record.pop('time')}Z"
    said = log_object.said(record, clock)
    if said.told.at is None:
        remarks.note("time", said.told.doubt, line.place)
    return said.event(line.place, path or said.subject)


SOURCE = Source("headed-log", "Logs that name their columns in a comment: IIS, CloudFront, Zeek", sniff, read)
