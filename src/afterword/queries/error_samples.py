"""The first error lines of each template of each component, as they were logged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question

_SHOWN = ("component", "template", "at", "severity", "text", "trace", "span")


def build(events: Any, question: Question) -> Any:
    rows = portable.of(events, "log", question.window)
    rows = rows.filter(portable.known(rows.severity).isin(portable.ERRORS))
    rows = rows.select(
        component=portable.known(rows.subject),
        template=portable.known(rows.template),
        at=rows.at,
        severity=rows.severity,
        text=portable.known(rows.text),
        trace=portable.known(rows.trace),
        span=portable.known(rows.span),
    )
    # All that is shown is a key: rows that tie are the same row twice.
    inside = ibis.window(group_by=["component", "template"], order_by=portable.order(rows, _SHOWN[2:]))
    rows = rows.mutate(nth=ibis.row_number().over(inside).cast("int64"))
    rows = rows.filter(rows.nth < portable.whole(question.most)).select(*_SHOWN)
    return portable.ordered(rows, *_SHOWN)


QUERY = Query(
    "error-samples",
    "the first error lines of each template of each component, at most so many",
    build,
    ("log",),
    takes=("window", "most"),
)
