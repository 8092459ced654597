"""Log lines of each template, by component and minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question


def build(events: Any, question: Question) -> Any:
    rows = portable.of(events, "log", question.window)
    rows = rows.select(
        component=portable.known(rows.subject),
        template=portable.known(rows.template),
        minute=portable.floored(rows.at, portable.MINUTE),
        bad=portable.known(rows.severity).isin(portable.ERRORS),
    )
    made = rows.group_by("component", "template", "minute").agg(
        lines=rows.count().cast("int64"), errors=portable.counted(rows.bad)
    )
    return portable.ordered(made, "component", "template", "minute")


QUERY = Query("template-minutes", "log lines of each template, by component and minute", build, ("log",))
