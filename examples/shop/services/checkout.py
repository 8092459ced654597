"""Turns a cart into an order: reserve, charge, write down, empty the cart."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

from opentelemetry import propagate

from services import db, telemetry
from services.cache import command
from services.web import RETRIES, Call, HttpError, Upstream, endpoint, serve

STATE = "SELECT confirmed_at IS NOT NULL FROM orders WHERE key = %s"
RECEIPTS = telemetry.RUN / "spool" / "receipts"
PAGE = 24_000  # A receipt is a page of PDF to the printer, that is about so many bytes.

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
        RETRIES.labels("inventory").inc()
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


def _charge(key: str) -> str:
    try:
        return str(payment.call("POST", "/charges", {"order": key, "signed_at": time.time()})["charge"])
    except HttpError as error:
        if error.status not in (401, 403):
            raise
        raise HttpError(502, f"payment refused the charge: {error}") from None


def _print(key: str, number: int, charge: str) -> None:
    """Leave the receipt where the printer takes it from."""
    said = f"order {number} ({key}), charge {charge}\n"
    (RECEIPTS / f"{number}.prn").write_text(said.ljust(PAGE))


def _hand_on(key: str, user: str) -> None:
    headers: dict[str, str] = {}
    propagate.inject(headers)
    command("RPUSH", "orders:new", json.dumps({"order": key, "customer": user, "headers": headers}))


def state(call: Call) -> dict[str, Any]:
    with pool.connection() as conn:
        rows = db.query(conn, STATE, call.path["key"])
    if not rows:
        raise HttpError(404, "unknown order")
    return {"confirmed": rows[0][0]}


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
    charge = _charge(key)
    number = _write(key, user, charge)
    _print(key, number, charge)
    _hand_on(key, user)
    cart.call("DELETE", f"/carts/{user}")
    log.info("order %s placed as %d", key, number)
    return {"order": number, "repeated": False}


def main() -> None:
    serve([endpoint("POST", "/orders", order), endpoint("GET", "/orders/{key}", state)])


if __name__ == "__main__":
    main()
