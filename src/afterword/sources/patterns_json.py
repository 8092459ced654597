"""Summaries of log patterns: signature, component, how often, how much more than usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.model.event import Event, Kind, Meaning
from afterword.model.evidence import Gravity, Problem, Skipped
from afterword.ports import Source
from afterword.reading import element, fact, moment, name
from afterword.reading.json_value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.ports import Reading

_ENVELOPES = ("patterns", "clusters", "data", "items", "results", "log_patterns", "templates")
_TEXT = ("signature", "pattern", "template", "log_pattern", "message_pattern", "key")
_COUNT = ("count", "occurrences", "total", "hits", "doc_count", "frequency", "size", "matches")
_DELTA = ("delta_vs_baseline", "delta", "change", "diff", "baseline_delta", "increase", "change_pct", "growth")
_SENTIMENT = ("sentiment", "polarity", "tone")
_FIRST = ("first_seen", "firstseen", "first", "start", "since")
_LAST = ("last_seen", "lastseen", "last", "end")
_ELSEWHERE = frozenset(["labels", "expr", "owner", "owners", "flag", "commit", "threshold", "buckets"])


def sniff(head: bytes) -> float:
    """Sure of a pattern beside a count, in objects that are no record of a single moment."""
    found = element.peek(head, *_ENVELOPES)[:10]
    return 0.85 if found and sum(map(_is_pattern, found)) * 2 > len(found) else 0.0


def _is_pattern(one: Mapping[str, Any]) -> bool:
    keys = {name.plain(key) for key in one}
    number = _number(name.first(one, _COUNT))
    said = isinstance(name.first(one, _TEXT[:-1]), str)
    return (
        said and number is not None and not keys & _ELSEWHERE and not keys & {"timestamp", "time", "@timestamp", "ts"}
    )


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) or value is None else float(str(value).replace(",", ""))
    except ValueError:
        return None


def read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    for node in element.elements(stream, *_ENVELOPES):
        if not isinstance(node, Node):
            yield node
            continue
        text = name.first(node.value, _TEXT)
        if not isinstance(text, str):
            yield Problem("no pattern: it has no text", node.place(), Gravity.WARNING, "pattern-shape")
        else:
            yield _pattern(node, text, reading)


def _pattern(node: Node, text: str, reading: Reading) -> Event:
    """A pattern sums up a stretch of time: it has a time only where the summary states since when."""
    value = node.value
    first, last = (moment.stamp(name.first(value, keys), reading) for keys in (_FIRST, _LAST))
    said = {"delta": name.first(value, _DELTA), "sentiment": name.first(value, _SENTIMENT)}
    count = _number(name.first(value, _COUNT))
    return Event(
        Kind.PATTERN, node.place(), moment.at(first), name.text(name.first(value, name.COMPONENT)), "", text,
        None if count is None or count - count != 0 else count, severity=name.severity(name.first(value, name.SEVERITY)),
        until=moment.at(last), offset=moment.offset(first), granularity=moment.granularity(first), meaning=Meaning.OBSERVED, attributes=fact.attributes(said),
    )  # fmt: skip


SOURCE = Source("patterns-json", "summaries of log patterns with their counts", sniff, read)
