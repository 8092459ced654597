"""When each template was seen first and last, where for the first time, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question


def build(events: Any, question: Question) -> Any:
    rows = portable.of(events, "log", question.window)
    if question.template:
        rows = rows.filter(portable.known(rows.template) == question.template)
    rows = rows.select(
        *portable.ROW,
        "first",
        "at",
        component=portable.known(rows.subject),
        template=portable.known(rows.template),
    )
    firsts = ibis.window(group_by="template", order_by=portable.order(rows, ("at", *portable.ROW)))
    rows = rows.mutate(nth=ibis.row_number().over(firsts).cast("int64"))
    # In two steps: a count of distinct values is approximate on ClickHouse.
    parts = rows.group_by("template", "component").agg(
        lines=rows.count().cast("int64"),
        first_seen=rows.at.min(),
        last_seen=rows.at.max(),
        first_artefact=rows.artefact.min(where=rows.nth == 0),
        first_line=rows["first"].min(where=rows.nth == 0),
    )
    made = parts.group_by("template").agg(
        lines=parts.lines.sum().cast("int64"),
        components=parts.count().cast("int64"),
        first_seen=parts.first_seen.min(),
        last_seen=parts.last_seen.max(),
        first_artefact=parts.first_artefact.min(),
        first_line=parts.first_line.min(),
    )
    return portable.ordered(made, "template")


QUERY = Query(
    "template-seen",
    "when each template was seen first and last, where first, how often and in how many components",
    build,
    ("log",),
    takes=("window", "template"),
)
