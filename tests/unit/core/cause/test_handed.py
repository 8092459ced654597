"""Payment refuses every charge, quickly and politely: what fails loudly is the checkout, which only hands the refusal on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pool

from afterword.model.event import Event, Kind
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSED = "orders failed with 502: payment refused the charge: the signature is outside the window, order {}"
HANDED = "checkout failed with 502: checkout answered 502: payment refused the charge, order {}"


def incident(*, payment: tuple[Event, ...], said: str = REFUSED) -> Iterator[Event]:
    yield from pool.metric("checkout", "error_rate", pool.sick(0.01, 0.9))
    yield from pool.metric("gateway", "error_rate", pool.sick(0.01, 0.3))
    yield from payment
    yield event(Kind.EDGE, None, "gateway", name="checkout")
    yield event(Kind.EDGE, None, "checkout", name="payment")
    for half in range(160):
        at = pool.minute(half / 2) + 3_000_000_000
        failing = 80 <= half < 122
        severity = "error" if failing else "info"
        yield event(Kind.LOG, at, "checkout", text=said.format(half) if failing else f"order {half}", severity=severity)
        yield event(Kind.LOG, at, "gateway", text=HANDED.format(half) if failing else f"order {half}", severity=severity)  # fmt: skip


QUICK = tuple(pool.metric("payment", "latency_p50_ms", pool.sick(90, 3)))
#: Nobody gets through to it any more.
LEFT = tuple(pool.metric("payment", "requests_per_second", pool.sick(20, 0)))


def test_what_answers_unlike_itself_stands_before_those_who_hand_it_on() -> None:
    ranked = pool.ranking(case_from(list(incident(payment=QUICK))))
    assert pool.named(ranked.components)[0] == "payment"
    assert any("bad lines of checkout hand on what it answered" in r.says for r in ranked.components[0].reasons)
    assert any("most by payment" in reason.says for reason in ranked.against["checkout"])


def test_what_nobody_reaches_is_not_what_refused() -> None:
    """The address of payment is wrong in the checkout: its lines name payment as well, which is idle and well."""
    ranked = pool.ranking(case_from(list(incident(payment=(*QUICK, *LEFT)))))
    assert not any("hand on" in reason.says for one in ranked.components for reason in one.reasons if one.component == "payment")  # fmt: skip


def test_what_shows_nothing_unusual_is_not_what_refused() -> None:
    calm = tuple(pool.metric("payment", "latency_p50_ms", lambda _: 90))
    ranked = pool.ranking(case_from(list(incident(payment=calm))))
    assert pool.named(ranked.components)[0] == "checkout"


def test_errors_that_name_nobody_are_ones_own() -> None:
    ranked = pool.ranking(case_from(list(incident(payment=QUICK, said="no space left on device, order {}"))))
    assert pool.named(ranked.components)[0] == "checkout"


def test_two_that_accuse_each_other_hand_nothing_on() -> None:
    lines = [event(Kind.LOG, pool.minute(41) + half, one, text=f"{other} answered 500 to request {half}", severity="error")
             for half in range(40) for one, other in (("payment", "checkout"), ("checkout", "payment"))]  # fmt: skip
    quiet = [
        event(Kind.LOG, pool.minute(half / 2), "checkout", text=f"fine {half}", severity="info") for half in range(78)
    ]
    told = [*QUICK, *pool.metric("checkout", "error_rate", pool.sick(0.01, 0.9)), *lines, *quiet]
    ranked = pool.ranking(case_from(told))
    assert not any("hand on" in reason.says for one in ranked.components for reason in one.reasons)
