"""Names under which the field keeps the same thing: time, component, message, severity, trace."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TIME = (
    "timestamp", "@timestamp", "time", "ts", "datetime", "date_time", "date", "eventtime", "event_time", "_time", "t",
    "asctime", "observedtimestamp", "created_at", "createdat", "occurred_at", "at", "logged_at", "log_time", "when",
)  # fmt: skip
COMPONENT = (
    "service.name", "service_name", "servicename", "service", "component", "app", "application", "app.name",
    "kubernetes.labels.app", "k8s.deployment.name", "kubernetes.container_name", "k8s.container.name", "container_name",
    "container", "microservice", "cmdb_id", "workload", "deployment", "job", "program", "appname", "process",
    "syslog_identifier", "unit", "pod_name", "podname", "kubernetes.pod_name", "k8s.pod.name", "pod", "host.name", "hostname",
    "host", "instance", "node", "node_name", "logger", "logger_name", "source",
)  # fmt: skip
MESSAGE = (
    "message",
    "msg",
    "body",
    "text",
    "log",
    "event",
    "content",
    "line",
    "log_message",
    "short_message",
    "@message",
)
SEVERITY = (
    "severity_text", "severity", "level", "log.level", "loglevel", "log_level", "levelname", "lvl", "severitytext", "priority",
    "severity_number", "severitynumber",
)  # fmt: skip
TRACE = ("trace_id", "traceid", "trace.id", "trace", "otel.trace_id", "x-trace-id", "dd.trace_id")
SPAN = ("span_id", "spanid", "span.id", "otel.span_id", "dd.span_id")
#: The start of everything that says who a change is by.
WHO = ("who", "author", "actor", "user", "by", "username", "creator", "owner", "deployed_by", "member")

_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_WORDS = {
    "trace": "trace", "verbose": "trace", "finest": "trace", "finer": "trace",
    "debug": "debug", "dbg": "debug", "d": "debug", "fine": "debug",
    "info": "info", "information": "info", "informational": "info", "i": "info", "config": "info", "log": "info",
    "notice": "notice", "n": "notice",
    "warn": "warn", "warning": "warn", "w": "warn", "wrn": "warn",
    "error": "error", "err": "error", "e": "error", "severe": "error", "failure": "error", "failed": "error", "alert": "error",
    "fatal": "fatal", "f": "fatal", "critical": "fatal", "crit": "fatal", "emerg": "fatal", "emergency": "fatal", "panic": "fatal",
}  # fmt: skip
_SYSLOG = ("fatal", "error", "fatal", "error", "warn", "notice", "info", "debug")


def plain(name: str) -> str:
    """A name for comparing: ``serviceName``, ``Service Name`` and ``service-name`` are all ``service_name``."""
    return _SPLIT.sub("_", name.strip()).replace(" ", "_").replace("-", "_").lower()


def column(columns: Iterable[str], wanted: Iterable[str]) -> str | None:
    """The column (as written) that has the first of the wanted names; None when none has."""
    known: dict[str, str] = {}
    for one in columns:
        known.setdefault(one.strip().lower(), one)
        known.setdefault(plain(one), one)
    return next((known[name] for name in wanted if name in known), None)


def first(record: Mapping[str, Any], wanted: Iterable[str]) -> Any:
    """The value under the first of the wanted names that the record has, ``None`` when it has none of them."""
    found = column((key for key, value in record.items() if value not in (None, "")), wanted)
    return None if found is None else record[found]


def flat(record: Mapping[str, Any], before: str = "", depth: int = 4) -> dict[str, Any]:
    """Nested objects as dotted names, ``{"a": {"b": 1}}`` as ``{"a.b": 1}``; arrays stay as they are."""
    made: dict[str, Any] = {}
    for key, value in record.items():
        name = f"{before}{key}"
        if isinstance(value, dict) and value and depth:
            made.update(flat(value, f"{name}.", depth - 1))
        else:
            made[name] = value
    return made


def severity(said: Any, *, syslog: bool = False) -> str:
    """The house's word for a severity: a word of any logger, an OpenTelemetry number, or a syslog number."""
    if isinstance(said, bool) or said is None:
        return ""
    text = str(said).strip().strip("[]<>():").lower()
    if text.isdigit() and len(text) < 4:
        return _numbered(int(text), syslog=syslog)
    return _WORDS.get(text.rstrip("0123456789"), "")


def _numbered(number: int, *, syslog: bool) -> str:
    """OpenTelemetry counts 1 to 24 (four a step); bunyan and pino 10 to 60; syslog 0 to 7."""
    if syslog:
        return _SYSLOG[number] if number < len(_SYSLOG) else ""
    if number in (30, 40, 50, 60):
        return {30: "info", 40: "warn", 50: "error", 60: "fatal"}[number]
    if 1 <= number <= 24:
        return ("trace", "debug", "info", "warn", "error", "fatal")[(number - 1) // 4]
    return ""


def text(value: Any) -> str:
    """A JSON value as one text: strings as they are, other values as JSON would say them."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return getattr(value, "text", None) or str(value)
