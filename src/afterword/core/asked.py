"""What a question says that its answer does not repeat: the query, and what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from afterword.model.evidence import Asked

#: Parameters that hold a query, whatever the language.
_NAMES = ("query", "expr", "promql")


def query(asked: Asked | None) -> str:
    """The query of a question, out of its address or its form; empty when it has none."""
    if asked is None:
        return ""
    said = dict(parse_qsl(urlsplit(asked.url).query) + parse_qsl(asked.body if asked.method == "POST" else ""))
    return next((said[name].strip() for name in _NAMES if said.get(name)), "")


def subject(asked: Asked | None) -> str:
    return asked.subject if asked else ""


#: A question may hold a hundred names of metrics; so much of it is told.
_LONGEST = 160


def told(asked: Asked | None) -> str:
    """``prometheus, 2026-11-24T22:32:41Z, series 1 of 8: GET http://…``, for people."""
    if asked is None:
        return ""
    where = asked.url if len(asked.url) <= _LONGEST else f"{asked.url[:_LONGEST]}…"
    said = ", ".join(filter(None, (asked.system, asked.at, asked.says)))
    return f"{said}: {asked.method} {where}"
