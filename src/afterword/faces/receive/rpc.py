"""OTLP over gRPC: the three services of collectors. The bytes of a request are kept as they came."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NoReturn

import grpc

from afterword.app import otlp_request
from afterword.model.refusal import InvalidError
from afterword.ports import BusyError, FullError

if TYPE_CHECKING:
    from collections.abc import Callable

    from afterword.app.inbox import Receiver

_SERVICES = {
    "logs": "opentelemetry.proto.collector.logs.v1.LogsService",
    "metrics": "opentelemetry.proto.collector.metrics.v1.MetricsService",
    "traces": "opentelemetry.proto.collector.trace.v1.TraceService",
}
_WORKERS = 16
#: So long a request may wait for the disk.
_SECONDS = 30.0


def build(receiver: Receiver, *, body: int = 16 << 20) -> Any:
    """A server of the three services; it listens nowhere yet."""
    options = [
        ("grpc.max_receive_message_length", body),
        # A port that somebody listens on already is not shared with them.
        ("grpc.so_reuseport", 0),
        ("grpc.max_concurrent_streams", 100),
        ("grpc.max_connection_idle_ms", 600_000),
        ("grpc.server_handshake_timeout_ms", 10_000),
        ("grpc.max_metadata_size", 16 << 10),
    ]
    # What waits for a worker is held in memory, too: the number of calls bounds it.
    server = grpc.server(ThreadPoolExecutor(_WORKERS), options=options, maximum_concurrent_rpcs=4 * _WORKERS)
    for signal, service in _SERVICES.items():
        export = grpc.unary_unary_rpc_method_handler(_export(receiver, signal))
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": export}),))
    return server


def _export(receiver: Receiver, signal: str) -> Callable[[bytes, Any], bytes]:
    def export(raw: bytes, context: Any) -> bytes:
        said = {str(key): value for key, value in context.invocation_metadata()}
        if not receiver.allowed(str(said.get("authorization", ""))):
            _refuse(receiver, context, grpc.StatusCode.UNAUTHENTICATED, "give the token of this receiver")
        try:
            promise, warning = receiver.otlp(signal, raw, as_json=False)
            if promise is not None:
                promise.result(_SECONDS)
        except InvalidError as error:
            _refuse(receiver, context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except (BusyError, FullError, TimeoutError) as error:
            # Of the codes that ask for the same again, the one that senders obey without being told a time.
            _refuse(receiver, context, grpc.StatusCode.UNAVAILABLE, str(error) or "the disk does not answer")
        return otlp_request.accepted(signal, warning, as_json=False)

    return export


def _refuse(receiver: Receiver, context: Any, code: grpc.StatusCode, message: str) -> NoReturn:
    receiver.counts.refused += 1
    context.abort(code, message)
    raise AssertionError("abort does not return")
