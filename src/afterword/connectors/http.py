"""Any address that answers with something a source can read: a log, a table, JSON of a known kind.

``{start}`` and ``{end}`` in the address stand for the window: ``{start}`` as RFC 3339, ``{start:s}``, ``{start:ms}``,
``{start:us}`` and ``{start:ns}`` as numbers since 1970, ``{start:date}`` as a day. Pages follow each other by Link headers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin, urlsplit

from afterword.asking import answer, option
from afterword.model.refusal import InvalidError
from afterword.model.time import SECOND, iso
from afterword.ports import Connector, Left, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from afterword.ports import Ask, Response

    Talk = Generator[Request | Left, Response, None]

_PLACE = re.compile(r"\{(start|end)(?::([a-z0-9]+))?\}")
_NOTATIONS: Mapping[str, Callable[[int], str]] = {
    "": lambda ns: iso(ns - ns % SECOND),
    "iso": iso,
    "s": lambda ns: str(ns // SECOND),
    "ms": lambda ns: str(ns // 1_000_000),
    "us": lambda ns: str(ns // 1_000),
    "ns": str,
    "date": lambda ns: iso(ns)[:10],
}


def pages(ask: Ask) -> Talk:
    method = option.text(ask, "method", "GET").upper()
    if method not in ("GET", "POST"):
        raise InvalidError("The option method has to be GET or POST.", ("method: GET or POST",))
    body = _filled(ask, option.text(ask, "body")).encode()
    kind = option.text(ask, "content_type", "application/json") if body else ""
    headers = {"Accept": option.text(ask, "accept", "*/*"), **({"Content-Type": kind} if kind else {})}
    url = _filled(ask, ask.url, quoted=True)
    for number in range(1, answer.MOST_PAGES + 1):
        response = yield Request(url, method, headers, body=body, says=f"page {number}" if number > 1 else "the answer")
        link = answer.linked(response)
        following = urljoin(url, link) if link else ""
        if not following or following == url:
            return
        if urlsplit(following)[:2] != urlsplit(url)[:2]:
            yield Left("the next page, since it is on another host")
            return
        url, method, body = following, "GET", b""
    yield Left(f"pages after the {answer.MOST_PAGES}th")


def _filled(ask: Ask, text: str, *, quoted: bool = False) -> str:
    """The text with the window in it; in an address colons of times are quoted."""

    def one(found: re.Match[str]) -> str:
        notation = _NOTATIONS.get(found[2] or "")
        if notation is None:
            known = ", ".join(filter(None, _NOTATIONS))
            raise InvalidError(f"{found[0]}: times are written as {known}", (f"url: {found[0]} is not known",))
        said = notation(ask.start if found[1] == "start" else ask.end)
        return quote(said, safe="") if quoted else said

    return _PLACE.sub(one, text)


CONNECTOR = Connector(
    "http",
    "any address that answers with a format that a source reads",
    pages,
    {
        "method": "GET or POST. Default GET.",
        "body": "Body of a POST; the window goes into it as into the address.",
        "content_type": "Kind of that body. Default application/json.",
        "accept": "Kind of answer to ask for. Default any.",
    },
    tested="a small server of the tests",
    as_it_stands=True,
)
