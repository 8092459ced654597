"""Carts: one Redis hash a customer."""

from __future__ import annotations

import logging
from typing import Any

from services.cache import command
from services.web import Call, HttpError, endpoint, serve

log = logging.getLogger("cart")
LIFETIME = 3600


def _items(user: str) -> dict[str, int]:
    flat = command("HGETALL", f"cart:{user}")
    pairs = flat.items() if isinstance(flat, dict) else zip(flat[::2], flat[1::2], strict=True)
    return {product: int(quantity) for product, quantity in pairs}


def see(call: Call) -> dict[str, Any]:
    return {"items": _items(call.path["user"])}


def add(call: Call) -> dict[str, Any]:
    user, quantity = call.path["user"], int(call.body["quantity"])
    if not 0 < quantity < 20:
        raise HttpError(422, f"quantity {quantity} is out of range")
    command("HINCRBY", f"cart:{user}", call.body["product"], quantity)
    command("EXPIRE", f"cart:{user}", LIFETIME)
    return {"items": _items(user)}


def empty(call: Call) -> dict[str, Any]:
    command("DEL", f"cart:{call.path['user']}")
    return {"items": {}}


def main() -> None:
    serve(
        [
            endpoint("GET", "/carts/{user}", see),
            endpoint("POST", "/carts/{user}/items", add),
            endpoint("DELETE", "/carts/{user}", empty),
        ]
    )


if __name__ == "__main__":
    main()
