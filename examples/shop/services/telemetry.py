"""Logs, traces and metrics of one service: files for the first two, a registry for the third."""

from __future__ import annotations

import json
import logging
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from prometheus_client import Gauge

if TYPE_CHECKING:
    from collections.abc import Sequence

RUN = Path(os.environ.get("SHOP_RUN", "/srv/shop/run"))
SERVICE = os.environ.get("SHOP_SERVICE", "unknown")
VERSION = os.environ.get("SHOP_VERSION", "unknown")
HOST = os.environ.get("SHOP_HOST", "shop-1")

BUILD = Gauge("build_info", "The version that runs", ["version"])


def _utc(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def trace_id() -> str:
    """The trace that is being served, or nothing outside a request."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else ""


class PlainFormatter(logging.Formatter):
    """One line a record, and the traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        where = trace_id() or "-"
        line = f"{_utc(record.created)} {record.levelname} {SERVICE} [{where}] {record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """One JSON object a record."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": _utc(record.created),
            "level": record.levelname.lower(),
            "service": SERVICE,
            "version": VERSION,
            "msg": record.getMessage(),
        }
        if trace_id():
            entry["trace_id"] = trace_id()
        entry.update(getattr(record, "fields", {}))
        if record.exc_info:
            entry["error"] = self.formatException(record.exc_info)
        return json.dumps(entry)


SEVERITIES = {"DEBUG": 5, "INFO": 9, "WARNING": 13, "ERROR": 17, "CRITICAL": 21}


class OtlpFormatter(logging.Formatter):
    """One ExportLogsServiceRequest a record, in the OTLP/JSON mapping."""

    def format(self, record: logging.LogRecord) -> str:
        context = trace.get_current_span().get_span_context()
        entry: dict[str, object] = {
            "timeUnixNano": str(int(record.created * 1e9)),
            "severityNumber": SEVERITIES[record.levelname],
            "severityText": record.levelname,
            "body": {"stringValue": record.getMessage()},
            "attributes": _attributes(getattr(record, "fields", {})),
        }
        if record.exc_info:
            stack = {"exception.stacktrace": self.formatException(record.exc_info)}
            entry["attributes"] = [*_attributes(getattr(record, "fields", {})), *_attributes(stack)]
        if context.is_valid:
            entry |= {"traceId": f"{context.trace_id:032x}", "spanId": f"{context.span_id:016x}"}
        scope = {"scope": {"name": record.name}, "logRecords": [entry]}
        resource = {"attributes": _attributes(resource_of_service())}
        return json.dumps({"resourceLogs": [{"resource": resource, "scopeLogs": [scope]}]}, separators=(",", ":"))


FORMS = {"plain": (PlainFormatter, "log"), "json": (JsonFormatter, "jsonl"), "otlp": (OtlpFormatter, "otlp.jsonl")}


def setup_logs(form: str) -> None:
    """Append to the service's own file; two releases share it while one hands over to the other."""
    formatter, suffix = FORMS[form]
    handler = logging.FileHandler(RUN / "logs" / f"{SERVICE}.{suffix}")
    handler.setFormatter(formatter())
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.INFO)
    for chatty in ("httpx", "httpcore", "psycopg.pool"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _value(value: object) -> dict[str, object]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    return {"stringValue": str(value)}


def _attributes(pairs: object) -> list[dict[str, object]]:
    return [{"key": key, "value": _value(value)} for key, value in dict(pairs or {}).items()]  # type: ignore[call-overload]


def _event(event: object) -> dict[str, object]:
    return {
        "timeUnixNano": str(event.timestamp),  # type: ignore[attr-defined]
        "name": event.name,  # type: ignore[attr-defined]
        "attributes": _attributes(event.attributes),  # type: ignore[attr-defined]
    }


def _status(span: ReadableSpan) -> dict[str, object]:
    status: dict[str, object] = {}
    if span.status.status_code.value:
        status["code"] = span.status.status_code.value
    if span.status.description:
        status["message"] = span.status.description
    return status


def otlp_span(span: ReadableSpan) -> dict[str, object]:
    """One span in the OTLP/JSON mapping: hexadecimal ids, 64-bit integers as strings, enums as numbers."""
    line: dict[str, object] = {
        "traceId": f"{span.context.trace_id:032x}",
        "spanId": f"{span.context.span_id:016x}",
        "name": span.name,
        "kind": span.kind.value + 1,
        "startTimeUnixNano": str(span.start_time),
        "endTimeUnixNano": str(span.end_time),
        "attributes": _attributes(span.attributes),
        "status": _status(span),
    }
    if span.parent is not None:
        line["parentSpanId"] = f"{span.parent.span_id:016x}"
    if span.events:
        line["events"] = [_event(event) for event in span.events]
    return line


class FileSpanExporter(SpanExporter):
    """Appends one ExportTraceServiceRequest a batch to a file."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        scope = {"name": "shop", "version": "1"}
        request = {
            "resourceSpans": [
                {
                    "resource": {"attributes": _attributes(spans[0].resource.attributes)},
                    "scopeSpans": [{"scope": scope, "spans": [otlp_span(span) for span in spans]}],
                }
            ]
        }
        # One write a line: two releases may append at the same time.
        os.write(self._file, (json.dumps(request, separators=(",", ":")) + "\n").encode())
        return SpanExportResult.SUCCESS


def resource_of_service() -> dict[str, str]:
    return {
        "service.name": SERVICE,
        "service.version": VERSION,
        "service.instance.id": f"{SERVICE}-{HOST}",
        "host.name": HOST,
    }


def setup_traces() -> TracerProvider:
    provider = TracerProvider(resource=Resource(dict(resource_of_service())))
    exporter = FileSpanExporter(RUN / "spans" / f"{SERVICE}.jsonl")
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=2000))
    trace.set_tracer_provider(provider)
    BUILD.labels(VERSION).set(1)
    return provider


tracer = trace.get_tracer("shop")
