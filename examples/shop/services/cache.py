"""Redis under a span a command."""

from __future__ import annotations

from typing import Any

import redis
from opentelemetry.trace import SpanKind

from services import telemetry

_client = redis.Redis(host="127.0.0.1", port=6379, decode_responses=True, socket_timeout=1.0)


def command(*words: Any) -> Any:
    """Send one command and its arguments, such as GET and price:3."""
    attributes = {"db.system.name": "redis", "db.query.text": " ".join(str(word) for word in words[:2])}
    with telemetry.tracer.start_as_current_span(str(words[0]), None, SpanKind.CLIENT, attributes):
        return _client.execute_command(*words)


def oldest(name: str) -> Any | None:
    """The first message of a list, which stays where it is."""
    return _client.lindex(name, 0)


def move(name: str, target: str) -> Any | None:
    """Take the first message of a list to the end of another, in one step."""
    return _client.lmove(name, target, "LEFT", "RIGHT")


def remove(name: str, message: str) -> None:
    _client.lrem(name, 1, message)
