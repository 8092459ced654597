"""Go's coverage profiles."""

from __future__ import annotations

from source_laws import check, events, problems, said, truncated

from afterword.sources.go_cover import SOURCE

SAMPLE = b"""mode: set
acme.dev/shop/charge/charge.go:10.40,12.16 2 1
acme.dev/shop/charge/charge.go:12.16,14.3 1 0
acme.dev/shop/cart/cart.go:3.2,4.10 1 0
"""


def test_blocks_of_a_file_are_one_fact_and_a_line_of_two_blocks_ran_when_one_did() -> None:
    charge, cart = events(SOURCE, SAMPLE)
    assert (charge.attributes["hit"], charge.attributes["missed"]) == ("10-12", "13-14")
    assert (cart.subject, cart.attributes.get("hit"), cart.attributes["missed"]) == (
        "acme.dev/shop/cart/cart.go",
        None,
        "3-4",
    )
    assert said(SAMPLE, charge).count("\n") == 2
    assert SOURCE.sniff(SAMPLE) > 0.8


def test_a_line_of_another_kind_is_set_aside() -> None:
    assert [p.code for p in problems(SOURCE, b"mode: set\nwhat is this\n")] == ["cover-line"]


def test_the_laws() -> None:
    truncated(SOURCE, SAMPLE)
    check(SOURCE, b"mode: set\na.go:9.1,1.1 1 1\na.go:1.1,99999999.1 1 1\n")
