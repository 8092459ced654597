"""Answers: the JSON in them, the address of the next page; and parts that are given up without stopping the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from afterword.ports import GivenUpError, Left
from afterword.reading import name, strict_json
from afterword.reading.element import dig

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.asking.question import Talk
    from afterword.ports import Request, Response

#: Pages of one list; a server that always has another page is not followed for ever.
MOST_PAGES = 1_000
_NEXT = re.compile(r"<([^<>]+)>((?:\s*;[^,<]*)*)")
_REL = re.compile(r';\s*+rel\s*+=\s*+"?+[^";]*\bnext\b', re.IGNORECASE)


class ShortError(GivenUpError):
    """An answer came, and yet not all of what was asked for was got."""


def value(request: Request, response: Response) -> Any:
    """The JSON of an answer. Raises ShortError where it is none."""
    try:
        return strict_json.loads(response.body.decode("utf-8-sig"))
    except (strict_json.Malformed, UnicodeDecodeError):
        page = response.body[:200].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")
        hint = "a page for people instead, as a login or a proxy sends; is the address right?" if page else ""
        raise ShortError(f"{request.says}: the answer is no JSON" + (f" but {hint}" if hint else "")) from None


def objects(found: Any, *path: str) -> list[dict[str, Any]]:
    """The objects of the list that stands down a path; of anything else none."""
    inner = dig(found, *path) if path else found
    return [one for one in inner if isinstance(one, dict)] if isinstance(inner, list) else []


_TRACE = re.compile(r"[0-9a-fA-F]{1,32}", re.ASCII)


def traces(found: Iterable[dict[str, Any]]) -> dict[str, None]:
    """The numbers of the traces that were found, each once, in their order."""
    numbers = (name.text(one.get("traceID")) for one in found)
    return dict.fromkeys(one for one in numbers if _TRACE.fullmatch(one))


def linked(response: Response) -> str:
    """The address of the next page out of the Link header (RFC 8288); empty: this was the last.

    Sentry always names a next page, and says beside it whether there is anything on it.
    """
    links = _NEXT.findall(response.headers.get("link", ""))
    return next((str(address) for address, rest in links if _REL.search(rest) and 'results="false"' not in rest), "")


def many(what: str) -> ShortError:
    return ShortError(f"{what}: stopped after {MOST_PAGES} pages; ask for a shorter window")


def each(parts: Iterable[Talk]) -> Talk:
    """One part after the other. One that is given up does not stop the others, and what fell short is said."""
    for part in parts:
        try:
            yield from part
        except ShortError as error:
            yield Left(str(error))
        except GivenUpError:
            continue  # whoever gave it up has told it
