"""Requests to Amazon Web Services: JSON bodies with a target header, signed with Signature Version 4 by botocore.

Signing talks to nobody. A signature is good for some minutes, so a request is signed when it is made, not before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from afterword.asking import option, question
from afterword.model.refusal import InvalidError, RefusalError
from afterword.ports import Request

if TYPE_CHECKING:
    from afterword.ports import Ask

OPTIONS = {"region": "The region; needed where the URL does not name it, as in monitoring.eu-central-1.amazonaws.com."}
SECRETS = {
    "access_key": "Access key id.",
    "secret_key": "Secret access key.",
    "session_token": "Session token of temporary credentials.",
}
_HOST = re.compile(r"\.([a-z]{2}(?:-[a-z]+)+-[0-9])\.(?:amazonaws\.com(?:\.cn)?|api\.aws)$")


def request(
    ask: Ask, service: str, target: str, said: dict[str, Any], *, says: str, version: str = "1.1", keep: bool = True, subject: str = ""
) -> Request:  # fmt: skip
    """A signed POST of ``said``. What the signature adds changes with the hour, so it is secret and not remembered."""
    url = ask.url.rstrip("/") + "/"
    found = _HOST.search(urlsplit(url).hostname or "")
    region = option.text(ask, "region") or (found[1] if found else option.needed(ask, "region"))
    headers = {"content-type": f"application/x-amz-json-{version}", "x-amz-target": target}
    body = question.body(said)
    signed = _signed(ask, url, headers, body, service, region)
    hidden = {name: value for name, value in signed.items() if name not in headers}
    return Request(url, "POST", headers, hidden, body, says, keep, subject)


def _signed(ask: Ask, url: str, headers: dict[str, str], body: bytes, service: str, region: str) -> dict[str, str]:
    try:
        # An extra that only some teams install, and heavy to load.
        from botocore.auth import SigV4Auth  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # noqa: PLC0415
        from botocore.credentials import Credentials  # type: ignore[import-untyped]  # noqa: PLC0415
    except ImportError:
        raise RefusalError(
            "Asking AWS needs the extra aws: pip install 'afterword[aws]'", code="missing-extra"
        ) from None
    key, secret = (ask.secrets.get(name, "") for name in ("access_key", "secret_key"))
    if not key or not secret:
        raise InvalidError("AWS needs access_key and secret_key.", ("access_key, secret_key: are needed",))
    asked = AWSRequest("POST", url, headers=dict(headers), data=body)
    SigV4Auth(Credentials(key, secret, ask.secrets.get("session_token") or None), service, region).add_auth(asked)
    return {name.lower(): str(value) for name, value in asked.headers.items()}
