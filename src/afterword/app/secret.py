"""Secrets of questions, masked: in URLs by the names of their parameters, elsewhere by their values."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MASK = "***"
#: Names of what is a secret, without hyphens and underscores. Tokens that only lead to the next page are none.
_SECRET_NAME = re.compile(
    r"(x|xamz|xgoog)?(access|auth|api|bearer|client|id|job|oauth|personal|private|refresh|secret|security|session|shared|subscription)?"
    r"(token|secret|key|apikey|password|passwd|passphrase|passcode|pwd|signature|credentials?)|"
    r"sig|auth|authorization|proxyauthorization|cookie|accesskeyid|secretaccesskey|sharedaccesssignature"
)
_PARAMETER = re.compile(r"(?<![^=&?#;])(?P<name>[^=&?#;]++)=(?P<value>[^&#;]*)")
_USERINFO = re.compile(r"(?i)^([a-z][a-z0-9+.-]*:)?//[^/?#]*@")
#: Shorter values would mask words of every sentence.
_SHORTEST = 4


def is_secret(name: str) -> bool:
    """Whether a parameter, an option or a header of this name holds a secret."""
    return bool(_SECRET_NAME.fullmatch(name.strip().lower().replace("-", "").replace("_", "")))


def mask_url(url: str) -> str:
    """The URL without a name and a password in front of its host, and with the secrets among its parameters masked."""
    url = _USERINFO.sub(lambda found: f"{found[1] or ''}//", url)
    head, mark, query = url.partition("?")
    return head + mark + mask_form(query)


def mask_form(text: str) -> str:
    """Parameters as they stand in a query or a form, the secrets among them masked."""
    return _PARAMETER.sub(lambda one: f"{one['name']}={MASK}" if is_secret(one["name"]) else one[0], text)


@dataclass(frozen=True, slots=True)
class Masker:
    """Masks known secrets wherever they stand, in the spellings in which they travel."""

    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, secrets: Iterable[str]) -> Masker:
        found: dict[str, None] = {}
        for one in secrets:
            for spelling in (one, quote(one, safe=""), quote_plus(one), base64.b64encode(one.encode()).decode()):
                if len(one) >= _SHORTEST:
                    found[spelling] = None
        # The longest first: one secret may hold another.
        return cls(tuple(sorted(found, key=lambda value: (-len(value), value))))

    def text(self, text: str) -> str:
        for value in self.values:
            text = text.replace(value, MASK)
        return text

    def url(self, url: str) -> str:
        return self.text(mask_url(url))

    def body(self, body: bytes) -> str:
        """The body of a question as text: a form or JSON with its secrets masked, anything else by known values only."""
        text = body.decode("utf-8", "replace")
        try:
            found = json.loads(text) if text.lstrip()[:1] in ("{", "[") else None
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, dict | list):
            # Written again only where something has to go: a body without secrets stays as it was sent.
            masked = _masked(found)
            text = json.dumps(masked, ensure_ascii=False) if masked != found else text
        elif "=" in text and "\n" not in text.strip():
            text = mask_form(text)
        return self.text(text)

    def headers(self, headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Headers in order of their names; those whose name says secret are masked."""
        made = {name.lower(): MASK if is_secret(name) else self.text(value) for name, value in headers.items()}
        return tuple(sorted(made.items()))


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: MASK if is_secret(str(key)) and isinstance(one, str) else _masked(one) for key, one in value.items()
        }
    return [_masked(one) for one in value] if isinstance(value, list) else value
