"""What the values of a JSON line do: by the fields of a logger's record, and by those of a span or a record of OTLP."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from afterword.reading import log_object, name
from afterword.reading.bulk.layout import Role
from afterword.reading.otlp_record import HTTP, PEERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.reading.bulk.layout import Layout, Slot

_ISO: Final = re.compile(r'"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}')
#: Fields whose value decides in company of others.
_SPECIAL: Final = frozenset(
    ["name", "hostname", "pid", "date", "day", "time", "c", "s", "t", "v", "syslog_identifier", *log_object.POD]
)
_FILLED: Final = frozenset(["@mt", "message_template"])
_SECONDS: Final = (".epoch_second", ".seconds", ".nano_of_second", ".nanos")


def of_record(layout: Layout) -> Sequence[Role] | None:
    """The roles of the values of a logger's record; None for one that is not simple."""
    keys = [".".join(slot.path) for slot in layout.slots]
    if len(set(keys)) != len(keys) or any(name.plain(key).endswith(_SECONDS) for key in keys):
        return None
    plan = log_object.plan(tuple(keys))
    if not plan.time or not plan.message:
        return None
    time, message = plan.time[0], plan.message[0]
    if name.plain(message) in _FILLED or name.plain(time) in ("time_millis", "timemillis", "@t"):
        return None
    deciding = {*plan.component, *plan.severity, *plan.logger, *plan.kind, *plan.stack, *plan.status}
    deciding |= {*plan.trace[1:], *plan.span[1:]}
    ids = {*plan.trace[:1], *plan.span[:1]}
    if {time, message} & deciding or plan.kind or plan.stack:
        return None
    made = []
    for key, slot in zip(keys, layout.slots, strict=True):
        if key == time:
            made.append(_time(slot))
        elif key == message:
            made.append(Role.MESSAGE if slot.kind == "string" else None)
        elif key in deciding or slot.kind == "word" or name.plain(key).lstrip("_") in _SPECIAL:
            made.append(Role.DECIDES)
        else:
            made.append(Role.ID if key in ids and slot.kind == "string" else Role.PASSES)
    return None if None in made else [role for role in made if role is not None]


def _time(slot: Slot) -> Role | None:
    if slot.kind == "word":
        return None
    return Role.ISO if _ISO.match(slot.token) else Role.TIME


_IDS: Final = frozenset(["traceId", "spanId", "parentSpanId"])
_UNUSED: Final = frozenset(["observedTimeUnixNano", "traceState", "flags", "droppedAttributesCount"])
_NANOS: Final = re.compile(r'"?[1-8][0-9]{18}"?')


def of_span(layout: Layout) -> Sequence[Role] | None:
    """The roles of the values of a request with one span."""
    return _of_otlp(layout, "spans", "startTimeUnixNano")


def of_log(layout: Layout) -> Sequence[Role] | None:
    """The roles of the values of a request with one log record."""
    return _of_otlp(layout, "logRecords", "timeUnixNano")


def _of_otlp(layout: Layout, elements: str, time: str) -> Sequence[Role] | None:
    made = []
    for slot in layout.slots:
        inside = slot.path[slot.path.index(elements) + 2 :] if elements in slot.path[:-2] else ()
        made.append(_otlp(slot, inside, time) if inside else Role.DECIDES)
    times = [role for role in made if role is Role.NANOS]
    return made if len(times) == 1 else None


def _otlp(slot: Slot, inside: tuple[str, ...], time: str) -> Role:
    if len(inside) == 1:
        if inside[0] in (time, "endTimeUnixNano") and _NANOS.fullmatch(slot.token):
            return Role.NANOS if inside[0] == time else Role.END
        if slot.kind == "string" and inside[0] in _IDS:
            return Role.ID
        return Role.PASSES if inside[0] in _UNUSED else Role.DECIDES
    if inside == ("body", "stringValue"):
        return Role.MESSAGE
    if inside[0] != "attributes" or len(inside) != 4:
        return Role.DECIDES
    key, kind = inside[1], inside[-1]
    if key in PEERS or key in HTTP or key.startswith("exception.") or key == "event.name":
        return Role.DECIDES
    return {"stringValue": Role.PASSES, "doubleValue": Role.PASSES, "intValue": Role.WHOLE}.get(kind, Role.DECIDES)
