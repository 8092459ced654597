"""Export of VictoriaMetrics (``/api/v1/export``): one series a line, its values and its timestamps in milliseconds.

The samples of a series share the place of its line; ``part`` is the name of the series.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.model.time import MILLISECOND
from afterword.ports import Source
from afterword.reading import json_value, label, name, track

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.promql.track import Track
    from afterword.ports import Reading
    from afterword.reading.json_value import Node

#: The range in which a number of milliseconds is a time: 2000 to 2100.
_LOW, _HIGH = 946_684_800_000, 4_102_444_800_000


def sniff(head: bytes) -> float:
    """Sure of a line with a metric, values and timestamps side by side."""
    if b'"timestamps"' not in head:
        return 0.0
    return 0.95 if any(_is_series(one) for one in json_value.samples(head)[:3]) else 0.0


def _is_series(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("metric"), dict):
        return False
    return isinstance(value.get("values"), list) and isinstance(value.get("timestamps"), list)


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    names = _names(stream)
    stream.seek(0)
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped):
            yield node
        elif not _is_series(node.value):
            yield Problem(
                "no series: metric, values or timestamps are missing", node.place(), Gravity.WARNING, "series"
            )
        else:
            yield from _samples(node, names[_key(node.value["metric"])])


def _names(stream: BinaryIO) -> dict[tuple[tuple[str, str], ...], label.Named]:
    """What every series is called: other series decide which labels are needed, so all are looked at first."""
    keys = {
        _key(node.value["metric"]): None
        for node in json_value.values(stream)
        if not isinstance(node, Problem | Skipped) and _is_series(node.value)
    }
    return dict(zip(keys, label.named([dict(key) for key in keys]), strict=True))


def _key(metric: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((key, name.text(value)) for key, value in metric.items()))


def _samples(node: Node, called: label.Named) -> Iterator[Event | Problem | Skipped]:
    value = node.value
    place = node.place(called.indicator)
    if "le" in value["metric"] and called.indicator.partition("{")[0].endswith("_bucket"):
        yield Skipped("a bucket of a histogram; its count and sum are read", place)
        return
    values, times = value["values"], value["timestamps"]
    subject, indicator = called
    metric, nothing, some, bad = Kind.METRIC, dict[str, str](), False, len(values) != len(times)
    for said, at in zip(values, times, strict=False):
        if not isinstance(at, int) or not _LOW <= at < _HIGH:
            bad = True
        elif isinstance(said, int | float) and said - said == 0:
            some = True
            yield Event(
                metric,
                place,
                at * 1_000_000,
                subject,
                indicator,
                value=float(said),
                attributes=nothing,
                granularity=MILLISECOND,
                meaning=Meaning.OBSERVED,
            )
    if bad:
        what = "values without a time, or times that cannot be relied on"
        yield Problem(what, place, Gravity.WARNING, "sample", quarantined=not some)
    elif not some:
        yield Skipped("a series without a finite sample", place)


def tracks(stream: BinaryIO) -> Iterator[Track]:
    """Series with their labels, at the times that they were taken."""
    for node in json_value.values(stream):
        if not isinstance(node, Problem | Skipped) and _is_series(node.value):
            pairs = [
                (at * 1_000_000, float(said))
                for said, at in zip(node.value["values"], node.value["timestamps"], strict=False)
                if isinstance(at, int) and _LOW <= at < _HIGH and isinstance(said, int | float)
            ]
            labels = dict(_key(node.value["metric"]))
            yield from track.tracks([track.Samples(labels, [at for at, _ in pairs], [said for _, said in pairs])])


SOURCE = Source("victoriametrics-export", "series exported by VictoriaMetrics, one a line", sniff, read, tracks=tracks)
