"""The customers: a deterministic mix of requests at a steady rate, and a line for what came of each."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

RATE = 5.2
PATIENCE = 8.0
MIX = {"list": 0.40, "detail": 0.24, "cart": 0.10, "add": 0.08, "buy": 0.18}


class Customers:
    """Chooses what is asked next and writes down how it went."""

    def __init__(self, seed: int, target: Path) -> None:
        self._random = random.Random(seed)
        self._file = target.open("a", buffering=1)
        self._lock = threading.Lock()
        self._orders = 0
        limits = httpx.Limits(max_keepalive_connections=0, max_connections=200)
        self._client = httpx.Client(base_url="http://127.0.0.1:8080", limits=limits, trust_env=False)

    def _ask(self, route: str, method: str, path: str, body: dict[str, object] | None = None) -> None:
        at, began = time.time(), time.perf_counter()
        try:
            status = self._client.request(method, path, json=body, timeout=PATIENCE).status_code
        except httpx.HTTPError:
            status = 0
        took = round((time.perf_counter() - began) * 1000, 1)
        with self._lock:
            self._file.write(json.dumps({"at": at, "route": route, "status": status, "ms": took}) + "\n")

    def _add(self, user: str, product: int) -> None:
        body: dict[str, object] = {"product": str(product), "quantity": 1}
        self._ask("add", "POST", f"/cart/{user}/items", body)

    def _buy(self, user: str, product: int, key: str, twice: bool) -> None:
        self._add(user, product)
        for _ in range(2 if twice else 1):
            self._ask("checkout", "POST", "/checkout", {"user": user, "key": key})

    def plan(self) -> tuple[object, ...]:
        """The next thing a customer does. All chance is used here, so that the sequence is the seed's."""
        pick, chance = self._random.choices(list(MIX), list(MIX.values()))[0], self._random
        user, product = f"u{chance.randrange(400)}", chance.randrange(22)
        twice, sold_out = chance.random() < 0.1, chance.random() < 0.1
        self._orders += 1
        if pick == "list":
            return self._ask, "list", "GET", f"/products?page={chance.randrange(6)}"
        if pick == "detail":
            return self._ask, "detail", "GET", f"/products/{chance.randrange(24)}"
        if pick == "cart":
            return self._ask, "cart", "GET", f"/cart/{user}"
        if pick == "add":
            return self._add, user, product
        return self._buy, f"b{self._orders}", 22 if sold_out else product, f"o{self._orders:06d}", twice

    def wait(self) -> float:
        return min(1.0, self._random.expovariate(RATE))


def main(seed: int, target: Path) -> None:
    customers = Customers(seed, target)
    with ThreadPoolExecutor(80) as pool:
        due = time.monotonic()
        while True:
            due += customers.wait()
            time.sleep(max(0.0, due - time.monotonic()))
            what, *values = customers.plan()
            pool.submit(what, *values)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
