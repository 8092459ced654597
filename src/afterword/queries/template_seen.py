"""When each template was seen first and last, where for the first time, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question


_SHOWN = ("template", "lines", "components", "first_seen", "last_seen", "first_artefact", "first_line")


def build(events: Any, question: Question) -> Any:
    rows = portable.of(events, "log", question.window)
    if question.template:
        rows = rows.filter(portable.known(rows.template) == question.template)
    rows = rows.select(
        artefact=portable.known(rows.artefact),
        line=rows["first"],
        at=rows.at,
        component=portable.known(rows.subject),
        template=portable.known(rows.template),
    )
    # In two steps: a count of distinct values is approximate on ClickHouse.
    parts = rows.group_by("template", "component").agg(
        lines=rows.count().cast("int64"), first_seen=rows.at.min(), last_seen=rows.at.max()
    )
    seen = parts.group_by("template").agg(
        lines=parts.lines.sum().cast("int64"),
        components=parts.count().cast("int64"),
        first_seen=parts.first_seen.min(),
        last_seen=parts.last_seen.max(),
    )
    made = seen.join(_firsts(rows, seen), "template").select(*_SHOWN)
    return portable.ordered(made, "template")


def _firsts(rows: Any, seen: Any) -> Any:
    """The first line of the first artefact at the first instant of each template; no window over all rows."""
    whens = seen.select(of="template", when="first_seen")
    early = rows.join(whens, [rows.template == whens.of, rows.at == whens.when])
    lines = early.group_by("template", "artefact").agg(first_line=early.line.min())
    place = ibis.window(group_by="template", order_by=portable.order(lines, ("artefact",)))
    lines = lines.mutate(nth=ibis.row_number().over(place).cast("int64"))
    return lines.filter(lines.nth == 0).select("template", "first_line", first_artefact="artefact")


QUERY = Query(
    "template-seen",
    "when each template was seen first and last, where first, how often and in how many components",
    build,
    ("log",),
    takes=("window", "template"),
)
