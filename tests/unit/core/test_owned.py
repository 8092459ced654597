"""Whether an entry of owners covers something."""

from __future__ import annotations

import pytest

from afterword.core.owned import covers


@pytest.mark.parametrize(
    ("pattern", "component", "paths", "yes"),
    [
        ("*", "cart", [], True),
        ("/services/cart/", "cart-service", [], True),
        ("*.sql", "ledger", ["db/a.sql"], True),
        ("/docs/", "cart", ["src/docs/a.md"], False),
        ("docs/**", "cart", ["docs/x/y.md"], True),
        ("/services/pay/", "cart", ["services/cart/a.py"], False),
    ],
)
def test_by_name_or_by_path(pattern: str, component: str, paths: list[str], yes: bool) -> None:
    assert covers(pattern, component, paths) is yes
