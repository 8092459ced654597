"""Grafana Tempo: traces that a TraceQL query finds, each as a whole. The search itself has no pages and only names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.model.time import SECOND
from afterword.ports import Connector, Left, Request

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

#: What failed comes first, so that it is there when there is more than may be asked for.
_QUERIES = ("{ status = error }", "{ }")


def pages(ask: Ask) -> Talk:
    queries = ask.options.get("query", _QUERIES)
    found: dict[str, None] = {}
    several = (queries,) if isinstance(queries, str) else option.texts(ask, "query", _QUERIES)
    yield from answer.each(_search(ask, query, found) for query in several)
    yield from answer.each(_trace(ask, number) for number in found)


def _request(ask: Ask, *path: str, says: str, keep: bool = True, **said: Any) -> Request:
    tenant = option.text(ask, "tenant")
    headers = {"accept": question.JSON, **({"x-scope-orgid": tenant} if tenant else {})}
    start, end = when.whole(ask, SECOND)
    return Request(
        question.url(ask.url, "api", *path, **said, start=start, end=end), headers=headers, says=says, keep=keep
    )


def _search(ask: Ask, query: str, found: dict[str, None]) -> Talk:
    most = option.number(ask, "most", 200, most=10_000)
    request = _request(ask, "search", says=f"which traces are {query}", keep=False, q=query, limit=most)
    traces = answer.objects(answer.value(request, (yield request)), "traces")
    if len(traces) >= most:
        yield Left(f"traces that are {query} beyond the first {most}: more than the option most says")
    found |= answer.traces(traces)


def _trace(ask: Ask, number: str) -> Talk:
    yield _request(ask, "traces", number, says=f"trace {number}")


CONNECTOR = Connector(
    "tempo",
    "traces of Grafana Tempo",
    pages,
    {
        "query": "A TraceQL query, or a list of them. Default what failed, then everything.",
        "most": "Most traces of one query. Default 200.",
        "tenant": "The tenant, sent as X-Scope-OrgID.",
    },
    tested="recorded answers, written after the documentation: Tempo HTTP API",
)
