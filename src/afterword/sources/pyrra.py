"""Objects of Pyrra: a ServiceLevelObjective with its target, its window and the metrics of its indicator."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from afterword.model.evidence import Gravity, Place, Problem, Skipped
from afterword.ports import Source
from afterword.reading import slo, strict_yaml
from afterword.reading.strict_json import Malformed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.event import Event
    from afterword.ports import Reading
    from afterword.reading.strict_yaml import Node

_VERSION = re.compile(r"^[\"']?apiVersion[\"']?:[ \t]*[\"']?pyrra\.dev/", re.MULTILINE)
_KIND = re.compile(r"^[\"']?kind[\"']?:[ \t]*[\"']?ServiceLevelObjective\b", re.MULTILINE)
#: Indicators and the metrics of each.
_INDICATORS = {
    "ratio": ("errors", "total"),
    "latency": ("success", "total"),
    "latencyNative": ("total",),
    "bool_gauge": ("",),
}
_SERVICE = ("pyrra.dev/service", "service", "app.kubernetes.io/name", "app")


def sniff(head: bytes) -> float:
    """Sure of the version beside the kind."""
    text = head.decode("utf-8", "replace")
    return 0.96 if _VERSION.search(text) and _KIND.search(text) else 0.0


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    raw = stream.read(strict_yaml.LONGEST + 1)
    size = len(raw) + len(stream.read())
    try:
        for document in strict_yaml.documents(raw):
            yield _document(document)
    except Malformed as error:
        place = Place(0, size, 1, raw.count(b"\n") + (not raw.endswith(b"\n")) or 1)
        yield Problem(f"not YAML that can be relied on: {error}", place, Gravity.ERROR, error.code)


def _document(document: Node) -> Event | Problem | Skipped:
    if document.said("kind") != "ServiceLevelObjective":
        return Skipped("an object that is no objective", document.place())
    labels = document.get("metadata", "labels")
    service = next((labels.said(key) for key in _SERVICE if labels.said(key)), "") if labels is not None else ""
    queries = [
        query
        for indicator, parts in _INDICATORS.items()
        for part in parts
        if (query := document.said("spec", "indicator", indicator, *([part] if part else []), "metric"))
    ]
    native = slo.took(document.said("spec", "indicator", "latencyNative", "latency"))
    spec = document.get("spec")
    said = spec.said if spec is not None else lambda *_: ""
    stated = slo.Stated(
        document.said("metadata", "name"), service, said("target"), said("window"), said("description"), queries, native
    )
    return slo.event(stated, document.place())


SOURCE = Source("pyrra", "objectives as objects of Pyrra", sniff, read)
