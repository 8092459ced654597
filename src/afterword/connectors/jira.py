"""Jira: issues that record changes, by a query of the team's own.

A time in JQL counts in the zone of whoever asks, which is not known here, so a day more is asked for on both sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import option, question
from afterword.asking import pages as paging
from afterword.model.time import DAY, iso
from afterword.ports import Connector, Request
from afterword.reading import name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

_LIMIT = 100
_FIELDS = "summary,description,issuetype,status,created,updated,resolutiondate,assignee,reporter,components,project,priority,labels"


def pages(ask: Ask) -> Talk:
    start, end = (iso(ns // 10**9 * 10**9)[:16].replace("T", " ") for ns in (ask.start - DAY, ask.end + DAY))
    own = option.needed(ask, "jql")
    said: dict[str, Any] = {
        "jql": f'({own}) AND updated >= "{start}" AND created <= "{end}" ORDER BY created ASC',
        "fields": option.text(ask, "fields", _FIELDS),
        "maxResults": _LIMIT,
    }
    server = option.yes(ask, "server")
    path = ("rest", "api", "2", "search") if server else ("rest", "api", "3", "search", "jql")
    first = Request(question.url(ask.url, *path, **said), headers={"accept": question.JSON}, says="issues")

    came = 0

    def following(value: Any, here: paging.Objects, _page: int) -> Request | None:
        nonlocal came
        came += len(here)
        if server:
            total = dig(value, "total")
            return paging.at(first, startAt=came) if here and isinstance(total, int) and came < total else None
        token = name.text(dig(value, "nextPageToken"))
        return paging.at(first, nextPageToken=token) if token and dig(value, "isLast") is not True else None

    yield from paging.followed(first, "issues", following=following)


CONNECTOR = Connector(
    "jira",
    "issues of Jira that record changes",
    pages,
    {
        "jql": "JQL that selects the records, such as project = CHG. Needed.",
        "fields": "Fields to ask for, by their identifiers.",
        "server": "Whether this is a Jira of one's own (Data Center) and not Jira Cloud. Default false.",
    },
    tested="recorded answers, written after the documentation: Jira Cloud REST API v3 and Jira Data Center REST API v2",
)
