"""The same graph read upward: each why has an answer that the graph holds, and says where it ends and why."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from afterword.core.cause import whys
from afterword.model.cause import Cause, Explanation, Grade, LinkKind, Role, Why
from afterword.testing import cause, cite

import graphs  # isort: skip

if TYPE_CHECKING:
    from collections.abc import Iterator

IMPACT = cause(Role.IMPACT, "web", cite(1))


def paths(why: Why, before: tuple[Why, ...] = ()) -> Iterator[tuple[Why, ...]]:
    here = (*before, why)
    if not why.then:
        yield here
    for one in why.then:
        yield from paths(one, here)


@given(graphs.explanations())
def test_every_answer_is_a_cause_that_leads_to_what_was_asked(explanation: Explanation) -> None:
    nodes = {one.id: one for one in explanation.causes}
    links = {(one.cause, one.effect) for one in explanation.links}
    for branch in whys.read(explanation):
        assert (branch.cause, explanation.top) in links
        for path in paths(branch):
            assert all((then.cause, why.cause) in links for why, then in pairwise(path))
            assert all(why.answer == nodes[why.cause].statement for why in path)


@given(graphs.explanations())
def test_no_circle_no_person_no_end_without_a_reason(explanation: Explanation) -> None:
    nodes = {one.id: one for one in explanation.causes}
    for branch in whys.read(explanation):
        for path in paths(branch):
            assert len({why.cause for why in path}) == len(path) <= 6
            assert path[-1].stop
            assert not any(why.stop for why in path[:-1])
            assert not any(nodes[why.cause].role is Role.RULED_OUT for why in path)


def test_it_branches_where_an_effect_has_several_causes_the_trigger_first() -> None:
    weak, trigger, failed = graphs.node(0, Role.LATENT), graphs.node(1, Role.TRIGGER), graphs.node(2, Role.PROXIMATE)
    links = [
        graphs.link(weak, failed, LinkKind.ENABLES),
        graphs.link(trigger, failed, LinkKind.TRIGGERS),
        graphs.link(failed, IMPACT, LinkKind.PRODUCES),
    ]
    (top,) = whys.read(graphs.explanation([weak, trigger, failed], links))
    assert [one.cause for one in top.then] == [trigger.id, weak.id]
    assert [one.stop.split(":")[0].split(";")[0] for one in top.then] == ["the trigger", "a standing weakness"]


def test_what_only_made_it_last_is_asked_for_by_itself() -> None:
    failed, blind = graphs.node(0, Role.PROXIMATE), graphs.node(1, Role.LATENT)
    links = [graphs.link(failed, IMPACT), graphs.link(blind, IMPACT, LinkKind.FAILS_TO_STOP)]
    asked = [one.question for one in whys.read(graphs.explanation([failed, blind], links))]
    assert len(asked) == 2
    assert asked[0].startswith("Why did it happen that")
    assert asked[1] == "Why was it not stopped sooner?"


@pytest.mark.parametrize(
    ("last", "says"),
    [
        (cause(Role.TRIGGER, "dns", layer="external"), "it came from outside"),
        (cause(Role.TRIGGER, "shop", layer="act"), "the trigger"),
        (cause(Role.LATENT, "shop"), "a standing weakness"),
        (cause(Role.CONTRIBUTING, "db", grade=Grade.PRECEDES), "the evidence ends here: the link is not proved"),
        (cause(Role.CONTRIBUTING, "db", grade=Grade.MECHANISM), "the evidence ends here"),
    ],
)
def test_where_a_branch_ends_and_why(last: Cause, says: str) -> None:
    (only,) = whys.read(graphs.explanation([last], [graphs.link(last, IMPACT)]))
    assert only.stop.startswith(says)


def test_a_long_chain_is_cut_and_says_so() -> None:
    chain = [graphs.node(n, Role.CONTRIBUTING) for n in range(9)]
    links = [graphs.link(one, other) for one, other in pairwise([*chain[::-1], IMPACT])]
    (top,) = whys.read(graphs.explanation(chain, links))
    (path,) = paths(top)
    assert "longer than what is shown" in path[-1].stop
