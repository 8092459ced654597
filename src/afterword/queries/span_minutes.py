"""Calls, failures, total time and nearest-rank percentiles, by component, operation and minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from collections.abc import Sequence

    from afterword.queries.question import Question

_KEYS = ("component", "operation", "minute")


def build(events: Any, question: Question) -> Any:
    return portable.ordered(summary(events, question, _KEYS), *_KEYS)


def summary(events: Any, question: Question, keys: Sequence[str]) -> Any:
    """Spans of each group; keys are some of component, operation and minute."""
    rows = portable.of(events, "span", question.window)
    rows = rows.select(
        component=portable.known(rows.subject),
        operation=portable.known(rows.name),
        minute=portable.floored(rows.at, portable.MINUTE),
        took=rows.took,
        bad=portable.known(rows.severity).isin(portable.ERRORS),
    )
    rows = portable.ranked(rows, keys, "took")
    return rows.group_by(*keys).agg(
        spans=rows.count().cast("int64"),
        failures=portable.counted(rows.bad),
        timed=rows.took.count().cast("int64"),
        took_sum=portable.total(rows.took),
        p50=portable.nearest_rank(rows, "took", 50),
        p95=portable.nearest_rank(rows, "took", 95),
        p99=portable.nearest_rank(rows, "took", 99),
    )


QUERY = Query(
    "span-minutes",
    "calls, failures, total time (ns) and exact p50, p95, p99 (nearest rank) by component, operation and minute",
    build,
    ("span",),
)
