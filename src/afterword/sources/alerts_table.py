"""Alerts as a table: one a row, with what fired, where, from when and until when, as exports of alarm systems write them.

Alarm systems of networks often count seconds from a moment that they do not tell: such times are kept as seconds after 1970.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, Final

from afterword.core.clock import Doubt, Stamp
from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import fact, moment, name, table
from afterword.reading.cell import is_nothing, number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_HEAD: Final = 1 << 16
_NAME: Final = (
    "alertname", "alert_name", "alarmname", "alarm_name", "alarm_type", "alert_type", "alarm_title", "alert_title", "alarm_code",
    "alert_rule", "rule_name", "alarm", "alert", "alarm_id", "alert_id", "monitor_name", "monitor",
)  # fmt: skip
_START: Final = (
    "start_timestamp", "starts_at", "start_time", "started_at", "start", "fired_at", "triggered_at", "opened_at", "raised_at", "raise_time",
    "occur_time", "occurred_at", "occurrence_time", "first_occurrence", "activated_at", "alarm_time", "alert_time", *name.TIME,
)  # fmt: skip
_END: Final = (
    "end_timestamp", "ends_at", "end_time", "ended_at", "end", "resolved_at", "cleared_at", "clear_time", "closed_at", "recovered_at",
)  # fmt: skip
_COMPONENT: Final = (
    "device_id",
    "device",
    "device_name",
    "ne_name",
    "network_element",
    "ne",
    "managed_object",
    "resource",
    "entity",
    *name.COMPONENT,
)
_TEXT: Final = ("summary", "description", "message", "details", "probable_cause", "text")
_SEVERITY: Final = ("severity", "perceived_severity", "level", "priority")
_STATE: Final = ("state", "status")
#: What is measured, logged or traced has a table of its own, and columns that no alert has.
_ELSEWHERE: Final = frozenset(["trace_id", "traceid", "span_id", "logger", "msg", "expr", "commit", "caller", "callee"])
_OVER: Final = frozenset(["ok", "resolved", "cleared", "clear", "recovered", "closed", "normal", "inactive"])
#: Below this a number is no time since 1970, in whatever unit.
_RELATIVE: Final = 300_000_000
_SECOND: Final = 10**9


def sniff(head: bytes) -> float:
    """By the columns: the name of an alert, and a time; surer where they say when it ended or where it was."""
    found = table.shape(head)
    if found is None:
        return 0.0
    columns = {name.plain(one) for one in found.columns}
    if name.column(found.columns, _NAME) is None or name.column(found.columns, _START) is None or columns & _ELSEWHERE:
        return 0.0
    return 0.5 + 0.2 * bool(columns & set(_END)) + 0.15 * bool(columns & set(_COMPONENT))


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    shape = table.shape(stream.read(_HEAD))
    size = stream.seek(0, 2)
    stream.seek(0)
    if shape is None or name.column(shape.columns, _NAME) is None:
        yield Problem("no alerts: no column names them", Place(0, size), Gravity.ERROR, "table-columns")
        return
    told = False
    for row in table.rows(stream, shape):
        if not isinstance(row, table.Row):
            yield row
            continue
        value = {key: cell for key, cell in zip(shape.columns, row.fields, strict=True) if not is_nothing(cell)}
        if not name.text(name.first(value, _NAME)):
            yield Problem("no alert: it has no name", row.place, Gravity.WARNING, "alert-shape")
            continue
        for one in _alert(value, row.place, reading):
            yield one
            if isinstance(one, Event) and not told and one.at is not None and one.at < _RELATIVE * _SECOND:
                told = True
                says = "the times count from a moment that the table does not tell: shown as seconds after 1970"
                yield Problem(says, row.place, Gravity.INFO, "alert-relative-time", quarantined=False)


def _alert(value: Mapping[str, str], place: Place, reading: Reading) -> Iterator[Event | Problem]:
    start, end = (_stamp(name.text(name.first(value, wanted)), reading) for wanted in (_START, _END))
    state = name.text(name.first(value, _STATE)).lower()
    said = {
        "state": "resolved" if state in _OVER and isinstance(end, Doubt) else "firing",
        "severity": name.first(value, _SEVERITY),
    }
    event = Event(
        Kind.ALERT, place, None, name.text(name.first(value, _COMPONENT)), name.text(name.first(value, _NAME)),
        name.text(name.first(value, _TEXT)), severity=name.severity(name.text(name.first(value, _SEVERITY))),
        until=moment.at(end), attributes=fact.attributes(said),
    )  # fmt: skip
    for one in fact.dated(event, start, "the start of the alert"):
        if isinstance(one, Event) and one.at is not None and one.until is not None and one.until < one.at:
            yield replace(one, until=None)
        else:
            yield one


def _stamp(text: str, reading: Reading) -> Stamp | Doubt:
    value = number(text)
    if value is not None and 0 <= value < _RELATIVE and text.replace(".", "", 1).isdigit():
        return Stamp(round(value * _SECOND), None, "", _SECOND if text.isdigit() else 1)
    return moment.stamp(text, reading)


SOURCE = Source("alerts-table", "alerts as a table: what fired, where, from when until when", sniff, read)
