"""HTTP both ways: serving with a span, a metric and a log line a request, and calling other services."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn
from opentelemetry import propagate
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services import config, telemetry

if TYPE_CHECKING:
    from starlette.requests import Request

log = logging.getLogger("web")

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10)
REQUESTS = Counter("http_requests_total", "Requests served", ["method", "route", "code"])
SECONDS = Histogram("http_request_duration_seconds", "Time to answer", ["route"], buckets=BUCKETS)
IN_FLIGHT = Gauge("http_requests_in_flight", "Requests being served")
CALLS = Counter("http_client_requests_total", "Calls to other services", ["upstream", "outcome"])
RETRIES = Counter("http_client_retries_total", "Calls that were made again", ["upstream"])
VALID_UNTIL = Gauge("tls_certificate_not_after_timestamp_seconds", "When the certificate that is served ends")

PORTS = {
    "gateway": 8080,
    "catalog": 8081,
    "pricing": 8082,
    "cart": 8083,
    "inventory": 8084,
    "checkout": 8085,
    "payment": 8086,
    "fulfilment": 8087,
    "card-network": 8090,
}
TLS = telemetry.RUN / "tls"


class HttpError(Exception):
    """An answer that is not a success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Call:
    """What a handler needs to know of a request."""

    path: dict[str, Any]
    query: dict[str, str]
    body: dict[str, Any]
    headers: dict[str, str]


Handler = Callable[[Call], dict[str, Any]]


def _fail(span: Span, error: Exception) -> None:
    span.set_attribute("error.type", type(error).__name__)
    # The event without the stack: the stack is in the log, under the same trace id.
    span.add_event("exception", {"exception.type": type(error).__name__, "exception.message": str(error)})
    span.set_status(Status(StatusCode.ERROR, str(error)))


def _answer(handler: Handler, call: Call, span: Span, name: str) -> tuple[int, dict[str, Any]]:
    try:
        return 200, handler(call)
    except HttpError as error:
        if error.status >= 500:
            _fail(span, error)
            log.error("%s failed with %d: %s", name, error.status, error)
        return error.status, {"error": str(error)}
    except Exception as error:
        _fail(span, error)
        log.exception("%s failed: %s", name, error)
        return 503, {"error": f"{type(error).__name__}: {error}"}


def _serve(method: str, route: str, handler: Handler, call: Call, access_log: bool) -> Response:
    began = time.perf_counter()
    name = f"{method} {route}"
    context = propagate.extract(call.headers)
    attributes = {"http.request.method": method, "http.route": route}
    with (
        IN_FLIGHT.track_inprogress(),
        telemetry.tracer.start_as_current_span(name, context, SpanKind.SERVER, attributes) as span,
    ):
        status, answer = _answer(handler, call, span, name)
        span.set_attribute("http.response.status_code", status)
        took = time.perf_counter() - began
        if access_log:
            fields = {"method": method, "route": route, "status": status, "ms": round(took * 1000, 1)}
            log.info("request", extra={"fields": fields})
    SECONDS.labels(route).observe(took)
    REQUESTS.labels(method, route, str(status)).inc()
    return JSONResponse(answer, status_code=status)


def endpoint(method: str, route: str, handler: Handler, access_log: bool = False) -> Route:
    """A route whose handler is plain blocking code, run in a thread of its own."""

    async def run(request: Request) -> Response:
        raw = await request.body()
        call = Call(
            dict(request.path_params),
            dict(request.query_params),
            json.loads(raw) if raw else {},
            dict(request.headers),
        )
        return await run_in_threadpool(_serve, method, route, handler, call, access_log)

    return Route(route, run, methods=[method])


class Upstream:
    """Another service, called over HTTP with a time limit."""

    def __init__(self, name: str, timeout: float) -> None:
        self.name = name
        self.timeout = config.setting(f"{name}_timeout_s", timeout)
        secure = (TLS / f"{name}.pem").exists()
        # No kept connections: a release that hands over closes its own, and no call may hit one of those.
        self._client = httpx.Client(
            base_url=f"{'https' if secure else 'http'}://127.0.0.1:{PORTS[name]}",
            verify=ssl.create_default_context(cafile=str(TLS / "ca.pem")) if secure else True,
            limits=httpx.Limits(max_keepalive_connections=0),
            trust_env=False,
        )

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        attributes = {"http.request.method": method, "url.path": path, "peer.service": self.name}
        with telemetry.tracer.start_as_current_span(
            f"{method} {self.name}", None, SpanKind.CLIENT, attributes, record_exception=False
        ) as span:
            headers: dict[str, str] = {}
            propagate.inject(headers)
            try:
                answer = self._client.request(method, path, json=body, headers=headers, timeout=self.timeout)
            except httpx.TimeoutException:
                CALLS.labels(self.name, "timeout").inc()
                raise HttpError(504, f"{self.name} did not answer within {self.timeout:g} s") from None
            except httpx.HTTPError as error:
                CALLS.labels(self.name, "unreachable").inc()
                raise HttpError(502, f"{self.name} is unreachable: {error}") from None
            span.set_attribute("http.response.status_code", answer.status_code)
            return self._read(answer)

    def _read(self, answer: httpx.Response) -> dict[str, Any]:
        CALLS.labels(self.name, f"{answer.status_code // 100}xx").inc()
        said = answer.json()
        if answer.status_code >= 500:
            raise HttpError(502, f"{self.name} answered {answer.status_code}: {said.get('error')}")
        if answer.status_code >= 400:
            raise HttpError(answer.status_code, str(said.get("error")))
        return dict(said)


async def _metrics(_: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _tell_ready() -> None:
    Path(os.environ["SHOP_READY"]).touch()


def _tls() -> dict[str, str]:
    """The certificate and the key of this service, where it has them."""
    chain, key = TLS / f"{telemetry.SERVICE}.pem", TLS / f"{telemetry.SERVICE}.key"
    if not chain.exists():
        return {}
    ends = ssl._ssl._test_decode_cert(str(chain))["notAfter"]  # type: ignore[attr-defined]
    VALID_UNTIL.set(ssl.cert_time_to_seconds(ends))
    return {"ssl_certfile": str(chain), "ssl_keyfile": str(key)}


def serve(routes: list[Route], logs: str = "plain") -> None:
    """Serve on the socket that the deploy tool passes on, and tell it when ready."""
    telemetry.setup_logs(logs)
    provider = telemetry.setup_traces()

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        log.info("%s %s is up", telemetry.SERVICE, telemetry.VERSION)
        _tell_ready()
        yield
        log.info("%s %s goes down", telemetry.SERVICE, telemetry.VERSION)
        provider.shutdown()

    app = Starlette(routes=[*routes, Route("/metrics", _metrics)], lifespan=lifespan)
    config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=6, **_tls())
    listener = socket.socket(fileno=int(os.environ["SHOP_FD"]))
    uvicorn.Server(config).run(sockets=[listener])
