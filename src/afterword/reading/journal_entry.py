"""One entry of the systemd journal, whatever it was written in: its time, component, priority and message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from afterword.model.event import Event, Kind
from afterword.reading import log_inner, name
from afterword.reading.log_time import NONE, Clock, Told
from afterword.reading.said import LONGEST, Said, marks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.model.evidence import Place
    from afterword.reading.remark import Remarks

#: Identifiers that name an interpreter rather than what it runs; the unit then says more.
_INTERPRETERS: Final = frozenset(
    [
        "java",
        "python",
        "python3",
        "node",
        "ruby",
        "perl",
        "php",
        "dotnet",
        "sh",
        "bash",
        "env",
        "docker",
        "podman",
        "conmon",
        "dockerd",
    ]
)
OF_SYSTEMD: Final = "__REALTIME_TIMESTAMP"
#: Fields that are worth an attribute, under a name of the house where it has one.
_KEPT: Final = {
    "_HOSTNAME": "host", "_SYSTEMD_UNIT": "unit", "UNIT": "about", "_SYSTEMD_USER_UNIT": "user_unit", "ERRNO": "errno", "EXIT_CODE": "exit_code",
    "EXIT_STATUS": "exit_status", "UNIT_RESULT": "result", "JOB_RESULT": "job_result", "COREDUMP_SIGNAL_NAME": "signal", "COREDUMP_EXE": "executable",
    "CONTAINER_NAME": "container", "CONTAINER_TAG": "container_tag", "IMAGE_NAME": "image", "TRACE_ID": "trace", "SPAN_ID": "span", "LOGGER": "logger",
    "CODE_FUNC": "function", "_TRANSPORT": "transport",
}  # fmt: skip


def event(entry: Mapping[str, Any], place: Place, clock: Clock, remarks: Remarks) -> Event:
    """The log event that an entry makes, by the clock of its host."""
    told = _time(entry, clock)
    if told.at is None:
        remarks.note("time", told.doubt, place)
    text = _text(entry.get("MESSAGE"))
    said = log_inner.said(text, clock) if text[:1] == "{" or "=" in text[:40] else Said(NONE, "", "", text, marks(text))
    priority = name.severity(_text(entry.get("PRIORITY")), syslog=True)
    # What an application writes to its output has the priority of the output: its own level says more.
    severity = said.severity if said.severity and priority in ("", "info") else priority
    attributes = {known: value[:200] for field, known in _KEPT.items() if (value := _text(entry.get(field)))}
    return Event(
        Kind.LOG, place, told.at, _component(entry), "", said.text[:LONGEST], None, None, severity, None, told.offset,
        {**said.attributes, **attributes}, told.granularity, clock=_text(entry.get("_HOSTNAME")),
    )  # fmt: skip


def _time(entry: Mapping[str, Any], clock: Clock) -> Told:
    value = entry.get(OF_SYSTEMD)
    return NONE if value in (None, "") else clock.value(value, "us")


def _component(entry: Mapping[str, Any]) -> str:
    """What wrote the entry: its container, its identifier, or its unit where the identifier is only an interpreter."""
    identifier = _text(entry.get("SYSLOG_IDENTIFIER")).strip()
    unit = _text(entry.get("_SYSTEMD_UNIT")) or _text(entry.get("_SYSTEMD_USER_UNIT"))
    service = unit.removesuffix(".service") if unit.endswith(".service") else ""
    container = _text(entry.get("CONTAINER_NAME"))
    if container:
        return container
    if service and (not identifier or identifier.rsplit("/", 1)[-1] in _INTERPRETERS):
        return service
    return identifier or _text(entry.get("_COMM")) or unit or _text(entry.get("_HOSTNAME"))


def _text(value: Any) -> str:
    """A field as text: bytes that are no text come as numbers, a field that stands twice as an array."""
    if isinstance(value, list):
        if value and all(isinstance(one, int) and not isinstance(one, bool) and 0 <= one < 256 for one in value):
            return bytes(value).decode("utf-8", "replace")
        return "\n".join(_text(one) for one in value)
    return name.text(value)
