"""Statuspage: incidents and maintenances that a public status page shows, of a provider or of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.asking import answer, question, when
from afterword.ports import Connector, Left, Request

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

#: A page shows so many and no more.
_SHOWN = 50


def pages(ask: Ask) -> Talk:
    yield from answer.each(_list(ask, what) for what in ("incidents", "scheduled-maintenances"))


def _list(ask: Ask, what: str) -> Talk:
    request = Request(question.url(ask.url, "api", "v2", f"{what}.json"), headers={"accept": question.JSON}, says=what)
    found = answer.objects(answer.value(request, (yield request)), what.replace("-", "_"))
    oldest = when.read(found[-1].get("created_at")) if len(found) >= _SHOWN else None
    if oldest is not None and oldest > ask.start:
        yield Left(f"{what} before the newest {_SHOWN}, which is all that a status page shows")


CONNECTOR = Connector(
    "statuspage",
    "incidents and maintenances of a public status page",
    pages,
    tested="recorded answers, written after the documentation: the public API v2 of Statuspage",
)
