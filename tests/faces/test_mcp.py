"""MCP with the real client: over standard input and output, and over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filled import workspace
from mcp import Client, StdioServerParameters

from afterword.app import desk, table
from afterword.app.workspace import Scope, Workspace
from afterword.faces.mcp import server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    import pytest

PROGRAM = str(Path(sys.executable).with_name("afterword"))


def with_client(target: Any, work: Callable[[Client], Awaitable[Any]]) -> Any:
    async def go() -> Any:
        async with Client(target) as client:
            return await work(client)

    return asyncio.run(go())


def stdio(folder: Path, *options: str) -> StdioServerParameters:
    return StdioServerParameters(command=PROGRAM, args=["mcp", *options], cwd=folder)


async def tour(client: Client) -> dict[str, Any]:
    """What an agent would do: look, propose, try to decide, make mistakes."""
    given = {"incident": "inc-1", "title": "Add a limit", "answers": ["c1"], "done_when": "a test shows it"}
    return {
        "tools": (await client.list_tools()).tools,
        "list": await client.call_tool("action_list", {}),
        "add": await client.call_tool("action_add", given),
        "accept": await client.call_tool("action_accept", {"action": "A-1", "owner": "me"}),
        "wrong": await client.call_tool("action_list", {"overdue": "false", "colour": "red"}),
        "none": await client.call_tool("no_such_tool", {}),
        "file": await client.call_tool("review_check", {"file": "/etc/passwd"}),
        "document": await client.call_tool("cause_whys", {"incident": "inc-1"}),
    }


def check(found: dict[str, Any]) -> None:
    tools = {one.name: one for one in found["tools"]}
    assert set(tools) == {table.tool_name(one) for one in table.OPERATIONS}
    assert tools["action_list"].annotations.read_only_hint is True
    assert tools["action_add"].annotations.read_only_hint is False
    assert tools["evidence_drop"].annotations.destructive_hint is True
    assert tools["action_add"].input_schema["required"] == ["incident", "title"]
    assert [one["id"] for one in found["list"].structured_content["result"]] == ["A-1"]
    assert found["add"].structured_content["id"] == "A-2"
    assert json.loads(found["add"].content[0].text)["by"]
    for name, says in (
        ("accept", "Machines propose"),
        ("wrong", "colour"),
        ("none", "no operation"),
        ("file", "outside"),
    ):
        assert found[name].is_error, name
        assert says in found[name].content[0].text
    assert "overdue" in found["wrong"].content[0].text
    assert not found["document"].is_error


def test_an_agent_over_standard_input_and_output(folder: Path) -> None:
    check(with_client(stdio(folder), tour))
    line = workspace(folder / ".afterword").records.journal("action", "A-2")[-1]
    assert (line.face, line.operation) == ("mcp", "action.add")


def test_an_older_client_is_served_too(folder: Path) -> None:
    async def go() -> Any:
        async with Client(stdio(folder), mode="legacy") as client:
            return await client.call_tool("action_list", {})

    assert not asyncio.run(go()).is_error


def test_rights_of_an_agent_are_given_by_the_person_who_starts_it(folder: Path) -> None:
    async def accept(client: Client) -> Any:
        return await client.call_tool("action_accept", {"action": "A-1", "owner": "tom"})

    async def add(client: Client) -> Any:
        return await client.call_tool("action_add", {})

    assert "read-only" in with_client(stdio(folder, "--read-only"), add).content[0].text
    assert with_client(stdio(folder, "--read-only"), accept).is_error
    assert not with_client(stdio(folder, "--judge", "--actor", "agent:x"), accept).is_error
    assert workspace(folder / ".afterword").records.journal("action", "A-1")[-1].actor == "agent:x"


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    running = subprocess.Popen(
        [PROGRAM, "serve", "--port", str(port)], cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )  # fmt: skip
    assert running.stderr is not None
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert running.poll() is None, running.stderr.read()
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(20)
        running.stderr.close()


def test_an_agent_over_http_and_a_second_server_on_the_same_port(folder: Path) -> None:
    with serving(folder) as url:
        check(with_client(f"{url}/mcp", tour))
        port = re.search(r":(\d+)$", url)
        assert port is not None
        second = subprocess.run(
            [PROGRAM, "serve", "--port", port[1]], cwd=folder, capture_output=True, text=True, check=False
        )
        assert second.returncode == 2
        assert "Traceback" not in second.stderr


def test_schemas_are_whole_and_name_every_word() -> None:
    import jsonschema

    for one in table.OPERATIONS:
        tool = server.tool(one)
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
        assert tool.description
        for parameter in table.parameters(one):
            assert tool.input_schema["properties"][parameter.name]["description"] == parameter.help
        references = re.findall(r'"#/\$defs/(\w+)"', json.dumps(tool.input_schema))
        assert set(references) <= set(tool.input_schema.get("$defs", {}))


def test_a_fault_is_an_error_without_its_details(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    def open_ws(face: str) -> Workspace:
        return workspace(folder / ".afterword", face=face, may=frozenset(Scope))

    monkeypatch.setattr(desk, "ask", broken)

    async def call(client: Client) -> Any:
        return await client.call_tool("action_list", {})

    found = with_client(server.build(open_ws), call)
    assert found.is_error
    assert found.structured_content["code"] == "fault"
    assert "secret" not in found.content[0].text
