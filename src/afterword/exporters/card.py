"""The few figures that a reader looks for first, found among the claims of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.document import Said

if TYPE_CHECKING:
    from afterword.model.claim import Claim
    from afterword.model.document import Document

_POINTS = (
    ("Impact started", "started"),
    ("Detected", "detected"),
    ("Mitigation applied", "mitigation_applied"),
    ("Recovered", "recovered"),
)
_DURATIONS = (
    ("Time to detect", "time to detect"),
    ("Time to mitigate", "time to mitigate"),
    ("Time to recover", "time to recover"),
)


def figures(doc: Document) -> list[tuple[str, Said]]:
    """Name and claim, points before durations; a figure that the document does not state is left out."""
    points = ((name, _point(doc, point)) for name, point in _POINTS)
    durations = ((name, _duration(doc, duration)) for name, duration in _DURATIONS)
    return [(name, Said(one.id, one.text)) for name, one in (*points, *durations) if one is not None]


def _point(doc: Document, name: str) -> Claim | None:
    """The estimate where there is one, else what was stated, as in the text."""
    found = {
        str(one.args.get("by")): one
        for one in doc.claims
        if one.op == "point" and one.args.get("name") == name and one.args.get("part") == "at"
    }
    return found.get("estimate") or found.get("stated")


def _duration(doc: Document, name: str) -> Claim | None:
    """Only one that was measured: its value begins with nanoseconds, not with a word for why there is none."""
    for one in doc.claims:
        if one.op == "duration" and one.args.get("name") == name and not isinstance(one.value[0], str):
            return one
    return None
