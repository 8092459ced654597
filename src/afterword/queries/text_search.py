"""Rows whose text holds a piece of text as it stands, or a regular expression of the portable subset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.queries import portable, portable_regex
from afterword.queries.question import Query

if TYPE_CHECKING:
    from afterword.queries.question import Question

_SHOWN = ("at", *portable.ROW, "first", "last", "kind", "component", "severity", "text")


def build(events: Any, question: Question) -> Any:
    """Raises InvalidError for a regular expression that engines would read differently."""
    rows = portable.within(events, question.window)
    if question.component:
        rows = rows.filter(portable.known(rows.subject) == question.component)
    text = portable.known(rows.text)
    if question.regex:
        rows = rows.filter(text.re_search(portable_regex.checked(question.text)))
    else:
        rows = rows.filter(text.contains(question.text))
    rows = rows.mutate(component=portable.known(rows.subject), severity=portable.known(rows.severity))
    rows = rows.select(*_SHOWN)
    return portable.ordered(rows, "at", *portable.ROW).limit(question.most)


QUERY = Query(
    "text-search",
    "rows whose text holds a piece of text, or matches a portable regular expression; the earliest first",
    build,
    takes=("window", "component", "text", "regex", "most"),
    needs=("text",),
)
