"""The receiver as a process: two ports, one inbox, and an end that loses nothing."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from afterword.model.refusal import ForbiddenError, InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from afterword.app.inbox import Receiver, Secrets
    from afterword.app.workspace import Workspace

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_MOST_CONNECTIONS = 512


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen, and what to refuse."""

    host: str = "127.0.0.1"
    http: int = 4318
    grpc: int = 4317
    body: int = 16 << 20
    #: Said by the person who starts it: anybody who reaches the ports may send.
    open: bool = False


@dataclass(slots=True)
class Running:
    """What has been started, so that it can be stopped."""

    server: Any
    rpc: Any
    sockets: list[Any] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


def run(ws: Workspace, ports: Ports, secrets: Secrets, guard: Callable[[Any], Any]) -> None:
    """Receive until stopped. Raises ForbiddenError for an address that everybody reaches without any secret."""
    from afterword.app.inbox import Receiver, remembered

    if ports.host not in LOOPBACK and not secrets.token and not ports.open:
        raise ForbiddenError(
            f"Whoever reaches {ports.host} could fill the inbox: set AFTERWORD_RECEIVE_TOKEN, or say --unsigned to allow it."
        )
    inbox = ws.received.open()
    try:
        receiver = Receiver(inbox, secrets, known=remembered(ws.received.webhooks()))
        running = _listen(receiver, ports, guard)
        with _until_signalled(running.server):
            _say(*running.said, *_openness(secrets))
            for one in inbox.torn:
                _say(f"{one.size} bytes of an item that was never acknowledged were moved to {one.path}")
            running.server.run(sockets=running.sockets)
            running.rpc.stop(5).wait()
    finally:
        inbox.close()
    counts = receiver.counts
    _say(f"stopped; {counts.taken} items kept, {counts.duplicates} duplicates, {counts.refused} refused")


def _listen(receiver: Receiver, ports: Ports, guard: Callable[[Any], Any]) -> Running:
    import uvicorn

    from afterword.faces.receive import http, rpc
    from afterword.faces.receive.patience import Patience

    app = http.build(receiver, http.Bounds(body=ports.body))
    settings = uvicorn.Config(
        guard(app), host=ports.host, port=ports.http, log_level="warning", server_header=False, access_log=False, lifespan="off",
        http=Patience, limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=30, timeout_graceful_shutdown=10, ws="none",
    )  # fmt: skip
    family = socket.AF_INET6 if ":" in ports.host else socket.AF_INET
    try:
        listening = socket.create_server((ports.host, ports.http), family=family, backlog=_MOST_CONNECTIONS)
    except OSError:
        raise _taken(ports.host, ports.http, "http-port") from None
    server = rpc.build(receiver, body=ports.body)
    shown = f"[{ports.host}]" if ":" in ports.host else ports.host
    try:
        port = server.add_insecure_port(f"{shown}:{ports.grpc}")
    except RuntimeError:
        listening.close()
        raise _taken(ports.host, ports.grpc, "grpc-port") from None
    server.start()
    said = [f"OTLP/HTTP and webhooks: http://{shown}:{listening.getsockname()[1]}", f"OTLP/gRPC: {shown}:{port}"]
    return Running(_server(settings), server, [listening], said)


def _server(settings: Any) -> Any:
    """A server that ends by itself when it is told to: what still has to be closed is closed behind it."""
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    return Server(settings)


@contextmanager
def _until_signalled(server: Any) -> Iterator[None]:
    """SIGINT and SIGTERM end the server, also those that come before it has begun."""
    before = {number: signal.signal(number, server.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _taken(host: str, port: int, option: str) -> InvalidError:
    return InvalidError(f"port {port} of {host} cannot be used", (f"{option}: {port} is taken or not allowed",))


def _openness(secrets: Secrets) -> list[str]:
    """What is taken from anybody, said at the start so that nobody believes otherwise."""
    from afterword.app import webhook

    said = [] if secrets.token else ["OTLP and webhooks of Alertmanager are taken without a token"]
    unsigned = [kind for kind, hook in webhook.HOOKS.items() if hook.signature and not secrets.hooks.get(kind)]
    return [*said, *(f"webhooks of {kind} are taken unsigned: no secret is set" for kind in unsigned)]


def _say(*lines: str) -> None:
    for line in lines:
        sys.stderr.write(f"afterword: {line}\n")
    sys.stderr.flush()
