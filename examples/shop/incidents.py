"""The three incidents: what is committed, deployed or switched when, relative to what happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from record import Recording

Action = Callable[["Recording"], object]


@dataclass(frozen=True)
class Step:
    """Something done so many seconds after something happened."""

    anchor: str
    after: float
    what: str
    do: Action


@dataclass(frozen=True)
class Incident:
    name: str
    channel: str
    seed: int
    kind: str
    ref: str
    service: str
    fault_component: str
    mechanism: str
    steps: list[Step]
    decoys: list[str] = field(default_factory=list)
    after: float = 290.0


def commit(anchor: str, after: float, patch: str) -> Step:
    return Step(anchor, after, f"commit {patch}", lambda run: run.commit(patch))


def deploy(anchor: str, after: float, service: str, patch: str, actor: str, description: str) -> Step:
    return Step(
        anchor,
        after,
        f"deploy {patch} to {service}",
        lambda run: run.deploy(service, patch, actor, description),
    )


def _leak(service: str, patch: str, path: str) -> str:
    return (
        f"Commit {patch} takes a connection with getconn() and returns early on one path ({path}) without "
        f"putconn(). Each such request keeps one of the 8 connections of {service} for good. When the last "
        "is gone every request to the database waits 2 s and fails with PoolTimeout."
    )


POOL = Incident(
    name="2026-11-24-pool-exhaustion",
    channel="inc-checkout-errors",
    seed=11,
    kind="deploy",
    ref="inventory-check-before-take",
    service="inventory",
    fault_component="inventory db connection pool",
    mechanism=_leak("inventory", "inventory-check-before-take", "an order with a product that is sold out"),
    decoys=["gateway-css-focus", "readme-ports", "catalog-log-text"],
    steps=[
        commit("start", 100, "readme-ports"),
        commit("start", 215, "gateway-css-focus"),
        deploy("start", 240, "gateway", "gateway-css-focus", "jonas", "Visible focus ring on buttons"),
        commit("start", 330, "inventory-check-before-take"),
        commit("start", 400, "catalog-log-text"),
        deploy("start", 480, "inventory", "inventory-check-before-take", "mara", "Check the stock before taking"),
        deploy("start", 520, "catalog", "catalog-log-text", "priya", "Log text of unknown products"),
        Step("page", 285, "roll back", lambda run: run.rollback("inventory", "deniz")),
        Step(
            "mitigated",
            150,
            "revert",
            lambda run: run.revert(
                "inventory-check-before-take", "mara", "It keeps a connection when a product is sold out."
            ),
        ),
    ],
)

AGAIN = Incident(
    name="pool-exhaustion-again",
    channel="inc-orders-fail",
    seed=22,
    kind="deploy",
    ref="checkout-placed-at",
    service="checkout",
    fault_component="checkout db connection pool",
    mechanism=_leak("checkout", "checkout-placed-at", "an order that was placed before"),
    decoys=["pool-waiting", "payment-log-word", "css-card-shadow", "cart-lifetime"],
    steps=[
        # In code that all services share: it goes out with the next release of each, the guilty one among them.
        commit("start", 20, "pool-waiting"),
        commit("start", 60, "payment-log-word"),
        commit("start", 180, "css-card-shadow"),
        deploy("start", 210, "payment", "payment-log-word", "ruth", "One word for an accepted charge"),
        commit("start", 300, "checkout-placed-at"),
        commit("start", 380, "cart-lifetime"),
        deploy("start", 482, "checkout", "checkout-placed-at", "priya", "Tell when a repeated order was placed"),
        deploy("start", 525, "cart", "cart-lifetime", "ruth", "Keep carts for two hours"),
        Step("page", 255, "roll back", lambda run: run.rollback("checkout", "priya")),
        commit("mitigated", 100, "checkout-placed-at-fix"),
        deploy("mitigated", 170, "checkout", "checkout-placed-at-fix", "priya", "Placed-at, connection returned"),
    ],
)

FLAG = Incident(
    name="cache-flag",
    channel="inc-slow-products",
    seed=33,
    kind="flag",
    ref="catalog-live-pricing",
    service="catalog",
    fault_component="pricing slots",
    mechanism=(
        "The flag catalog-live-pricing makes catalog ask pricing for every price instead of the Redis cache. "
        "Four prices a page make about ten evaluations a second; the rules engine has two slots of 0.26 s, "
        "that is under eight a second. Requests queue for a slot and catalog gives up after 1.5 s."
    ),
    decoys=["css-banner", "gateway-page-limit", "cart-limit-text"],
    steps=[
        commit("start", 90, "css-banner"),
        commit("start", 200, "gateway-page-limit"),
        deploy("start", 280, "gateway", "gateway-page-limit", "jonas", "Ignore negative page numbers"),
        commit("start", 350, "cart-limit-text"),
        deploy("start", 472, "cart", "cart-limit-text", "ruth", "Clearer text for quantities out of range"),
        Step(
            "start",
            490,
            "flag on",
            lambda run: run.flag("catalog-live-pricing", "catalog", True, "priya", "Trial of live prices"),
        ),
        Step(
            "page",
            270,
            "flag off",
            lambda run: run.flag("catalog-live-pricing", "catalog", False, "priya", "Incident: back to cached prices"),
        ),
    ],
)

INCIDENTS = {incident.name: incident for incident in (POOL, AGAIN, FLAG)}
