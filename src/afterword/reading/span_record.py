"""Spans as records of named fields (rows of a table, flat JSON objects): which field is what, and whether a span failed.

The names are those of OpenTelemetry, Jaeger, Zipkin and SkyWalking and what people make of them. A duration is read only
with a unit: one in its name, that of the format whose names the record has, or that of the start beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from afterword.core.clock import Doubt, Stamp, epoch
from afterword.model.event import Event, Kind
from afterword.reading import moment, name
from afterword.reading.cell import Clock, is_nothing, number, unit
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from afterword.model.evidence import Place
    from afterword.ports import Reading

TRACE = ("trace_id", "traceid", "trace", "trace.id", "trace_no", "context.trace_id", "otel.trace_id")
SPAN = ("span_id", "spanid", "span", "span.id", "context.span_id", "id", "segment_id", "rpc_id", "rpcid")
PARENT = (
    "parent_span_id", "parentspanid", "parent_id", "parentid", "parent", "parent_span", "parentspan", "parent.id", "pid", "refspanid",
    "parent_spanid", "references_span_id",
)  # fmt: skip
COMPONENT = (
    "service.name", "service_name", "servicename", "process.service_name", "process.servicename", "resource.service.name",
    "resource.attributes.service.name", "resource_service_name", "local_service_name", "localendpoint.servicename",
    "local_endpoint.service_name", "localservicename", "attributes.service.name", "tags.service.name", "service", "app", "application",
    "app_name", "component", "microservice", "service_code", "cmdb_id", "ms", "deployment", "workload", "container", "podname", "pod_name",
    "pod", "host", "hostname", "instance", "node", "ds_name",
)  # fmt: skip
OPERATION = (
    "operation_name", "operationname", "span_name", "spanname", "operation", "name", "endpoint_name", "endpoint", "method_name", "methodname",
    "resource_name", "rpc", "interface", "api", "url", "path", "method", "calltype", "call_type",
)  # fmt: skip
START = (
    "start_time_unix_nano", "starttimeunixnano", "start_time", "starttime", "start_timestamp", "start", "start_time_ms", "start_time_us",
    "start_time_ns", "starttimemicros", "start_time_millis", "starttimemillis", "start_us", "start_ms", "start_ns", "begin", "begin_time",
    "timestamp", "timestamp_ms", "timestamp_us", "@timestamp", "time", "ts", "datetime",
)  # fmt: skip
END = (
    "end_time_unix_nano", "endtimeunixnano", "end_time", "endtime", "end_timestamp", "end", "finish", "finish_time", "end_time_ms",
    "end_time_us", "end_time_ns", "end_ms", "end_us", "end_ns", "stop", "stop_time",
)  # fmt: skip
DURATION = (
    "duration_ns", "duration_nano", "durationnano", "duration_nanos", "duration_us", "duration_micros", "durationmicros", "duration_ms",
    "durationms", "duration_millis", "duration_s", "duration_seconds", "duration", "elapsed_ms", "elapsed_us", "elapsed", "elapsed_time",
    "elapsedtime", "latency_ms", "latency_us", "latency_ns", "latency", "took_ms", "took", "response_time_ms", "response_time", "responsetime",
    "cost_ms", "cost", "time_taken", "rt", "duration(ms)", "duration(us)", "duration_(ms)", "duration_(us)",
)  # fmt: skip
STATUS = (
    "otel_status_code", "otel.status_code", "status.code", "status_code", "statuscode", "status", "result", "state", "is_error", "iserror",
    "error", "failed", "has_error", "success", "issuccess", "is_success", "ok", "result_code", "resultcode",
)  # fmt: skip
HTTP = (
    "http.status_code",
    "http_status_code",
    "http.response.status_code",
    "httpstatuscode",
    "http_status",
    "response_code",
)
KIND = ("span_kind", "spankind", "span.kind", "kind", "spantype", "span_type")
PEER = (
    "peer.service", "peer_service", "peerservice", "remote_service", "remoteservice", "remote_service_name", "remoteendpoint.servicename",
    "remote_endpoint.service_name", "server.address", "net.peer.name", "peer", "db.system", "callee", "dm", "downstream",
)  # fmt: skip
TEXT = (
    "status_message",
    "statusmessage",
    "status.message",
    "exception.message",
    "error_message",
    "error.message",
    "message",
    "error",
)
_FIELDS = {
    "trace": TRACE, "span": SPAN, "parent": PARENT, "component": COMPONENT, "start": START, "end": END, "duration": DURATION,
    "operation": OPERATION, "status": STATUS, "http": HTTP, "kind": KIND, "peer": PEER,
}  # fmt: skip
_NO_PARENT = frozenset({"root", "none", "null", "nan", "0", "-1", "0000000000000000", "", "nil"})
_KINDS = ("", "internal", "server", "client", "producer", "consumer")
_BAD = frozenset(
    {
        "error", "err", "failed", "failure", "fail", "status_code_error", "exception", "fault", "timeout", "abort", "aborted", "cancelled",
        "canceled", "internal", "unavailable", "deadline_exceeded", "resource_exhausted", "data_loss", "5xx",
    }
)  # fmt: skip
_YES, _NO = (
    frozenset({"true", "yes", "1", "t", "y"}),
    frozenset({"false", "no", "0", "f", "n", "", "none", "null", "nan"}),
)
_NOTHING: Mapping[str, str] = {}
_SCALE = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


@dataclass(frozen=True, slots=True)
class Fields:
    """The name of the field of each role, as the record writes it; empty where it has none."""

    role: Mapping[str, str]
    #: What the format says of a duration without a unit in its name; empty: nothing.
    duration_unit: str
    #: Fields that may say in words what went wrong.
    text: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()

    def __getitem__(self, role: str) -> str:
        return self.role.get(role, "")

    @property
    def sure(self) -> float:
        """How much of a span the names describe, 0 to 1."""
        if not self["trace"] or not self["start"] or not (self["duration"] or self["end"]):
            return 0.0
        named = sum(bool(self[role]) for role in ("span", "parent", "component", "operation"))
        return (0.0, 0.0, 0.6, 0.85, 0.9)[named]


def fields(names: Sequence[str]) -> Fields:
    """Which field is what. A field has one role; one name may not serve twice."""
    role: dict[str, str] = {}
    taken: set[str] = set()
    for what, wanted in _FIELDS.items():
        found = name.column([one for one in names if one not in taken], wanted)
        if found is not None:
            role[what] = found
            taken.add(found)
    text = [name.column(names, (wanted,)) for wanted in TEXT]
    rest = tuple(one for one in names if one not in taken)
    return Fields(role, _unit_of_format(names, role), tuple(one for one in text if one is not None), rest)


def _unit_of_format(names: Sequence[str], role: Mapping[str, str]) -> str:
    """Jaeger and Zipkin count durations in microseconds, the OpenTelemetry exporters in nanoseconds."""
    plain = {name.plain(one).replace("_", "") for one in names}
    if role.get("duration") is None or unit(role["duration"]):
        return ""
    if {"operationname", "starttime"} <= plain and plain & {"traceid", "references", "processid", "parentspanid"}:
        return "us"
    if plain & {"localendpoint", "localendpoint.servicename", "remoteendpoint.servicename", "localservicename"}:
        return "us"
    return "ns" if {"spanname", "servicename"} <= plain and plain & {"statuscode", "spankind"} else ""


@dataclass(slots=True)
class Reader:
    """Turns records with the same fields into spans; what is to be said of them is kept in ``remarks``."""

    found: Fields
    reading: Reading
    remarks: Remarks = field(default_factory=Remarks)
    start: Clock = field(init=False)
    end: Clock = field(init=False)
    unit: str = field(init=False)
    #: Each attribute, the field that it is read from, and how.
    attributes: list[tuple[str, str, Callable[[Any], str]]] = field(init=False)
    #: The fields that say whether a span failed.
    judged: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.start = Clock(self.found["start"], self.reading)
        self.end = Clock(self.found["end"], self.reading)
        self.unit = unit(self.found["duration"]) or self.found.duration_unit
        readers = {"trace": word, "span": word, "parent": _parent, "kind": kind, "peer": word}
        self.attributes = [(role, self.found[role], read) for role, read in readers.items() if self.found[role]]
        self.attributes += [("status", self.found[role], _http) for role in ("status", "http") if self.found[role]]
        self.judged = [self.found[role] for role in ("status", "http") if self.found[role]]

    def span(self, record: Mapping[str, Any], place: Place, more: Mapping[str, str] = _NOTHING) -> Event:
        """The span of one record; ``more`` are attributes beside those of the roles."""
        found, said = self.found, record.get
        start = self.start(said(found["start"]))
        took, remark = self._took(record, start)
        if isinstance(start, Doubt):
            self.remarks.note("time", f"the start cannot be relied on: {start.reason}", place)
        if remark:
            self.remarks.note("duration-unit", remark, place)
        attributes = {key: text for key, of, read in self.attributes if (text := read(said(of)))}
        failed = any(is_failed(of, said(of)) for of in self.judged)
        return Event(
            Kind.SPAN,
            place,
            moment.at(start),
            word(said(found["component"])),
            word(said(found["operation"])),
            next((text for one in self.found.text if (text := saying(said(one)))), ""),
            took=took,
            severity="error" if failed else "",
            offset=moment.offset(start),
            granularity=moment.granularity(start),
            attributes={**more, **attributes} if more else attributes,
        )

    def _took(self, record: Mapping[str, Any], start: Stamp | Doubt) -> tuple[int | None, str]:
        """Nanoseconds: from start to end where both are exact, else the duration in its unit."""
        ended = record.get(self.found["end"]) if self.found["end"] else None
        if ended is not None and not is_nothing(ended) and isinstance(start, Stamp):
            end = self.end(ended)
            if isinstance(end, Stamp) and end.ns >= start.ns:
                return end.ns - start.ns, ""
        cell = record.get(self.found["duration"])
        value = None if cell is None or is_nothing(cell) else number(cell)
        if cell is None or value is None or value < 0 or value - value != 0:
            return None, ""
        beside = "" if self.unit else unit_of_start(record.get(self.found["start"]), self.found["start"])
        if not self.unit and not beside:
            return None, "no unit of the durations is stated: they are left out"
        remark = (
            "" if self.unit else f"no unit of the durations is stated: read as {beside}, like the starts beside them"
        )
        scale = _SCALE[self.unit or beside]
        exact = int(cell) if isinstance(cell, int) or str(cell).strip().isdigit() else None
        return (exact * scale if exact is not None else round(value * scale)), remark


def unit_of_start(cell: Any, column: str) -> str:
    """The unit in which a start is written as a number: by its column's name or its size."""
    stated = unit(column)
    if stated or isinstance(cell, bool):
        return stated
    value = number(cell) if isinstance(cell, int | float) or str(cell).strip().replace(".", "", 1).isdigit() else None
    if value is None or isinstance(epoch(str(cell).strip()), Doubt):
        return ""
    return next((u for u, scale in _SCALE.items() if 946_684_800 <= value * scale / 1e9 < 4_102_444_800), "")


