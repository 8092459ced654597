"""The only place that asks the network: timeouts, retries, rates, redirects, sizes. Secrets go out and nowhere else.

A connection is made to an address that ``address.Guard`` has judged, never to a name; Host and TLS keep the name. Proxies
and other settings of the environment are not followed: they would lead around the guard.
"""

from __future__ import annotations

import base64
import json
import ssl
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx2

from afterword.app.address import Guard, RefusedAddressError, Target, split
from afterword.app.secret import Masker
from afterword.app.terminal import one_line
from afterword.ports import GivenUpError, Response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from afterword.ports import Request

#: Statuses after which the same question may be answered later.
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
#: Headers that say when the limit of requests begins anew.
_RESETS = ("x-ratelimit-reset", "ratelimit-reset")
MOST_REDIRECTS = 3
#: So many requests in a row without any answer, and a system is not asked any more.
MOST_SILENT = 2
_PIECE = 1 << 20
#: Headers of an answer that are credentials.
_UNKEPT = frozenset({"set-cookie", "set-cookie2", "authorization", "proxy-authorization", "www-authenticate"})
AGENT = "afterword"


@dataclass(frozen=True, slots=True)
class Limits:
    """``read`` seconds without a byte end a request, ``whole`` seconds end it in any case; ``rate`` is requests a second."""

    rate: float = 20.0
    tries: int = 4
    connect: float = 10.0
    read: float = 10.0
    whole: float = 300.0
    #: The longest wait that a server may ask for.
    wait: float = 120.0
    #: Most bytes of one answer, after decompression.
    most: int = 64 << 20


