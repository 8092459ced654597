"""Products and their prices: rows from PostgreSQL, prices from the pricing service, both cached in Redis."""

from __future__ import annotations

import json
import logging
import random
from typing import Any

from prometheus_client import Counter

from services import db, flags
from services.cache import command
from services.web import Call, HttpError, Upstream, endpoint, serve

log = logging.getLogger("catalog")
LOOKUPS = Counter("cache_lookups_total", "Lookups in the cache", ["kind", "outcome"])
PAGE = 4

pool = db.Pool()
pricing = Upstream("pricing", timeout=1.5)


def _cached(kind: str, key: str) -> Any | None:
    kept = command("GET", f"{kind}:{key}")
    LOOKUPS.labels(kind, "miss" if kept is None else "hit").inc()
    return None if kept is None else json.loads(kept)


def _keep(kind: str, key: str, value: Any, seconds: int) -> None:
    # A spread of lifetimes, so that entries kept together do not expire together.
    command("SETEX", f"{kind}:{key}", int(seconds * random.uniform(0.6, 1.4)), json.dumps(value))


def price_of(product: int, base: int) -> int:
    """The price in cents. With live pricing on, the cache is not asked."""
    if flags.enabled("catalog-live-pricing"):
        LOOKUPS.labels("price", "bypass").inc()
        return int(pricing.call("GET", f"/prices/{product}?base={base}")["cents"])
    kept = _cached("price", str(product))
    if kept is None:
        kept = pricing.call("GET", f"/prices/{product}?base={base}")["cents"]
        _keep("price", str(product), kept, 180)
    return int(kept)


def _rows(key: str, sql: str, value: int) -> list[Any]:
    kept = _cached("rows", key)
    if kept is None:
        with pool.connection() as conn:
            kept = [list(row) for row in db.query(conn, sql, value)]
        _keep("rows", key, kept, 60)
    return list(kept)


def _shown(row: list[Any]) -> dict[str, Any]:
    return {"id": row[0], "name": row[1], "cents": price_of(row[0], row[2])}


def products(call: Call) -> dict[str, Any]:
    page = int(call.query.get("page", "0"))
    sql = f"SELECT id, name, base_cents FROM products ORDER BY id LIMIT {PAGE} OFFSET %s"
    return {"products": [_shown(row) for row in _rows(f"page-{page}", sql, page * PAGE)]}


def product(call: Call) -> dict[str, Any]:
    number = int(call.path["product"])
    rows = _rows(f"product-{number}", "SELECT id, name, base_cents FROM products WHERE id = %s", number)
    if not rows:
        log.info("product %d is unknown", number)
        raise HttpError(404, f"product {number} is unknown")
    return _shown(rows[0])


def main() -> None:
    serve([endpoint("GET", "/products", products), endpoint("GET", "/products/{product:int}", product)])


if __name__ == "__main__":
    main()
