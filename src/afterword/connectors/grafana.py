"""Grafana: the annotations of the window: deploys that were marked, alerts that changed their state, notes of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.ports import Connector, Left, Request

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

_LIMIT = 10_000


def pages(ask: Ask) -> Talk:
    start, end = when.whole(ask, when.MILLI)
    limit = option.number(ask, "limit", _LIMIT, most=100_000)
    # Both ends are inclusive here.
    said: dict[str, Any] = {"from": start, "to": max(start, end - 1), "limit": limit, "tags": option.texts(ask, "tags")}
    url = question.url(ask.url, "api", "annotations", **said, matchAny=True if said["tags"] else None)
    request = Request(url, headers={"accept": question.JSON}, says="annotations")
    found = answer.objects(answer.value(request, (yield request)))
    if len(found) >= limit:
        yield Left(f"annotations beyond the newest {limit}: this API has no pages; ask for a shorter window or by tags")


CONNECTOR = Connector(
    "grafana",
    "annotations of Grafana",
    pages,
    {
        "tags": "Only annotations that have any of these tags.",
        "limit": "Most annotations. Default 10000.",
    },
    tested="recorded answers, written after the documentation: Grafana HTTP API, annotations",
)
