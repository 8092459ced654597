"""A log line inside another: JSON, key=value or text in the ``log`` field of a container's log, in a table's cell, behind a prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.reading import log_head, log_object, logfmt, strict_json
from afterword.reading.log_time import NONE
from afterword.reading.said import Said, hinted, marks

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.reading.log_time import Clock


def said(text: str, clock: Clock, *, torn: bool = False) -> Said:
    """What the text says, whatever it is written in; never None: a plain sentence says itself.

    ``torn``: something else may have been printed over the end of the text; a JSON value at its beginning still counts.
    """
    text = text.strip()
    if text[:1] == "{":
        try:
            value = strict_json.load_at(text, 0)[0] if torn else strict_json.loads(text)
        except strict_json.Malformed:
            value = None
        if isinstance(value, dict) and value:
            return record(value, clock)
    elif logfmt.is_line(text):
        return log_object.said(logfmt.pairs(text), clock)
    return log_head.said(text, clock) or Said(NONE, hinted(text), "", text, marks(text))


def dated_object(text: str, clock: Clock) -> Said | None:
    """A structured record among lines of text, when it states its time; any other object is part of what stands above."""
    if not text.rstrip().endswith("}"):
        return None
    try:
        value = strict_json.loads(text)
    except strict_json.Malformed:
        return None
    found = record(value, clock) if value else None
    return None if found is None or found.told is NONE else found


def record(value: Mapping[str, Any], clock: Clock) -> Said:
    """A structured record; a line inside its message is read as well where the record itself names no severity."""
    outer = log_object.said(value, clock)
    if outer.text[:1] != "{" and (outer.severity or not outer.text):
        return outer
    return unwrapped(outer, clock)


def unwrapped(outer: Said, clock: Clock) -> Said:
    """The outer line's time and component with what the line inside says; the inner ones where the outer has none."""
    inner = said(outer.text, clock)
    told = inner.told if outer.told is NONE else outer.told
    severity = inner.severity or outer.severity
    return Said(told, severity, outer.subject or inner.subject, inner.text, {**inner.attributes, **outer.attributes})
