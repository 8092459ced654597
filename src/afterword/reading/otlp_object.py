"""A request of OTLP as a JSON value: its spans, log records and data points as records, in camel case or in snake case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.reading import json_walk, name, otlp
from afterword.reading.otlp_record import NO_VALUE, About, Log, Names, Point, Span, several, single

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.reading.otlp_record import Number

_WRAPPERS = frozenset({"trace", "data", "traces", "request", "body", "_source"})
WAYS = (("span", otlp.SPANS), ("log", otlp.LOGS), ("metric", otlp.METRICS))
_CUMULATIVE = (2, "2", "AGGREGATION_TEMPORALITY_CUMULATIVE")
_FAILED = (2, "2", "STATUS_CODE_ERROR", "ERROR", "Error")


def is_request(value: Any) -> bool:
    """Whether a value is a request, one behind a wrapper, or an element of its list of resources."""
    if otlp.is_request(value):
        return True
    if not isinstance(value, dict):
        return False
    inner = [value[key] for key in _WRAPPERS if isinstance(value.get(key), dict)]
    return any(map(otlp.is_request, inner)) or _is_resource(value)


def _is_resource(value: Mapping[str, Any]) -> bool:
    """The element of a list of resources, without a request around it."""
    return any(isinstance(value.get(key), list) for _, levels in WAYS for key in levels[1])


def way(value: Mapping[str, Any], levels: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
    """The way from this value to the elements: behind a wrapper, from a request, or from a resource; empty: none."""
    if value.keys() & levels[0]:
        return tuple(levels)
    if value.keys() & levels[1]:
        return tuple(levels[1:])
    if any(isinstance(value.get(key), dict) and value[key].keys() & levels[0] for key in _WRAPPERS):
        return (_WRAPPERS, *levels)
    return ()


def about(trail: json_walk.Trail, kind: str) -> About:
    """What the resource and the scope on the way to an element say."""
    holder, scope = (trail[-4], trail[-3]) if kind == "metric" else (trail[-2], trail[-1])
    return About.of(otlp.resource(holder), otlp.scope(scope))


def span(found: Mapping[str, Any]) -> Span:
    status = found["status"] if isinstance(found.get("status"), dict) else {}
    events = found["events"] if isinstance(found.get("events"), list) else ()
    raised = [one for one in events if isinstance(one, dict) and one.get("name") == "exception"]
    return Span(
        name.text(found.get("name")),
        found.get("kind"),
        otlp.get(found, "startTimeUnixNano", "start_time_unix_nano"),
        otlp.get(found, "endTimeUnixNano", "end_time_unix_nano"),
        otlp.hex_id(otlp.get(found, "traceId", "trace_id")),
        otlp.hex_id(otlp.get(found, "spanId", "span_id")),
        otlp.hex_id(otlp.get(found, "parentSpanId", "parent_span_id")),
        status.get("code") in _FAILED,
        name.text(status.get("message")),
        [otlp.attributes(one.get("attributes")) for one in raised],
        otlp.attributes(found.get("attributes")),
    )


def log(found: Mapping[str, Any]) -> Log:
    number = otlp.get(found, "severityNumber", "severity_number")
    return Log(
        otlp.get(found, "timeUnixNano", "time_unix_nano"),
        otlp.get(found, "observedTimeUnixNano", "observed_time_unix_nano"),
        number.removeprefix("SEVERITY_NUMBER_") if isinstance(number, str) else number,
        otlp.get(found, "severityText", "severity_text"),
        otlp.plain(found.get("body")),
        name.text(otlp.get(found, "eventName", "event_name")),
        otlp.hex_id(otlp.get(found, "traceId", "trace_id")),
        otlp.hex_id(otlp.get(found, "spanId", "span_id")),
        otlp.attributes(found.get("attributes")),
    )


def names(value: Mapping[str, Any], into: Names) -> None:
    """Add every series of a request."""
    for trail, found in json_walk.plain(value, way(value, otlp.METRICS) or (frozenset(),)):
        if isinstance(found, dict) and len(trail) >= 4:
            said = otlp.attributes(found.get("attributes"))
            into.add(name.text(trail[-2].get("name")), said, otlp.resource(trail[-4]))


def point(found: Mapping[str, Any], trail: json_walk.Trail) -> Point:
    metric, data = trail[-2], trail[-1]
    return Point(
        name.text(metric.get("name")),
        name.text(metric.get("unit")),
        otlp.get(found, "timeUnixNano", "time_unix_nano"),
        [] if found.get("flags") in (NO_VALUE, str(NO_VALUE)) else list(_numbers(found, data, _kind(metric, data))),
        otlp.attributes(found.get("attributes")),
    )


def _kind(metric: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    return next((key.replace("_", "").lower() for key, one in metric.items() if one is data), "")


def _numbers(found: Mapping[str, Any], data: Mapping[str, Any], kind: str) -> Iterator[Number]:
    """The numbers of a data point; counts and sums of zero are left out where JSON is made from protobuf."""
    cumulative = otlp.get(data, "aggregationTemporality", "aggregation_temporality") in _CUMULATIVE
    value = otlp.get(found, "asDouble", "as_double")
    value = otlp.get(found, "asInt", "as_int") if value is None else value
    if value is not None:
        monotonic = bool(otlp.get(data, "isMonotonic", "is_monotonic"))
        yield from single(value, cumulative=cumulative, monotonic=monotonic)
    elif kind in ("histogram", "exponentialhistogram"):
        yield from several(
            found.get("count", 0), found.get("sum"), found.get("min"), found.get("max"), (), cumulative=cumulative
        )
    elif kind == "summary":
        listed = otlp.get(found, "quantileValues", "quantile_values")
        quantiles = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        pairs = [(one.get("quantile", 0), one.get("value", 0)) for one in quantiles]
        yield from several(found.get("count", 0), found.get("sum", 0), None, None, pairs, cumulative=True)
