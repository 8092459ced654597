"""Lists that come in pages: the next one named by a Link header, or by what the answer says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from afterword.asking import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from afterword.asking.question import Talk
    from afterword.ports import Request

    Objects = list[dict[str, Any]]


def _never(_one: dict[str, Any]) -> bool:
    return False


def linked(
    first: Request, *path: str, into: Objects | None = None, old: Callable[[dict[str, Any]], bool] = _never
) -> Talk:
    """Follow Link headers (RFC 8288). Once the last object of a page lies before the window (``old``) no more is asked.

    The objects of all pages, which stand down the ``path`` of each answer, are put ``into`` a list where one is given.
    """
    request, seen = first, {first.url}
    for page in range(1, answer.MOST_PAGES + 1):
        response = yield request
        here = answer.objects(answer.value(request, response), *path)
        if into is not None:
            into += here
        link = answer.linked(response)
        if not link or link in seen or (here and old(here[-1])):
            return
        seen.add(link)
        request = replace(below(first, link) or first, says=f"{first.says}, page {page + 1}")
    raise answer.many(first.says)


def followed(
    first: Request,
    *path: str,
    following: Callable[[Any, Objects, int], Request | None],
    into: Objects | None = None,
) -> Talk:
    """Ask until ``following`` has no further request; it is given the answer, its objects, and how many pages came."""
    request, seen = first, {(first.url, first.body)}
    for page in range(1, answer.MOST_PAGES + 1):
        response = yield request
        whole = answer.value(request, response)
        here = answer.objects(whole, *path)
        if into is not None:
            into += here
        further = following(whole, here, page)
        if further is None or (further.url, further.body) in seen:
            return
        seen.add((further.url, further.body))
        request = replace(further, says=f"{first.says}, page {page + 1}")
    raise answer.many(first.says)


def at(request: Request, **said: str | int) -> Request:
    """The same question with these parameters changed or added."""
    parts = urlsplit(request.url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in said]
    query = urlencode([*kept, *said.items()], quote_via=quote)
    return replace(request, url=urlunsplit(parts._replace(query=query)))


def below(request: Request, link: str) -> Request | None:
    """The request of a link that an answer names, relative or whole; None where there is none. It has to lead to the same host."""
    if not link:
        return None
    whole = urljoin(request.url, link)
    if urlsplit(whole)[:2] != urlsplit(request.url)[:2]:
        # The secrets of this request are for this host alone.
        raise answer.ShortError(f"{request.says}: the next page is on another host")
    return replace(request, url=whole)


def tokens(asked: Callable[[dict[str, Any]], Request], token: str, *path: str, into: Objects | None = None) -> Talk:
    """Pages of which each names the next by a token, which is given back under the same name."""

    def following(value: Any, _found: Objects, _page: int) -> Request | None:
        found = value.get(token) if isinstance(value, dict) else None
        return asked({token: found}) if found else None

    yield from followed(asked({}), *path, following=following, into=into)
