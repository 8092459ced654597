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

PATIENCE = 8.0
CONFIRMED_WITHIN = 5.0
USUAL = {"list": 0.40, "detail": 0.24, "cart": 0.10, "add": 0.08, "buy": 0.18}
SALE = {"list": 0.05, "detail": 0.05, "buy": 0.90}
# How customers come: requests begun a second, and what they ask.
WAYS = {"usual": (5.2, USUAL), "sale": (9.0, SALE)}


class Customers:
    """Chooses what is asked next and writes down how it went."""

    def __init__(self, seed: int, target: Path, way: str) -> None:
        self._rate, self._mix = WAYS[way]
        self._way = "" if way == "usual" else way[0]
        self._random = random.Random(seed)
        self._file = target.open("a", buffering=1)
        self._lock = threading.Lock()
        self._orders = 0
        limits = httpx.Limits(max_keepalive_connections=0, max_connections=200)
        self._client = httpx.Client(base_url="http://127.0.0.1:8080", limits=limits, trust_env=False)

    def _ask(self, route: str, method: str, path: str, body: dict[str, object] | None = None) -> int:
        at, began = time.time(), time.perf_counter()
        try:
            status = self._client.request(method, path, json=body, timeout=PATIENCE).status_code
        except httpx.HTTPError:
            status = 0
        took = round((time.perf_counter() - began) * 1000, 1)
        self._note(at, route, status, took)
        return status

    def _note(self, at: float, route: str, status: int, took: float) -> None:
        with self._lock:
            self._file.write(json.dumps({"at": at, "route": route, "status": status, "ms": took}) + "\n")

    def _add(self, user: str, product: int) -> None:
        body: dict[str, object] = {"product": str(product), "quantity": 1}
        self._ask("add", "POST", f"/cart/{user}/items", body)

    def _buy(self, user: str, product: int, key: str, twice: bool) -> None:
        self._add(user, product)
        said = [
            self._ask("checkout", "POST", "/checkout", {"user": user, "key": key}) for _ in range(2 if twice else 1)
        ]
        if 200 in said:
            self._confirmed(key)

    def _confirmed(self, key: str) -> None:
        """Look at the order until it is confirmed; one that is not confirmed in time is a failure to the customer."""
        at, began = time.time(), time.perf_counter()
        wait, sure = 0.4, False
        while not sure and time.perf_counter() - began < CONFIRMED_WITHIN:
            time.sleep(wait)
            wait = 1.5
            try:
                sure = bool(self._client.get(f"/orders/{key}", timeout=PATIENCE).json().get("confirmed"))
            except (httpx.HTTPError, ValueError):
                sure = False
        self._note(at, "confirm", 200 if sure else 0, round((time.perf_counter() - began) * 1000, 1))

    def plan(self) -> tuple[object, ...]:
        """The next thing a customer does. All chance is used here, so that the sequence is the seed's."""
        pick, chance = self._random.choices(list(self._mix), list(self._mix.values()))[0], self._random
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
        key = f"o{self._way}{self._orders:06d}"
        return self._buy, f"b{self._way}{self._orders}", 22 if sold_out else product, key, twice

    def wait(self) -> float:
        return min(1.0, self._random.expovariate(self._rate))


def main(seed: int, target: Path, way: str = "usual") -> None:
    customers = Customers(seed, target, way)
    with ThreadPoolExecutor(80) as pool:
        due = time.monotonic()
        while True:
            due += customers.wait()
            time.sleep(max(0.0, due - time.monotonic()))
            what, *values = customers.plan()
            pool.submit(what, *values)  # type: ignore[arg-type]


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4])
