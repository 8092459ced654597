"""Requests of OTLP in protobuf: the offsets of their elements, and each element as the record that makes its events.

The levels around an element are walked on the wire, for the offsets; the element itself is read by the library. Text that is
no UTF-8, which the library refuses and some senders write all the same, is repaired first.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    NumberDataPoint,
    SummaryDataPoint,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

from afterword.reading import otlp, otlp_record, otlp_wire
from afterword.reading.otlp_record import NO_VALUE, About, Log, Point, Span
from afterword.reading.otlp_wire import DATA, LEN, VARINT, CutError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.reading.otlp_record import Number
    from afterword.reading.otlp_wire import Field

POINTS: dict[str, type[Message]] = {
    "gauge": NumberDataPoint,
    "sum": NumberDataPoint,
    "histogram": HistogramDataPoint,
    "exponential_histogram": ExponentialHistogramDataPoint,
    "summary": SummaryDataPoint,
}
_NONE = b"\0" * 16
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric says of all its data points."""

    name: str = ""
    unit: str = ""
    kind: str = ""
    cumulative: bool = False
    monotonic: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """One span, log record or data point and where it stands in the request."""

    start: int
    end: int
    about: About
    metric: Metric | None = None


# ------------------------------------------------------------------------------------------------- the levels around


def elements(raw: bytes, signal: str, received: int | None = None) -> Iterator[Element | CutError]:
    """Every whole element of a request, in its order; where a resource makes no sense any more, the error in its place."""
    try:
        for resource in otlp_wire.fields(raw, 0, len(raw), enter=True):
            if (resource.number, resource.wire) == (1, LEN):
                yield from _of_resource(raw, resource, signal, received)
    except CutError as error:
        yield error


def _of_resource(raw: bytes, resource: Field, signal: str, received: int | None) -> Iterator[Element | CutError]:
    said: dict[str, str] = {}
    try:
        said = _resource(raw, resource)
        for scope in otlp_wire.fields(raw, resource.start, resource.end, enter=True):
            if scope.number in (2, 1000) and scope.wire == LEN:
                yield from _of_scope(raw, scope, signal, About.of(said, _scope_name(raw, scope), received))
    except CutError as error:
        if resource.cut:
            raise
        yield CutError(error.at, str(error), resource.end)


def _resource(raw: bytes, resource: Field) -> dict[str, str]:
    """The attributes of a resource, wherever among its fields they stand, as far as there are any."""
    found: dict[str, str] = {}
    try:
        for one in otlp_wire.fields(raw, resource.start, resource.end):
            if (one.number, one.wire) == (1, LEN):
                found |= attributes(parsed(Resource, raw[one.start : one.end]))
    except (CutError, DecodeError):
        pass
    return found


def _of_scope(raw: bytes, scope: Field, signal: str, about: About) -> Iterator[Element]:
    for one in otlp_wire.fields(raw, scope.start, scope.end):
        if (one.number, one.wire) != (2, LEN):
            continue
        if signal == "metric":
            yield from _of_metric(raw, one, about)
        else:
            yield Element(one.start, one.end, about)


def _scope_name(raw: bytes, scope: Field) -> str:
    """The name of the library; it is written before the elements, which are not walked for it."""
    try:
        for one in otlp_wire.fields(raw, scope.start, scope.end):
            if (one.number, one.wire) == (1, LEN):
                return str(parsed(InstrumentationScope, raw[one.start : one.end]).name)
            if one.number == 2:
                break
    except (CutError, DecodeError):
        pass
    return ""


def _of_metric(raw: bytes, metric: Field, about: About) -> Iterator[Element]:
    found = list(otlp_wire.fields(raw, metric.start, metric.end))
    texts = {one.number: raw[one.start : one.end].decode("utf-8", "replace") for one in found if one.number in (1, 3)}
    for data in found:
        if data.number in DATA and data.wire == LEN:
            inside = list(otlp_wire.fields(raw, data.start, data.end))
            numbers = {one.number: one.value for one in inside if one.wire == VARINT}
            kind = DATA[data.number]
            of = Metric(texts.get(1, ""), texts.get(3, ""), kind, numbers.get(2) == 2, bool(numbers.get(3)))
            for one in inside:
                if (one.number, one.wire) == (1, LEN):
                    yield Element(one.start, one.end, about, of)


# ------------------------------------------------------------------------------------------------- the elements


def span(raw: bytes) -> Span:
    """Raises DecodeError."""
    one = parsed(SpanMessage, raw)
    raised = [attributes(event) for event in one.events if event.name == "exception"]
    return Span(
        one.name,
        one.kind,
        one.start_time_unix_nano,
        one.end_time_unix_nano,
        _id(one.trace_id),
        _id(one.span_id),
        _id(one.parent_span_id),
        one.status.code == 2,
        one.status.message,
        raised,
        attributes(one),
    )


