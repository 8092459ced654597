"""Specifications of Sloth: objectives with the queries of their errors, as files and as objects of Kubernetes."""

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

_VERSION = re.compile(r"^[\"']?version[\"']?:[ \t]*[\"']?prometheus/v1\b", re.MULTILINE)
_KIND = re.compile(r"^[\"']?kind[\"']?:[ \t]*[\"']?PrometheusServiceLevel\b", re.MULTILINE)
_SLOS = re.compile(r"^[ \t]*[\"']?slos[\"']?:", re.MULTILINE)
#: The names of the queries, in files and in objects.
_EVENTS = ("error_query", "errorQuery", "total_query", "totalQuery")
_RAW = ("error_ratio_query", "errorRatioQuery")


def sniff(head: bytes) -> float:
    """Sure of the version or the kind; less so of objectives behind a version alone."""
    text = head.decode("utf-8", "replace")
    if not (_VERSION.search(text) or _KIND.search(text)):
        return 0.0
    return 0.96 if _SLOS.search(text) else 0.6


def read(stream: BinaryIO, _reading: Reading) -> Iterator[Event | Problem | Skipped]:
    raw = stream.read(strict_yaml.LONGEST + 1)
    size = len(raw) + len(stream.read())
    try:
        for document in strict_yaml.documents(raw):
            yield from _document(document)
    except Malformed as error:
        place = Place(0, size, 1, raw.count(b"\n") + (not raw.endswith(b"\n")) or 1)
        yield Problem(f"not YAML that can be relied on: {error}", place, Gravity.ERROR, error.code)


def _document(document: Node) -> Iterator[Event | Problem | Skipped]:
    top = document.get("spec") or document
    slos = top.get("slos")
    if slos is None or not slos.items():
        yield Skipped("a document without objectives", document.place())
        return
    for one in slos.items():
        if not one.said("name"):
            yield Problem("an objective without a name", one.place(), Gravity.WARNING, "objective-shape")
            continue
        sli = one.get("sli")
        queries = [
            query
            for part, names in (("events", _EVENTS), ("raw", _RAW))
            for name in names
            if sli is not None and (query := sli.said(part, name))
        ]
        stated = slo.Stated(
            one.said("name"), top.said("service"), one.said("objective"), text=one.said("description"), queries=queries
        )
        yield slo.event(stated, one.place())


SOURCE = Source("sloth", "objectives as Sloth specifies them", sniff, read)
