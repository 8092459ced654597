"""Events of each kind by hour; those without a date stand in an hour of their own, which is NULL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question


def build(events: Any, question: Question) -> Any:
    rows = portable.within(events, question.window)
    rows = rows.select(kind=portable.known(rows.kind), hour=portable.floored(rows.at, portable.HOUR), at=rows.at)
    made = rows.group_by("kind", "hour").agg(
        rows=rows.count().cast("int64"), first_seen=rows.at.min(), last_seen=rows.at.max()
    )
    return portable.ordered(made, "kind", "hour")


QUERY = Query("signal-hours", "events of each kind, by hour; undated ones apart", build)
