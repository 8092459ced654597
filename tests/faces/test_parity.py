"""Every operation is on every face, under the same name, with the same arguments and the same help."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
import pytest
from mcp import Client

from afterword.app import table
from afterword.faces.cli.main import cli
from afterword.faces.http.openapi import PREFIX, document
from afterword.faces.mcp import server

if TYPE_CHECKING:
    from afterword.app.table import Operation

COMMON = {"_click_default_help", "help", "as_json", "local", "workspace", "actor"}


def on_terminal(operation: Operation) -> dict[str, bool] | None:
    """Arguments of the command of an operation, and whether each is needed."""
    command: click.Command | None = cli
    for word in operation.command.split():
        command = command.commands.get(word) if isinstance(command, click.Group) else None
    if command is None or not command.get_short_help_str(500):
        return None
    parameters = command.get_params(click.Context(command))
    return {one.name: isinstance(one, click.Argument) for one in parameters if one.name and one.name not in COMMON}


def on_http(operation: Operation) -> dict[str, bool] | None:
    found = document()["paths"].get(PREFIX + operation.route, {}).get(operation.method.lower())
    if not found or not found["summary"]:
        return None
    asked = {one["name"]: one["required"] for one in found["parameters"]}
    if "requestBody" in found:
        body = found["requestBody"]["content"]["application/json"]["schema"]
        asked |= {name: name in body["required"] for name in body["properties"]}
    return asked


def on_mcp(operation: Operation, tools: dict[str, Any]) -> dict[str, bool] | None:
    found = tools.get(table.tool_name(operation))
    if found is None or not found.description:
        return None
    return {name: name in found.input_schema["required"] for name in found.input_schema["properties"]}


@pytest.fixture(scope="module")
def tools() -> dict[str, Any]:
    async def listed() -> Any:
        async with Client(server.build(lambda _: pytest.fail("listing opens no workspace"))) as client:
            return (await client.list_tools()).tools

    return {one.name: one for one in asyncio.run(listed())}


@pytest.mark.parametrize("operation", table.OPERATIONS, ids=lambda one: one.name)
def test_every_operation_is_on_every_face(operation: Operation, tools: dict[str, Any]) -> None:
    expected = {one.name: one.required for one in table.parameters(operation)}
    assert on_terminal(operation) == expected
    assert on_http(operation) == expected
    assert on_mcp(operation, tools) == expected
    assert tools[table.tool_name(operation)].annotations.read_only_hint is (operation.method == "GET")


def test_the_check_finds_an_operation_that_is_missing(tools: dict[str, Any]) -> None:
    missing = replace(table.OPERATIONS[0], name="ghost.walk", command="ghost walk", route="/ghosts")
    assert on_terminal(missing) is None
    assert on_http(missing) is None
    assert on_mcp(missing, tools) is None


def test_nothing_is_on_a_face_that_is_not_in_the_table(tools: dict[str, Any]) -> None:
    assert set(tools) == {table.tool_name(one) for one in table.OPERATIONS}
    routes = {(PREFIX + one.route, one.method.lower()) for one in table.OPERATIONS}
    assert {(path, method) for path, methods in document()["paths"].items() for method in methods} == routes

    def leaves(group: click.Group, words: tuple[str, ...] = ()) -> set[str]:
        found: set[str] = set()
        for name, command in group.commands.items():
            found |= leaves(command, (*words, name)) if isinstance(command, click.Group) else {" ".join((*words, name))}
        return found

    # What only a terminal can do: start the other faces, ask one question after the other, and complete what is typed.
    assert leaves(cli) - {one.command for one in table.OPERATIONS} == {"serve", "receive", "mcp", "why", "completion"}
