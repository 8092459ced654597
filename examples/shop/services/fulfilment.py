"""Confirms orders: takes them from a queue in Redis, one by one, in the order in which they were placed."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from typing import Any

from opentelemetry import propagate
from opentelemetry.trace import SpanKind
from prometheus_client import Counter

from services import cache, db, telemetry
from services.web import serve

log = logging.getLogger("fulfilment")
QUEUE, BUSY = "orders:new", "orders:busy"
DONE = Counter("orders_confirmed_total", "Orders confirmed")
CONFIRM = "UPDATE orders SET confirmed_at = now() WHERE key = %s"

pool = db.Pool(size=3)


def _confirm(message: dict[str, Any]) -> None:
    context = propagate.extract(message.get("headers", {}))
    with telemetry.tracer.start_as_current_span("orders process", context, SpanKind.CONSUMER):
        with pool.connection() as conn:
            db.query(conn, CONFIRM, message["order"])
        log.info("order %s of %s is confirmed", message["order"], message["customer"].lower())
    DONE.inc()


def _work() -> None:
    """A message leaves the busy list when it is done: one that was begun before a stop is begun again."""
    while True:
        raw = cache.oldest(BUSY) or cache.move(QUEUE, BUSY)
        if raw is None:
            time.sleep(0.1)
            continue
        _confirm(json.loads(raw))
        cache.remove(BUSY, raw)


def _until_it_fails() -> None:
    time.sleep(0.5)
    try:
        _work()
    except Exception:
        log.exception("the worker stops")
        logging.shutdown()
        os._exit(1)


def main() -> None:
    threading.Thread(target=_until_it_fails, daemon=True).start()
    serve([])


if __name__ == "__main__":
    main()
