"""``afterword receive``: what only a terminal can start. The secrets are in the environment; options name the variables."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

import click

from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from afterword.faces.cli.command import State

_PORT = click.IntRange(0, 65535)


@click.command(epilog="Example: afterword receive --http-port 4318 --grpc-port 4317")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others need a token.")
@click.option("--http-port", default=4318, show_default=True, type=_PORT, help="Port of OTLP/HTTP and of webhooks.")
@click.option("--grpc-port", default=4317, show_default=True, type=_PORT, help="Port of OTLP/gRPC.")
@click.option(
    "--max-body",
    default=16,
    show_default=True,
    type=click.IntRange(1, 256),
    metavar="MIB",
    help="Longest body, in MiB.",
)
@click.option(
    "--token-env", default="AFTERWORD_RECEIVE_TOKEN", show_default=True, metavar="VARIABLE",
    help="Variable with the token that senders of OTLP and Alertmanager give as Bearer.",
)  # fmt: skip
@click.option(
    "--pagerduty-secret-env", default="AFTERWORD_PAGERDUTY_SECRET", show_default=True, metavar="VARIABLE",
    help="Variable with the secret of PagerDuty's webhooks; several are separated by blanks.",
)  # fmt: skip
@click.option(
    "--github-secret-env", default="AFTERWORD_GITHUB_SECRET", show_default=True, metavar="VARIABLE",
    help="Variable with the secret of GitHub's webhooks; several are separated by blanks.",
)  # fmt: skip
@click.option("--unsigned", is_flag=True, help="Let anybody who reaches a public address send, without a token.")
@click.option("--workspace", metavar="DIR", help="Workspace whose inbox is written.")
@click.pass_obj
def receive(
    state: State, host: str, http_port: int, grpc_port: int, max_body: int, token_env: str, pagerduty_secret_env: str,
    github_secret_env: str, unsigned: bool, workspace: str,
) -> None:  # fmt: skip
    """Receive OTLP (HTTP and gRPC) and webhooks into the inbox of the workspace, until stopped."""
    from afterword.app.inbox import Secrets
    from afterword.app.workspace import open_workspace

    named = {"pagerduty": _secret(pagerduty_secret_env), "github": _secret(github_secret_env)}
    secrets = Secrets(_secret(token_env), {kind: value for kind, value in named.items() if value})
    ws = open_workspace(state.merged(workspace, None).workspace or None, face="receive")
    # Faces do not know each other: the one file that puts them together is named by text.
    faces = importlib.import_module("afterword.faces.serve")
    faces.run_receiver(
        ws, secrets, host=host, http_port=http_port, grpc_port=grpc_port, body=max_body << 20, unsigned=unsigned
    )


def _secret(variable: str) -> str:
    """The value of a variable. One that is set to nothing is a mistake, not a wish to have no secret."""
    value = os.environ.get(variable)
    if value is not None and not value.strip():
        raise InvalidError(f"{variable} is set and empty: unset it, or give it the secret", (f"{variable}: empty",))
    return (value or "").strip()
