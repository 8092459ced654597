"""Least, greatest and last value and number of samples, by component, indicator and minute.

Samples that are no finite number are counted apart and compared with nothing. Of samples at one and the same instant the greatest
is the last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question

_KEYS = ("component", "indicator", "minute")


def build(events: Any, question: Question) -> Any:
    rows = portable.of(events, "metric", question.window)
    rows = rows.select(
        component=portable.known(rows.subject),
        indicator=portable.known(rows.name),
        minute=portable.floored(rows.at, portable.MINUTE),
        at=rows.at,
        value=portable.finite(rows.value),
    )
    zero = ibis.literal(0.0, "float64")
    latest = [rows.value.isnull(), ibis.desc(rows.at), ibis.desc(rows.value.fill_null(zero))]
    rows = rows.mutate(nth=ibis.row_number().over(ibis.window(group_by=list(_KEYS), order_by=latest)).cast("int64"))
    made = rows.group_by(*_KEYS).agg(
        samples=rows.value.count().cast("int64"),
        missing=portable.counted(rows.value.isnull()),
        least=rows.value.min(),
        greatest=rows.value.max(),
        latest=rows.value.max(where=rows.nth == 0),
    )
    return portable.ordered(made, *_KEYS)


QUERY = Query(
    "metric-minutes",
    "least, greatest and last value and number of samples, by component, indicator and minute",
    build,
    ("metric",),
)
