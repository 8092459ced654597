"""OTLP as JSON: traces, logs and metrics of OpenTelemetry; one request a line, a document, or a list; Tempo's answers too.

A span, a log record or a data point has its own place; where it is the only one of its line, the place is the line. A histogram
gives its count and its sum (told apart by ``part``), a summary its quantiles too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.core.clock import Doubt, Stamp, epoch
from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import json_value, json_walk, label, moment, name, otlp, span_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.ports import Reading
    from afterword.reading.json_value import Node

    Key = tuple[tuple[str, str], ...]

_WRAPPERS = frozenset({"trace", "data", "traces", "request", "body", "_source"})
_PEERS = (
    "peer.service",
    "server.address",
    "net.peer.name",
    "db.system",
    "db.system.name",
    "messaging.system",
    "rpc.service",
)
_HTTP = ("http.response.status_code", "http.status_code")
#: Attributes that say how, not what: the plumbing of a request.
_PLUMBING = (
    "telemetry.", "otel.", "net.", "network.", "thread.", "user_agent", "http.user_agent", "http.flavor", "http.scheme", "http.host",
    "http.request_content", "http.response_content", "url.scheme", "client.", "server.port", "code.lineno", "code.line", "process.",
    "peer.service", "server.address", "http.status_code", "http.response.status_code", "exception.",
)  # fmt: skip
_MOST_ATTRIBUTES, _LONGEST = 16, 1_000


def sniff(head: bytes) -> float:
    """Sure of a value with resources of spans, logs or metrics."""
    if b'"resource' not in head and b'"batches"' not in head and b'"scope' not in head:
        return 0.0
    return 0.95 if any(_request(one) for one in json_value.samples(head)[:3]) else 0.0


def _request(value: Any) -> bool:
    if otlp.is_request(value):
        return True
    if not isinstance(value, dict):
        return False
    inner = [value[key] for key in _WRAPPERS if isinstance(value.get(key), dict)]
    return any(map(otlp.is_request, inner)) or _is_resource(value)


def _is_resource(value: Mapping[str, Any]) -> bool:
    """The element of a list of resources, without a request around it."""
    return any(isinstance(value.get(key), list) for _, levels in _WAYS for key in levels[1])


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    names: dict[Key, label.Named] = {}
    head = stream.read(1 << 16)
    stream.seek(0)
    if b"etrics" in head:
        names = _names(stream)
        stream.seek(0)
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped):
            yield node
        elif not _request(node.value):
            yield Problem("not a request of OTLP", node.place(), Gravity.WARNING, "otlp")
        else:
            yield from _read(node, names)


def _read(node: Node, names: dict[Key, label.Named]) -> Iterator[Event | Problem | Skipped]:
    value, some = node.value, False
    ways = [(kind, way) for kind, levels in _WAYS if (way := _way(value, levels))]
    alone = sum(json_walk.count(value, way) for _, way in ways) == 1
    for kind, way in ways:
        last: tuple[Any, ...] = ()
        about = _About({}, "", "")
        for trail, leaf in json_walk.elements(node, way):
            some = True
            if not last or trail[-1] is not last[-1] or trail[-2] is not last[-2]:
                last, about = trail, _about(trail, kind)
            place = node.place() if alone else leaf.place()
            if not isinstance(leaf.value, dict):
                yield Problem("no object where an element of OTLP is expected", place, Gravity.WARNING, "otlp")
            elif kind == "span":
                yield from _span(leaf.value, about, place)
            elif kind == "log":
                yield from _log(leaf.value, about, place)
            else:
                yield from _point(leaf.value, trail, about, place, names)
    if not some:
        yield Skipped("a request that holds nothing", node.place())


_WAYS = (("span", otlp.SPANS), ("log", otlp.LOGS), ("metric", otlp.METRICS))


def _way(value: Mapping[str, Any], levels: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """The way from this value to the elements: behind a wrapper, from a request, or from a resource; empty: none."""
    if value.keys() & levels[0]:
        return tuple(levels)
    if value.keys() & levels[1]:
        return tuple(levels[1:])
    if any(isinstance(value.get(key), dict) and value[key].keys() & levels[0] for key in _WRAPPERS):
        return (_WRAPPERS, *levels)
    return ()


class _About:
    """What is said once for many elements: resource, component, library."""

    __slots__ = ("component", "resource", "scope")

    def __init__(self, resource: dict[str, str], component: str, scope: str) -> None:
        self.resource, self.component, self.scope = resource, component, scope


def _about(trail: json_walk.Trail, kind: str) -> _About:
    holder, scope = (trail[-4], trail[-3]) if kind == "metric" else (trail[-2], trail[-1])
    resource = otlp.resource(holder)
    return _About(resource, otlp.component(resource), otlp.scope(scope))


# ------------------------------------------------------------------------------------------------- times


def _stamp(value: Any) -> Stamp | Doubt:
    """Nanoseconds since the epoch, as a number or (as 64-bit integers are written) as a string."""
    if isinstance(value, str) and value.isdigit() and value.isascii() and len(value) < 20:
        value = int(value)
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | str):
        return Doubt("no time given")
    return epoch(value, "ns")


# ------------------------------------------------------------------------------------------------- spans


def _span(span: Mapping[str, Any], about: _About, place: Place) -> Iterator[Event | Problem]:
    start = _stamp(otlp.get(span, "startTimeUnixNano", "start_time_unix_nano"))
    end = _stamp(otlp.get(span, "endTimeUnixNano", "end_time_unix_nano"))
    said = otlp.attributes(span.get("attributes"))
    kind = span_record.kind(span.get("kind"))
    http = said.get(_HTTP[0]) or said.get(_HTTP[1], "")
    status = span["status"] if isinstance(span.get("status"), dict) else {}
    failed = status.get("code") in (2, "2", "STATUS_CODE_ERROR", "ERROR", "Error") or (
        len(http) == 3 and http[0] == "5"
    )
    attributes = _kept(said)
    for key, text in (
        ("trace", otlp.hex_id(otlp.get(span, "traceId", "trace_id"))),
        ("span", otlp.hex_id(otlp.get(span, "spanId", "span_id"))),
        ("parent", otlp.hex_id(otlp.get(span, "parentSpanId", "parent_span_id"))),
        ("kind", kind),
        ("peer", _peer(said, kind)),
        ("status", http),
        ("version", about.resource.get("service.version", "")),
    ):
        if text:
            attributes[key] = text
    yield Event(
        Kind.SPAN,
        place,
        moment.at(start),
        about.component,
        name.text(span.get("name")),
        _failure(span, status),
        took=end.ns - start.ns if isinstance(start, Stamp) and isinstance(end, Stamp) and end.ns >= start.ns else None,
        severity="error" if failed else "",
        attributes=attributes,
    )
    if isinstance(start, Doubt):
        yield moment.undated(start, place, "its start")


def _kept(said: Mapping[str, str]) -> dict[str, str]:
    """Attributes that say something of what was done."""
    kept = {key: text[:_LONGEST] for key, text in said.items() if text and not key.startswith(_PLUMBING)}
    return kept if len(kept) <= _MOST_ATTRIBUTES else dict(list(kept.items())[:_MOST_ATTRIBUTES])


def _peer(said: Mapping[str, str], kind: str) -> str:
    wanted = _PEERS if kind in ("client", "producer") else _PEERS[:1]
    return next((said[key] for key in wanted if said.get(key)), "")


def _failure(span: Mapping[str, Any], status: Mapping[str, Any]) -> str:
    """What went wrong: the message of the status, and the exceptions that were recorded."""
    said = [name.text(status.get("message"))]
    for one in span["events"] if isinstance(span.get("events"), list) else ():
        if isinstance(one, dict) and one.get("name") == "exception":
            about = otlp.attributes(one.get("attributes"))
            said.append(_exception(about))
    return "; ".join(dict.fromkeys(one for one in said if one))


def _exception(about: Mapping[str, str]) -> str:
    return ": ".join(one for key in ("exception.type", "exception.message") if (one := about.get(key, "")))


# ------------------------------------------------------------------------------------------------- logs


def _log(record: Mapping[str, Any], about: _About, place: Place) -> Iterator[Event | Problem]:
    at = _stamp(otlp.get(record, "timeUnixNano", "time_unix_nano"))
    if isinstance(at, Doubt):
        observed = _stamp(otlp.get(record, "observedTimeUnixNano", "observed_time_unix_nano"))
        at = observed if isinstance(observed, Stamp) else at
    said = otlp.attributes(record.get("attributes"))
    attributes = _kept(said)
    for key, text in (
        ("trace", otlp.hex_id(otlp.get(record, "traceId", "trace_id"))),
        ("span", otlp.hex_id(otlp.get(record, "spanId", "span_id"))),
        ("logger", about.scope),
        ("exception", said.get("exception.stacktrace") or _exception(said)),
        ("version", about.resource.get("service.version", "")),
    ):
        if text:
            attributes[key] = text
    event = name.text(otlp.get(record, "eventName", "event_name")) or said.get("event.name", "")
    yield Event(
        Kind.LOG,
        place,
        moment.at(at),
        about.component,
        event,
        _body(record.get("body")) or event or said.get("exception.message", ""),
        severity=_severity(record),
        attributes=attributes,
    )
    if isinstance(at, Doubt):
        yield moment.undated(at, place)


def _body(body: Any) -> str:
    """The text of a log record; of one that is a map, its message where it has one."""
    value = otlp.plain(body)
    if isinstance(value, dict):
        said = name.first(value, name.MESSAGE)
        if isinstance(said, str):
            return said
    return otlp.text(body)


def _severity(record: Mapping[str, Any]) -> str:
    number = otlp.get(record, "severityNumber", "severity_number")
    if isinstance(number, str):
        number = number.removeprefix("SEVERITY_NUMBER_")
    return name.severity(number) or name.severity(otlp.get(record, "severityText", "severity_text"))


# ------------------------------------------------------------------------------------------------- metrics


def _names(stream: BinaryIO) -> dict[Key, label.Named]:
    """What every series is called: other series decide which labels are needed, so all are looked at first."""
    keys: dict[Key, None] = {}
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped) or not isinstance(node.value, dict):
            continue
        for trail, point in json_walk.plain(node.value, _way(node.value, otlp.METRICS) or (frozenset(),)):
            if isinstance(point, dict) and len(trail) >= 4:
                keys[_key(point, trail[-2], otlp.resource(trail[-4]))] = None
    return dict(zip(keys, label.named([dict(key) for key in keys]), strict=True))


def _key(point: Mapping[str, Any], metric: Mapping[str, Any], resource: Mapping[str, str]) -> Key:
    said = otlp.attributes(point.get("attributes"))
    return tuple(sorted({**said, **otlp.identity(resource), "__name__": name.text(metric.get("name"))}.items()))


def _point(
    point: Mapping[str, Any], trail: json_walk.Trail, about: _About, place: Place, names: dict[Key, label.Named]
) -> Iterator[Event | Problem | Skipped]:
    metric, data = trail[-2], trail[-1]
    key = _key(point, metric, about.resource)
    if key not in names:
        names[key] = label.named([dict(key)])[0]
    component, indicator = names[key].component or about.component, names[key].indicator
    at = _stamp(otlp.get(point, "timeUnixNano", "time_unix_nano"))
    unit = {"unit": name.text(metric["unit"])} if metric.get("unit") not in (None, "", "1") else {}
    measured = [one for one in _values(point, data) if one[1] - one[1] == 0]
    for suffix, value, more in measured:
        family, brace, labels = indicator.partition("{")
        called = f"{family}{suffix}{brace}{labels}"
        part = " ".join([called, *more.values()]) if len(measured) > 1 else ""
        where = Place(place.start, place.end, place.first, place.last, part, place.inline)
        yield Event(Kind.METRIC, where, moment.at(at), component, called, value=value, attributes={**unit, **more})
    if not measured:
        yield Skipped("a data point without a finite number", place)
    elif isinstance(at, Doubt):
        yield moment.undated(at, place)


def _values(point: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[str, float, dict[str, str]]]:
    """The numbers of a data point: suffix of the name, value, attributes."""
    total = otlp.get(data, "aggregationTemporality", "aggregation_temporality") in (
        2,
        "2",
        "AGGREGATION_TEMPORALITY_CUMULATIVE",
    )
    single = otlp.get(point, "asDouble", "as_double")
    single = otlp.get(point, "asInt", "as_int") if single is None else single
    counter = {"type": "counter"} if total else {}
    if single is not None:
        monotonic = bool(otlp.get(data, "isMonotonic", "is_monotonic"))
        yield from _number("", single, counter if monotonic else {})
        return
    quantiles = otlp.get(point, "quantileValues", "quantile_values")
    counter = counter if quantiles is None else {"type": "counter"}
    yield from _number("_count", point.get("count"), counter)
    yield from _number("_sum", point.get("sum"), counter)
    for statistic in ("min", "max"):
        yield from _number("", point.get(statistic), {"statistic": statistic})
    for one in quantiles if isinstance(quantiles, list) else ():
        if isinstance(one, dict):
            yield from _number("", one.get("value", 0), {"statistic": _quantile(one.get("quantile", 0))})


def _quantile(quantile: Any) -> str:
    return f"p{quantile * 100:g}" if isinstance(quantile, int | float) else f"p{name.text(quantile)}"


def _number(suffix: str, value: Any, attributes: dict[str, str]) -> Iterator[tuple[str, float, dict[str, str]]]:
    try:
        yield suffix, float(value), attributes
    except (TypeError, ValueError, OverflowError):
        return


SOURCE = Source("otlp-json", "OpenTelemetry traces, logs and metrics as OTLP JSON", sniff, read)
