"""Operations on a workspace with one analysed incident."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from filled import CITE, LOG, SHA, START, action, postmortem

from afterword.app import desk, passage
from afterword.app.operations import bench, demo, lesson
from afterword.model.action import ActionItem, ActionState
from afterword.model.cause import Judgement
from afterword.model.evidence import Evidence
from afterword.model.incident import Incident, Options, PointName, Status
from afterword.model.refusal import InvalidError, NotFoundError, RefusalError, UnreadableError
from afterword.model.time import DAY, MINUTE

if TYPE_CHECKING:
    from afterword.app.workspace import Workspace

I1 = {"incident": "inc-1"}
GOOD = {**I1, "title": "Add a limit", "answers": ["c1"], "done_when": "a test shows it"}


def ask(ws: Workspace, name: str, **given: Any) -> Any:
    return desk.ask(ws, name, given)


# ------------------------------------------------------------------------------------------------ actions


def test_an_action_lives_from_proposal_to_proof(ws: Workspace) -> None:
    made = ask(ws, "action.add", **GOOD)
    assert (made.id, made.by, made.opened, made.state) == ("A-2", "maria", "2026-03-20", ActionState.PROPOSED)
    with pytest.raises(RefusalError, match="one owner"):
        ask(ws, "action.accept", action="A-2")
    assert ask(ws, "action.accept", action="A-2", owner="tom").due == "2026-04-19"
    assert ask(ws, "action.move", action="A-2", state="in progress").state is ActionState.IN_PROGRESS
    assert ask(ws, "action.edit", action="A-2", ticket="SHOP-1", answers=["g1"]).answers == ("g1",)
    ask(ws, "action.move", action="A-2", state="implemented")
    with pytest.raises(InvalidError, match="action verify"):
        ask(ws, "action.move", action="A-2", state="verified")
    assert ask(ws, "action.verify", action="A-2", proof=["E1:2"]).proof == ("E1:2",)
    assert [line.operation for line in ws.records.journal("action", "A-2")] == [
        "action.add", "action.accept", "action.move", "action.edit", "action.move", "action.verify",
    ]  # fmt: skip
    assert ws.records.check_journal() == ""


def test_an_action_answers_something_that_is_there(ws: Workspace) -> None:
    with pytest.raises(InvalidError, match="c7 is no cause"):
        ask(ws, "action.add", **{**GOOD, "answers": ["c1", "c7"]})
    with pytest.raises(NotFoundError):
        ask(ws, "action.add", **{**GOOD, "incident": "inc-9"})
    ws.keep([("incident", "inc-2", Incident("inc-2", "", Status.OPEN, (), Options()))], operation="test")
    assert ask(ws, "action.add", **{**GOOD, "incident": "inc-2", "answers": ["anything"]}).incident == "inc-2"


def test_actions_are_listed_by_what_is_asked(ws: Workspace) -> None:
    late = action("A-2", state=ActionState.ACCEPTED, owner="tom", due="2026-03-01")
    other = action("x-3", incident="inc-2", owner="tom")
    ws.keep([("action", one.id, one) for one in (late, other)], operation="test")
    assert [one.id for one in ask(ws, "action.list", overdue=True)] == ["A-2"]
    assert [one.id for one in ask(ws, "action.list", owner="tom")] == ["A-2", "x-3"]
    assert [one.id for one in ask(ws, "action.list", state="proposed", incident="inc-1")] == ["A-1"]
    assert ask(ws, "action.show", action="A-2") == late


def test_an_action_is_declined_or_accepted_as_a_risk(ws: Workspace) -> None:
    assert ask(ws, "action.decline", action="A-1", reason="gone in May").state is ActionState.DECLINED
    ask(ws, "action.move", action="A-1", state="proposed")
    signed = ask(ws, "action.decline", action="A-1", reason="we live with it", risk=True)
    assert (signed.state, signed.by) == (ActionState.ACCEPTED_RISK, "maria")
    with pytest.raises(InvalidError, match="nothing to change"):
        ask(ws, "action.edit", action="A-1")


def test_a_due_date_follows_the_settings(ws: Workspace) -> None:
    (ws.root / "config.toml").write_text("[due]\nP1 = 2\n")
    assert ask(ws, "action.accept", action="A-1", owner="tom").due == "2026-03-22"


# ------------------------------------------------------------------------------------------------ timeline and causes


def test_the_timeline_can_be_narrowed(ws: Workspace) -> None:
    assert [one.id for one in ask(ws, "timeline.show", **I1)] == ["m1", "g1"]
    assert [one.id for one in ask(ws, "timeline.show", **I1, component="shop")] == ["m1"]
    assert [one.id for one in ask(ws, "timeline.show", **I1, kind=["gap"])] == ["g1"]
    assert [one.id for one in ask(ws, "timeline.show", **I1, most=1)] == ["m1"]
    with pytest.raises(InvalidError):
        ask(ws, "timeline.show", **I1, most=0)


def test_a_stated_point_stands_beside_the_estimate(ws: Workspace) -> None:
    pairs = ask(ws, "point.state", **I1, point="started", at="2026-03-14T10:20:00+01:00", note="a call")
    pair = next(one for one in pairs if one.name is PointName.STARTED)
    assert pair.estimated[0].at == START
    assert [(one.at, one.by, one.note) for one in pair.stated] == [("2026-03-14T09:20:00Z", "maria", "a call")]
    ask(ws, "point.state", **I1, point="started", at="2026-03-14T09:21:00Z")
    again = next(one for one in ask(ws, "point.list", **I1) if one.name is PointName.STARTED)
    assert [one.at for one in again.stated] == ["2026-03-14T09:21:00Z"]
    gone = ask(ws, "point.state", **I1, point="started", at="")
    assert not any(one.stated for one in gone)
    with pytest.raises(InvalidError, match="relied on"):
        ask(ws, "point.state", **I1, point="started", at="yesterday")


def test_a_cause_is_judged_by_a_person_with_a_reason(ws: Workspace) -> None:
    assert ask(ws, "cause.list", **I1)[0].state is Judgement.PROPOSED
    with pytest.raises(RefusalError, match="with a reason"):
        ask(ws, "cause.judge", **I1, cause="c1", verdict="reject")
    ask(ws, "cause.judge", **I1, cause="c1", verdict="reject", reason="the pool was full before")
    found = ask(ws, "cause.list", **I1)[0]
    assert (found.state, found.by) == (Judgement.REJECTED, "maria")
    assert ask(ws, "cause.judge", **I1, cause="c1", verdict="accept").state is Judgement.ACCEPTED
    with pytest.raises(NotFoundError, match="There is c1"):
        ask(ws, "cause.judge", **I1, cause="c9", verdict="accept")
    with pytest.raises(InvalidError):
        ask(ws, "cause.judge", **I1, cause="c1", verdict="maybe")


def test_one_graph_is_read_as_whys_and_as_a_tree(ws: Workspace) -> None:
    assert ask(ws, "cause.whys", **I1)[0].cause == "c1"
    assert ask(ws, "cause.tree", **I1).cut_sets.count == "1"
    assert ask(ws, "tree.solve", file="inc-1") == ask(ws, "cause.tree", **I1)
    ws.keep([("postmortem", "inc-1", replace(postmortem(), tree=None))], operation="test")
    with pytest.raises(NotFoundError, match="no fault tree"):
        ask(ws, "cause.tree", **I1)


# ------------------------------------------------------------------------------------------------ evidence


def test_evidence_is_listed_under_the_ids_of_citations(ws: Workspace) -> None:
    found = ask(ws, "evidence.list", **I1)
    assert [(one.id, one.evidence.sha256) for one in found] == [("E1", SHA)]


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stand-ins for decompression and intake: bytes as they are, and a reader that is one version newer."""

    def collect(paths: list[str], blobs: Any, lake: Any, **_: Any) -> Any:
        names = [path.name for path in Path(paths[0]).iterdir()]
        again = Evidence(SHA, len(LOG), names[0], "text", reader=2, counted=4)
        return SimpleNamespace(evidence=(again, replace(again, sha256="f" * 64)))

    fake = SimpleNamespace(content=lambda blobs, one: blobs.open(one.sha256).read(), collect=collect)
    for name in ("archive", "intake"):
        monkeypatch.setitem(sys.modules, f"afterword.app.{name}", fake)
        monkeypatch.setattr(f"afterword.app.{name}", fake, raising=False)
    return fake


