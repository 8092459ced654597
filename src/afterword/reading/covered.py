"""What the reports of coverage have in common: a file with the lines that tests ran and those that none did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import ranges
from afterword.model.event import Event, Kind
from afterword.reading.fact import attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.model.evidence import Place


def fact(place: Place, path: str, hits: Mapping[int, int]) -> Event | None:
    """One file, by how often each of its lines ran; None where it has no lines that can run."""
    if not hits:
        return None
    ran = [number for number, count in hits.items() if count > 0]
    said = {"check": "coverage", "hit": ranges.said(ran), "missed": ranges.said(hits.keys() - set(ran))}
    text = f"{len(ran)} of {len(hits)} lines of {path} ran in tests"
    return Event(Kind.CHECK, place, None, path, "coverage", text, offset=None, attributes=attributes(said))
