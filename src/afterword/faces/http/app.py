"""HTTP: one route an operation under /api/v1, derived from the table, and OpenAPI made from the same rows."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from afterword.app import desk, table, wire
from afterword.faces.http.guard import Guard
from afterword.faces.http.openapi import PREFIX, document
from afterword.faces.status import status
from afterword.model.refusal import InvalidError, RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from starlette.routing import BaseRoute

    from afterword.app.table import Operation
    from afterword.app.workspace import Workspace

    OpenWorkspace = Callable[[str], Workspace]
    Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]

#: A request is a few words; evidence is named, not uploaded.
LARGEST = 1 << 20
_LOG = logging.getLogger(__name__)


def build(
    open_ws: OpenWorkspace,
    *,
    more: Sequence[BaseRoute] = (),
    hosts: frozenset[str] | None = None,
    token: str = "",
    lifespan: Lifespan | None = None,
) -> Starlette:
    """The application. ``hosts``: the names under which it may be called; ``more``: routes of other faces."""
    routes: list[BaseRoute] = [
        Route("/healthz", _healthz),
        Route("/readyz", _readyz(open_ws)),
        Route(f"{PREFIX}/openapi.json", _openapi),
        *(_route(operation, open_ws) for operation in table.OPERATIONS),
        *more,
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, hosts=hosts, token=token)],
        exception_handlers={HTTPException: _http_error, RefusalError: _refusal},
        lifespan=lifespan,
    )


def _route(operation: Operation, open_ws: OpenWorkspace) -> Route:
    async def endpoint(request: Request) -> Response:
        reading = operation.method == "GET"
        try:
            given = _query(request) if reading else await _body(request)
            return await run_in_threadpool(_answer, operation, open_ws, given, text=reading)
        except RefusalError as error:
            return refused(error)
        except (HTTPException, ClientDisconnect):
            raise
        except Exception:  # noqa: BLE001 - the outermost line of this face: no traceback reaches a caller
            _LOG.exception("%s failed", operation.name)
            said = {"code": "fault", "message": "This is a fault of afterword; its log has the details.", "reasons": []}
            return JSONResponse(said, 500)

    return Route(PREFIX + operation.route, endpoint, methods=[operation.method], name=operation.name)


def _answer(operation: Operation, open_ws: OpenWorkspace, given: Mapping[str, Any], *, text: bool) -> Response:
    word = desk.ask(open_ws("http"), operation.name, given, text=text)
    body = json.dumps(wire.public(word), ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


def _query(request: Request) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        given.setdefault(name, []).append(value)
    return _with_path(given, request)


async def _body(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "Send JSON: Content-Type: application/json")
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise HTTPException(413, f"A request holds at most {LARGEST} bytes")
    try:
        given = json.loads(body or b"{}", parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise InvalidError(f"the body is not JSON: {error}", (f"body: {error}",)) from error
    if not isinstance(given, dict):
        raise InvalidError("the body is a JSON object", ("body: a JSON object",))
    return _with_path(given, request)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no JSON number")


def _with_path(given: dict[str, Any], request: Request) -> dict[str, Any]:
    twice = tuple(f"{name}: stands in the path already" for name in request.path_params if name in given)
    if twice:
        raise InvalidError("; ".join(twice), twice)
    return {**given, **request.path_params}


def refused(error: RefusalError) -> JSONResponse:
    """A refusal as a status and {code, message, reasons}."""
    said = {"code": error.code, "message": str(error), "reasons": list(getattr(error, "reasons", ()))}
    return JSONResponse(said, status(error))


async def _refusal(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, RefusalError)
    return refused(error)


async def _http_error(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, HTTPException)
    code = {404: "not-found", 405: "method", 413: "too-large", 415: "media-type"}.get(error.status_code, "http")
    said = {"code": code, "message": error.detail, "reasons": []}
    return JSONResponse(said, error.status_code, headers=dict(error.headers or {}))


async def _healthz(request: Request) -> Response:
    del request
    return JSONResponse({"status": "ok"})


def _readyz(open_ws: OpenWorkspace) -> Callable[[Request], Response]:
    def ready(request: Request) -> Response:
        """Ready when the records can be read."""
        del request
        try:
            open_ws("http").records.all("incident")
        except RefusalError as error:
            return JSONResponse({"status": "not ready", "message": str(error)}, 503)
        return JSONResponse({"status": "ok"})

    return ready


async def _openapi(request: Request) -> Response:
    del request
    return JSONResponse(document())