@pytest.mark.usefixtures("readers")
def test_a_citation_opens_the_very_line(ws: Workspace) -> None:
    found = ask(ws, "evidence.show", **I1, citation=f"[{CITE}]", context=1)
    assert [(one.number, one.cited) for one in found.lines] == [(1, False), (2, True), (3, False)]
    assert found.lines[1].text == LOG.decode().split("\n")[1]
    piece = ask(ws, "evidence.show", **I1, citation="E1:2@4-7")
    assert piece.piece == "two"
    for wrong, error in (
        ("E1", InvalidError),
        ("E2:1", NotFoundError),
        ("E1:99", NotFoundError),
        ("E1:3-2", NotFoundError),
    ):
        with pytest.raises(error):
            ask(ws, "evidence.show", **I1, citation=wrong)
    with pytest.raises(InvalidError, match="context"):
        ask(ws, "evidence.show", **I1, citation="E1:1", context=-1)
    ask(ws, "evidence.drop", **I1, evidence="E1", reason="names")
    with pytest.raises(NotFoundError, match="were dropped: names"):
        ask(ws, "evidence.show", **I1, citation="E1:1")


def test_only_a_line_feed_ends_a_line() -> None:
    bare = Evidence("0" * 64, 3, "x", "text-log")
    assert passage.lines(bare, "a\r\nbé".encode(), 1, 2) == ["a", "bé"]
    assert passage.lines(bare, b"a\xff\nb\nc", 1, 2) == ["a\ufffd", "b"]
    assert passage.lines(bare, b"a\nb\nc", 3, 3) == ["c"]


