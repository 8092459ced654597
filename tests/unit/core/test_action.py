"""The life of an action item: every step, every refusal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core import action as life
from afterword.model.action import ActionCategory, ActionItem, ActionKind, ActionState, Priority, Strength
from afterword.model.refusal import RefusalError

S = ActionState
ITEM = ActionItem(
    "A-1", "inc-1", "Add a test of the pool limit", ActionKind.TEST, ActionCategory.PREVENT, Strength.AUTOMATIC_GUARD,
    ("c1",), "the test is red without the limit",
)  # fmt: skip
PROMISED = replace(ITEM, state=S.ACCEPTED, owner="maria", due="2026-03-10")


def test_a_good_item_is_proposed() -> None:
    assert life.objections(ITEM) == ()
    assert life.propose(replace(ITEM, state=S.VERIFIED)).state is S.PROPOSED


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(RefusalError) as refused:
        life.propose(replace(ITEM, title="Monitoring of pools", answers=(), done_when=" "))
    said = str(refused.value)
    assert "does not start with a verb: “Monitoring”" in said
    assert "answers nothing" in said
    assert "finished" in said
    assert refused.value.code == "action-unclear"
    assert life.objections(replace(ITEM, title=" ")) == ("An action needs a title.",)


@pytest.mark.parametrize(
    "title", ["Add", "bring the limit back", "Implement retries", "Silence it", "“Rotate” keys", "Set x"]
)
def test_a_title_that_starts_with_a_verb(title: str) -> None:
    assert life.starts_with_verb(title)


@pytest.mark.parametrize(
    "title", ["", "The pool", "Missing test", "Implementation of x", "Monitoring", "- ", "3 alerts", "Better docs"]
)
def test_a_title_that_does_not(title: str) -> None:
    assert not life.starts_with_verb(title)


@pytest.mark.parametrize(
    ("priority", "due"), [(Priority.P0, "2026-03-08"), (Priority.P1, "2026-03-31"), (Priority.P2, "2026-04-26")]
)
def test_the_default_due_date_follows_the_priority(priority: Priority, due: str) -> None:
    taken = life.accept(replace(ITEM, priority=priority), owner=" maria ", due="", today="2026-03-01")
    assert (taken.state, taken.owner, taken.due) == (S.ACCEPTED, "maria", due)


def test_days_can_be_configured_and_a_stated_day_wins() -> None:
    days = {Priority.P0: 1, Priority.P1: 2, Priority.P2: 3}
    assert life.accept(ITEM, owner="m", due="", today="2026-03-01", days=days).due == "2026-03-03"
    assert life.accept(ITEM, owner="m", due="2026-03-01", today="2026-03-01").due == "2026-03-01"
    assert (
        life.accept(replace(ITEM, owner="m", due="2026-05-05"), owner="", due="", today="2026-03-01").due
        == "2026-05-05"
    )


@pytest.mark.parametrize(
    ("owner", "due", "says"),
    [("", "", "has one owner"), ("m", "2026-02-28", "already passed"), ("m", "tomorrow", "is not a date")],
)
def test_what_cannot_be_accepted(owner: str, due: str, says: str) -> None:
    with pytest.raises(RefusalError, match=says):
        life.accept(ITEM, owner=owner, due=due, today="2026-03-01")


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("to", list(S))
def test_every_step_is_allowed_or_refused(state: S, to: S) -> None:
    item = replace(PROMISED, state=state)
    if to in life.STEPS[state]:
        assert life.move(item, to, reason="because", proof=["E1:2"]).state is to
    else:
        with pytest.raises(RefusalError, match=r"cannot become|nobody can set it"):
            life.move(item, to, reason="because", proof=["E1:2"])


def test_a_step_needs_what_it_needs() -> None:
    with pytest.raises(RefusalError, match="declined needs a reason"):
        life.decline(ITEM, "  ")
    with pytest.raises(RefusalError, match="an accepted risk needs a reason"):
        life.decline(ITEM, "", risk=True)
    with pytest.raises(RefusalError, match="Verified means shown"):
        life.verify(replace(ITEM, state=S.IMPLEMENTED), [" "])
    with pytest.raises(RefusalError, match="accepted by an owner"):
        life.move(replace(ITEM, state=S.IN_PROGRESS), S.ACCEPTED)


def test_proof_and_reason_are_kept() -> None:
    verified = life.verify(replace(ITEM, state=S.IMPLEMENTED, proof=("E1:2",)), ["E1:2", " run 88 "])
    assert verified.proof == ("E1:2", "run 88")
    assert life.decline(ITEM, " too dear ").reason == "too dear"
    assert life.decline(ITEM, "we live with it", risk=True).state is S.ACCEPTED_RISK


def test_only_later_incidents_show_whether_it_helped() -> None:
    done = replace(ITEM, state=S.VERIFIED)
    assert life.judge(done, S.INEFFECTIVE, "again in inc-2").reason == "again in inc-2"
    with pytest.raises(RefusalError, match="effective or ineffective"):
        life.judge(done, S.DECLINED, "")
    with pytest.raises(RefusalError, match="only what was implemented"):
        life.judge(ITEM, S.EFFECTIVE, "")


def test_edit_changes_words_and_keeps_the_rules() -> None:
    assert life.edit(ITEM, {"ticket": "SHOP-1", "priority": Priority.P0}).ticket == "SHOP-1"
    assert life.edit(PROMISED, {"due": "2026-04-01"}).due == "2026-04-01"
    for item, changes, says in (
        (PROMISED, {"owner": ""}, "keeps an owner"),
        (PROMISED, {"title": "Documentation"}, "verb"),
        (PROMISED, {"due": "soon"}, "not a date"),
        (replace(ITEM, state=S.VERIFIED), {"title": "Add x"}, "can no longer be edited"),
    ):
        with pytest.raises(RefusalError, match=says):
            life.edit(item, changes)


def test_overdue_is_after_the_day_and_only_for_promises() -> None:
    late = replace(PROMISED, id="A-2", due="2026-02-01")
    items = [PROMISED, late, replace(late, id="A-3", state=S.VERIFIED), replace(late, id="A-4", due=""), ITEM]
    assert [one.id for one in life.overdue(items, "2026-03-10")] == ["A-2"]
    assert [one.id for one in life.overdue(items, "2026-03-11")] == ["A-2", "A-1"]


@given(st.text())
def test_any_title_is_judged_without_a_fault(title: str) -> None:
    life.objections(replace(ITEM, title=title))
