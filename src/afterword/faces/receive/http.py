"""OTLP over HTTP, and webhooks: bodies are bounded in size, time and number, and an answer is given when the item is on the disk.

Statuses are those of the protocol: 400 will not be better the next time, 429 and 503 ask for the same again, later.
"""

from __future__ import annotations

import asyncio
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zstandard
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from afterword.app import otlp_request, webhook
from afterword.model.refusal import ForbiddenError, InvalidError
from afterword.ports import BusyError, FullError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from concurrent.futures import Future

    from starlette.requests import Request

    from afterword.app.inbox import Receiver

PROTOBUF, JSON = "application/x-protobuf", "application/json"
_PIECE = 1 << 16


@dataclass(slots=True)
class Bounds:
    """How long a body may be (packed or not), how long it may take, and how much of bodies is held at once."""

    body: int = 16 << 20
    seconds: float = 30.0
    held: int = 64 << 20
    holding: int = 0

    @contextmanager
    def hold(self) -> Iterator[Callable[[int], None]]:
        """Counts bytes that are held; raises BusyError where they are too many."""
        mine = 0

        def more(size: int) -> None:
            nonlocal mine
            if self.holding + size > self.held:
                raise BusyError("too much is being received at once")
            mine += size
            self.holding += size

        try:
            yield more
        finally:
            self.holding -= mine


