"""Proposals: each answers something that is there, each can be finished, and what none answers is named."""

from __future__ import annotations

from dataclasses import replace

import pool
import pytest

from afterword.core import analyse, proposal
from afterword.core.action import propose as checked
from afterword.model.action import ActionKind, ActionState, Priority, Strength
from afterword.model.cause import Cause, Explanation, Finding, Role, Verdict
from afterword.model.time import MINUTE
from afterword.model.timeline import Moment, MomentKind
from afterword.testing import cause, cite

PM = analyse.analyse(pool.case())


def explanation(*causes: Cause) -> Explanation:
    return Explanation("i", causes, (), (), Verdict.EXPLAINED, none_of_the_changes=False, would_decide=())


def finding(analysis: str, about: str = "shop", weight: float = 0.8) -> Finding:
    return Finding(
        f"f-{analysis}-{about}", analysis, "monitoring", f"{analysis} seen", about, (cite(1),), "limits", weight
    )


def gap(title: str) -> Moment:
    return Moment(f"g-{title[:6]}", 0, title, MomentKind.GAP, "", (cite(1),), until=20 * MINUTE, weight=0.8)


POOL = cause(Role.PROXIMATE, "shop", cite(1), category="capacity", defect="exhausted", grade=2)


def test_every_proposal_of_the_story_can_be_taken_on_as_it_stands() -> None:
    assert PM.actions
    known = {*(c.id for c in PM.explanation.causes), *(f.id for f in PM.findings), *(m.id for m in PM.moments)}
    for one in PM.actions:
        checked(one)
        assert one.state is ActionState.PROPOSED
        assert set(one.answers) <= known
        assert one.done_when
        assert one.reason
        assert "{" not in one.title + one.done_when


def test_what_is_wanted_is_answered_or_named_as_unanswered() -> None:
    answered = {answer for one in PM.actions for answer in one.answers}
    wanted = [c.id for c in PM.explanation.causes if c.role in (Role.TRIGGER, Role.PROXIMATE, Role.CONTRIBUTING)]
    assert set(wanted) <= answered | set(PM.unanswered)
    assert not answered & set(PM.unanswered)


def test_the_trigger_is_repaired_first() -> None:
    first = PM.actions[0]
    assert (first.kind, first.strength, first.priority) == (ActionKind.CODE_FIX, Strength.ELIMINATE, Priority.P0)
    assert "bbbb2222" in first.title


def test_ids_are_those_of_what_is_answered() -> None:
    again = proposal.propose(PM.incident, PM.explanation, PM.findings, PM.moments)
    assert again == (PM.actions, PM.unanswered)
    assert len({one.id for one in PM.actions}) == len(PM.actions)


def test_two_weaknesses_that_one_thing_answers_are_one_item() -> None:
    """The alert was late, and the signal that showed it first is not watched: one alert answers both."""
    items, unanswered = proposal.propose(
        "i", explanation(), [finding("late-detection"), finding("unwatched-signal")], ()
    )
    (item,) = items
    assert len(item.answers) == 2
    assert unanswered == ()


def test_a_gap_without_a_component_joins_the_item_that_has_one() -> None:
    items, _ = proposal.propose("i", explanation(), [finding("late-detection")], [gap("9 min in which the signal was visible and nobody knew")])  # fmt: skip
    (item,) = items
    assert item.component == "shop"
    assert len(item.answers) == 2


def test_what_nobody_has_a_plan_for_is_left_open_by_name() -> None:
    odd = cause(Role.PROXIMATE, "shop", cite(1), category="phase of the moon")
    items, unanswered = proposal.propose("i", explanation(odd), [finding("no such analysis")], [gap("an odd gap")])
    assert items == ()
    assert unanswered == (odd.id, "f-no such analysis-shop", "g-an odd")


def test_a_caller_that_only_passed_it_on_is_not_sent_to_repair_itself() -> None:
    undecided = replace(POOL, id="x", role=Role.CONTRIBUTING, layer="act", category="code", defect="")
    items, _ = proposal.propose("i", explanation(undecided), (), ())
    assert items == ()


def test_nobody_follows_up_more_than_ten() -> None:
    many = [replace(POOL, id=f"c{n}", component=f"s{n}") for n in range(20)]
    items, unanswered = proposal.propose("i", explanation(*many), (), ())
    assert len(items) == proposal.MOST
    assert len(unanswered) == 10


def test_no_item_names_a_person() -> None:
    assert not [one for one in PM.actions if "kim" in one.title.lower() or one.owner]


@pytest.mark.parametrize(
    ("changes", "pattern"),
    [
        ({}, "exhausted:capacity"), ({"indicator": "hikari_pool_active"}, "exhausted:db_pool"), ({"indicator": "disk_used"}, "exhausted:disk"),
        ({"indicator": "queue_length", "defect": ""}, "unclear:queue"), ({"category": "", "defect": ""}, "unclear:unclear"),
        ({"category": "feature flag", "defect": "incorrect"}, "incorrect:feature_flag"), ({"indicator": "process_fds_open"}, "exhausted:file_descriptors"),
    ],
)  # fmt: skip
def test_the_mechanism_that_later_incidents_are_matched_by(changes: dict[str, str], pattern: str) -> None:
    assert proposal.pattern(replace(POOL, **changes)) == pattern


def test_every_analysis_has_an_answer() -> None:
    """A weakness that nobody proposes to mend would stand in every document as one that was left open."""
    from afterword.app import plugs

    ours = {one.name for one in plugs.analyses() if one.run.__module__.startswith("afterword.analyses")}
    assert ours <= set(proposal._BY_FINDING)


@pytest.mark.parametrize(
    ("component", "statement", "isolated"),
    [
        ("checkout", "checkout failed when payment, which it calls, did", True),
        ("catalog", "catalog was slow", False),
        ("node-1", "node-1 failed when payment, which it calls, did", False),
    ],
)
def test_isolation_is_proposed_only_where_what_it_depends_on_failed(
    component: str, statement: str, isolated: bool
) -> None:
    """A leak of its own is not helped by isolation, and a machine calls nothing."""
    one = replace(cause(Role.PROXIMATE, component), category="dependency", defect="", statement=statement)
    items, _ = proposal.propose("INC-1", explanation(one), (), ())
    assert any(item.title.startswith("Isolate") for item in items) is isolated
