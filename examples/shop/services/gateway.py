"""The edge: everything a customer asks comes in here."""

from __future__ import annotations

from typing import Any

from services.web import Call, Upstream, endpoint, serve

catalog = Upstream("catalog", timeout=4.0)
inventory = Upstream("inventory", timeout=3.0)
cart = Upstream("cart", timeout=2.0)
checkout = Upstream("checkout", timeout=5.0)


def products(call: Call) -> dict[str, Any]:
    return catalog.call("GET", f"/products?page={call.query.get('page', '0')}")


def product(call: Call) -> dict[str, Any]:
    found = catalog.call("GET", f"/products/{call.path['product']}")
    found["stock"] = inventory.call("GET", f"/stock/{call.path['product']}")["on_hand"]
    return found


def see_cart(call: Call) -> dict[str, Any]:
    return cart.call("GET", f"/carts/{call.path['user']}")


def add_item(call: Call) -> dict[str, Any]:
    return cart.call("POST", f"/carts/{call.path['user']}/items", call.body)


def order(call: Call) -> dict[str, Any]:
    return checkout.call("POST", "/orders", call.body)


def order_state(call: Call) -> dict[str, Any]:
    return checkout.call("GET", f"/orders/{call.path['key']}")


def main() -> None:
    serve(
        [
            endpoint("GET", "/products", products, access_log=True),
            endpoint("GET", "/products/{product:int}", product, access_log=True),
            endpoint("GET", "/cart/{user}", see_cart, access_log=True),
            endpoint("POST", "/cart/{user}/items", add_item, access_log=True),
            endpoint("POST", "/checkout", order, access_log=True),
            endpoint("GET", "/orders/{key}", order_state, access_log=True),
        ],
        logs="json",
    )


if __name__ == "__main__":
    main()
