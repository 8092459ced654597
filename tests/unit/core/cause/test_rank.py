"""The ranking: where it failed stands before what suffered, and what is healthy stands at the end with nothing."""

from __future__ import annotations

import pool
from hypothesis import given, settings
from hypothesis import strategies as st

from afterword.core.cause import rank
from afterword.model.event import Event, Kind
from afterword.testing import case_from, cite, event

CASE = pool.case()
FOUND, SIGNALS = pool.found(CASE)
RANKING = rank.rank(CASE, FOUND, SIGNALS)


def test_what_broke_leads_and_what_called_it_follows() -> None:
    names = pool.named(RANKING.components)
    assert names.index("shop") < names.index("web")
    assert names.index("db") < names.index("web")
    assert names[-1] == "mail"
    assert RANKING.score("mail") == 0


def test_every_component_that_the_evidence_names_is_ranked_once_the_unseen_last() -> None:
    assert sorted(pool.named(RANKING.components)) == ["db", "mail", "shop", "web"]
    assert [RANKING.place(name) for name in pool.named(RANKING.components)] == [1, 2, 3, 4]
    assert RANKING.place("never seen") == 5
    assert RANKING.score("never seen") == 0


def test_every_score_above_nothing_has_its_reasons_the_strongest_first() -> None:
    for one in RANKING.components:
        assert bool(one.reasons) == (one.score > 0)
        weights = [reason.weight for reason in one.reasons]
        assert weights == sorted(weights, reverse=True)


@settings(max_examples=15)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_signals_decides_nothing(random) -> None:
    again = rank.rank(CASE, FOUND, random.sample(SIGNALS, len(SIGNALS)))
    assert [(one.component, one.score) for one in again.components] == [
        (one.component, one.score) for one in RANKING.components
    ]


def test_what_speaks_against_a_component_is_that_something_below_accounts_for_it() -> None:
    assert RANKING.against["web"]
    assert "shop" in RANKING.against["web"][0].says
    assert all(reason.weight < 0 for said in RANKING.against.values() for reason in said)


def test_the_name_of_a_view_counts_less_than_the_thing_itself() -> None:
    """``cart-client`` is how the shop sees the cart: the cart is meant."""
    events = [*pool.metric("cart", "error_rate", pool.sick(0.01, 0.5)), *pool.metric("cart_client", "error_rate", pool.sick(0.01, 0.5))]  # fmt: skip
    ranked = pool.ranking(case_from(events))
    assert ranked.score("cart_client") < ranked.score("cart")


def test_what_was_found_out_leans_the_ranking_and_says_why() -> None:
    leaned = rank.lean(RANKING, "web", 100.0, "a change of it is convicted", (cite(1),))
    assert pool.named(leaned.components)[0] == "web"
    assert leaned.components[0].reasons[0].says == "a change of it is convicted"
    assert rank.lean(RANKING, "mail", 100.0, "x", ()) is RANKING, "what shows no trouble gets no blame"


def test_components_are_all_that_emit_change_ring_or_are_called() -> None:
    events: list[Event] = [
        event(Kind.LOG, 1, "a", text="x"), event(Kind.METRIC, 1, "b", name="cpu", value=1.0), event(Kind.SPAN, 1, "c", name="op", took=1),
        event(Kind.ALERT, 1, "d"), event(Kind.CHANGE, 1, "e"), event(Kind.EDGE, None, "f", name="g"), event(Kind.MESSAGE, 1, "channel"),
        event(Kind.ALERT, 1, ""),
    ]  # fmt: skip
    assert rank.components_of(case_from(events)) == tuple("abcdefg")
