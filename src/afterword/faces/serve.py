"""Where the faces are put together: the only file that knows several of them."""

from __future__ import annotations

import importlib.util
import sys
from typing import TYPE_CHECKING

from afterword.model.refusal import ForbiddenError, InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.applications import Starlette

    from afterword.app.inbox import Secrets
    from afterword.app.workspace import Workspace

    OpenWorkspace = Callable[[str], Workspace]


def application(
    open_ws: OpenWorkspace, open_agents: OpenWorkspace, *, hosts: frozenset[str] | None = None, token: str = ""
) -> Starlette:
    """API, web pages and MCP as one application. People and agents may have different rights."""
    from afterword.faces.http.app import build
    from afterword.faces.mcp import server

    agents = server.build(open_agents)
    # Stateless: an agent may come back to another process, and there is nothing to remember between calls.
    mounted = agents.streamable_http_app(
        stateless_http=True, json_response=True, host="127.0.0.1" if hosts is not None else ""
    )
    more = list(mounted.routes)
    if importlib.util.find_spec("afterword.faces.web.pages") is not None:
        from afterword.faces.web import pages

        more += pages.routes(open_ws)
    return build(open_ws, more=more, hosts=hosts, token=token, lifespan=lambda _: agents.session_manager.run())


def run(open_ws: OpenWorkspace, open_agents: OpenWorkspace, *, host: str, port: int, token: str) -> None:
    """Serve until stopped. Anything but loopback needs a token: whoever reaches the port can write."""
    import uvicorn

    from afterword.faces.http.guard import LOOPBACK

    loopback = host in LOOPBACK
    if not loopback and not token:
        raise ForbiddenError(
            f"Whoever reaches {host} could read and write the workspace: set AFTERWORD_TOKEN, or listen on 127.0.0.1."
        )
    app = application(open_ws, open_agents, hosts=LOOPBACK if loopback else None, token=token)
    settings = uvicorn.Config(app, host=host, port=port, log_level="warning", server_header=False)
    try:
        listening = settings.bind_socket()
    except SystemExit:
        # uvicorn has said why on standard error and would leave with a code that means something else here.
        raise InvalidError(
            f"port {port} of {host} cannot be used", (f"port: {port} is taken or not allowed",)
        ) from None
    shown = f"[{host}]" if ":" in host else host
    sys.stderr.write(f"afterword is at http://{shown}:{listening.getsockname()[1]}/ (stop it with Ctrl+C)\n")
    sys.stderr.flush()
    uvicorn.Server(settings).run(sockets=[listening])


def run_receiver(
    ws: Workspace, secrets: Secrets, *, host: str, http_port: int, grpc_port: int, body: int, unsigned: bool
) -> None:
    """Receive telemetry and webhooks until stopped; pages of others in a browser of this machine are kept out."""
    from afterword.faces.http.guard import LOOPBACK, Guard
    from afterword.faces.receive import run

    hosts = LOOPBACK if host in LOOPBACK else None
    ports = run.Ports(host, http_port, grpc_port, body, unsigned)
    run.run(ws, ports, secrets, lambda app: Guard(app, hosts=hosts))


def run_mcp(open_agents: OpenWorkspace) -> None:
    """Serve an agent over standard input and output."""
    from afterword.faces.mcp import server

    server.run(open_agents)
