"""Webhooks of Alertmanager, PagerDuty and GitHub: whether they come from whom they say, and whether they came before."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from afterword.model.refusal import InvalidError
from afterword.reading import inbox_item

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Hook:
    """One kind: the headers that are kept, the one with the signature, what stands before each signature in it."""

    about: str
    kept: tuple[str, ...]
    signature: str = ""
    before: str = ""


HOOKS: dict[str, Hook] = {
    "alertmanager": Hook("notifications of Alertmanager", ("user-agent",)),
    "pagerduty": Hook(
        "webhooks (v3) of PagerDuty", ("user-agent", "x-webhook-id", "x-webhook-subscription"), "x-pagerduty-signature", "v1="
    ),
    "github": Hook(
        "webhooks of GitHub",
        ("user-agent", "x-github-event", "x-github-delivery", "x-github-hook-id", "x-github-hook-installation-target-type"),
        "x-hub-signature-256",
        "sha256=",
    ),
}  # fmt: skip
_LONGEST_HEADER = 500
FORM = "application/x-www-form-urlencoded"


def genuine(kind: str, headers: Mapping[str, str], raw: bytes, secret: str) -> bool:
    """Whether one of the signatures of a delivery is that of its body under the secret, or one of several between blanks.

    Several secrets are known while one is exchanged for another; several signatures are sent for the same reason.
    """
    hook = HOOKS[kind]
    said = headers.get(hook.signature, "")
    given = [one.strip().removeprefix(hook.before) for one in said.split(",") if one.strip().startswith(hook.before)]
    right = [hmac.new(key.encode(), raw, hashlib.sha256).hexdigest() for key in {secret, *secret.split()}]
    # Every pair is compared, in a time that tells nothing of where they differ.
    found = [hmac.compare_digest(one.lower().encode(), other.encode()) for one in given[:10] for other in right]
    return any(found)


def delivered(raw: bytes, media: str) -> tuple[bytes, dict[str, Any]]:
    """What was delivered, as one line of JSON and as a value; GitHub can also send it in a form. Raises InvalidError."""
    if media == FORM:
        fields = parse_qs(raw.decode("utf-8", "replace"), max_num_fields=10)
        raw = fields.get("payload", [""])[0].encode()
    try:
        value = json.loads(raw.removeprefix(b"\xef\xbb\xbf"), parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"the webhook is no JSON: {' '.join(str(error).split())[:200]}") from error
    if not isinstance(value, dict):
        raise InvalidError("the webhook is no JSON object")
    return inbox_item.one_line(raw), value


def _constant(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")


def headers_of(kind: str, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that say something of the delivery; never a signature or a token."""
    return {name: headers[name][:_LONGEST_HEADER] for name in HOOKS[kind].kept if headers.get(name)}


def identities(kind: str, headers: Mapping[str, str], value: Mapping[str, Any], raw: bytes) -> tuple[str, ...]:
    """What makes a delivery the same as an earlier one; a notification of Alertmanager is never the same as another.

    The header with the id is not signed. So the very same body under a new id is the same delivery, too: without that,
    whoever has seen one could send it again and again.
    """
    if kind == "alertmanager":
        return ()
    own = headers.get("x-github-delivery", "")
    if kind == "pagerduty":
        event = value.get("event")
        own = str(event.get("id", "")) if isinstance(event, dict) else ""
    body = hashlib.sha256(raw).hexdigest()
    return tuple(f"{kind}:{one}" for one in (own[:200], body) if one)


def looks_right(kind: str, value: Mapping[str, Any]) -> bool:
    """Whether it is what this kind of sender sends: a wrong address is told at once, not found out in an incident."""
    if kind == "alertmanager":
        return isinstance(value.get("alerts"), list)
    return isinstance(value.get("event"), dict) if kind == "pagerduty" else bool(value)
