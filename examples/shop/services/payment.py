"""Charges cards, by asking the card network. A request is good for half a minute after it was signed."""

from __future__ import annotations

import logging
import time
from typing import Any

from services.web import Call, HttpError, Upstream, endpoint, serve

log = logging.getLogger("payment")
WINDOW = 30.0
network = Upstream("card-network", timeout=1.5)


def _check(signed_at: float) -> None:
    if abs(time.time() - signed_at) > WINDOW:
        stamp = time.strftime("%H:%M:%SZ", time.gmtime(signed_at))
        log.warning("request signed at %s refused: outside the window of %g s", stamp, WINDOW)
        raise HttpError(403, f"the signature of {stamp} is outside the window of {WINDOW:g} s")


def _authorise(order: str) -> str:
    try:
        return str(network.call("POST", "/authorisations", {"order": order})["authorisation"])
    except HttpError as error:
        if error.status != 429:
            raise
        raise HttpError(503, f"the card network refused the authorisation: {error}") from None


def charge(call: Call) -> dict[str, Any]:
    _check(float(call.body["signed_at"]))
    number = _authorise(call.body["order"])
    log.info("charged", extra={"fields": {"charge": number, "order": call.body["order"]}})
    return {"charge": number}


def main() -> None:
    serve([endpoint("POST", "/charges", charge)], logs="json")


if __name__ == "__main__":
    main()