def is_failed(field_name: str, value: Any) -> bool:
    """Whether a status says that the span failed: a word, an HTTP or gRPC status, OpenTelemetry's 2, or a truth value."""
    if is_nothing(value):
        return False
    text = str(value).strip().lower()
    last = name.plain(field_name).rpartition(".")[2].replace("_", "")
    if last in ("success", "issuccess", "ok"):
        return text in _NO
    if last in ("error", "iserror", "failed", "haserror"):
        return text not in _NO
    found = number(text)
    if found is None:
        return text.rpartition(".")[2] in _BAD
    if found >= 100:
        return found >= 500
    return "http" not in field_name.lower() and 2 <= found <= 16


def kind(value: Any) -> str:
    """``server``, ``client`` … from a word, ``SPAN_KIND_SERVER`` or OpenTelemetry's number."""
    if is_nothing(value):
        return ""
    text = str(value).strip().lower().removeprefix("span_kind_")
    if text.isdigit():
        return _KINDS[int(text)] if int(text) < len(_KINDS) else ""
    return {"entry": "server", "exit": "client", "local": "internal", "unspecified": ""}.get(text, text)


def _parent(value: Any) -> str:
    if isinstance(value, list):
        value = value[0] if value else ""
    text = word(value)
    return "" if text.lower() in _NO_PARENT else text


def word(value: Any) -> str:
    if value is None or value == "":
        return ""
    return "" if is_nothing(value) else name.text(value).strip()


def _http(value: Any) -> str:
    """A status of HTTP; other statuses are told by the severity."""
    text = word(value).removesuffix(".0")
    return text if len(text) == 3 and text.isdigit() else ""


def saying(value: Any) -> str:
    """What went wrong in words; a truth value says nothing."""
    text = word(value)
    return "" if text.lower() in _NO | _YES else text
