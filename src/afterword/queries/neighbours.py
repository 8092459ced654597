"""What stands around a line of an artefact: rows before it, at it and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question

_KEYS = ("first", "row")
_SHOWN = ("first", "row", "last", "at", "kind", "component", "name", "severity", "text")


def build(events: Any, question: Question) -> Any:
    rows = events.filter(events.artefact == question.artefact)
    rows = rows.select(
        "first",
        "row",
        "last",
        "at",
        "kind",
        component=portable.known(rows.subject),
        name=portable.known(rows.name),
        severity=portable.known(rows.severity),
        text=portable.known(rows.text),
    ).select(*_SHOWN)
    before = rows.filter(rows["first"] < portable.whole(question.line))
    before = before.order_by(portable.order(before, _KEYS, backwards=True)).limit(question.most)
    after = rows.filter(rows["first"] >= portable.whole(question.line))
    after = after.order_by(portable.order(after, _KEYS)).limit(question.most + 1)
    return portable.ordered(ibis.union(before, after, distinct=False), *_KEYS)


QUERY = Query(
    "neighbours",
    "rows before, at and after a line of one artefact",
    build,
    takes=("artefact", "line", "most"),
    needs=("artefact", "line"),
)
