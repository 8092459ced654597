"""The tree at what happened: fired, one short, what cuts it, and how much of the risk goes with an action."""

from __future__ import annotations

from dataclasses import replace

import pytest

from afterword.core.cause import faults
from afterword.core.cause.happened import happened
from afterword.core.lint.sketch import sketch
from afterword.testing import cite


def told(text: str, archive: int = 0):
    subject = sketch(text)
    tree = subject.drawn or faults.build(subject.explanation)
    assert tree is not None
    return happened(tree, subject.explanation, subject.actions, [subject.explanation] * archive)


def test_a_defence_that_held_leaves_the_set_one_event_short() -> None:
    """The second region took over: had it failed as well, users would have met errors."""
    found = told(
        "impact: users met errors\nall [all]: nothing answered\nall -> impact\n"
        "pool [proximate, condition]: the pool was full\npool -> all\nfailover [defence, held]: the second region\nfailover -> all\n"
    )
    assert "does not explain" in found.says
    [near] = found.near
    assert set(near.events) == {"pool", "failover"}
    assert found.labels["failover"] == "the second region does not hold"


def test_one_set_fired_and_each_of_its_events_was_needed() -> None:
    found = told("impact [all]: errors\na [condition]: a was so\nb [event]: b came\na -> impact\nb -> impact\n")
    assert found.says.startswith("One minimal cut set")
    assert found.necessary == ("a", "b")
    assert [one.breakable for one in found.fired] == [("a",)]


def test_two_that_were_each_enough_are_over_determined() -> None:
    found = told("impact: errors\na: a was so\nb: b was so\na -> impact\nb -> impact\naction answers a: guard a\n")
    assert "over-determined" in found.says
    assert found.single == ("a", "b")
    assert found.necessary == ()
    [cut] = found.actions
    assert (cut.events, cut.fired, cut.removed) == (("a",), 1, None)
    assert [one.cut_by for one in found.fired] == [("A-1",), ()]


def test_what_is_not_known_and_would_decide_is_named() -> None:
    found = told("impact: errors\ngate top = and of a b\nbasic a happened\nbasic b not\n")
    assert found.deciding == ()
    assert found.near_count == 1


def test_the_risk_that_an_action_removes_is_that_of_the_tree_without_its_events() -> None:
    """Both causes were in all of nine incidents: (9 + 1/2) / 10 = 0.95 each, and any of them is enough."""
    found = told(
        "impact: errors\na: a was so\nb: b was so\na -> impact\nb -> impact\naction answers a: guard a\n", archive=9
    )
    assert found.probability == pytest.approx(1 - 0.05 * 0.05)
    assert found.actions[0].removed == pytest.approx(1 - 0.95 / 0.9975)
    assert found.incidents == 9
    assert told("impact: errors\na: a was so\na -> impact\n", archive=4).probability is None


def test_an_action_on_what_came_between_takes_away_what_leads_only_there() -> None:
    found = told("impact: errors\na: a was so\nmid: m was so\na -> mid\nmid -> impact\naction answers mid: isolate\n")
    assert found.actions[0].events == ("a",)
    assert found.actions[0].fired == 1


def test_two_of_which_neither_is_shown_are_rivals() -> None:
    """Somebody thinks of the cache, somebody else of the network: that both are drawn does not make both true."""
    found = told(
        "impact: errors\na: the cache was cold\nb: the network was slow\na -> impact [grade 0]\nb -> impact [grade 1]\n"
    )
    assert "over-determined" not in found.says
    assert "rival explanations" in found.says


def test_what_somebody_asserts_and_nothing_shows_is_not_known_to_have_happened() -> None:
    subject = sketch("impact: errors\na: a was so\na -> impact\n")
    by_hand = [replace(one, by="kim", cites=()) if one.id == "a" else one for one in subject.explanation.causes]
    tree = faults.build(replace(subject.explanation, causes=tuple(by_hand)))
    assert tree is not None
    assert [(one.name, one.happened) for one in tree.events] == [("a", None)]
    shown = [replace(one, by="kim", cites=(cite(1),)) if one.id == "a" else one for one in subject.explanation.causes]
    tree = faults.build(replace(subject.explanation, causes=tuple(shown)))
    assert tree is not None
    assert [one.happened for one in tree.events] == [True]


def test_few_incidents_say_little_and_the_bounds_say_so() -> None:
    text = "impact: errors\na: a was so\na -> impact\n"
    few, many = told(text, archive=5), told(text, archive=200)
    assert few.bounds is not None
    assert many.bounds is not None
    assert few.bounds[0] < few.probability < few.bounds[1] or few.bounds[1] == 1.0
    assert few.bounds[1] - few.bounds[0] > 5 * (many.bounds[1] - many.bounds[0])
    assert told(text, archive=4).bounds is None
