"""Logs as a table: a column for the time, one for the message, and whatever else the exporter knew."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import log_inner, log_object, name, table
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks
from afterword.reading.said import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.ports import Reading

_HEAD: Final = 1 << 16
#: Columns that hold what was logged; ``name`` and the like belong to other tables.
_MESSAGE: Final = (
    "message",
    "msg",
    "log",
    "text",
    "body",
    "content",
    "line",
    "log_message",
    "@message",
    "raw",
    "_raw",
    "textpayload",
    "event",
    "log_content",
    "details",
)
#: Columns of tables that are no logs although they have a time and a text.
_ELSEWHERE: Final = frozenset(
    [
        "author",
        "user",
        "channel",
        "sender",
        "from",
        "duration",
        "took",
        "value",
        "indicator",
        "metric",
        "change",
        "commit",
        "what",
        "summary",
        "parent_span_id",
        "parentspanid",
        "operation",
        "operationname",
    ]
)
_TIME: Final = ("time_unix_nano", "timeunixnano", "timestamp_ns", *name.TIME)


def sniff(head: bytes) -> float:
    """By the columns: a time and a message, and one of those that loggers add."""
    found = table.shape(head)
    if found is None:
        return 0.0
    columns = {name.plain(one) for one in found.columns} | {one.strip().lower() for one in found.columns}
    time, message = name.column(found.columns, _TIME), name.column(found.columns, _MESSAGE)
    if message is None:
        return 0.0
    typical = bool(columns & set(name.SEVERITY)) or bool(columns & (set(name.TRACE) | {"logger", "log", "stream"}))
    component = name.column(found.columns, name.COMPONENT) is not None
    if time is None:
        return 0.4 if typical and not columns & _ELSEWHERE else 0.0
    if columns & _ELSEWHERE and not columns & {"level", "severity", "log", "logger"}:
        return 0.3
    if _numbers(found, message):
        return 0.0
    return 0.8 if typical and component else 0.75 if typical or component else 0.7


def _numbers(found: table.Shape, column: str) -> bool:
    """Whether a column holds little but numbers: then it is a measurement, whatever it is called."""
    cells = [row[found.columns.index(column)].strip() for row in found.samples]
    return bool(cells) and sum(cell.replace(".", "", 1).lstrip("-").isdigit() for cell in cells) * 2 > len(cells)


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    found = table.shape(stream.read(_HEAD))
    stream.seek(0)
    message = name.column(found.columns, _MESSAGE) if found else None
    if found is None or message is None:
        end = stream.seek(0, 2)
        yield Problem("no table with a column for the message", Place(0, end), Gravity.ERROR, "table-shape")
        return
    clock, remarks = Clock(reading), Remarks()
    spill = found.columns.index(message)
    for row in table.rows(stream, found, spill=spill):
        if isinstance(row, table.Row):
            if row.spilled:
                remarks.note(
                    "table-fields",
                    "more fields than the header has; the message is read with the rest joined to it",
                    row.place,
                )
            yield _event(row, found.columns, spill, clock, remarks)
        else:
            yield row
    yield from remarks.problems()


def _event(row: table.Row, columns: tuple[str, ...], message: int, clock: Clock, remarks: Remarks) -> Event:
    record = {
        column or "index": value.strip()
        for at, (column, value) in enumerate(zip(columns, row.fields, strict=True))
        if at != message
    }
    outer = log_object.said({key: value for key, value in record.items() if value}, clock)
    cell = row.fields[message]
    inner = log_inner.said(cell, clock, torn=row.spilled)
    told = outer.told if outer.told.at is not None or not inner.told.at else inner.told
    if told.at is None:
        remarks.note("time", told.doubt, row.place)
    return Event(
        Kind.LOG, row.place, told.at, outer.subject or inner.subject, "", inner.text[:LONGEST], None, None, outer.severity or inner.severity, None,
        told.offset, {**inner.attributes, **outer.attributes}, told.granularity,
    )  # fmt: skip


SOURCE = Source("logs-csv", "Logs as a table with a time, a component and a message", sniff, read)
