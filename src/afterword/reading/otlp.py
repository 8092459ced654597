"""What all signals of OTLP share: attributes and values, ids, the component of a resource, the ways through a request.

JSON of the protocol writes ids in hexadecimal and 64-bit integers as strings; JSON that a library makes of the protobuf writes
ids in base64 and enums by name. Both are read, in camel case and in snake case.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any

from afterword.reading import label, name

if TYPE_CHECKING:
    from collections.abc import Mapping

_RESOURCES = (
    "resourceSpans",
    "resource_spans",
    "batches",
    "resourceLogs",
    "resource_logs",
    "resourceMetrics",
    "resource_metrics",
)
SPANS = (
    frozenset({"resourceSpans", "resource_spans", "batches"}),
    frozenset({"scopeSpans", "scope_spans", "instrumentationLibrarySpans", "instrumentation_library_spans"}),
    frozenset({"spans"}),
)
LOGS = (
    frozenset({"resourceLogs", "resource_logs"}),
    frozenset({"scopeLogs", "scope_logs", "instrumentationLibraryLogs", "instrumentation_library_logs"}),
    frozenset({"logRecords", "log_records"}),
)
METRICS = (
    frozenset({"resourceMetrics", "resource_metrics"}),
    frozenset({"scopeMetrics", "scope_metrics", "instrumentationLibraryMetrics", "instrumentation_library_metrics"}),
    frozenset({"metrics"}),
    frozenset({"gauge", "sum", "histogram", "exponentialHistogram", "exponential_histogram", "summary"}),
    frozenset({"dataPoints", "data_points"}),
)
_WHOLE = re.compile(r"-?[0-9]{1,20}")
#: Attributes of a resource that tell its instances apart.
_IDENTITY = (
    "service.name", "service.namespace", "service.instance.id", "service.version", "k8s.namespace.name", "k8s.deployment.name",
    "k8s.statefulset.name", "k8s.daemonset.name", "k8s.container.name", "k8s.pod.name", "k8s.node.name", "container.name", "host.name",
    "deployment.environment", "deployment.environment.name", "cloud.region",
)  # fmt: skip


def is_request(value: Any) -> bool:
    """Whether a value has resources of any signal, as requests and Tempo's answers do."""
    if not isinstance(value, dict):
        return False
    return any(isinstance(value.get(key), list) for key in _RESOURCES)


def get(record: Mapping[str, Any], camel: str, snake: str) -> Any:
    """A member in either spelling."""
    found = record.get(camel)
    return record.get(snake) if found is None else found


def attributes(pairs: Any) -> dict[str, str]:
    """Attributes as text; what is no pair of a key and a value is passed over."""
    made: dict[str, str] = {}
    for one in pairs if isinstance(pairs, list) else ():
        if isinstance(one, dict) and isinstance(key := one.get("key"), str) and key:
            made[key] = text(one.get("value"))
    return made


def text(value: Any) -> str:
    """An AnyValue as text: strings as they are, arrays and maps as compact JSON."""
    if isinstance(value, dict):
        found = value.get("stringValue")
        if isinstance(found, str):
            return found
        value = plain(value)
    return written(value)


def written(value: Any) -> str:
    """A plain value as text: arrays and maps as compact JSON."""
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return name.text(value)


def plain(value: Any) -> Any:
    """An AnyValue as the plain value that it holds; 64-bit integers, which JSON writes as strings, are numbers again."""
    if not isinstance(value, dict):
        return value
    for kind, inner in value.items():
        short = kind.replace("_", "").lower()
        if short == "arrayvalue":
            return [plain(one) for one in _values(inner)]
        if short == "kvlistvalue":
            return {str(one.get("key", "")): plain(one.get("value")) for one in _values(inner) if isinstance(one, dict)}
        if short == "intvalue":
            return int(inner) if isinstance(inner, str) and _WHOLE.fullmatch(inner) else inner
        if short == "doublevalue":
            return float(inner) if isinstance(inner, int) and not isinstance(inner, bool) else inner
        if short in ("stringvalue", "boolvalue", "bytesvalue"):
            return inner
    return None


def _values(inner: Any) -> list[Any]:
    found = inner.get("values") if isinstance(inner, dict) else None
    return found if isinstance(found, list) else []


def hex_id(value: Any) -> str:
    """A trace or span id in hexadecimal; empty for one that is missing or all zeros."""
    if not isinstance(value, str) or not value:
        return ""
    if len(value) in (12, 24) and value.endswith("="):
        try:
            return hex_id(base64.b64decode(value, validate=True).hex())
        except (binascii.Error, ValueError):
            return str(value)
    return str(value).lower() if value.strip("0") else ""


def resource(holder: Mapping[str, Any]) -> dict[str, str]:
    found = holder.get("resource")
    return attributes(found.get("attributes")) if isinstance(found, dict) else {}


def component(of: Mapping[str, str]) -> str:
    """The component that a resource names: its service, else what runs it."""
    service = of.get("service.name", "")
    return (
        service if service and not service.startswith("unknown_service") else label.component(identity(of)) or service
    )


def identity(of: Mapping[str, str]) -> dict[str, str]:
    """The attributes of a resource that say which one it is."""
    return {key: of[key] for key in _IDENTITY if of.get(key)}


def scope(holder: Mapping[str, Any]) -> str:
    """The name of the library that spoke."""
    found = holder.get("scope") or get(holder, "instrumentationLibrary", "instrumentation_library")
    return name.text(found.get("name")) if isinstance(found, dict) else ""