@pytest.mark.usefixtures("readers")
def test_evidence_is_read_again_under_its_own_name(ws: Workspace) -> None:
    ws = replace(ws, open_lake=lambda _: None)  # type: ignore[arg-type, return-value]
    found = ask(ws, "evidence.reread", **I1)
    assert [(one.evidence.name, one.evidence.reader) for one in found] == [("app.log", 2)]
    assert ws.records.get("evidence", "f" * 64) is None


def test_dropped_evidence_is_gone_and_its_reason_stays(ws: Workspace) -> None:
    with pytest.raises(RefusalError, match="with a reason"):
        ask(ws, "evidence.drop", **I1, evidence="E1", reason=" ")
    dropped = ask(ws, "evidence.drop", **I1, evidence="E1", reason="names of customers")
    assert "names of customers (maria, 2026-03-20T10:00:00Z)" in dropped.dropped
    assert not ws.blobs.has(SHA)
    assert ask(ws, "evidence.drop", **I1, evidence="E1", reason="again").dropped
    with pytest.raises(NotFoundError, match="There is E1 to E1"):
        ask(ws, "evidence.drop", **I1, evidence="E9", reason="x")


# ------------------------------------------------------------------------------------------------ lessons


def test_the_same_incident_again_is_similar_and_a_lesson(ws: Workspace, tmp_path: Path) -> None:
    ws.keep([("postmortem", "inc-2", postmortem("inc-2", START + 10 * DAY))], operation="test")
    assert [one.incident for one in ask(ws, "lesson.similar", to="inc-1")] == ["inc-2"]
    (tmp_path / "foreign.md").write_text("# The shop was down\n\nThe shop lost its pool.\n")
    assert {one.incident for one in ask(ws, "lesson.similar", to=str(tmp_path / "foreign.md"))} == {"inc-1", "inc-2"}
    with pytest.raises(NotFoundError, match="There is inc-1"):
        ask(ws, "lesson.similar", to="inc-9")
    assert isinstance(ask(ws, "lesson.list"), tuple)
    assert ask(ws, "lesson.trends")[0].n == 0


