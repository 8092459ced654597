"""Questions: an address with its parameters, a body of JSON, and who asks."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from afterword.ports import Ask, Request, Response

    #: A connector at work, or a part of one.
    Talk = Generator[Request, Response, None]

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


def bearer(ask: Ask, scheme: str = "Bearer") -> Mapping[str, str]:
    """The header of a token, or that of a user and a password; none where there is neither."""
    token, user = ask.secrets.get("token", ""), ask.secrets.get("user", "")
    if token:
        return {"authorization": f"{scheme} {token}"}
    if user:
        pair = f"{user}:{ask.secrets.get('password', '')}"
        return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
    return {}
