"""Amazon CloudWatch and RDS Performance Insights as JSON: GetMetricData, GetMetricStatistics, the load of a database.

A series is an object with timestamps and values side by side, or with data points; all its samples share the place of that
object, and ``part`` is its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from afterword.core.clock import Doubt
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import json_value, label, moment, name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.ports import Reading
    from afterword.reading.json_value import Node

#: Members that hold series; of Performance Insights, the name of the one that is a series itself.
_INSIDE = frozenset({"metricdataresults", "metriclist", "metricdata", "metrics", "results", "data", "dbload"})
#: Of several dimensions, what names the component.
_COMPONENT = (
    "servicename", "service", "functionname", "dbinstanceidentifier", "dbclusteridentifier", "identifier", "tablename", "queuename",
    "topicname", "cacheclusterid", "loadbalancer", "loadbalancername", "targetgroup", "apiname", "apiid", "statemachinearn", "instanceid",
    "autoscalinggroupname", "clustername", "domainname", "streamname", "bucketname",
)  # fmt: skip
_STATISTICS = {
    "average": "Average",
    "sum": "Sum",
    "minimum": "Minimum",
    "maximum": "Maximum",
    "samplecount": "SampleCount",
    "value": "",
}
_DEEPEST = 5
#: How the connector labels a series, since GetMetricData answers with nothing but labels.
_LABEL = re.compile(r"([^{}]+(?:\{.*\})?) (Average|Sum|Minimum|Maximum|SampleCount|p[0-9.]+)", re.DOTALL)
#: Members that hold the statements of a database with their load.
_STATEMENTS = frozenset({"topsql", "topstatements"})
#: Members that hold who asks, with the load that comes from each.
_ASKERS = {"topusers": "user", "tophosts": "host"}


class _Sample(NamedTuple):
    at: Any
    value: Any
    statistic: str = ""


def sniff(head: bytes) -> float:
    """Sure of the fields of the API; less so of timestamps beside values alone."""
    if b"imestamp" not in head:
        return 0.0
    found = [one for value in json_value.samples(head)[:3] for one in _series_in(value, 0)]
    return max(
        (0.92 if _plain(one).keys() & {"statuscode", "dimensions", "datapoints", "stat"} else 0.7 for one in found),
        default=0.0,
    )


def _series_in(value: Any, depth: int) -> list[Mapping[str, Any]]:
    if isinstance(value, list):
        return [found for one in value[:2] for found in _series_in(one, depth)]
    if not isinstance(value, dict) or depth > _DEEPEST:
        return []
    if _samples(_plain(value)):
        return [value]
    return [found for key, one in _plain(value).items() if key in _INSIDE for found in _series_in(one, depth + 1)]


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """The members under names without case and underscores: ``StatusCode`` and ``status_code`` are one."""
    return {key.replace("_", "").lower(): one for key, one in value.items()}


def _samples(plain: Mapping[str, Any]) -> list[_Sample]:
    """The samples of a series; none where the object is none."""
    times, values = plain.get("timestamps"), plain.get("values")
    if isinstance(times, list) and isinstance(values, list) and "metric" not in plain:
        return [_Sample(at, value) for at, value in zip(times, values, strict=False)]
    points = plain.get("datapoints")
    known = [_plain(one) for one in points if isinstance(one, dict)] if isinstance(points, list) else []
    return [
        _Sample(one["timestamp"], value, _STATISTICS.get(key, key if key.startswith("p") else ""))
        for one in known
        if "timestamp" in one
        for key, value in one.items()
        if key in _STATISTICS
    ]


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped):
            yield node
            continue
        some = False
        for one in _found(node, "", {}, reading, 0):
            some = True
            yield one
        if not some:
            yield Skipped("no series", node.place())


def _found(
    node: Node, called: str, around: Mapping[str, str], reading: Reading, depth: int
) -> Iterator[Event | Problem | Skipped]:
    """Series below a node; ``around`` are the dimensions that the objects around it state."""
    value = node.value
    if isinstance(value, list):
        for item in node.items():
            yield from _found(item, called, around, reading, depth + 1)
    elif isinstance(value, dict) and depth <= _DEEPEST:
        plain = _plain(value)
        around = {**around, **_dimensions(plain)}
        samples = _samples(plain)
        if samples:
            yield from _series(node, _name(plain, called), around, plain, samples, reading)
            return
        for key, member in node.members():
            if key.replace("_", "").lower() in _INSIDE:
                yield from _found(member, key, around, reading, depth + 1)
            elif key.replace("_", "").lower() in _STATEMENTS:
                yield from _statements(member, around)
            elif key.replace("_", "").lower() in _ASKERS:
                yield from _askers(member, _ASKERS[key.replace("_", "").lower()], around)


def _statements(node: Node, around: Mapping[str, str]) -> Iterator[Event]:
    """The statements that cost the database most, with what they wait for."""
    for item in node.items():
        plain = _plain(item.value) if isinstance(item.value, dict) else {}
        text = name.text(plain.get("statement") or plain.get("sql") or plain.get("sqltext"))
        load = _load(plain)
        if not text or load is None:
            continue
        listed = plain.get("waitevents")
        waits = [_plain(one) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        named = [name.text(one.get("name")) for one in waits]
        computing = sum(_load(one) or 0.0 for one in waits if name.text(one.get("name")).upper().startswith("CPU"))
        said = f"{text} (waits: {', '.join(named)})" if named else text
        component = next(iter(around.values()), "")
        yield Event(
            Kind.PATTERN,
            item.place(),
            None,
            component,
            "",
            said,
            load,
            offset=None,
            attributes={"wait": named[0], "computing": f"{computing:g}"} if named else {},
        )


def _load(plain: Mapping[str, Any]) -> float | None:
    """Average active sessions; None where they are not stated."""
    load = plain.get("dbloadavg", plain.get("dbload"))
    return None if isinstance(load, bool) or not isinstance(load, int | float) else float(load)


def _askers(node: Node, kind: str, around: Mapping[str, str]) -> Iterator[Event]:
    """Users or hosts with the load that comes from them; the monitor's own is nobody's work."""
    for item in node.items():
        plain = _plain(item.value) if isinstance(item.value, dict) else {}
        text, load = name.text(plain.get("name") or plain.get("id")), _load(plain)
        if text and load is not None and text != "rdsadmin":
            component = next(iter(around.values()), "")
            yield Event(
                Kind.PATTERN, item.place(), None, component, "", text, load, offset=None, attributes={"asks": kind}
            )


def _series(
    node: Node,
    called: str,
    around: Mapping[str, str],
    plain: Mapping[str, Any],
    samples: Sequence[_Sample],
    reading: Reading,
) -> Iterator[Event | Problem | Skipped]:
    called, around, stated = _labelled(called, around)
    key = next(
        (one for wanted in _COMPONENT for one in around if one.replace("_", "").lower() == wanted),
        next(iter(around), ""),
    )
    indicator = label.text(called, {k: v for k, v in around.items() if k != key})
    unit, stat = name.text(plain.get("unit")), name.text(plain.get("stat")) or stated
    place, bad, some = node.place(f"{around.get(key, '')} {indicator}".strip()), "", False
    for sample in samples:
        at = moment.stamp(sample.at, reading)
        if isinstance(sample.value, bool) or not isinstance(sample.value, int | float):
            continue
        if isinstance(at, Doubt):
            bad = bad or f"the time of a sample cannot be relied on: {at.reason}"
            continue
        some = True
        about = {k: v for k, v in (("unit", unit), ("statistic", sample.statistic or stat)) if v and v != "None"}
        yield Event(
            Kind.METRIC,
            place,
            at.ns,
            around.get(key, ""),
            indicator,
            value=float(sample.value),
            offset=at.offset,
            attributes=about,
            granularity=at.granularity,
            meaning=Meaning.OBSERVED,
        )
    if bad:
        yield Problem(bad, place, Gravity.WARNING, "time", quarantined=not some)
    elif not some:
        yield Skipped("a series without a number", place)


def _labelled(called: str, around: Mapping[str, str]) -> tuple[str, Mapping[str, str], str]:
    """Name, dimensions and statistic out of a label that tells all three: ``CPUUtilization{DBInstanceIdentifier="a"} Sum``."""
    found = _LABEL.fullmatch(called)
    parsed = label.parse(found[1]) if found else None
    if found is None or parsed is None:
        return called, around, ""
    return parsed.pop("__name__", called), {**around, **parsed}, found[2]


def _name(plain: Mapping[str, Any], called: str) -> str:
    """The name of the metric, else its label, else what the member is called that holds it."""
    key = _plain(plain["key"]) if isinstance(plain.get("key"), dict) else {}
    said = (plain.get("metricname"), plain.get("label"), key.get("metric"), plain.get("id"), called)
    return next((name.text(one) for one in said if isinstance(one, str) and one), "value")


def _dimensions(plain: Mapping[str, Any]) -> dict[str, str]:
    """Dimensions as a list of name and value, or as an object; and identifiers beside the series."""
    made = {
        key: name.text(plain[key]) for key in ("dbinstanceidentifier", "identifier") if isinstance(plain.get(key), str)
    }
    for holder in (plain, plain.get("key"), plain.get("metric")):
        found = _plain(holder).get("dimensions") if isinstance(holder, dict) else None
        if isinstance(found, dict):
            made |= {str(key): name.text(one) for key, one in found.items()}
        for one in found if isinstance(found, list) else ():
            said = _plain(one) if isinstance(one, dict) else {}
            if isinstance(said.get("name"), str):
                made[said["name"]] = name.text(said.get("value"))
    return made


SOURCE = Source("cloudwatch", "series of Amazon CloudWatch and Performance Insights", sniff, read, 2)
