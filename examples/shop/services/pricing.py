"""What a product costs now. The rules engine evaluates few prices at a time and takes its time over each."""

from __future__ import annotations

import logging
import random
import threading
import time
from typing import Any

from prometheus_client import Gauge

from services.telemetry import tracer
from services.web import Call, HttpError, endpoint, serve

log = logging.getLogger("pricing")
SLOTS = 2
WAIT = 2.0
IN_USE = Gauge("pricing_slots_in_use", "Evaluations under way")
WAITING = Gauge("pricing_waiting", "Requests that wait for a slot")
CAPACITY = Gauge("pricing_slots_max", "Evaluations that may be under way")

_slots = threading.BoundedSemaphore(SLOTS)
CAPACITY.set(SLOTS)


def _evaluate(product: int, base: int) -> int:
    with tracer.start_as_current_span("rules.evaluate", attributes={"product.id": product}):
        # Stands for the rules engine of another company, which is the one thing not built here.
        time.sleep(random.uniform(0.2, 0.32))
        return base - base * (product % 4) // 20


def price(call: Call) -> dict[str, Any]:
    number, base = int(call.path["product"]), int(call.query["base"])
    with WAITING.track_inprogress():
        free = _slots.acquire(timeout=WAIT)
    if not free:
        raise HttpError(503, f"no free slot in the rules engine within {WAIT:g} s")
    try:
        with IN_USE.track_inprogress():
            return {"cents": _evaluate(number, base)}
    finally:
        _slots.release()


def main() -> None:
    serve([endpoint("GET", "/prices/{product:int}", price)], logs="otlp")


if __name__ == "__main__":
    main()
