"""Sentry: issues that were seen in the window, and releases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.asking import answer, option, question, when
from afterword.asking import pages as paging
from afterword.ports import Connector, Request

if TYPE_CHECKING:
    from afterword.asking.question import Talk
    from afterword.ports import Ask

_PAGE = 100


def pages(ask: Ask) -> Talk:
    organization = option.needed(ask, "organization")
    start, end = when.texts(ask)
    about: dict[str, Any] = {"project": option.texts(ask, "projects"), "environment": option.texts(ask, "environment")}
    # Without a query Sentry leaves out what was resolved since.
    issues = paging.at(_request(ask, organization, "issues", **about, start=start, end=end), query=option.text(ask, "query"))  # fmt: skip
    parts = [paging.linked(issues)]
    if option.yes(ask, "releases", default=True):
        first = _request(ask, organization, "releases", project=about["project"])
        parts.append(paging.linked(first, old=lambda one: (when.read(one.get("dateCreated")) or ask.start) < ask.start))
    yield from answer.each(parts)


def _request(ask: Ask, organization: str, what: str, **said: Any) -> Request:
    size = {"limit": _PAGE} if what == "issues" else {"per_page": _PAGE}
    url = question.url(ask.url, "api", "0", "organizations", organization, what, "", **said, **size)
    return Request(url, headers={"accept": question.JSON}, says=f"{what} of {organization}")


CONNECTOR = Connector(
    "sentry",
    "issues and releases of Sentry",
    pages,
    {
        "organization": "The organization by its slug. Needed.",
        "projects": "Numbers of projects; all that the token may see where none is named.",
        "environment": "Only issues of these environments.",
        "query": "A search query that issues have to match, such as level:error.",
        "releases": "Whether to ask for releases. Default true.",
    },
    tested="recorded answers, held against the OpenAPI description of Sentry",
    url="https://sentry.io",
)
