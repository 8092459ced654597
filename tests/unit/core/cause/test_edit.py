"""The pool of the shop was full; people add what the machine did not see, and time does not bend for anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.core.cause import edit, role
from afterword.model.cause import (
    Cause,
    Explanation,
    Grade,
    Held,
    Judgement,
    Link,
    LinkKind,
    Needs,
    NodeKind,
    Role,
    Verdict,
)
from afterword.model.edit import Edit, EditKind
from afterword.model.evidence import Citation, Place
from afterword.model.time import DAY, MINUTE, SECOND

CITE = Citation("E1", Place(0, 9, 1, 1))
START = 1_773_479_520 * SECOND


def node(id_: str, at: int | None = START, part: Role = Role.CONTRIBUTING, **more: Any) -> Cause:
    return Cause(id_, f"{id_} happened", part, "", (CITE,), at=at, earliest=at, latest=at, **more)


def link(cause: str, effect: str, kind: LinkKind = LinkKind.PRODUCES) -> Link:
    return Link(cause, effect, kind, Grade.MECHANISM, (), (CITE,))


def graph() -> Explanation:
    """A deploy filled the pool, which failed the checkout, which users met."""
    causes = (
        node("deploy", START - MINUTE, Role.TRIGGER),
        node("pool", START - 30 * SECOND, Role.PROXIMATE, kind=NodeKind.CONDITION),
        node("checkout", START - SECOND, kind=NodeKind.CONDITION),
        node("impact", START, Role.IMPACT),
    )
    links = (
        link("deploy", "pool", LinkKind.TRIGGERS),
        link("pool", "checkout", LinkKind.PROPAGATES),
        link("checkout", "impact"),
    )
    return Explanation("impact", causes, links, (), Verdict.EXPLAINED, none_of_the_changes=False, would_decide=())


def made(kind: EditKind, *about: str, **values: Any) -> Edit:
    return Edit("g1", kind, about, "kim", "2026-03-14T12:00:00Z", values.pop("reason", "seen"), **values)


def put(*edits: Edit) -> Explanation:
    done = edit.applied(graph(), edits)
    assert not done.lost, done.lost
    return done.explanation


def found(explanation: Explanation, says: str) -> Cause:
    return next(one for one in explanation.causes if one.statement == says)


def test_a_missing_test_is_an_absent_defence_beside_the_deploy() -> None:
    after = put(
        made(EditKind.ADD, "pool", statements=("no test fills the pool",), node=NodeKind.DEFENCE, held=Held.ABSENT)
    )
    new = found(after, "no test fills the pool")
    assert (new.role, new.state, new.by) == (Role.DEFENCE, Judgement.ACCEPTED, "kim")
    [joined] = [one for one in after.links if one.cause == new.id]
    assert (joined.effect, joined.grade, joined.by) == ("pool", Grade.ASSERTED, "kim")


def test_the_grade_of_a_link_is_what_the_evidence_gives() -> None:
    """Nobody can type a grade: without a citation it is an assertion, with one and in order of time it is a mechanism."""
    said = {"statements": ("a backup ran",), "node": NodeKind.EVENT, "moment": START - MINUTE}
    plain, cited = made(EditKind.ADD, "pool", **said), made(EditKind.ADD, "pool", **said, cites=(CITE,))
    assert put(plain).links[-1].grade is Grade.ASSERTED
    assert put(cited).links[-1].grade is Grade.MECHANISM
    assert (put(cited).links[-1].shortest, put(cited).links[-1].longest) == (30 * SECOND, 30 * SECOND)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (made(EditKind.ADD, "pool", statements=("later",), moment=START + 2 * MINUTE), "time is law"),
        (made(EditKind.LINK, "impact", "deploy"), "time is law|circle"),
        (made(EditKind.LINK, "checkout", "pool"), "circle"),
        (made(EditKind.LINK, "pool", "pool"), "itself"),
        (made(EditKind.UNLINK, "deploy", "impact"), "no such link"),
        (made(EditKind.REJECT, "impact"), "impact itself"),
        (made(EditKind.MERGE, "deploy", "checkout"), "between"),
        (made(EditKind.MERGE, "pool", "impact"), "impact can take"),
        (made(EditKind.SPLIT, "pool", statements=("one",)), "two statements"),
        (made(EditKind.NEEDS, "pool", needs=Needs.SOME, least=2), "1 to 1"),
        (made(EditKind.ACCEPT, "nobody"), "no nobody"),
    ],
)
def test_what_cannot_be_is_refused_and_told(one: Edit, why: str) -> None:
    assert pytest.importorskip("re").search(why, edit.refusal(graph(), one))
    after = edit.applied(graph(), [one])
    assert after.explanation.links == graph().links
    assert [lost.id for lost, _ in after.lost] == ["g1"]


def test_a_minute_of_clocks_is_no_breach_of_time() -> None:
    """The control: what two clocks may differ by is not held against a cause."""
    assert not edit.refusal(graph(), made(EditKind.ADD, "pool", statements=("near",), moment=START + 20 * SECOND))


def test_what_is_rejected_leads_nowhere_any_more() -> None:
    after = put(made(EditKind.REJECT, "deploy", reason="it went to another region"))
    rejected = found(after, "deploy happened")
    assert (rejected.role, rejected.state) == (Role.RULED_OUT, Judgement.REJECTED)
    assert rejected.reasons_against[-1].says == "it went to another region"


def test_two_that_say_the_same_become_one() -> None:
    added = made(EditKind.ADD, "checkout", statements=("connections ran out",), moment=START - 40 * SECOND)
    new = found(put(added), "connections ran out").id
    after = put(added, made(EditKind.MERGE, "pool", new))
    assert new not in {one.id for one in after.causes}
    assert [(one.cause, one.effect) for one in after.links if "pool" in (one.cause, one.effect)] == [
        ("deploy", "pool"),
        ("pool", "checkout"),
    ]
    assert found(after, "pool happened").at == START - 40 * SECOND


def test_one_that_says_two_things_becomes_two_with_the_same_links() -> None:
    after = put(made(EditKind.SPLIT, "pool", statements=("the pool was full", "nobody was told")))
    full, told = found(after, "the pool was full"), found(after, "nobody was told")
    assert {(one.cause, one.effect) for one in after.links} == {
        ("deploy", full.id), ("deploy", told.id), (full.id, "checkout"), (told.id, "checkout"), ("checkout", "impact"),
    }  # fmt: skip


def test_what_is_withdrawn_has_no_effect_and_a_lost_edit_is_told() -> None:
    gone = replace(made(EditKind.REJECT, "deploy"), withdrawn="kim: a mistake")
    assert put(gone) == graph()
    assert (
        edit.applied(graph(), [made(EditKind.RESTATE, "gone", statements=("x",))]).lost[0][1]
        == "there is no gone in the graph"
    )


def test_a_part_is_computed_and_told_with_the_counterfactual() -> None:
    old = made(EditKind.ADD, "pool", statements=("pool of five",), node=NodeKind.CONDITION, moment=START - 30 * DAY)
    luck = made(EditKind.ADD, "impact", statements=("it was night",), node=NodeKind.LUCK, link=LinkKind.LIMITS)
    more = made(EditKind.ADD, "impact", statements=("retries",), link=LinkKind.AMPLIFIES)
    back = made(EditKind.ADD, "pool", statements=("restart",), node=NodeKind.EVENT, link=LinkKind.UNDOES)
    after = put(old, luck, more, back)
    parts = {one.statement: one.role for one in after.causes if one.by == "kim"}
    assert parts == {
        "pool of five": Role.LATENT, "it was night": Role.LUCK, "retries": Role.AMPLIFIER, "restart": Role.MITIGATOR,
    }  # fmt: skip
    assert "would still have come" in role.told(found(after, "pool of five"), after)
    assert "would not have come" in role.told(found(after, "checkout happened"), after)


def test_an_effect_that_needs_two_of_three_falls_with_the_second() -> None:
    adds = [made(EditKind.ADD, "impact", statements=(name,), node=NodeKind.EVENT) for name in ("b", "c")]
    after = put(*adds, made(EditKind.NEEDS, "impact", needs=Needs.SOME, least=2))
    ids = [one.id for one in after.causes if one.statement in ("b", "c")]
    assert role.happens_without(after, frozenset(ids[:1]))
    assert not role.happens_without(after, frozenset(ids))


_NAMES = st.sampled_from(["deploy", "pool", "checkout", "impact", "nobody"])
_EDITS = st.builds(
    lambda kind, one, other, text, moment, needs, least: made(
        kind, *((one,) if kind not in (EditKind.LINK, EditKind.UNLINK, EditKind.MERGE) else (one, other)),
        statements=(text, text + "2") if kind is EditKind.SPLIT else (text,), moment=moment, needs=needs, least=least,
    ),
    st.sampled_from(list(EditKind)), _NAMES, _NAMES, st.text("ab", min_size=1, max_size=2),
    st.one_of(st.none(), st.integers(START - DAY, START + DAY)), st.sampled_from(list(Needs)), st.integers(0, 3),
)  # fmt: skip


@given(st.lists(_EDITS, max_size=8))
def test_whatever_people_do_the_graph_stays_a_graph_without_circles(edits: list[Edit]) -> None:
    """Every link joins two nodes that are there, no node leads to itself, the impact stays, and it is done alike each time."""
    after = edit.applied(graph(), edits).explanation
    ids = {one.id for one in after.causes}
    assert len(ids) == len(after.causes)
    assert "impact" in ids
    assert all({one.cause, one.effect} <= ids for one in after.links)
    for one in ids:
        assert one not in edit._after(after, one) - {one}
        assert all(
            one not in edit._after(after, link.effect)
            for link in after.links
            if link.cause == one and link.kind in role.LEADING
        )
    assert edit.applied(graph(), edits).explanation == after


def test_with_its_trigger_rejected_nothing_is_explained_and_its_moment_goes() -> None:
    """The channel says that it was the provider: whoever rejects the deploy must not read on that it set the incident off."""
    from dataclasses import dataclass

    from afterword.model.incident import By, Point, PointName

    @dataclass(frozen=True)
    class Bare:
        explanation: Explanation
        points: tuple[Point, ...]
        moments: tuple[object, ...] = ()
        whys: object = ()
        tree: object = None

    def point(name: PointName, by: By) -> Point:
        return Point(name, START, START, START, by, "", (CITE,))

    points = (point(PointName.TRIGGER, By.ESTIMATE), point(PointName.TRIGGER, By.STATED), point(PointName.STARTED, By.ESTIMATE))  # fmt: skip
    bare: Any = Bare(graph(), points)
    kept = edit.upon(bare, [made(EditKind.ACCEPT, "deploy")])
    assert kept.explanation.verdict is Verdict.EXPLAINED
    assert kept.points == points
    judged = edit.upon(bare, [made(EditKind.REJECT, "deploy")])
    assert judged.explanation.verdict is Verdict.INCONCLUSIVE
    assert "deploy happened" in judged.explanation.would_decide[0]
    assert judged.points == points[1:], "what a person stated stands"
    assert edit.answered_in_vain(judged.explanation, ("deploy",))
    assert not edit.answered_in_vain(judged.explanation, ("deploy", "pool"))
    assert not edit.answered_in_vain(judged.explanation, ())
