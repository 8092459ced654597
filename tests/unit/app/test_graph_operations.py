"""People change the graph of an incident: what they may, what is refused, what is kept, and what they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from filled import fill, workspace

from afterword.app import desk
from afterword.model.answer import Says
from afterword.model.cause import Held, NodeKind, Role
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError

if TYPE_CHECKING:
    from pathlib import Path

    from afterword.app.workspace import Workspace

I1 = {"incident": "inc-1"}


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    made = workspace(tmp_path / ".afterword")
    fill(made)
    return made


def ask(ws: Workspace, name: str, **arguments: Any) -> Any:
    return desk.ask(ws, name, {**I1, **arguments})


def test_a_defence_that_was_not_there_is_added_and_withdrawn_again(ws: Workspace) -> None:
    [made] = ask(
        ws, "cause.add", effect="c1", statement="no test fills the pool", kind="defence", held="absent", cites=["E1:2"]
    )
    assert (made.id, made.by, made.node, made.held, str(made.cites[0])) == (
        "g1",
        "maria",
        NodeKind.DEFENCE,
        Held.ABSENT,
        "E1:2",
    )
    added = next(one for one in ask(ws, "cause.list") if one.statement == "no test fills the pool")
    assert added.role is Role.DEFENCE
    with pytest.raises(RefusalError, match="with a reason"):
        ask(ws, "cause.withdraw", edit="g1", reason=" ")
    [gone] = ask(ws, "cause.withdraw", edit="g1", reason="there is one")
    assert gone.withdrawn == "maria, 2026-03-20T10:00:00Z: there is one"
    assert added.id not in {one.id for one in ask(ws, "cause.list")}
    assert ask(ws, "cause.history") == (gone,)


def test_what_cannot_stand_is_refused_before_it_is_written(ws: Workspace) -> None:
    with pytest.raises(NotFoundError, match="There is c1"):
        ask(ws, "cause.link", cause="c1", effect="c77")
    with pytest.raises(RefusalError, match="itself"):
        ask(ws, "cause.link", cause="c1", effect="c1")
    with pytest.raises(NotFoundError, match="lines; E1:99 is none"):
        ask(ws, "cause.add", effect="c1", statement="x", cites=["E1:99"])
    with pytest.raises(InvalidError, match="held belongs to a defence"):
        ask(ws, "cause.add", effect="c1", statement="x", held="absent")
    with pytest.raises(RefusalError, match="two statements"):
        ask(ws, "cause.split", node="c1", statements=["one"])
    assert ask(ws, "cause.history") == ()


def test_answers_are_testimony_and_close_a_question(ws: Workspace) -> None:
    open_ = [(one.rule, one.about) for one in ask(ws, "cause.ask")]
    rule, about = next(one for one in open_ if one[0])
    [made] = ask(ws, "cause.answer", rule=rule, about=about, says="no", text="seen in the drill", role="owner")
    assert (made.says, made.role, made.by) == (Says.NO, "owner", "maria")
    assert (rule, about) not in [(one.rule, one.about) for one in ask(ws, "cause.ask")]
    with pytest.raises(NotFoundError, match="C01 to C44"):
        ask(ws, "cause.answer", rule="C99", about="graph", says="no")
    with pytest.raises(NotFoundError, match="cause>effect"):
        ask(ws, "cause.answer", rule="C12", about="c1>c77", says="no")


def test_a_remark_is_waived_with_a_reason_and_counts_no_more(ws: Workspace) -> None:
    before = ask(ws, "cause.lint", strict=True)
    assert not before.holds
    for one in before.problems:
        with pytest.raises(RefusalError, match="with a reason"):
            ask(ws, "cause.answer", rule=one.rule, about=one.about, says="waived")
        ask(ws, "cause.answer", rule=one.rule, about=one.about, says="waived", text="known")
    after = ask(ws, "cause.lint", strict=True)
    assert after.holds
    assert len(after.problems) == len(before.problems)


def test_the_rules_can_be_read(ws: Workspace) -> None:
    found = desk.ask(ws, "cause.rules", {})
    assert len(found) == 44
    assert all(one.source and one.bad and one.good for one in found)
