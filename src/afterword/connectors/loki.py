"""Grafana Loki: the lines of its query_range API, each exactly once, also where many share one nanosecond.

A page that is full may end between lines of the same time. So a page is looked at first and not kept; then the same start is
asked up to the time of its last line, which Loki excludes. What is kept never overlaps and leaves nothing out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question
from afterword.ports import Connector, Left, Request
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Generator

    from afterword.asking.question import Talk
    from afterword.ports import Ask, Response

#: ``max_entries_limit_per_query`` of a Loki that nobody configured.
_LIMIT, _MOST = 5_000, 1_000_000


def pages(ask: Ask) -> Talk:
    queries = ask.options.get("query")
    limit = option.number(ask, "limit", _LIMIT, most=_MOST)
    several = option.texts(ask, "query") if isinstance(queries, list) else (option.needed(ask, "query"),)
    yield from answer.each(_lines(ask, query, limit) for query in several)


def _lines(ask: Ask, query: str, limit: int) -> Talk:
    start, crowded = ask.start, 0
    for _ in range(answer.MOST_PAGES):
        times = yield from _look(ask, query, start, limit)
        if (
            0 < len(times) < limit
            and max(times) + 1 < ask.end
            and (yield from _look(ask, query, max(times) + 1, limit))
        ):
            # The server gives fewer lines than it is asked for, and does not say so.
            limit = len(times)
        if len(times) < limit:
            yield _request(ask, query, start, ask.end, limit)
            break
        # A page of one nanosecond alone is kept as it is: it cannot be cut further.
        end = max(times) if max(times) > start else start + 1
        yield _request(ask, query, start, end, limit)
        crowded += max(times) == start
        start = end
        if start >= ask.end:
            break
    else:
        raise answer.many(f"the lines of {query}")
    if crowded:
        yield Left(f"{query}: {crowded} nanoseconds hold {limit} lines or more; raise limit")


def _look(ask: Ask, query: str, start: int, limit: int) -> Generator[Request | Left, Response, list[int]]:
    """The times of the lines that the next page would have."""
    request = _request(ask, query, start, ask.end, limit, keep=False)
    return _times(answer.value(request, (yield request)))


def _times(value: Any) -> list[int]:
    """The times of all lines of a page."""
    rows = [row for one in answer.objects(value, "data", "result") for row in dig(one, "values") or ()]
    return [int(row[0]) for row in rows if isinstance(row, list) and row and str(row[0]).isdigit()]


def _request(ask: Ask, query: str, start: int, end: int, limit: int, *, keep: bool = True) -> Request:
    tenant = option.text(ask, "tenant")
    said = {"query": query, "start": start, "end": end, "limit": limit, "direction": "forward"}
    return Request(
        question.url(ask.url, "loki", "api", "v1", "query_range", **said),
        headers={"accept": question.JSON, **({"x-scope-orgid": tenant} if tenant else {})},
        says=f"the lines of {query}" if keep else f"where a page of {query} ends",
        keep=keep,
    )


CONNECTOR = Connector(
    "loki",
    "the lines of Grafana Loki",
    pages,
    {
        "query": 'LogQL that selects lines, such as {namespace="shop"}; or a list of such queries. Needed.',
        "limit": "Lines a page; no more than the server's max_entries_limit_per_query. Default 5000.",
        "tenant": "The tenant, sent as X-Scope-OrgID.",
    },
    tested="recorded answers, written after the documentation: Loki HTTP API, query_range",
)
