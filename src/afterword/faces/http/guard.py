"""What every request passes: who may call, from which page, and the headers that fence the answer in.

A server on loopback is reached by every page that its person opens. So the name in Host must be ours (against DNS
rebinding), and what may change something must come from our own pages or from no page at all (against cross-site
requests). On other addresses a token is needed as well.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """ASGI middleware. The nonce of each answer is in ``request.state.nonce``."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str] | None = None, token: str = "") -> None:
        self.app = app
        self.hosts = hosts
        self.token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(16)
        scope.setdefault("state", {})["nonce"] = nonce

        async def fenced(message: Message) -> None:
            if message["type"] == "http.response.start":
                _fence(MutableHeaders(scope=message), nonce)
            await send(message)

        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, fenced)
            return
        await self.app(scope, receive, fenced)

    def _refusal(self, scope: Scope, headers: Headers) -> JSONResponse | None:
        if self.hosts is not None and host_name(headers.get("host", "")) not in self.hosts:
            return _no(421, "host", "This server does not answer to that name.")
        if self.token and not _knows(headers.get("authorization", ""), self.token):
            made = _no(401, "token", "Give the token of this server.")
            made.headers["WWW-Authenticate"] = 'Basic realm="afterword"'
            return made
        if scope["method"] not in _SAFE and not _ours(scope, headers):
            return _no(403, "cross-site", "This request came from a page of somebody else.")
        return None


def host_name(host: str) -> str:
    """The name without its port: ``[::1]:8710`` is ``::1``."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _ours(scope: Scope, headers: Headers) -> bool:
    """From a page of this very origin, or from a program that is no browser and sends neither header."""
    if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    return origin is None or origin == f"{scope.get('scheme', 'http')}://{headers.get('host', '')}"


def _knows(authorization: str, token: str) -> bool:
    """Bearer for programs; Basic, with the token as password, for browsers."""
    kind, _, value = authorization.partition(" ")
    if kind.lower() == "basic":
        try:
            value = base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return False
    elif kind.lower() != "bearer":
        return False
    return hmac.compare_digest(value.strip().encode(), token.encode())


def _no(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"code": code, "message": message, "reasons": []}, status)


def _fence(headers: MutableHeaders, nonce: str) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
    )
