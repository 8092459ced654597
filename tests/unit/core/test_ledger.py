"""The detection ledger: every stage with its evidence or not known, and the largest avoidable part by name."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pool
import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import analyse, ledger
from afterword.model.cause import Explanation, Role, Verdict
from afterword.model.event import Event, Kind
from afterword.model.incident import PointName
from afterword.model.ledger import DetectionLedger, Stage
from afterword.model.time import MINUTE
from afterword.testing import case_from, cause, event
from afterword.testing import point as made

NOBODY = Explanation("impact", (), (), (), Verdict.INCONCLUSIVE, none_of_the_changes=False, would_decide=())
#: In order of the stages that points date.
NAMES = (
    PointName.STARTED, PointName.DETECTABLE, PointName.PAGED, PointName.ACKNOWLEDGED, PointName.IDENTIFIED,
    PointName.MITIGATION_APPLIED, PointName.MITIGATION_EFFECTIVE,
)  # fmt: skip


def told(*events: Event, points: dict[PointName, int] | None = None, owns: str = "shop") -> DetectionLedger:
    known = [made(name, at) for name, at in (points or {}).items()]
    graph = Explanation(
        "impact", (cause(Role.PROXIMATE, owns),), (), (), Verdict.INCONCLUSIVE, none_of_the_changes=False, would_decide=()
    )  # fmt: skip
    return ledger.build(case_from(list(events)), known, graph)


def test_the_story_of_the_pool_is_told_stage_by_stage() -> None:
    """Harm at minute 40, the alert at 42, lee is there at 56, the rollback at 58, effect at 61."""
    found = analyse.analyse(pool.case()).ledger
    minutes = {one.stage: None if one.at is None else round((one.at - pool.ZERO) / MINUTE) for one in found.entries}
    assert minutes == {
        Stage.IMPACT: 40, Stage.VISIBLE: 40, Stage.COULD_FIRE: None, Stage.FIRED: 42, Stage.PAGED: 42, Stage.ACKNOWLEDGED: 44,
        Stage.ENGAGED: 56, Stage.DIAGNOSED: 56, Stage.MITIGATION_STARTED: 58, Stage.EFFECTIVE: 61,
    }  # fmt: skip
    assert found.largest is Stage.ENGAGED
    assert all(one.cites for one in found.entries if one.at is not None)
    assert all(one.basis for one in found.entries)


def test_what_nobody_recorded_is_not_known_and_says_what_is_missing() -> None:
    found = told(points={PointName.STARTED: 0})
    assert [one.stage for one in found.entries if one.at is not None] == [Stage.IMPACT]
    assert found.entry(Stage.PAGED).basis == "no page is in the evidence"  # type: ignore[union-attr]
    assert found.largest is None


def test_of_nothing_there_is_no_ledger() -> None:
    assert ledger.build(case_from([]), (), NOBODY) == DetectionLedger()


def test_a_part_counts_from_the_latest_known_stage_before_it() -> None:
    """Nobody recorded a page: the acknowledgement counts from the harm, and the least of all that lies between is spared."""
    found = told(points={PointName.STARTED: 0, PointName.ACKNOWLEDGED: 60 * MINUTE})
    one = found.entry(Stage.ACKNOWLEDGED)
    assert one is not None
    assert (one.after, one.took) == (Stage.IMPACT, 60 * MINUTE)
    assert one.avoidable == 60 * MINUTE - 7 * MINUTE
    assert found.largest is Stage.ACKNOWLEDGED
    assert one.lever


def test_a_sign_before_the_harm_is_no_delay() -> None:
    found = told(
        points={PointName.STARTED: 10 * MINUTE, PointName.DETECTABLE: 2 * MINUTE, PointName.PAGED: 12 * MINUTE}
    )
    assert found.entry(Stage.VISIBLE).took is None  # type: ignore[union-attr]
    assert found.entry(Stage.PAGED).took == 2 * MINUTE  # type: ignore[union-attr]


def test_a_replayed_rule_says_when_one_could_fire() -> None:
    tried = [ledger.Tried("late", 9 * MINUTE), ledger.Tried("early", 4 * MINUTE), ledger.Tried("before", -MINUTE)]
    found = ledger.build(case_from([]), [made(PointName.STARTED, 0)], NOBODY, tried)
    assert found.entry(Stage.COULD_FIRE).at == 4 * MINUTE  # type: ignore[union-attr]
    assert "the rule early fires" in found.entry(Stage.COULD_FIRE).basis  # type: ignore[union-attr]


def test_a_rule_that_is_only_proposed_is_said_to_be() -> None:
    """Nobody finds it in the rules of the evidence, and nobody shall look for it there."""
    tried = [ledger.Tried("in a file", 9 * MINUTE), ledger.Tried("ours", 4 * MINUTE, proposed=True)]
    found = ledger.build(case_from([]), [made(PointName.STARTED, 0)], NOBODY, tried)
    assert "a proposed rule, ours, would fire" in found.entry(Stage.COULD_FIRE).basis  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("owner", "author", "right"),
    [
        ("@acme/payments-team", "Payments Team", True), ("kim@example.com", "kim", True), ("@kim", "Kim", True),
        ("@acme/search", "kim", False),
    ],
)  # fmt: skip
def test_the_owner_of_what_failed_is_the_right_person(owner: str, author: str, right: bool) -> None:
    """CODEOWNERS and chat spell the same people differently."""
    said = [
        event(Kind.OWNER, None, "/services/payment/", name=owner),
        event(Kind.MESSAGE, 5 * MINUTE, "inc", name="ann", text="who knows payment?"),
        event(Kind.MESSAGE, 9 * MINUTE, "inc", name=author, text="looking"),
    ]
    one = told(*said, points={PointName.STARTED: 0}, owns="payment").entry(Stage.ENGAGED)
    assert one is not None
    assert one.at == (9 * MINUTE if right else None)


def test_who_is_handed_the_page_is_engaged_from_then_on() -> None:
    facts = [
        event(Kind.OWNER, None, "payment-service", name="kim"),
        event(Kind.PAGE, 3 * MINUTE, "payment", name="Errors", state="acknowledged", person="ann"),
        event(Kind.PAGE, 7 * MINUTE, "payment", name="Errors", state="escalated", person="lee\nkim"),
    ]
    one = told(*facts, points={PointName.STARTED: 0}, owns="payment").entry(Stage.ENGAGED)
    assert one is not None
    assert one.at == 7 * MINUTE
    assert "who owns what failed" in one.basis


@given(st.dictionaries(st.sampled_from(NAMES), st.integers(0, 10**13), max_size=7))
def test_parts_are_never_negative_and_never_count_twice(points: dict[PointName, int]) -> None:
    found = told(points=points)
    parts = [one for one in found.entries if one.took is not None]
    assert all(0 <= (one.avoidable or 0) <= (one.took or 0) for one in parts)
    known = [one.at for one in found.entries if one.at is not None]
    assert sum(one.took or 0 for one in parts) <= max(known, default=0) - min(known, default=0)
    order = [list(Stage).index(one.stage) for one in found.entries]
    assert all(a < b for a, b in pairwise(order))


def _decided(order: str) -> DetectionLedger:
    """Tom decides at minute 8, dee takes the page at 3, rolls back at 9 and says so."""
    facts = [
        event(Kind.MESSAGE, 3 * MINUTE, "inc", name="U2", text="ack, I have the page."),
        event(Kind.MESSAGE, 5 * MINUTE, "inc", name="U4", text="I am commander."),
        event(Kind.MESSAGE, 8 * MINUTE, "inc", name="U4", text=order),
        event(Kind.MESSAGE, 9 * MINUTE, "inc", name="U2", text="Rolled back: it runs 147840e again."),
    ]
    case = case_from(facts)
    mitigated = replace(made(PointName.MITIGATION_APPLIED, 8 * MINUTE), cites=(case.messages[2].cite,))
    return ledger.build(case, (made(PointName.STARTED, 0), mitigated), NOBODY)


def test_who_orders_a_rollback_of_somebody_else_did_not_do_it() -> None:
    """The commander decides, another does it: the other one was there since the page."""
    one = _decided("Decision: roll inventory back. <@U2> please do it now.").entry(Stage.ENGAGED)
    assert one is not None
    assert one.at == 3 * MINUTE
    assert one.basis.startswith("U2")
    # Control: nobody in particular is told, so its author is at it.
    facts = [event(Kind.MESSAGE, 5 * MINUTE, "inc", name="U4", text="Rolling inventory back.")]
    case = case_from(facts)
    mine = replace(made(PointName.MITIGATION_APPLIED, 5 * MINUTE), cites=(case.messages[0].cite,))
    alone = ledger.build(case, (made(PointName.STARTED, 0), mine), NOBODY).entry(Stage.ENGAGED)
    assert alone is not None
    assert alone.basis.startswith("U4")


def test_a_message_that_speaks_of_a_page_is_no_page_but_is_said() -> None:
    """No pager in the evidence: the time of the page stays unknown."""
    facts = [event(Kind.MESSAGE, 3 * MINUTE, "inc", name="dee", text="ack, I have the page.")]
    one = told(*facts, points={PointName.STARTED: 0}).entry(Stage.PAGED)
    assert one is not None
    assert (one.at, one.basis, len(one.cites)) == (None, "no page is recorded; a message speaks of one", 1)
    # Control: a page of the shop is not the pager's.
    of_the_shop = [event(Kind.MESSAGE, 3 * MINUTE, "inc", name="aiko", text="ack. One got it on a product page too.")]
    other = told(*of_the_shop, points={PointName.STARTED: 0}).entry(Stage.PAGED)
    assert other is not None
    assert (other.basis, other.cites) == ("no page is in the evidence", ())
