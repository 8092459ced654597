"""Explanations that need no change of ours: each is seen in its story, and in none of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pool
import pytest

from afterword.core.cause import alternative
from afterword.model.cause import Grade
from afterword.model.event import Event, Kind
from afterword.testing import case_from, event

if TYPE_CHECKING:
    from collections.abc import Iterable

    from afterword.core.cause.alternative import Alternative

TROUBLE = [
    *pool.metric("shop", "error_rate", pool.sick(0.01, 0.5)),
    *pool.metric("shop", "latency_ms", pool.sick(80, 900)),
]


def found(more: Iterable[Event]) -> tuple[Alternative, ...]:
    case = case_from([*TROUBLE, *more])
    where, signals = pool.found(case)
    return alternative.alternatives(case, where, signals, pool.ranking(case))


def errors(text: str, start: float = 41, count: int = 20) -> list[Event]:
    return [
        event(Kind.LOG, pool.minute(start + n / 2), "shop", text=text.format(n=n), severity="error")
        for n in range(count)
    ]


LOAD = [*pool.metric("web", "requests_per_second", pool.sick(100, 600, 39)), *pool.metric("shop", "requests_per_second", pool.sick(80, 500, 39)), event(Kind.EDGE, None, "web", name="shop")]  # fmt: skip
OUTSIDE = [*errors("POST https://api.pay.example.com/charge: 503"), event(Kind.STATUS, pool.minute(43), "Pay", name="major outage", text="api.pay.example.com is degraded")]  # fmt: skip
INPUT = errors("cannot decode record_id=4711: bad date")
NETWORK = errors("dial tcp: no route to host")

STORIES = {"load": LOAD, "dependency": OUTSIDE, "data/schema": INPUT, "network": NETWORK}  # fmt: skip


@pytest.mark.parametrize("category", STORIES)
def test_each_is_seen_in_its_own_story_and_no_other(category: str) -> None:
    made = found(STORIES[category])
    assert {one.category for one in made} == {category}
    assert made[0].bits > 0
    assert made[0].cites
    assert all(reason.cites and reason.says for reason in made[0].reasons)


def test_without_any_of_them_nothing_is_made_up() -> None:
    assert found([]) == ()
    assert found(pool.changes()) == ()


def test_load_is_judged_where_requests_come_in() -> None:
    """The shop is asked more because the web is: the web is where it came from."""
    (one,) = found(LOAD)
    assert one.component == "web"
    assert one.grade is Grade.MECHANISM


def test_more_requests_inside_than_outside_are_no_load_from_users() -> None:
    """Retries: only what is called sees more."""
    inner = [*pool.metric("web", "requests_per_second", lambda _: 100), *pool.metric("shop", "requests_per_second", pool.sick(80, 500, 39)), event(Kind.EDGE, None, "web", name="shop")]  # fmt: skip
    assert found(inner) == ()


def test_a_provider_that_says_so_itself_weighs_more() -> None:
    (said,), (silent,) = found(OUTSIDE), found(OUTSIDE[:-1])
    assert said.ref == silent.ref == "api.pay.example.com"
    assert said.bits > silent.bits
    assert len(said.cites) == len(silent.cites) + 1


def test_a_status_page_about_somebody_else_says_nothing() -> None:
    other = event(Kind.STATUS, pool.minute(43), "Mail", name="major outage", text="mail is degraded")
    (one,) = found([*OUTSIDE[:-1], other])
    assert one.bits == found(OUTSIDE[:-1])[0].bits


def test_a_host_that_was_always_blamed_is_no_news() -> None:
    always = [
        one
        for part in (errors("GET https://api.pay.example.com/x: 503", start, 76) for start in (1, 40))
        for one in part
    ]
    assert found(always) == ()


def test_a_refusal_of_what_we_sent_is_our_fault() -> None:
    assert found(errors("POST https://api.pay.example.com/charge: 400 bad request")) == ()


def test_many_different_inputs_are_no_bad_input() -> None:
    assert found(errors("cannot decode record_id=r{n}: bad date")) == ()
