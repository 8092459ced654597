"""Charges cards. The card network is stood in for by its latency."""

from __future__ import annotations

import logging
import random
import time
import uuid
from typing import Any

from services.telemetry import tracer
from services.web import Call, endpoint, serve

log = logging.getLogger("payment")


def charge(call: Call) -> dict[str, Any]:
    with tracer.start_as_current_span("card-network.authorise"):
        time.sleep(min(0.4, random.lognormvariate(-2.6, 0.4)))
    number = uuid.uuid4().hex[:12]
    log.info("charged", extra={"fields": {"charge": number, "order": call.body["order"]}})
    return {"charge": number}


def main() -> None:
    serve([endpoint("POST", "/charges", charge)], logs="json")


if __name__ == "__main__":
    main()
