"""Documents of OpenSLO: objectives of a service, with the indicators that they hold or name.

Versions v1alpha to v2alpha1 differ in names more than in what they say. An indicator that stands in a document of its own is
found where it lies in the same file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import slo, strict_yaml
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.strict_yaml import Node

_VERSION = re.compile(r"^[ \t-]*[\"']?apiVersion[\"']?:[ \t]*[\"']?openslo(?:\.com)?/v\d", re.MULTILINE)
_KIND = re.compile(
    r"^[ \t-]*[\"']?kind[\"']?:[ \t]*[\"']?"
    r"(?:SLO|SLI|Service|DataSource|AlertPolicy|AlertCondition|AlertNotificationTarget)\b",
    re.MULTILINE,
)
#: Names under which a query stands below a metric, and below which metrics stand.
_QUERY = ("query", "promql", "queryString", "expr")
_PARTS = ("good", "bad", "total", "raw", "incremental")
#: What has to stay below a value, in the words of the format.
_BELOW = ("lt", "lte")
_DEEPEST, _MOST_QUERIES = 8, 6


def sniff(head: bytes) -> float:
    """Sure of the version beside a kind of OpenSLO."""
    text = head.decode("utf-8", "replace")
    return 0.96 if _VERSION.search(text) and _KIND.search(text) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    raw = stream.read(strict_yaml.LONGEST + 1)
    size = len(raw) + len(stream.read())
    try:
        objects = [one for document in strict_yaml.documents(raw) for one in document.items() or [document]]
    except Malformed as error:
        place = Place(0, size, 1, raw.count(b"\n") + (not raw.endswith(b"\n")) or 1)
        yield Problem(f"not YAML that can be relied on: {error}", place, Gravity.ERROR, error.code)
        return
    indicators = {one.said("metadata", "name"): one for one in objects if one.said("kind") == "SLI"}
    for one in objects:
        if one.said("kind") == "SLO":
            yield from _objectives(one, indicators)
        else:
            yield Skipped("an object of OpenSLO that is no objective", one.place())


def _objectives(document: Node, indicators: Mapping[str, Node]) -> Iterator[Event | Problem]:
    objectives = document.get("spec", "objectives")
    found = objectives.items() if objectives is not None else []
    if not found:
        yield Problem("an SLO without objectives", document.place(), Gravity.WARNING, "objective-shape")
    for one in found:
        place = document.place() if len(found) == 1 else one.place()
        yield slo.event(_stated(document, one, _indicator(document, one, indicators), alone=len(found) == 1), place)


def _indicator(document: Node, objective: Node, indicators: Mapping[str, Node]) -> Node | None:
    """That of the objective itself, that of the document, or the one that either names."""
    for node in (objective, document.get("spec")):
        if node is None:
            continue
        for key in ("indicator", "sli", "ratioMetrics", "ratioMetric"):
            if (inner := node.get(key)) is not None and inner.members():
                return inner
        for key in ("indicatorRef", "sliRef"):
            if node.said(key) in indicators:
                return indicators[node.said(key)]
    return None


def _stated(document: Node, objective: Node, indicator: Node | None, *, alone: bool) -> slo.Stated:
    name = document.said("metadata", "name") or document.said("metadata", "displayName")
    own = objective.said("displayName")
    percent = objective.said("targetPercent")
    share = f"{percent}%" if percent else objective.said("target")
    queries = list(_queries(indicator, 0))[:_MOST_QUERIES] if indicator is not None else []
    slower = None
    if objective.said("op") in _BELOW:
        slower = slo.seconds(objective.said("value"), " ".join(queries))
    window = document.get("spec", "timeWindow") or document.get("spec", "timeWindows")
    first = window.items()[0] if window is not None and window.items() else None
    over = (
        (first.said("duration") or f"{first.said('count')} {first.said('unit')}".strip()) if first is not None else ""
    )
    text = document.said("spec", "description") or (own if not alone else "")
    return slo.Stated(
        name if alone or not own else f"{name} {own}",
        document.said("spec", "service"),
        share,
        over,
        text,
        queries,
        slower,
    )


def _queries(node: Node, depth: int) -> Iterator[str]:
    """The queries of an indicator, good ones first, wherever a version puts them."""
    if depth > _DEEPEST:
        return
    members = node.members()
    for key in _QUERY:
        if node.said(key):
            yield node.said(key)
    order = sorted(members, key=lambda key: _PARTS.index(key) if key in _PARTS else len(_PARTS))
    for key in order:
        inner = members[key]
        if inner.members():
            yield from _queries(inner, depth + 1)
        elif key == "spec" and isinstance(inner.value, str):
            yield inner.value


SOURCE = Source("openslo", "objectives of OpenSLO", sniff, read)
