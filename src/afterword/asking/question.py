"""Questions: an address with its parameters, a body of JSON, a key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from afterword.ports import Ask, Left, Request, Response

    #: A connector at work, or a part of one.
    Talk = Generator[Request | Left, Response, None]

JSON = "application/json"


def url(base: str, /, *path: str | int, **parameters: Any) -> str:
    """The address below ``base``. Each part of the path is quoted; None leaves a parameter out, a list repeats it."""
    said = [(key, one) for key, value in parameters.items() for one in _values(value)]
    whole = "/".join([base.rstrip("/"), *(quote(str(part), safe="") for part in path)])
    return whole + (f"?{urlencode(said, quote_via=quote)}" if said else "")


def _values(value: Any) -> Iterable[str]:
    if value is None or value == "":
        return ()
    if isinstance(value, bool):
        return ("true" if value else "false",)
    return [str(one) for one in value] if isinstance(value, list | tuple) else (str(value),)


def body(value: Any) -> bytes:
    """The same value gives the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def key(ask: Ask, secret: str, before: str = "", header: str = "authorization") -> Mapping[str, str]:
    """The header that carries a key, where there is one. Bearer tokens and basic authentication need no help: fetch sends them."""
    found = ask.secrets.get(secret, "")
    return {header: f"{before}{found}"} if found else {}
