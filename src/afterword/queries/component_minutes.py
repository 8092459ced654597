"""Calls, failures, total time and nearest-rank percentiles, by component and minute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.queries import portable, span_minutes
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question

_KEYS = ("component", "minute")


def build(events: Any, question: Question) -> Any:
    return portable.ordered(span_minutes.summary(events, question, _KEYS), *_KEYS)


QUERY = Query(
    "component-minutes",
    "calls, failures, total time (ns) and exact p50, p95, p99 (nearest rank) by component and minute",
    build,
    ("span",),
)
