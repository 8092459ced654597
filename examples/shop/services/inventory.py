"""What is in stock, and the reservations that orders make."""

from __future__ import annotations

import logging
from typing import Any

from services import db
from services.web import Call, HttpError, endpoint, serve

log = logging.getLogger("inventory")
pool = db.Pool()

ON_HAND = "SELECT on_hand FROM stock WHERE product_id = %s"
TAKE = "UPDATE stock SET on_hand = on_hand - %s WHERE product_id = %s"
NOTE = "INSERT INTO reservations (order_key, product_id, quantity) VALUES (%s, %s, %s)"


def stock(call: Call) -> dict[str, Any]:
    with pool.connection() as conn:
        rows = db.query(conn, ON_HAND, int(call.path["product"]))
    if not rows:
        raise HttpError(404, "unknown product")
    return {"on_hand": rows[0][0]}


def reserve(call: Call) -> dict[str, Any]:
    """Reserve all items of an order, or none of them."""
    key, items = call.body["order"], sorted(call.body["items"].items())
    with pool.connection() as conn:
        for product, quantity in items:
            rows = db.query(conn, ON_HAND, int(product))
            if not rows or rows[0][0] < quantity:
                log.info("order %s: product %s is sold out", key, product)
                return {"reserved": False, "sold_out": product}
        for product, quantity in items:
            db.query(conn, TAKE, quantity, int(product))
            db.query(conn, NOTE, key, int(product), quantity)
    return {"reserved": True}


def main() -> None:
    serve([endpoint("GET", "/stock/{product:int}", stock), endpoint("POST", "/reservations", reserve)])


if __name__ == "__main__":
    main()
