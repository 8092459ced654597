"""Requests of OTLP as they are sent: understood before they are taken, and answered as the protocol says.

JSON becomes protobuf here, so that one format is written down. Unknown fields of JSON are passed over, as the protocol asks.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1 import logs_service_pb2 as logs
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces

from afterword.model.refusal import InvalidError
from afterword.reading import otlp_wire

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUESTS: dict[str, Any] = {
    "logs": logs.ExportLogsServiceRequest,
    "metrics": metrics.ExportMetricsServiceRequest,
    "traces": traces.ExportTraceServiceRequest,
}
_RESPONSES: dict[str, Any] = {
    "logs": logs.ExportLogsServiceResponse,
    "metrics": metrics.ExportMetricsServiceResponse,
    "traces": traces.ExportTraceServiceResponse,
}
_SIGNALS = {"logs": "log", "metrics": "metric", "traces": "span"}
_IDS = ("traceId", "spanId", "parentSpanId", "trace_id", "span_id", "parent_span_id")
_DEEPEST = 100
#: google.rpc.Code.
INVALID_ARGUMENT, RESOURCE_EXHAUSTED, INTERNAL, UNAVAILABLE, UNAUTHENTICATED = 3, 8, 13, 14, 16


@dataclass(frozen=True, slots=True)
class Understood:
    """A request as it is written down (empty: there is nothing to write), and what its sender should know."""

    raw: bytes
    warning: str = ""


def of_protobuf(signal: str, raw: bytes) -> Understood:
    """Raises InvalidError for bytes that are no request of the signal."""
    try:
        request = REQUESTS[signal].FromString(raw)
    except DecodeError as error:
        # Text that is not UTF-8 is refused by the library and sent by some all the same: the readers can show it.
        if otlp_wire.signal(raw, 0, len(raw)) != _SIGNALS[signal]:
            raise InvalidError(f"these bytes are no request of OTLP {signal}: {error}") from error
        return Understood(raw, "text that is not UTF-8 was taken as it is")
    found = otlp_wire.signal(raw, 0, len(raw))
    if found not in ("", _SIGNALS[signal]):
        raise InvalidError(f"this is a request of the signal {found}, sent to the address of {signal}")
    return Understood(raw if _resources(request) else b"", _warning(signal, request))


def of_json(signal: str, raw: bytes) -> Understood:
    """Raises InvalidError for text that is no request of the signal."""
    try:
        value = json.loads(raw)
        if not isinstance(value, dict):
            raise InvalidError("a request is a JSON object")
        request = REQUESTS[signal]()
        json_format.ParseDict(_with_ids(value, 0), request, ignore_unknown_fields=True)
    except (ValueError, TypeError, KeyError, RecursionError, json_format.Error) as error:
        raise InvalidError(f"this is no request of OTLP {signal} as JSON: {_why(error)}") from error
    if not _resources(request) and value and not value.keys() <= {_key(signal), _key(signal, snake=True)}:
        raise InvalidError(f"this is no request of OTLP {signal}: it has no {_key(signal)}")
    return Understood(request.SerializeToString() if _resources(request) else b"", _warning(signal, request))


def _key(signal: str, *, snake: bool = False) -> str:
    word = {"logs": "Logs", "metrics": "Metrics", "traces": "Spans"}[signal]
    return f"resource_{word.lower()}" if snake else f"resource{word}"


def _why(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _with_ids(value: Any, depth: int) -> Any:
    """The ids, which OTLP writes in hexadecimal, in base64, as the library reads bytes."""
    if depth > _DEEPEST:
        raise InvalidError("nested too deeply")
    if isinstance(value, list):
        return [_with_ids(one, depth + 1) for one in value]
    if not isinstance(value, dict):
        return value
    return {key: _base64(key, one) if key in _IDS else _with_ids(one, depth + 1) for key, one in value.items()}


def _base64(key: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InvalidError(f"{key} is no text")
    try:
        return base64.b64encode(bytes.fromhex(value)).decode()
    except ValueError:
        raise InvalidError(f"{key} is not in hexadecimal") from None


def _resources(request: Any) -> Any:
    return next(iter(request.ListFields()), (None, ()))[1]


# ------------------------------------------------------------------------------------------------- answers


def _warning(signal: str, request: Any) -> str:
    """What was taken and still will be of less use than it could be."""
    if signal == "traces":
        count = sum(1 for one in _elements(request, "spans") if (len(one.trace_id), len(one.span_id)) != (16, 8))
        return f"{count} spans have no valid ids and join no trace; they were taken" if count else ""
    if signal == "logs":
        records = _elements(request, "log_records")
        count = sum(1 for one in records if not one.time_unix_nano and not one.observed_time_unix_nano)
        return f"{count} log records state no time; they were taken" if count else ""
    return ""


def _elements(request: Any, name: str) -> Iterator[Any]:
    for resource in _resources(request):
        for scope in resource.scope_spans if name == "spans" else resource.scope_logs:
            yield from getattr(scope, name)


def accepted(signal: str, warning: str, *, as_json: bool) -> bytes:
    """The body of the answer to what was written down; without a warning, partial_success stays unset."""
    made = _RESPONSES[signal]()
    if warning:
        made.partial_success.error_message = warning
    return json_format.MessageToJson(made, indent=None).encode() if as_json else bytes(made.SerializeToString())


def status(code: int, message: str, *, as_json: bool) -> bytes:
    """The body of the answer to what was not: google.rpc.Status, whose fields 1 and 2 are the code and the message."""
    if as_json:
        return json.dumps({"code": code, "message": message}).encode()
    text = message.encode()[:2000]
    size = bytes([len(text)]) if len(text) < 128 else bytes([len(text) & 127 | 128, len(text) >> 7])
    return bytes([0x08, code, 0x12]) + size + text
