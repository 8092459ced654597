"""The ways in which a drill breaks the shop, how each is put right, and what an analysis should then find."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import redis

import infra
import loss
from deploy import RUN

if TYPE_CHECKING:
    from drill import Drill

Act = Callable[["Drill"], None]
SKEW = 12.4
STEP = 47.3
LOSS = 0.3
HALT = 10.0
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")


@dataclass(frozen=True)
class Fault:
    """One way to break the shop. `components` and `categories` are the answers that count as right."""

    name: str
    what: str
    components: tuple[str, ...]
    categories: tuple[str, ...]
    do: Act
    undo: Act
    changed: bool = False
    seconds: float = 75.0
    before: Act = lambda _: None
    skew: tuple[str, float] | None = None


# A change that is deployed, configured or switched.


def _deploy(service: str, patch: str, actor: str, description: str) -> Act:
    return lambda drill: drill.change(service, patch, actor, description)


def _roll_back(service: str, actor: str) -> Act:
    return lambda drill: drill.roll_back(service, actor)


def _flag(on: bool, comment: str) -> Act:
    return lambda drill: drill.flag("catalog-live-pricing", "catalog", on, "priya", comment)


# The database: a session that changes rows and is then forgotten.


def _lock(drill: Drill) -> None:
    dsn = "host=127.0.0.1 dbname=shop user=shop application_name=psql"
    drill.kept = psycopg.connect(dsn)
    drill.kept.execute("UPDATE stock SET on_hand = on_hand + 0")


def _unlock(drill: Drill) -> None:
    with psycopg.connect("host=127.0.0.1 dbname=shop user=shop application_name=psql") as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'psql' AND pid <> pg_backend_pid()"
        )


# The network: segments that arrive at a service are thrown away by the kernel, by chance.


def _lose(drill: Drill) -> None:
    loss.lose(drill.fleet.sockets["inventory"], LOSS)


def _lose_nothing(drill: Drill) -> None:
    loss.lose_nothing(drill.fleet.sockets["inventory"])


# What the shop stands on.


def _signal(script: str, number: signal.Signals) -> Act:
    return lambda _: os.kill(infra.process(script).pid, number)


def _fill(_: Drill) -> None:
    """Write until nothing is left, as a heap dump does: 4 MB at a time, four times a second."""
    with (RUN / "spool" / "checkout-heap.dump").open("wb", buffering=0) as file:
        while True:
            try:
                file.write(os.urandom(4 * 2**20))
            except OSError:
                return
            time.sleep(0.25)


def _clear(_: Drill) -> None:
    (RUN / "spool" / "checkout-heap.dump").unlink()


def _wait_for_the_end(drill: Drill) -> None:
    drill.at["broke"] = drill.certificate_until
    time.sleep(max(0.0, drill.certificate_until - time.time()))


def _renew(drill: Drill) -> None:
    infra.certificate("payment", time.time() + 30 * 86400)
    drill.again("payment", "ruth", "Restart payment: certificate renewed")


# The clock of the machine that payment runs on.


def _clock(drill: Drill, ahead: float) -> None:
    """Give the machine of payment a clock of its own, some seconds ahead."""
    if not FAKETIME.exists():
        raise RuntimeError("libfaketime is not installed (setup.sh installs it)")
    clock = drill.private / "clock"
    clock.write_text(f"{ahead:+}s")
    drill.fleet.environment["payment"] = {
        "LD_PRELOAD": str(FAKETIME),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
        "SHOP_HOST": "shop-2",
    }


def _step(seconds: float) -> Act:
    def do(drill: Drill) -> None:
        (drill.private / "clock").write_text(f"{seconds:+}s")

    return do


# What comes in.


def _poison(_: Drill) -> None:
    message = {"order": "o-import-17", "customer": None, "headers": {}}
    redis.Redis(port=6379).lpush("orders:new", json.dumps(message))


def _put_aside(_: Drill) -> None:
    client = redis.Redis(port=6379)
    for raw in client.lrange("orders:busy", 0, -1):  # type: ignore[union-attr]
        if json.loads(raw)["customer"] is None:
            client.lrem("orders:busy", 1, raw)
            client.rpush("orders:dead", raw)


def _sale(drill: Drill) -> None:
    infra.load(drill.seed + 1, "sale")


def _sale_over(_: Drill) -> None:
    infra.process("load.py").kill()


# A storm: the change lets it happen, a halt of ten seconds and a cold cache begin it, and it feeds itself.


def _storm(drill: Drill) -> None:
    drill.change("catalog", "catalog-ask-again", "priya", "Ask pricing again when it fails")
    time.sleep(25)
    drill.at["broke"] = time.time()
    pricing = drill.fleet.processes["pricing"]
    pricing.send_signal(signal.SIGSTOP)
    infra.redis_again()
    time.sleep(HALT)
    pricing.send_signal(signal.SIGCONT)


FAULTS = {
    fault.name: fault
    for fault in (
        Fault(
            "bad-deploy",
            "a release of cart reads a field that no customer sends",
            ("cart",),
            ("code",),
            _deploy("cart", "cart-notes", "ruth", "Keep notes with items"),
            _roll_back("cart", "ruth"),
            changed=True,
        ),
        Fault(
            "config-change",
            "checkout gives up on payment after 0.08 s instead of 2 s",
            ("checkout",),
            ("config",),
            _deploy("checkout", "checkout-payment-timeout", "ruth", "Configuration: shorter patience with payment"),
            _roll_back("checkout", "ruth"),
            changed=True,
        ),
        Fault(
            "feature-flag",
            "a flag makes catalog ask pricing for every price; its slots do not suffice",
            ("catalog", "pricing"),
            ("feature flag",),
            _flag(True, "Trial of live prices"),
            _flag(False, "Incident: back to cached prices"),
            changed=True,
        ),
        Fault(
            "pool-exhaustion",
            "a release of inventory keeps a connection whenever a product is sold out",
            ("inventory",),
            ("code", "capacity"),
            _deploy("inventory", "inventory-check-before-take", "mara", "Check the stock before taking"),
            _roll_back("inventory", "deniz"),
            changed=True,
            seconds=100.0,
        ),
        Fault(
            "memory-leak",
            "a release of catalog keeps what it rendered; it is killed at its limit again and again",
            ("catalog",),
            ("code", "compute", "capacity"),
            _deploy("catalog", "catalog-sheets", "priya", "Prepare comparison sheets"),
            _roll_back("catalog", "priya"),
            changed=True,
            seconds=100.0,
        ),
        Fault(
            "slow-query",
            "a forgotten session holds a lock on every row of the stock",
            ("inventory", "postgres"),
            ("data/schema", "storage", "dependency"),
            _lock,
            _unlock,
        ),
        Fault(
            "packet-loss",
            f"{LOSS:.0%} of the segments that arrive at inventory are lost",
            ("inventory", "node"),
            ("network",),
            _lose,
            _lose_nothing,
        ),
        Fault(
            "dependency-timeout",
            "the card network takes requests and does not answer",
            ("payment", "card-network"),
            ("dependency",),
            _signal("cardnet.py", signal.SIGSTOP),
            _signal("cardnet.py", signal.SIGCONT),
        ),
        Fault(
            "disk-full",
            "a heap dump fills the disk on which checkout leaves receipts",
            ("checkout", "node"),
            ("storage",),
            _fill,
            _clear,
        ),
        Fault(
            "expired-certificate",
            "the certificate of payment ends",
            ("payment", "checkout"),
            ("certificate/secret/identity",),
            _wait_for_the_end,
            _renew,
        ),
        Fault(
            "clock-step",
            f"the clock of the machine of payment jumps {STEP:g} s ahead, and back",
            ("payment",),
            ("time",),
            _step(STEP),
            _step(0),
            before=lambda drill: _clock(drill, 0.0),
        ),
        Fault(
            "clock-skew",
            f"the clock of the machine of payment is {SKEW:g} s fast all the time; the card network stops answering",
            ("payment", "card-network"),
            ("dependency",),
            _signal("cardnet.py", signal.SIGSTOP),
            _signal("cardnet.py", signal.SIGCONT),
            before=lambda drill: _clock(drill, SKEW),
            skew=("payment", SKEW),
        ),
        Fault(
            "poison-message",
            "a message without a customer ends the worker whenever it is begun",
            ("fulfilment",),
            ("data/schema", "code"),
            _poison,
            _put_aside,
        ),
        Fault(
            "traffic-surge",
            "nine purchases a second more, where the card network allows four",
            ("payment", "gateway", "card-network"),
            ("load", "capacity"),
            _sale,
            _sale_over,
        ),
        Fault(
            "retry-storm",
            f"catalog asks again at once when pricing fails; a halt of {HALT:g} s and a cold cache begin what does not end",
            ("catalog", "pricing"),
            ("code", "load", "capacity"),
            _storm,
            _roll_back("catalog", "priya"),
            changed=True,
            seconds=90.0,
        ),
    )
}
