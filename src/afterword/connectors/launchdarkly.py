"""LaunchDarkly: the audit log of the window, which says who turned which flag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import option, question, when
from afterword.asking import pages as paging
from afterword.ports import Connector, Request
from afterword.reading import name
from afterword.reading.element import dig

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

#: The most that this API gives at once.
_LIMIT = 20


def pages(ask: Ask) -> Talk:
    start, end = when.whole(ask, when.MILLI)
    said: dict[str, Any] = {
        "after": start,
        "before": end,
        "limit": _LIMIT,
        "spec": option.text(ask, "spec", "proj/*:env/*:flag/*"),
    }
    secret = question.key(ask, "api_key")
    first = Request(question.url(ask.url, "api", "v2", "auditlog", **said), secret=secret, says="the audit log")

    def following(value: Any, here: paging.Objects, _page: int) -> Request | None:
        return paging.below(first, name.text(dig(value, "_links", "next", "href"))) if here else None

    yield from paging.followed(first, "items", following=following)


CONNECTOR = Connector(
    "launchdarkly",
    "changes of flags in LaunchDarkly",
    pages,
    {"spec": "A resource specifier. Default proj/*:env/*:flag/*."},
    {"api_key": "An access token, which may be one that only reads."},
    "recorded answers, written after the documentation: LaunchDarkly REST API v2",
    url="https://app.launchdarkly.com",
)
