"""Answers of Loki's query API: streams of labels with [time, line] pairs, the line being text, JSON or key=value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import json_value, log_inner, name
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks
from afterword.reading.said import level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.json_value import Node

_COMPONENT: Final = (
    "service_name",
    "service",
    "app",
    "app_kubernetes_io_name",
    "component",
    "container",
    "container_name",
    "deployment",
    "job",
    "pod",
    "instance",
    "host",
    "filename",
)
_LEVEL: Final = ("level", "detected_level", "severity", "severity_text", "lvl", "log_level")
_TRACE: Final = ("trace_id", "traceid", "trace")
_SPAN: Final = ("span_id", "spanid", "span")
#: Structured metadata that says nothing about the line.
_NOISE: Final = frozenset(["service_name", "detected_level", "flags", "observed_timestamp", "stream"])


def sniff(head: bytes) -> float:
    return max((_certainty(value) for value in json_value.samples(head)[:3]), default=0.0)


def _certainty(value: Any) -> float:
    if not isinstance(value, dict):
        return 0.0
    data = value.get("data")
    found = data.get("result") if isinstance(data, dict) else value.get("streams")
    if isinstance(data, dict) and data.get("resultType") == "streams":
        return 0.97
    first = found[0] if isinstance(found, list) and found else None
    return 0.95 if isinstance(first, dict) and "stream" in first and "values" in first else 0.0


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    clock = Clock(reading)
    remarks = Remarks()
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped):
            yield node
            continue
        streams = node.get("data", "result") or node.get("streams")
        if streams is None or not isinstance(streams.value, list):
            yield Problem("an answer without streams", node.place(), Gravity.WARNING, "loki-shape")
            continue
        for one in streams.items():
            yield from _stream(one, clock, remarks)
    yield from remarks.problems()


def _stream(node: Node, clock: Clock, remarks: Remarks) -> Iterator[Event | Problem]:
    labels, values = node.get("stream"), node.get("values")
    if values is None or not isinstance(values.value, list):
        yield Problem("a stream without values", node.place(), Gravity.WARNING, "loki-shape")
        return
    known = (
        {key: name.text(value) for key, value in labels.value.items()}
        if labels and isinstance(labels.value, dict)
        else {}
    )
    for entry in values.items():
        yield _entry(entry, known, clock, remarks)


def _entry(node: Node, labels: Mapping[str, str], clock: Clock, remarks: Remarks) -> Event | Problem:
    place = node.place()
    value = node.value
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[1], str):
        return Problem("no pair of a time and a line", place, Gravity.WARNING, "loki-shape")
    extra = (
        {key: name.text(one) for key, one in value[2].items()} if len(value) > 2 and isinstance(value[2], dict) else {}
    )
    told = clock.value(value[0], "ns")
    said = log_inner.said(value[1], clock)
    stated = {**labels, **extra}
    severity = said.severity or next((found for key in _LEVEL if (found := level(stated.get(key, "")))), "")
    component = next(
        (stated[key] for key in _COMPONENT if stated.get(key) and stated[key] != "unknown_service"), said.subject
    )
    if told.at is None:
        remarks.note("time", told.doubt, place)
    attributes = {**_metadata(extra), **said.attributes}
    return said._replace(told=told, severity=severity, attributes=attributes).event(place, component)


def _metadata(extra: Mapping[str, str]) -> dict[str, str]:
    """Structured metadata as attributes, trace and span under the house's names."""
    made: dict[str, str] = {}
    for key, value in list(extra.items())[:20]:
        plain = name.plain(key)
        known = "trace" if plain in _TRACE else "span" if plain in _SPAN else key
        if value and plain not in _NOISE and plain not in _LEVEL:
            made[known] = value[:200]
    return made


SOURCE = Source("loki", "Log streams as Loki's query API answers them", sniff, read)