class _NoError(Exception):
    """A request that is answered with a status at once."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def build(receiver: Receiver, bounds: Bounds | None = None) -> Starlette:
    """``/v1/logs``, ``/v1/metrics``, ``/v1/traces``, ``/webhooks/<kind>`` and ``/healthz``."""
    bounds = bounds or Bounds()

    def otlp(signal: str) -> Callable[[Request], Awaitable[Response]]:
        async def taken(request: Request) -> Response:
            return await _otlp(request, signal, receiver, bounds)

        return taken

    async def hook(request: Request) -> Response:
        return await _hook(request, receiver, bounds)

    async def health(_request: Request) -> Response:
        counts = receiver.counts
        return JSONResponse({"taken": counts.taken, "duplicates": counts.duplicates, "refused": counts.refused})

    routes = [Route(f"/v1/{signal}", otlp(signal), methods=["POST"]) for signal in otlp_request.REQUESTS]
    return Starlette(routes=[*routes, Route("/webhooks/{kind}", hook, methods=["POST"]), Route("/healthz", health)])


# ------------------------------------------------------------------------------------------------- OTLP


async def _otlp(request: Request, signal: str, receiver: Receiver, bounds: Bounds) -> Response:
    media = _media(request)
    as_json = media != PROTOBUF
    try:
        _admit(request, receiver, (PROTOBUF, JSON))
        with bounds.hold() as more:
            raw = await _body(request, bounds, more)
            # JSON takes its time: other senders are not kept waiting for it.
            take = asyncio.to_thread(receiver.otlp, signal, raw, as_json=True) if as_json else None
            promise, warning = await take if take else receiver.otlp(signal, raw, as_json=False)
            await _kept(promise)
    except (_NoError, InvalidError, BusyError, FullError) as error:
        receiver.counts.refused += 1
        return _refused(error, as_json=as_json)
    return Response(otlp_request.accepted(signal, warning, as_json=as_json), 200, media_type=media)


def _refused(error: Exception, *, as_json: bool) -> Response:
    status, code = _status(error)
    body = otlp_request.status(code, str(error), as_json=as_json)
    return Response(body, status, _after(status), JSON if as_json else PROTOBUF)


def _status(error: Exception) -> tuple[int, int]:
    """The status of HTTP and that of google.rpc."""
    if isinstance(error, _NoError):
        return error.status, otlp_request.UNAUTHENTICATED if error.status == 401 else otlp_request.INVALID_ARGUMENT
    if isinstance(error, BusyError):
        return 429, otlp_request.RESOURCE_EXHAUSTED
    return (503, otlp_request.UNAVAILABLE) if isinstance(error, FullError) else (400, otlp_request.INVALID_ARGUMENT)


def _after(status: int) -> dict[str, str]:
    if status == 401:
        return {"WWW-Authenticate": "Bearer", "Connection": "close"}
    if status in (408, 413, 415):
        # The rest of the body is not waited for.
        return {"Connection": "close"}
    return {"Retry-After": {429: "1", 503: "30", 507: "30"}[status]} if status in (429, 503, 507) else {}


# ------------------------------------------------------------------------------------------------- webhooks


async def _hook(request: Request, receiver: Receiver, bounds: Bounds) -> Response:
    kind = request.path_params["kind"]
    if kind not in webhook.HOOKS:
        return JSONResponse({"message": f"webhooks are received of {', '.join(webhook.HOOKS)}"}, 404, _after(413))
    try:
        _admit(request, receiver if kind == "alertmanager" else None, (JSON, webhook.FORM))
        with bounds.hold() as more:
            raw = await _body(request, bounds, more)
            promise, twice = receiver.webhook(kind, request.headers, raw)
            await _kept(promise)
    except (_NoError, InvalidError, ForbiddenError, BusyError, FullError) as error:
        receiver.counts.refused += 1
        status = (
            403 if isinstance(error, ForbiddenError) else 507 if isinstance(error, FullError) else _status(error)[0]
        )
        return JSONResponse({"message": str(error)}, status, _after(status))
    return JSONResponse({"status": "duplicate" if twice else "kept"}, 200)


# ------------------------------------------------------------------------------------------------- bodies


def _admit(request: Request, receiver: Receiver | None, medias: tuple[str, ...]) -> None:
    """Refuse whom the body need not be read of."""
    if receiver is not None and not receiver.allowed(request.headers.get("authorization", "")):
        raise _NoError(401, "give the token of this receiver: Authorization: Bearer ...")
    if _media(request) not in medias:
        raise _NoError(415, f"bodies are {' or '.join(medias)}, not {_media(request)[:100] or 'untyped'}")


def _media(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _kept(promise: Future[None] | None) -> None:
    """Wait until it is on the disk. A sender that goes away does not take back what it sent."""
    if promise is not None:
        await asyncio.shield(asyncio.wrap_future(promise))


async def _body(request: Request, bounds: Bounds, more: Callable[[int], None]) -> bytes:
    stated = request.headers.get("content-length", "")
    if stated.isdigit() and int(stated) > bounds.body:
        raise _NoError(413, f"a body is at most {bounds.body} bytes")
    try:
        async with asyncio.timeout(bounds.seconds):
            raw = await _read(request, bounds, more)
    except TimeoutError:
        raise _NoError(408, f"the body did not come within {bounds.seconds:g} s") from None
    return _unpacked(raw, request.headers.get("content-encoding", "").strip().lower(), bounds, more)


async def _read(request: Request, bounds: Bounds, more: Callable[[int], None]) -> bytes:
    found = bytearray()
    async for piece in request.stream():
        more(len(piece))
        found += piece
        if len(found) > bounds.body:
            raise _NoError(413, f"a body is at most {bounds.body} bytes")
    return bytes(found)


def _unpacked(raw: bytes, encoding: str, bounds: Bounds, more: Callable[[int], None]) -> bytes:
    if encoding in ("", "identity"):
        return raw
    if encoding not in ("gzip", "deflate", "zstd"):
        raise _NoError(415, f"bodies may be packed with gzip, not with {encoding[:40]}")
    try:
        found = _zstd(raw, bounds.body) if encoding == "zstd" else _inflated(raw, bounds.body)
    except (zlib.error, zstandard.ZstdError, EOFError) as error:
        raise InvalidError(f"the body cannot be unpacked: {error}") from error
    if len(found) > bounds.body:
        raise _NoError(413, f"a body is at most {bounds.body} bytes, unpacked too")
    more(len(found))
    return found


def _inflated(raw: bytes, most: int) -> bytes:
    """Gzip or zlib, told apart by their heads; never more than one byte beyond ``most``."""
    unpack = zlib.decompressobj(wbits=47)
    found = unpack.decompress(raw, most + 1)
    if len(found) <= most and not unpack.eof:
        raise EOFError("it is cut off")
    return found


def _zstd(raw: bytes, most: int) -> bytes:
    """Zstandard; its reader says nothing of an end that is missing, so what fits is unpacked again by what does."""
    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(raw) as reader:
        found = reader.read(most + 1)
    if len(found) <= most:
        whole = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompressobj()
        found = whole.decompress(raw)
        if not whole.eof:
            raise EOFError("it is cut off")
    return found
