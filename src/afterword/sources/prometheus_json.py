"""Answers of the Prometheus HTTP API: ``query_range`` (matrix), ``query`` (vector, scalar), as curl or a browser saves them.

All samples of a series share the place of its element in ``result``; ``part`` is the name of the series. Samples that are
no finite number are no event. ``ALERTS`` is not a metric: its firing stretches are alerts, the pending ones are left out.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from afterword.core.clock import Doubt, epoch
from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.model.time import MILLISECOND
from afterword.ports import Source
from afterword.reading import json_value, label, moment, name, track

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.core.promql.track import Track
    from afterword.ports import Reading
    from afterword.reading.json_value import Node

#: Where an answer stands inside what somebody saved around it.
_WRAPPERS = ("data", "result", "results", "response", "responses", "answer", "body", "payload", "output", "queries")
_QUERY = ("query", "expr", "promql", "expression")
_DEEPEST = 6
#: A firing alert is one alert as long as its samples are no further apart than so many steps.
_GAP = 2.5


class _Series(NamedTuple):
    place: Place
    labels: Mapping[str, str]
    samples: Sequence[Any]
    query: str
    #: Seconds of its last sample.
    last: float


def sniff(head: bytes) -> float:
    """Sure of an envelope with a result type, or of a list of series with their labels."""
    if b'"metric"' not in head and b'"resultType"' not in head:
        return 0.0
    for one in json_value.samples(head)[:3]:
        if _is_answer(one, 0):
            return 0.95
        if _is_series(one):
            return 0.8
    return 0.0


def _is_answer(value: Any, depth: int) -> bool:
    if not isinstance(value, dict) or depth > _DEEPEST:
        return False
    if value.get("resultType") in ("matrix", "vector", "scalar"):
        return True
    inner = [value[key] for key in _WRAPPERS if key in value] or list(value.values())[:5]
    firsts = [one[0] if isinstance(one, list) and one else one for one in inner]
    return any(_is_answer(one, depth + 1) or _is_series(one) for one in firsts)


def _is_series(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("metric"), dict):
        return False
    samples = value.get("values", value.get("value", value.get("histograms", value.get("histogram"))))
    pair = samples[0] if isinstance(samples, list) and samples and isinstance(samples[0], list) else samples
    return isinstance(pair, list) and "timestamps" not in value


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    """All series are looked at first, since others decide what one is called; of a large answer no sample is kept."""
    large = json_value.is_large(stream)
    held: list[_Series] = []
    for one in _all(stream, reading.query):
        if isinstance(one, _Series):
            held.append(one._replace(samples=()) if large else one)
        else:
            yield one
    last = max((one.last for one in held), default=0.0)
    called = _called(held)
    if large:
        stream.seek(0)
    clock: dict[Any, int | Doubt] = {}
    series = (one for one in _all(stream, reading.query) if isinstance(one, _Series)) if large else held
    for one, name_ in zip(series, called, strict=True):
        if one.labels.get("__name__") in ("ALERTS", "ALERTS_FOR_STATE"):
            yield from _alerts(one, last)
        else:
            yield from _samples(one, name_, clock)


def _all(stream: BinaryIO, query: str) -> Iterator[_Series | Problem | Skipped]:
    for node in json_value.values(stream):
        if isinstance(node, Problem | Skipped):
            yield node
        else:
            yield from _series(node, query, 0)


def _called(held: Sequence[_Series]) -> list[label.Named]:
    """What each series is called among those of the same query."""
    by_query: dict[str, list[int]] = {}
    for number, one in enumerate(held):
        by_query.setdefault(one.query, []).append(number)
    called: dict[int, label.Named] = {}
    for query, numbers in by_query.items():
        called.update(zip(numbers, label.named([held[n].labels for n in numbers], query or "value"), strict=True))
    return [called[number] for number in range(len(held))]


def _series(node: Node, query: str, depth: int) -> Iterator[_Series]:
    """Every series below a node, with the query that it answers where that is stated."""
    value = node.value
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return
    if isinstance(value, list):
        for item in node.items():
            yield from _series(item, query, depth + 1)
        return
    query = next((value[key] for key in _QUERY if isinstance(value.get(key), str) and value[key]), query)
    if value.get("resultType") in ("scalar", "string") and isinstance(value.get("result"), list):
        yield _Series(node.place(query or "value"), {}, [value["result"]], query, _seconds(value["result"]))
    elif isinstance(value.get("metric"), dict):
        yield _one(node, query)
    else:
        request = value.get("request")
        if isinstance(request, dict):
            query = next((str(request[key]) for key in _QUERY if request.get(key)), query)
        for key, member in node.members():
            by_query = depth == 0 and not any(wrapper in value for wrapper in _WRAPPERS)
            if key in _WRAPPERS or by_query:
                yield from _series(member, key if by_query else query, depth + 1)


def _one(node: Node, query: str) -> _Series:
    value = node.value
    labels = {str(k): name.text(v) for k, v in value["metric"].items()}
    samples = value.get("values")
    if not isinstance(samples, list):
        samples = [value["value"]] if isinstance(value.get("value"), list) else []
    histograms = value.get("histograms") or ([value["histogram"]] if value.get("histogram") else [])
    if not samples and isinstance(histograms, list):
        samples = [[one[0], one[1].get("count")] for one in histograms if _is_histogram(one)]
        labels = labels | {"__name__": f"{labels.get('__name__', 'value')}_count"}
    return _Series(node.place(), labels, samples, query, _seconds(samples[-1]) if samples else 0.0)


def _is_histogram(one: Any) -> bool:
    return isinstance(one, list) and len(one) == 2 and isinstance(one[1], dict)


def _part(place: Place, part: str) -> Place:
    return Place(place.start, place.end, place.first, place.last, part, place.inline)


def _seconds(sample: Any) -> float:
    at = sample[0] if isinstance(sample, list) and sample else 0
    return float(at) if isinstance(at, int | float) else 0.0


def _samples(one: _Series, called: label.Named, clock: dict[Any, int | Doubt]) -> Iterator[Event | Problem | Skipped]:
    place = _part(one.place, called.indicator)
    if "le" in one.labels and one.labels.get("__name__", "").endswith("_bucket"):
        yield Skipped("a bucket of a histogram; its count and sum are read", place)
        return
    subject, indicator = called
    bad: str = ""
    metric, nothing = Kind.METRIC, dict[str, str]()
    empty = True
    for sample in one.samples:
        try:
            at, said = sample
            value = float(said)
            ns = clock.get(at)
            if ns is None:
                ns = clock[at] = _at(at)
        except (TypeError, ValueError):
            bad = bad or "a sample that is no pair of a time and a number"
            continue
        if isinstance(ns, Doubt):
            bad = bad or f"the time of a sample cannot be relied on: {ns.reason}"
        elif value - value == 0:  # neither NaN nor infinite
            empty = False
            yield Event(
                metric,
                place,
                ns,
                subject,
                indicator,
                value=value,
                attributes=nothing,
                granularity=MILLISECOND,
                meaning=Meaning.OBSERVED,
            )
    if bad:
        yield Problem(bad, place, Gravity.WARNING, "sample", quarantined=False)
    elif empty:
        yield Skipped("a series without a finite sample", place)


def _at(at: Any) -> int | Doubt:
    found = epoch(at, "s") if isinstance(at, int | float | str) and not isinstance(at, bool) else Doubt("not a number")
    return found if isinstance(found, Doubt) else found.ns


def _alerts(one: _Series, last: float) -> Iterator[Event | Skipped]:
    """The stretches in which an alert fired; one that fires at the end of the answer has no end."""
    labels = one.labels
    if labels["__name__"] != "ALERTS" or labels.get("alertstate") == "pending":
        yield Skipped("an alert that was pending, or since when it was", one.place)
        return
    about = {k: v for k, v in labels.items() if k not in ("__name__", "alertname", "alertstate")}
    times = sorted({_seconds(sample): None for sample in one.samples if _seconds(sample)})
    for count, (start, end) in enumerate(_stretches(times), 1):
        at, until = (moment.at(epoch(int(t) if t == int(t) else t, "s")) for t in (start, end))
        yield Event(
            Kind.ALERT,
            _part(one.place, f"{labels.get('alertname', '')} {count}"),
            at,
            label.component(about),
            labels.get("alertname", ""),
            label.text("", about),
            severity=name.severity(labels.get("severity", "")),
            until=None if end >= last else until,
            granularity=MILLISECOND,
            meaning=Meaning.OBSERVED,
            attributes={"state": "firing", **({"severity": labels["severity"]} if labels.get("severity") else {})},
        )


def _stretches(times: Sequence[float]) -> Iterator[tuple[float, float]]:
    if not times:
        return
    steps = sorted(b - a for a, b in pairwise(times))
    longest = _GAP * steps[len(steps) // 2] if steps else 0.0
    start = before = times[0]
    for at in times[1:]:
        if at - before > longest:
            yield start, before
            start = at
        before = at
    yield start, before


def tracks(stream: BinaryIO) -> Iterator[Track]:
    """The series that have a name; what answers an expression has none, and no rule can select it."""
    return track.gridded(
        _taken(one) for one in _all(stream, "") if isinstance(one, _Series) and one.labels.get("__name__")
    )


def _taken(one: _Series) -> track.Samples:
    at, value = [], []
    for sample in one.samples:
        try:
            moment_, said = sample
            number, ns = float(said), _at(moment_)
        except (TypeError, ValueError):
            continue
        if not isinstance(ns, Doubt):
            at.append(ns)
            value.append(number)
    return track.Samples(one.labels, at, value)


SOURCE = Source(
    "prometheus-json",
    "answers of the Prometheus HTTP API (query, query_range), ALERTS among them",
    sniff,
    read,
    tracks=tracks,
)
