"""OpenAPI 3.1 out of the table: what goes in by the codec's schema, what comes out by the shape of the words."""

from __future__ import annotations

import re
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from afterword.app import table, wire

if TYPE_CHECKING:
    from afterword.app.table import Operation, Parameter

PREFIX = "/api/v1"
_REFS = "#/components/schemas/{model}"
_REFUSAL = {
    "type": "object",
    "description": "Why a request was not carried out. The code is stable, the message is for people.",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "reasons": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["code", "message", "reasons"],
}


@cache
def document() -> dict[str, Any]:
    """The whole description."""
    words: dict[str, Any] = {"Refusal": _REFUSAL}
    paths: dict[str, Any] = {}
    for operation in table.OPERATIONS:
        paths.setdefault(PREFIX + operation.route, {})[operation.method.lower()] = _operation(operation, words)
    return {
        "openapi": "3.1.0",
        "info": {"title": "afterword", "version": version("afterword"), "summary": "Postmortems from evidence."},
        "paths": paths,
        "components": {"schemas": dict(sorted(words.items()))},
    }


def _operation(operation: Operation, words: dict[str, Any]) -> dict[str, Any]:
    in_path = set(re.findall(r"{(\w+)}", operation.route))
    asked = table.parameters(operation)
    made: dict[str, Any] = {
        "operationId": table.tool_name(operation),
        "summary": table.summary(operation),
        "description": table.description(operation),
        "tags": [operation.name.partition(".")[0]],
        "parameters": [
            _parameter(one, words, "path" if one.name in in_path else "query")
            for one in asked
            if one.name in in_path or operation.method == "GET"
        ],
        "responses": {
            "200": _said("What was asked for.", wire.public_schema(table.returns(operation), words)),
            "default": _said("A refusal, or a fault.", {"$ref": "#/components/schemas/Refusal"}),
        },
    }
    if operation.method == "POST":
        body = [one for one in asked if one.name not in in_path]
        made["requestBody"] = {
            "required": any(one.required for one in body),
            "content": {"application/json": {"schema": _object(body, words)}},
        }
    return made


def _parameter(one: Parameter, words: dict[str, Any], place: str) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": place,
        "description": one.help,
        "required": one.required,
        "schema": _schema(one, words),
    }


def _object(asked: list[Parameter], words: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {one.name: {**_schema(one, words), "description": one.help} for one in asked},
        "required": [one.name for one in asked if one.required],
        "additionalProperties": False,
    }


def _schema(one: Parameter, words: dict[str, Any]) -> dict[str, Any]:
    """The schema of a parameter; its definitions go beside those of the words."""
    made = wire.schema(one.type, refs=_REFS)
    words.update(made.pop("$defs", {}))
    if not one.required:
        made["default"] = wire.public(one.default)
    return made


def _said(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
