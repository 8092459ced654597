"""``afterword receive`` as it is started: what it refuses to start as, what it says, and whom it keeps out."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx2 as httpx
import pytest

from afterword.faces.cli.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def started(folder: Path, *more: str, **environment: str) -> Iterator[tuple[str, list[str]]]:
    command = [sys.executable, "-m", "afterword.faces.cli.main", "--workspace", str(folder), "receive", *more]
    known = {"PATH": "/usr/bin:/bin", **environment}
    with subprocess.Popen(
        [*command, "--http-port", "0", "--grpc-port", "0"], stderr=subprocess.PIPE, text=True, env=known
    ) as process:
        assert process.stderr is not None
        said = [process.stderr.readline()]
        found = re.search(r"http://\S+", said[0])
        assert found, said
        try:
            yield found[0], said
        finally:
            process.terminate()
            said += process.stderr.read().splitlines()
    assert process.returncode == 0


def test_what_is_taken_from_anybody_is_said(tmp_path: Path) -> None:
    with started(tmp_path) as (address, said):
        assert httpx.get(f"{address}/healthz").status_code == 200
    told = "\n".join(said)
    assert "taken without a token" in told
    assert "pagerduty are taken unsigned" in told
    assert "github are taken unsigned" in told
    assert "stopped; 0 items kept" in told


def test_secrets_come_from_the_environment(tmp_path: Path) -> None:
    secrets = {"AFTERWORD_RECEIVE_TOKEN": "t", "AFTERWORD_PAGERDUTY_SECRET": "p", "HOOKS": "g"}
    with started(tmp_path, "--github-secret-env", "HOOKS", **secrets) as (address, said):
        assert httpx.post(f"{address}/v1/logs", json={}).status_code == 401
        assert httpx.post(f"{address}/v1/logs", json={}, headers={"authorization": "Bearer t"}).status_code == 200
        assert httpx.post(f"{address}/webhooks/github", json={"a": 1}).status_code == 403
        assert httpx.post(f"{address}/webhooks/pagerduty", json={"event": {}}).status_code == 403
        assert httpx.post(f"{address}/webhooks/alertmanager", json={"alerts": []}).status_code == 401
    assert "unsigned" not in "".join(said)


def test_pages_of_others_are_kept_out(tmp_path: Path) -> None:
    """A browser on this machine reaches loopback: neither another origin nor another name may fill the inbox."""
    with started(tmp_path) as (address, _):
        url = f"{address}/webhooks/alertmanager"
        assert httpx.post(url, json={"alerts": []}, headers={"origin": "https://evil.example"}).status_code == 403
        assert httpx.post(url, json={"alerts": []}, headers={"host": "evil.example"}).status_code == 421
        assert httpx.post(url, json={"alerts": []}).status_code == 200


def test_a_public_address_needs_a_token(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AFTERWORD_RECEIVE_TOKEN", raising=False)
    assert run(["--workspace", str(tmp_path), "receive", "--host", "0.0.0.0"]) == 4
    assert "AFTERWORD_RECEIVE_TOKEN" in capsys.readouterr().err
    assert not (tmp_path / "inbox").exists()


def test_a_secret_that_is_empty_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTERWORD_GITHUB_SECRET", " ")
    assert run(["--workspace", str(tmp_path), "receive"]) == 2
    assert "AFTERWORD_GITHUB_SECRET is set and empty" in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--http-port", "--grpc-port"])
def test_a_port_that_is_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str], option: str) -> None:
    other = {"--http-port": "--grpc-port", "--grpc-port": "--http-port"}[option]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert run(["--workspace", str(tmp_path), "receive", option, port, other, "0"]) == 2
    assert f"port {port} of 127.0.0.1 cannot be used" in capfd.readouterr().err


def test_two_receivers_of_one_inbox_are_one_too_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with started(tmp_path):
        assert run(["--workspace", str(tmp_path), "receive", "--http-port", "0", "--grpc-port", "0"]) == 4
    assert "Another process receives" in capsys.readouterr().err


def test_the_inbox_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--workspace", str(tmp_path), "inbox", "list"]) == 0
    assert "Nothing found" in capsys.readouterr().out
    with started(tmp_path) as (address, _):
        httpx.post(f"{address}/webhooks/alertmanager", json={"alerts": []})
    assert run(["--workspace", str(tmp_path), "inbox", "list"]) == 0
    assert "alertmanager" in capsys.readouterr().out
    window = "2020-01-01T00:00:00Z/2100-01-01T00:00:00Z"
    assert run(["--workspace", str(tmp_path), "inbox", "export", window, str(tmp_path / "out")]) == 0
    assert "1 requests and webhooks in 1 files" in capsys.readouterr().out