def test_only_what_was_done_is_marked_as_not_helping(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from afterword.core import lesson as core

    assert ask(ws, "lesson.learn") == ()
    ws.keep([("action", "A-1", action(state=ActionState.VERIFIED, proof=("E1:2",)))], operation="test")
    monkeypatch.setattr(core, "ineffective", lambda *_, **__: (("A-1", "inc-2"),))
    assert ask(ws, "lesson.learn")[0].reason == "it happened again in inc-2"
    assert ask(ws, "lesson.learn") == ()
    assert ws.get("action", "A-1", ActionItem).state is ActionState.INEFFECTIVE


def test_since_when_an_action_is_in_its_state(ws: Workspace) -> None:
    ask(ws, "action.accept", action="A-1", owner="tom")
    assert lesson._since(ws) == {"A-1": "2026-03-20T10:00:00Z"}


def test_a_rule_file_is_read_and_everything_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(
        "groups:\n- rules:\n  - alert: A\n    expr: x > 1\n    for: 1h30m\n  - record: r\n  - nonsense\n- 5\n"
    )
    assert [(one.name, one.expr, one.held) for one in lesson.rules_of(path)]  # type: ignore[union-attr] == [("A", "x > 1", 5400 * 10**9)]
    path.write_text("groups:\n- rules:\n  - alert: A\n    for: soon\n")
    with pytest.raises(InvalidError, match="no duration"):
        lesson.rules_of(path)
    for text in ("[1, 2]", "groups: 5", "{unclosed", "!!python/object/apply:os.system [true]"):
        path.write_text(text)
        with pytest.raises(UnreadableError):
            lesson.rules_of(path)


# ------------------------------------------------------------------------------------------------ files


def test_a_review_holds_unless_strictness_was_asked_for(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "pm.md"
    path.write_text("# Outage\n\nBob should have checked the config. He was careless.\n")
    loose = ask(ws, "review.check", file=str(path))
    assert loose.problems
    assert loose.holds
    assert not ask(ws, "review.check", file=str(path), strict=True).holds
    with pytest.raises(NotFoundError):
        ask(ws, "review.check", file=str(tmp_path / "none.md"))
    with pytest.raises(UnreadableError):
        ask(ws, "review.check", file=str(tmp_path))


def test_a_foreign_postmortem_is_kept_with_nulls_for_what_it_does_not_state(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "old.md"
    path.write_text("# Outage of 2024-05-01\n\n## Timeline\n\n- 10:00 UTC shop down\n")
    found = ask(ws, "review.import", files=[str(path)])
    assert found["title"]
    assert set(found["points"]) == {name.value for name in PointName}
    assert found["points"]["closed"] is None
    json.dumps(found)
    assert ws.records.get("foreign", found["id"]) is not None
    assert len(ask(ws, "review.import", files=[str(path), str(path)])) == 2
    assert ws.records.check_journal() == ""


def test_a_fault_tree_file_is_solved_in_the_shape_of_the_contract(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "tree.xml"
    path.write_text(
        '<opsa-mef><define-fault-tree name="t"><define-gate name="top"><and><basic-event name="a"/>'
        '<basic-event name="b"/></and></define-gate></define-fault-tree><model-data>'
        '<define-basic-event name="a"><float value="0.5"/></define-basic-event>'
        '<define-basic-event name="b"><float value="0.5"/></define-basic-event></model-data></opsa-mef>'
    )
    found = ask(ws, "tree.solve", file=str(path), limit_order=2, cut_off=0.0)
    assert (found.top_probability, found.cut_sets.count, found.cut_sets.by_order) == (0.25, "1", {"2": "1"})
    assert (found.gates, found.basic_events, found.exact) == (1, 2, True)
    with pytest.raises(InvalidError) as refused:
        ask(ws, "tree.solve", file=str(path), limit_order=0, cut_off=2.0)
    assert len(refused.value.reasons) == 2
    with pytest.raises(NotFoundError):
        ask(ws, "tree.solve", file="nowhere")
    with pytest.raises(UnreadableError):
        ask(ws, "tree.solve", file=str(tmp_path))


def test_templates_are_counted_and_assigned_line_by_line(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mine(lines: list[str]) -> Any:
        return ["t1" if line.startswith("a") else "t2" for line in lines], {"t1": "a <*>", "t2": "b"}

    fake = SimpleNamespace(mine=mine)
    monkeypatch.setitem(sys.modules, "afterword.core.template", fake)
    monkeypatch.setattr("afterword.core.template", fake, raising=False)
    one, two, out = tmp_path / "1.log", tmp_path / "2.log", tmp_path / "out.csv"
    one.write_bytes(b"a 1\r\nb\n")
    two.write_bytes(b"a \xff")
    found = ask(ws, "logs.mine", files=[str(one), str(two)], assign=str(out))
    assert (found.lines, [(t.id, t.count) for t in found.templates]) == (3, [("t1", 2), ("t2", 1)])
    assert out.read_text() == "line,template_id\n1,t1\n2,t2\n3,t1\n"
    assert ask(ws, "logs.mine", files=[str(one)]).assignments is None
    with pytest.raises(NotFoundError):
        ask(ws, "logs.mine", files=[str(tmp_path / "none")])
    with pytest.raises(UnreadableError):
        ask(ws, "logs.mine", files=[str(tmp_path)])
    with pytest.raises(InvalidError, match="cannot be written"):
        ask(ws, "logs.mine", files=[str(one)], assign=str(tmp_path / "no" / "out.csv"))


def test_rules_are_tried_on_the_recording(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = START + 5 * MINUTE
    alert = SimpleNamespace(event=SimpleNamespace(at=at, name="A", attributes={}))
    undated = SimpleNamespace(event=SimpleNamespace(at=None, name="A", attributes={}))
    worked = SimpleNamespace(
        postmortem=postmortem(),
        case=SimpleNamespace(alerts=(alert, undated), series=(), evidence=(), skews=()),
        series=(),
    )
    taken = SimpleNamespace(evidence=(SimpleNamespace(sha256=SHA),))
    fakes = {
        "intake": SimpleNamespace(collect=lambda *_, **__: taken),
        "pipeline": SimpleNamespace(work=lambda *_, **__: worked),
    }
    for name, fake in fakes.items():
        monkeypatch.setitem(sys.modules, f"afterword.app.{name}", fake)
        monkeypatch.setattr(f"afterword.app.{name}", fake, raising=False)
    rules = tmp_path / "rules.yml"
    rules.write_text("groups:\n- rules:\n  - alert: A\n    expr: x > 1\n")
    ws = replace(ws, open_lake=lambda _: None)  # type: ignore[arg-type, return-value]
    (found,) = ask(ws, "lesson.backtest", rules=str(rules), evidence=["x"])
    assert (found.alert, found.did_fire_at) == ("A", at)


# ------------------------------------------------------------------------------------------------ this installation


def test_info_says_where_things_are(ws: Workspace) -> None:
    found = ask(ws, "admin.info")
    assert found.exists
    assert found.records["action"] == 1
    assert found.bytes["records.sqlite"] > 0
    assert found.versions["afterword"]
    assert next(one for one in found.settings if one.name == "actor").origin == "--actor"


def test_the_journal_is_shown_and_checked(ws: Workspace) -> None:
    ask(ws, "action.accept", action="A-1", owner="tom")
    found = ask(ws, "admin.journal", kind="action", most=1)
    assert (len(found.lines), found.total, found.broken, found.holds) == (1, 2, "", True)
    with pytest.raises(InvalidError):
        ask(ws, "admin.journal", most=0)


def test_the_example_is_looked_for_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.Path, "is_dir", lambda _: True)
    assert demo.recordings().parts[-3:] == ("examples", "shop", "recordings")
    monkeypatch.setattr(demo.Path, "is_dir", lambda _: False)
    with pytest.raises(NotFoundError):
        demo.recordings()
    assert bench.list_(None) == ()  # type: ignore[arg-type]


def test_benchmarks_are_listed_with_what_they_measure() -> None:
    for one in bench.list_(None):  # type: ignore[arg-type]
        assert one.about
