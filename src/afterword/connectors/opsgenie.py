"""Opsgenie: alerts that were created in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import option, question, when
from afterword.asking import pages as paging
from afterword.ports import Connector, Left, Request
from afterword.reading.element import dig

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

_LIMIT, _DEEPEST = 100, 20_000


def pages(ask: Ask) -> Talk:
    start, end = when.whole(ask, when.MILLI)
    query = f"createdAt >= {start} AND createdAt < {end}"
    more = option.text(ask, "query")
    said: dict[str, Any] = {"query": f"{query} AND ({more})" if more else query, "sort": "createdAt", "order": "asc"}
    deepest = False

    def asked(offset: int) -> Request:
        url = question.url(ask.url, "v2", "alerts", **said, limit=_LIMIT, offset=offset)
        return Request(url, secret=question.key(ask, "api_key", "GenieKey "), says="alerts")

    def following(value: Any, here: paging.Objects, page: int) -> Request | None:
        nonlocal deepest
        if not here or not dig(value, "paging", "next"):
            return None
        deepest = (page + 1) * _LIMIT > _DEEPEST
        return None if deepest else asked(page * _LIMIT)

    yield from paging.followed(asked(0), "data", following=following)
    if deepest:
        yield Left(f"alerts beyond the first {_DEEPEST}, which is as far as Opsgenie answers; ask for a shorter window")


CONNECTOR = Connector(
    "opsgenie",
    "alerts of Opsgenie",
    pages,
    {"query": "A search query that alerts have to match beside the window, such as teams: payments."},
    {"api_key": "The key of an API integration; sent as GenieKey."},
    "recorded answers, held against the OpenAPI description of Opsgenie",
    url="https://api.opsgenie.com",
)
