"""Structured logs: JSON objects, one a line or in a document, under the field names of any logger or log store."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from afterword.model.event import Event, Kind
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import json_value, log_inner, log_object, log_record
from afterword.reading.bulk import alike, block, roles
from afterword.reading.json_value import LineNode
from afterword.reading.line import Line, lines
from afterword.reading.log_record import Record
from afterword.reading.log_time import Clock
from afterword.reading.remark import Remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from afterword.ports import Batch, Reading
    from afterword.reading.json_value import Node
    from afterword.reading.said import Said

_JSON: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\[{\"\]])")
#: Where log stores keep the records of one answer.
_INSIDE: Final = (
    ("hits", "hits"), ("logEvents",), ("events",), ("results",), ("entries",), ("logs",), ("records",), ("items",), ("data", "logs"), ("data",), ("result",),
)  # fmt: skip
#: Fields that only one logger or store writes together.
_MARKS: Final = (
    {"log", "stream", "time"}, {"log", "kubernetes"}, {"@t", "@mt"}, {"@t", "@m"}, {"textPayload"}, {"jsonPayload"}, {"v", "pid", "hostname", "msg"}, {"instant", "loggerName"},
    {"_source", "_index"}, {"logger_name", "level_value"}, {"s", "c", "ctx", "msg"}, {"levelname", "asctime"}, {"short_message", "host"},
)  # fmt: skip

#: Where APIs put the list that was asked for; an answer whose list is empty holds nothing.
_LISTS: Final = frozenset(
    [
        "hits",
        "logEvents",
        "events",
        "Events",
        "results",
        "entries",
        "logs",
        "records",
        "items",
        "data",
        "result",
        "messages",
        "members",
        "channels",
        "incidents",
        "log_entries",
        "change_events",
        "workflow_runs",
        "deployments",
        "releases",
        "commits",
        "jobs",
        "alerts",
        "traces",
        "values",
        "issues",
        "annotations",
        "MetricDataResults",
        "AlarmHistoryItems",
        "MetricAlarms",
        "statusPages",
    ]
)
_STORED: Final = {"_source": {}, "_index": ""}


def sniff(head: bytes) -> float:
    """By the fields of the first records, which a few lines of text may stand among; other JSON is claimed with little certainty."""
    if _JSON.match(head):
        found = [one for value in json_value.samples(head)[:10] for one in _sampled(value)][:10]
        return max((_certainty(one) for one in found), default=0.0) or 0.25
    lines = [one for one in head.split(b"\n")[:60] if one.strip()]
    objects = [one for one in lines if one.lstrip()[:1] == b"{"]
    if len(objects) * 3 < len(lines) or not objects:
        return 0.0
    return max(
        (_certainty(one) for one in json_value.samples(b"\n".join(objects[:10])) if isinstance(one, dict)), default=0.0
    )


def _sampled(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, dict):
        return []
    for path in _INSIDE:
        inner: Any = value
        for step in path:
            inner = inner.get(step) if isinstance(inner, dict) else None
        if path == ("results",) and isinstance(inner, list) and inner and isinstance(inner[0], list):
            return [_STORED]
        if isinstance(inner, list) and inner and isinstance(inner[0], dict):
            store = path[0] in ("hits", "logEvents") or bool({"eventId", "logStreamName"} & inner[0].keys())
            return [one for one in inner[:3] if isinstance(one, dict)] if not store else [_STORED]
    return [value]


def _certainty(record: Mapping[str, Any]) -> float:
    if _by_component(record):
        return 0.6
    if any(marks <= record.keys() for marks in _MARKS):
        return 0.9
    time, message, severity, component = log_object.fields(record)
    if message and severity:
        return 0.75 if time else 0.6
    if time and message:
        return 0.6 if component else 0.5
    return 0.3


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    clock = Clock(reading)
    remarks = Remarks()
    yield from _of_nodes(json_value.values(stream, text=True), reading, clock, remarks)
    yield from remarks.problems()


def bulk(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped | Batch]:
    if not json_value.are_lines(stream):
        yield from read(stream, reading)
        return
    clock, remarks = Clock(reading), Remarks()

    def slow(piece: BinaryIO, offset: int, number: int, into: Remarks) -> Iterator[Event | Problem | Skipped]:
        found = json_value.by_line(lines(piece, offset=offset, number=number, longest=1 << 26), text=True)
        return _of_nodes(found, reading, clock, into)

    known = alike.Format(Kind.LOG, roles.of_record, slow, clock, inner=True, id=r"[0-9A-Za-z_:.-]{6,80}")
    yield from block.read(stream, alike.Alike(known, remarks))
    yield from remarks.problems()


def _of_nodes(
    nodes: Iterable[Node | Line | Problem | Skipped], reading: Reading, clock: Clock, remarks: Remarks
) -> Iterator[Event | Problem | Skipped]:
    held: Record | None = None
    for node in nodes:
        if isinstance(node, Line) and held is not None and held.takes(node.text):
            held.add((), node, node.text)
            continue
        if held is not None:
            yield log_record.event(held, remarks)
            held = None
        if isinstance(node, Line):
            held = Record(log_inner.said(node.text, clock), node, heads=False)
        elif isinstance(node, Problem | Skipped):
            yield node
        elif _holds_nothing(node.value):
            yield Skipped("an answer that holds nothing", node.place())
        else:
            for record, component in _records(node):
                yield _event(record, component or reading.subject, clock, remarks)
    if held is not None:
        yield log_record.event(held, remarks)


def _holds_nothing(value: Any) -> bool:
    """An answer with an empty list where its records would be; a record has a time or a message of its own."""
    if not isinstance(value, dict):
        return False
    hits = value.get("hits")
    inner = hits if isinstance(hits, dict) else value
    lists = [one for key, one in inner.items() if key in _LISTS and isinstance(one, list)]
    return bool(lists) and not any(lists) and not any(log_object.fields(value)[:2])


def _records(node: Node) -> Iterator[tuple[Node, str]]:
    """The records of a value, each with the component that the answer around it names."""
    value = node.value
    if not isinstance(value, dict):
        yield node, ""
        return
    for path in _INSIDE:
        inner = node.get(*path) if path[0] in value else None
        if (
            inner is not None
            and isinstance(inner.value, list)
            and inner.value
            and all(isinstance(one, dict | list) for one in inner.value)
        ):
            group = str(value.get("logGroup") or value.get("logGroupName") or "").rsplit("/", 1)[-1]
            yield from ((one, group) for one in inner.items())
            return
    if _by_component(value):
        for component, lines in node.members():
            yield from ((line, component) for line in lines.items())
        return
    yield node, ""


def _by_component(value: Mapping[str, Any]) -> bool:
    """``{"cart": ["line", "line"], "pay": ["line"]}``: the lines of each component under its name."""
    lists = [one for one in value.values() if isinstance(one, list)]
    return 0 < len(lists) == len(value) and any(lists) and all(isinstance(line, str) for one in lists for line in one)


def _event(node: Node, component: str, clock: Clock, remarks: Remarks) -> Event | Problem:
    value = node.value
    if (
        isinstance(value, list)
        and value
        and all(isinstance(one, dict) and {"field", "value"} <= one.keys() for one in value)
    ):
        value = {str(one["field"]): one["value"] for one in value}
    place = node.place()
    if isinstance(value, str) and value.strip() and not isinstance(node, LineNode):
        said = log_inner.said(value, clock)
    elif isinstance(value, dict) and value:
        said = log_inner.record(value, clock)
    else:
        return Problem(
            "no record: neither an object with fields nor a line of text", place, Gravity.WARNING, "json-kind"
        )
    return _made(said, component, place, remarks)


def _made(said: Said, component: str, place: Any, remarks: Remarks) -> Event:
    if said.told.at is None:
        remarks.note("time", said.told.doubt, place)
    # A logger is a weaker name than that of the stream which the answer states.
    subject = (
        said.subject if said.subject and said.subject != said.attributes.get("logger") else component or said.subject
    )
    return said.event(place, subject)


SOURCE = Source(
    "json-lines",
    "Structured logs as JSON: any logger, container logs, Elasticsearch, CloudWatch, Google Cloud",
    sniff,
    read,
    2,
    bulk=bulk,
)