@dataclass(frozen=True, slots=True)
class Access:
    """How a system is reached: its URLs, headers for every request, what is secret, a file with certificates to trust."""

    urls: tuple[str, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    ca: str = ""


def without_userinfo(url: str) -> tuple[str, dict[str, str]]:
    """The URL without name and password in front of its host, and the header that carries them."""
    parts = urlsplit(url)
    login, mark, host = parts.netloc.rpartition("@")
    if not mark:
        return url, {}
    coded = base64.b64encode(unquote(login).encode()).decode()
    return parts._replace(netloc=host).geturl(), {"Authorization": f"Basic {coded}"}


class Fetcher:
    """Asks one system; not for several threads at once. Close it when done."""

    def __init__(
        self,
        access: Access,
        limits: Limits | None = None,
        *,
        resolve: Callable[[str, int], list[str]] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._access, self._limits, self._sleep = access, limits or Limits(), sleep
        targets = [split(one) for one in access.urls]
        self._origins = frozenset(one.origin for one in targets)
        named = frozenset((one.host, one.port) for one in targets)
        self._guard = Guard(named, resolve) if resolve else Guard(named)
        self.masker = Masker.of([*access.secrets, *access.secret_headers.values()])
        self._clients: dict[tuple[str, str, int], httpx2.Client] = {}
        self._next = 0.0
        self._silent = 0

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def get(self, request: Request) -> Response:
        """The answer of the 200s to a request. Raises GivenUpError with a sentence that holds no secret."""
        if self._silent >= MOST_SILENT:
            raise GivenUpError("not asked any more, since the system does not answer")
        try:
            found = self._patiently(request)
        except RefusedAddressError as error:
            raise GivenUpError(self._told(request, str(error))) from None
        except (httpx2.InvalidURL, ValueError, TypeError) as error:
            raise GivenUpError(self._told(request, f"this cannot be sent ({type(error).__name__})")) from None
        except GivenUpError as error:
            self._silent = 0 if error.status else self._silent + 1
            raise GivenUpError(self._told(request, str(error)), error.status) from None
        self._silent = 0
        return found

    def _told(self, request: Request, text: str) -> str:
        return one_line(Masker.of(request.secret.values()).text(self.masker.text(text)))[:400]

    def _patiently(self, request: Request) -> Response:
        """Ask, and ask again where that may help."""
        why, status, wait = "", 0, 0.0
        for turn in range(self._limits.tries):
            if turn:
                self._sleep(wait)
            self._pace()
            wait = 0.5 * 2**turn
            try:
                found = self._follow(request)
            except httpx2.TransportError as error:
                why, status = self._failure(error), 0
                if _is_certificate(error):
                    break
                continue
            if not _is_busy(found):
                return _useful(found)
            why, status = _said(found), found.status
            wait = _retry_after(found.headers, wait)
            if wait > self._limits.wait:
                raise GivenUpError(f"{why}; it asks to wait {wait:.0f} s, which is too long", status)
        raise GivenUpError(f"{why}, after {turn + 1} tries" if turn else why, status)

    def _pace(self) -> None:
        """Wait until the rate allows the next request."""
        now = time.monotonic()
        if self._next > now:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + 1 / self._limits.rate

    def _follow(self, request: Request) -> Response:
        """Send a request and go where redirects lead, at most three times; each place is judged anew."""
        url, method, body = request.url, request.method, request.body
        first = split(url)
        if first.origin not in self._origins:
            raise RefusedAddressError(f"{first.host}:{first.port} is not where this system is")
        before = first
        for _ in range(MOST_REDIRECTS + 1):
            target = self._guard.check(url)
            if before.scheme == "https" and target.scheme == "http":
                raise RefusedAddressError("a redirect leads from https to http")
            found = self._send(target, method, self._headers(request, body, own=target.origin == first.origin), body)
            where = found.headers.get("location", "")
            if found.status not in _REDIRECTS or not where:
                return found
            url, before = urljoin(url, where), target
            if found.status == 303 or (found.status in (301, 302) and method == "POST"):
                method, body = "GET", b""
        raise GivenUpError(f"more than {MOST_REDIRECTS} redirects", found.status)

    def _headers(self, request: Request, body: bytes, *, own: bool) -> dict[str, str]:
        """Headers for one sending; secrets only to the place that the request names, not to where a redirect leads."""
        made = {"User-Agent": AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"}
        if own:
            made |= {**self._access.headers, **self._access.secret_headers}
        made |= request.headers
        if own:
            made |= request.secret
        if not body:
            made = {name: value for name, value in made.items() if name.lower() != "content-type"}
        return made

    def _send(self, target: Target, method: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Send to the first address that takes the connection."""
        client = self._client(target)
        for last, address in enumerate(target.addresses, 1 - len(target.addresses)):
            shown = f"[{address}]" if ":" in address else address
            request = client.build_request(
                method,
                f"{target.scheme}://{shown}:{target.port}{target.rest}",
                headers={**headers, "Host": target.authority},
                content=body or None,
                extensions={"sni_hostname": target.host},
            )
            try:
                answer = client.send(request, stream=True)
            except (httpx2.ConnectError, httpx2.ConnectTimeout):
                if last == 0:
                    raise
                continue
            try:
                return self._received(answer)
            finally:
                answer.close()
        raise RefusedAddressError(f"the name {target.host} has no address")

    def _client(self, target: Target) -> httpx2.Client:
        """One client an origin, so that no connection serves two names."""
        if target.origin not in self._clients:
            # Without TLS no certificates need to be loaded, and none can be trusted by mistake.
            plain = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            trust: Any = plain if target.scheme == "http" else True
            if target.scheme == "https" and self._access.ca:
                trust = ssl.create_default_context(cafile=self._access.ca)
            timeout = httpx2.Timeout(self._limits.read, connect=self._limits.connect)
            self._clients[target.origin] = httpx2.Client(
                verify=trust, trust_env=False, timeout=timeout, follow_redirects=False
            )
        return self._clients[target.origin]

    def _received(self, answer: httpx2.Response) -> Response:
        """The answer with its whole body, unpacked. Raises GivenUpError where it is too large or takes too long."""
        until = time.monotonic() + self._limits.whole
        body = bytearray()
        for piece in _unpacked(answer.iter_raw(), answer.headers.get("content-encoding", "")):
            body += piece
            if len(body) > self._limits.most:
                size = f"{self._limits.most / (1 << 20):.3g} MiB"
                raise GivenUpError(f"the answer is larger than {size}: ask for less at once", answer.status_code)
            if time.monotonic() > until:
                raise GivenUpError(f"the answer took longer than {self._limits.whole:.0f} s", answer.status_code)
        headers = {name.lower(): value for name, value in answer.headers.items() if name.lower() not in _UNKEPT}
        return Response(answer.status_code, headers, bytes(body))

    def _failure(self, error: httpx2.TransportError) -> str:
        """What went wrong on the way, in words of ours."""
        if isinstance(error, httpx2.ConnectTimeout):
            return f"no connection within {self._limits.connect:.0f} s"
        if isinstance(error, httpx2.TimeoutException):
            return f"no answer within {self._limits.read:.0f} s"
        if isinstance(error, httpx2.ConnectError):
            return f"no connection ({str(error).partition('] ')[2] or error})"
        return f"the connection broke ({type(error).__name__})"


def _unpacked(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The body behind its content encoding, in pieces of a bounded size: a small packed piece may hold gigabytes."""
    packing = encoding.strip().lower()
    if packing in ("", "identity"):
        yield from pieces
        return
    if packing not in ("gzip", "x-gzip", "deflate"):
        raise GivenUpError(f"the answer is packed in a way that was not asked for ({one_line(packing)[:20]})", 200)
    unpacker = zlib.decompressobj(wbits=47)
    try:
        for piece in pieces:
            while piece:
                yield unpacker.decompress(piece, _PIECE)
                piece = unpacker.unconsumed_tail
    except zlib.error as error:
        raise GivenUpError("the answer says that it is packed, and cannot be unpacked", 200) from error
    if not unpacker.eof:
        raise GivenUpError("the packed answer ends before its end", 200)


def _useful(found: Response) -> Response:
    """The answer, where it is one of the 200s. Raises GivenUpError with what the server said instead."""
    if 200 <= found.status < 300:
        return found
    raise GivenUpError(_said(found), found.status)


def _said(found: Response) -> str:
    """``answered 422 Unprocessable Entity: parse error``."""
    name = ""
    with suppress(ValueError):
        name = f" {HTTPStatus(found.status).phrase}"
    text = found.body[:2000].decode("utf-8", "replace").strip()
    with suppress(ValueError, RecursionError):
        told = json.loads(found.body)
        if isinstance(told, dict):
            text = next((str(told[key]) for key in ("error", "message", "reason", "detail") if told.get(key)), text)
    if text[:1] == "<":
        text = ""
    text = one_line(text)[:200]
    return f"answered {found.status}{name}" + (f": {text}" if text else "")


def _is_busy(found: Response) -> bool:
    """Whether the same question may be answered later: GitHub says so with 403, Amazon with 400."""
    if found.status == 403:
        return "retry-after" in found.headers or found.headers.get("x-ratelimit-remaining", "").strip() == "0"
    return found.status in _AGAIN or (found.status == 400 and b"Throttling" in found.body[:500])


def _retry_after(headers: Mapping[str, str], otherwise: float) -> float:
    """Seconds that the server asks to wait: a number, or a date; or until when its limit is used up."""
    text = headers.get("retry-after", "").strip()
    if not text:
        reset = next((headers[name].strip() for name in _RESETS if headers.get(name)), "")
        if reset.isascii() and reset.isdigit() and len(reset) < 12:
            # GitHub and GitLab name the second, others count the seconds.
            return max(otherwise, float(reset) - (time.time() if len(reset) > 8 else 0.0))
    if text.isascii() and text.isdigit():
        return max(otherwise, float(text[:9]))
    try:
        return max(otherwise, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return otherwise


def _is_certificate(error: httpx2.TransportError) -> bool:
    """A certificate that is not trusted now will not be in a second."""
    return isinstance(error, httpx2.ConnectError) and "certificate" in str(error).lower()
