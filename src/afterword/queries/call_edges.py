"""Who calls whom: spans joined with their parents by trace and span id, calls between components counted.

A span whose parent was recorded twice by one component (a retried export) still counts once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.queries import portable
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question


def build(events: Any, question: Question) -> Any:
    spans = events.filter(events.kind == "span", portable.known(events.trace) != "")
    callers = spans.filter(portable.known(spans.span) != "")
    callers = callers.select(
        caller_trace=portable.known(callers.trace),
        caller_span=portable.known(callers.span),
        caller=portable.known(callers.subject),
    ).distinct()
    called = portable.within(spans.filter(spans.at.notnull(), portable.known(spans.parent) != ""), question.window)
    called = called.select(
        trace=portable.known(called.trace),
        parent=portable.known(called.parent),
        callee=portable.known(called.subject),
        took=called.took,
        bad=portable.known(called.severity).isin(portable.ERRORS),
    )
    met = called.join(callers, [called.trace == callers.caller_trace, called.parent == callers.caller_span])
    met = met.filter(met.caller != met.callee)
    made = met.group_by("caller", "callee").agg(
        calls=met.count().cast("int64"),
        failures=portable.counted(met.bad),
        timed=met.took.count().cast("int64"),
        took_sum=portable.total(met.took),
    )
    return portable.ordered(made, "caller", "callee")


QUERY = Query(
    "call-edges", "calls and failures between components, from spans and their parents", build, ("span",), reaches=True
)
