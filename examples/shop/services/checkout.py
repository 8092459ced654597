"""Turns a cart into an order: reserve, charge, write down, empty the cart."""

from __future__ import annotations

import logging
from typing import Any

from services import db
from services.web import Call, HttpError, Upstream, endpoint, serve

log = logging.getLogger("checkout")
pool = db.Pool()
cart = Upstream("cart", timeout=2.0)
inventory = Upstream("inventory", timeout=2.5)
payment = Upstream("payment", timeout=2.0)

KNOWN = "SELECT id FROM orders WHERE key = %s"
WRITE = "INSERT INTO orders (key, customer, charge) VALUES (%s, %s, %s) RETURNING id"


def _reserve(key: str, items: dict[str, int]) -> None:
    body = {"order": key, "items": items}
    try:
        answer = inventory.call("POST", "/reservations", body)
    except HttpError as error:
        log.warning("order %s: reservation failed (%s), trying once more", key, error)
        answer = inventory.call("POST", "/reservations", body)
    if not answer["reserved"]:
        raise HttpError(409, f"product {answer['sold_out']} is sold out")


def _known(key: str) -> int | None:
    with pool.connection() as conn:
        rows = db.query(conn, KNOWN, key)
    return int(rows[0][0]) if rows else None


def _write(key: str, user: str, charge: str) -> int:
    with pool.connection() as conn:
        return int(db.query(conn, WRITE, key, user, charge)[0][0])


def order(call: Call) -> dict[str, Any]:
    """Place an order once, however often the customer presses the button."""
    user, key = call.body["user"], call.body["key"]
    known = _known(key)
    if known is not None:
        log.info("order %s was placed before as %d", key, known)
        return {"order": known, "repeated": True}
    items = cart.call("GET", f"/carts/{user}")["items"]
    if not items:
        raise HttpError(422, "the cart is empty")
    _reserve(key, items)
    charge = payment.call("POST", "/charges", {"order": key})["charge"]
    number = _write(key, user, charge)
    cart.call("DELETE", f"/carts/{user}")
    log.info("order %s placed as %d", key, number)
    return {"order": number, "repeated": False}


def main() -> None:
    serve([endpoint("POST", "/orders", order)])


if __name__ == "__main__":
    main()
