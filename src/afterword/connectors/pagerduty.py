"""PagerDuty: what happened to each incident of the window, as its log entries tell it, and change events.

Incidents that were opened the day before may have gone on, so they are asked for too. Incidents are only listed to find their entries: an incident itself knows its last state, its entries know every one. Where the
entries may not be read the incident stands for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question
from afterword.asking import pages as paging
from afterword.model.time import DAY, iso
from afterword.ports import Connector, GivenUpError, Left, Request
from afterword.reading import name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.asking.question import Talk
    from afterword.ports import Ask

_LIMIT = 100
#: The API answers nothing beyond it.
_DEEPEST = 10_000
#: Its longest range is six months.
_LONGEST = 180 * DAY


def pages(ask: Ask) -> Talk:
    yield from answer.each(_parts(ask))


def _parts(ask: Ask) -> Iterator[Talk]:
    found: list[dict[str, Any]] = []
    for since, until in _ranges(ask.start - DAY, ask.end):
        yield _list(ask, "incidents", since, until, found)
    yield from (_incident(ask, one) for one in found if one.get("id"))
    if option.yes(ask, "changes", default=True):
        for since, until in _ranges(ask.start, ask.end):
            yield _list(ask, "change_events", since, until)


def _ranges(start: int, until: int) -> Iterator[tuple[str, str]]:
    """The window in pieces that the API takes, in whole seconds, which is what change events accept."""
    start = start // 10**9 * 10**9
    while start < until:
        end = min(start + _LONGEST, until)
        yield iso(start), iso(-(-end // 10**9) * 10**9)
        start = end


def _request(ask: Ask, *path: str, says: str, keep: bool = True, subject: str = "", **said: Any) -> Request:
    headers = {"accept": "application/vnd.pagerduty+json;version=2"}
    secret = question.key(ask, "api_key", "Token token=")
    return Request(question.url(ask.url, *path, **said), headers=headers, secret=secret, says=says, keep=keep, subject=subject)  # fmt: skip


def _list(ask: Ask, what: str, since: str, until: str, into: paging.Objects | None = None) -> Talk:
    says = what.replace("_", " ")
    said: dict[str, Any] = {"since": since, "until": until}
    if what == "incidents":
        said |= {"service_ids[]": option.texts(ask, "services"), "team_ids[]": option.texts(ask, "teams")}
        said |= {"time_zone": "UTC", "sort_by": "created_at:asc"}
    yield from _counted(ask, what, what, says=says, keep=into is None, into=into, **said)


def _counted(ask: Ask, *path: str, says: str, into: paging.Objects | None = None, keep: bool = True, subject: str = "", **said: Any) -> Talk:  # fmt: skip
    """Pages by offset, as long as there is ``more``; the last part of the path is the member that holds the list."""

    def asked(offset: int) -> Request:
        return _request(ask, *path[:-1], says=says, keep=keep, subject=subject, limit=_LIMIT, offset=offset, **said)

    deepest, offset = False, 0

    def following(value: Any, here: paging.Objects, _page: int) -> Request | None:
        nonlocal deepest, offset
        if dig(value, "more") is not True or not here:
            return None
        limit = dig(value, "limit")
        offset += limit if isinstance(limit, int) and 0 < limit <= _LIMIT else _LIMIT
        deepest = offset + _LIMIT > _DEEPEST
        return None if deepest else asked(offset)

    yield from paging.followed(asked(0), path[-1], following=following, into=into)
    if deepest:
        yield Left(
            f"{says} beyond the first {_DEEPEST}, which is as far as PagerDuty answers; ask for a shorter window"
        )


def _incident(ask: Ask, incident: dict[str, Any]) -> Talk:
    number, service = name.text(incident["id"]), name.text(dig(incident, "service", "summary"))
    says = f"what happened to incident {name.text(incident.get('incident_number')) or number}"
    try:
        include: dict[str, Any] = {"include[]": ["incidents", "channels"], "time_zone": "UTC"}
        yield from _counted(
            ask, "incidents", number, "log_entries", "log_entries", says=says, subject=service, **include
        )
    except GivenUpError:
        yield _request(ask, "incidents", number, says=f"incident {number}", subject=service)


CONNECTOR = Connector(
    "pagerduty",
    "incidents with their log entries, and change events, of PagerDuty",
    pages,
    {
        "services": "Only incidents of services with these identifiers.",
        "teams": "Only incidents of teams with these identifiers.",
        "changes": "Whether to ask for change events. Default true.",
    },
    {"api_key": "An API key, which may be one that only reads."},
    "recorded answers, held against the OpenAPI description of PagerDuty's REST API v2",
    url="https://api.pagerduty.com",
)