def log(raw: bytes) -> Log:
    """Raises DecodeError."""
    one = parsed(LogRecord, raw)
    return Log(
        one.time_unix_nano,
        one.observed_time_unix_nano,
        one.severity_number,
        one.severity_text,
        plain(one.body),
        one.event_name,
        _id(one.trace_id),
        _id(one.span_id),
        attributes(one),
    )


def point(raw: bytes, metric: Metric) -> Point:
    """Raises DecodeError."""
    one = parsed(POINTS[metric.kind], raw)
    numbers = [] if one.flags & NO_VALUE else _numbers(one, metric)
    return Point(metric.name, metric.unit, one.time_unix_nano, numbers, attributes(one))


def _numbers(one: Any, metric: Metric) -> list[Number]:
    if metric.kind in ("gauge", "sum"):
        kind = one.WhichOneof("value")
        if kind is None:
            return []
        return otlp_record.single(getattr(one, kind), cumulative=metric.cumulative, monotonic=metric.monotonic)
    if metric.kind == "summary":
        quantiles = [(quantile.quantile, quantile.value) for quantile in one.quantile_values]
        return otlp_record.several(one.count, one.sum, None, None, quantiles, cumulative=True)
    total, low, high = (getattr(one, key) if one.HasField(key) else None for key in ("sum", "min", "max"))
    return otlp_record.several(one.count, total, low, high, (), cumulative=metric.cumulative)


def attributes(holder: Any) -> dict[str, str]:
    """Attributes as text."""
    made = {}
    for one in holder.attributes:
        if one.key:
            value = one.value
            made[one.key] = value.string_value if value.HasField("string_value") else otlp.written(plain(value))
    return made


def plain(value: Any, depth: int = 0) -> Any:
    """An AnyValue as the plain value that it holds; bytes and numbers that are none as JSON writes them."""
    kind = value.WhichOneof("value")
    if kind is None or depth > _DEEPEST:
        return None
    found = getattr(value, kind)
    if kind == "array_value":
        return [plain(one, depth + 1) for one in found.values]
    if kind == "kvlist_value":
        return {one.key: plain(one.value, depth + 1) for one in found.values}
    if kind == "bytes_value":
        return base64.b64encode(found).decode()
    if kind == "double_value" and found - found != 0:
        return "NaN" if found != found else "Infinity" if found > 0 else "-Infinity"  # noqa: PLR0124 - NaN is not itself
    return found


def _id(raw: bytes) -> str:
    return "" if not raw or raw == _NONE[: len(raw)] else raw.hex()


def told(raw: bytes, signal: str, metric: Metric | None) -> str:
    """An element as OTLP JSON, for people: ids in hexadecimal, enums by name. Empty where it cannot be read."""
    kind = POINTS[metric.kind] if metric is not None else SpanMessage if signal == "span" else LogRecord
    try:
        found = json_format.MessageToDict(parsed(kind, raw))
    except (DecodeError, ValueError, RecursionError):
        return ""
    if metric is not None:
        found = {"metric": metric.name, **({"unit": metric.unit} if metric.unit else {}), **found}
    for key in ("traceId", "spanId", "parentSpanId"):
        if key in found:
            found[key] = base64.b64decode(found[key]).hex()
    return json.dumps(found, ensure_ascii=False)


# ------------------------------------------------------------------------------------------------- the library


def parsed(kind: type[Message], raw: bytes) -> Any:
    """The message. Raises DecodeError for bytes that are none, also after its texts were repaired."""
    try:
        return kind.FromString(raw)
    except DecodeError:
        try:
            return kind.FromString(_repaired(raw, kind.DESCRIPTOR, 0))
        except CutError as error:
            raise DecodeError(str(error)) from error


def _repaired(raw: bytes, descriptor: Any, depth: int) -> bytes:
    """The same message with every text in valid UTF-8. Raises CutError."""
    if depth > _DEEPEST:
        raise CutError(0, "nested too deeply")
    made = bytearray()
    at = 0
    for one in otlp_wire.fields(raw, 0, len(raw)):
        known = descriptor.fields_by_number.get(one.number)
        content = raw[one.start : one.end]
        if (
            one.wire != LEN
            or known is None
            or known.type not in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_MESSAGE)
        ):
            made += raw[at : one.end]
        else:
            if known.type == FieldDescriptor.TYPE_STRING:
                content = content.decode("utf-8", "replace").encode()
            else:
                content = _repaired(content, known.message_type, depth + 1)
            made += _key(one.number << 3 | LEN) + _key(len(content)) + content
        at = one.end
    return bytes(made)


def _key(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)
