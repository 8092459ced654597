"""The desk and the table: find, allow, decode, carry out."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from filled import CAUSE, action, fill, workspace

from afterword.app import desk, table
from afterword.app.workspace import Scope, Workspace, locate, open_workspace
from afterword.model.action import ActionItem, ActionState
from afterword.model.incident import Incident
from afterword.model.refusal import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnreadableError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_table_loads_nothing_heavy() -> None:
    heavy = ("numpy", "pydantic", "pyarrow", "duckdb", "scipy", "mcp", "starlette", "rich", "yaml")
    code = (
        "import sys\nfrom afterword.app import table\n"
        "for one in table.OPERATIONS: table.summary(one)\n"
        f"print([m for m in {heavy!r} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_check_of_what_is_loaded_finds_something() -> None:
    code = "import sys\nfrom afterword.app import table, wire\nwire.decode(int, 5)\nprint('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"


def test_every_row_is_whole() -> None:
    names, routes, commands = set(), set(), set()
    for one in table.OPERATIONS:
        assert table.summary(one).endswith("."), one.name
        assert one.example.startswith(f"afterword {one.command}"), one.name
        assert all(parameter.help for parameter in table.parameters(one)), one.name
        known = {parameter.name for parameter in table.parameters(one)}
        assert set(one.files) <= known, one.name
        assert {part[1:-1] for part in one.route.split("/") if part.startswith("{")} <= known, one.name
        required = [parameter.many for parameter in table.parameters(one) if parameter.required]
        assert not any(required[:-1]), f"{one.name}: only the last argument may be several"
        names.add(one.name)
        routes.add((one.method, one.route))
        commands.add(one.command)
    assert len(names) == len(routes) == len(commands) == len(table.OPERATIONS)


def test_an_unknown_operation_names_near_ones(ws: Workspace) -> None:
    with pytest.raises(NotFoundError, match=r"action\.list"):
        desk.ask(ws, "action.lst", {})
    with pytest.raises(NotFoundError, match=r"no operation 'zzz'\.$"):
        desk.ask(ws, "zzz", {})


def test_all_wrong_arguments_are_told_at_once(ws: Workspace) -> None:
    with pytest.raises(InvalidError) as refused:
        desk.ask(ws, "action.add", {"title": 5, "kind": "magic", "colour": "red"})
    told = "\n".join(refused.value.reasons)
    assert len(refused.value.reasons) == 4
    for name in ("colour", "incident", "title", "kind"):
        assert f"{name}: " in told


def test_text_and_json_are_both_read_strictly(ws: Workspace) -> None:
    assert desk.ask(ws, "action.list", {"overdue": "false"}, text=True)[0].id == "A-1"
    assert desk.ask(ws, "action.list", {"overdue": ["true"]}, text=True) == ()
    with pytest.raises(InvalidError):
        desk.ask(ws, "action.list", {"overdue": "false"})
    with pytest.raises(InvalidError, match="give it once"):
        desk.ask(ws, "action.list", {"owner": ["a", "b"]}, text=True)
    with pytest.raises(InvalidError, match="name at least one"):
        desk.ask(ws, "action.verify", {"action": "A-1", "proof": []})
    moments = desk.ask(ws, "timeline.show", {"incident": "inc-1", "kind": "gap"}, text=True)
    assert [one.id for one in moments] == ["g1"]


def test_a_read_only_caller_may_look_and_nothing_else(tmp_path: Path) -> None:
    fill(workspace(tmp_path))
    ws = workspace(tmp_path, may=frozenset({Scope.READ}))
    assert desk.ask(ws, "action.list", {})
    with pytest.raises(ForbiddenError, match="read-only"):
        desk.ask(ws, "action.move", {"action": "A-1", "state": "accepted"})


def test_an_agent_proposes_and_does_not_decide(tmp_path: Path) -> None:
    fill(workspace(tmp_path))
    ws = workspace(tmp_path, face="mcp", may=frozenset({Scope.READ, Scope.WRITE}))
    given = {"incident": "inc-1", "title": "Add x", "answers": ["c1"], "done_when": "it is there"}
    assert desk.ask(ws, "action.add", given).id == "A-2"
    for name in ("action.accept", "action.verify", "action.decline", "cause.judge", "evidence.drop", "point.state"):
        with pytest.raises(ForbiddenError, match="Machines propose"):
            desk.ask(ws, name, {})
    person = workspace(tmp_path)
    desk.ask(ws, "action.edit", {"action": "A-1", "owner": "eve", "due": "2026-12-24"})
    with pytest.raises(InvalidError, match="action accept"):
        desk.ask(ws, "action.move", {"action": "A-1", "state": "accepted"})
    desk.ask(person, "action.accept", {"action": "A-1", "owner": "tom"})
    with pytest.raises(ForbiddenError, match="promised"):
        desk.ask(ws, "action.edit", {"action": "A-1", "owner": "eve"})
    assert desk.ask(ws, "action.move", {"action": "A-1", "state": "in progress"}).owner == "tom"
    desk.ask(person, "action.decline", {"action": "A-1", "reason": "no"})
    with pytest.raises(ForbiddenError, match="decided by a person"):
        desk.ask(ws, "action.move", {"action": "A-1", "state": "proposed"})


def test_a_read_only_caller_is_told_when_looking_would_have_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from afterword.app.operations import incident

    def verify(ws: Workspace, *, path: str) -> None:
        ws.keep([("document", path, {})], operation="incident.export")

    monkeypatch.setattr(incident, "verify", verify)
    table.parameters.cache_clear()
    ws = workspace(tmp_path, may=frozenset({Scope.READ}))
    with pytest.raises(ForbiddenError, match="would have to write"):
        desk.ask(ws, "incident.verify", {"path": "inc-1"})
    table.parameters.cache_clear()


def test_requests_share_stores_and_nothing_else(tmp_path: Path) -> None:
    ws = workspace(tmp_path)
    fill(ws)
    one, other = ws.for_caller("http"), ws.for_caller("mcp")
    assert (one.face, other.face) == ("http", "mcp")
    assert one.records is other.records
    assert one._seen is not other._seen


def test_another_face_names_files_only_from_its_folders(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    inside.mkdir()
    ws = workspace(tmp_path / "ws", face="http", folders=(inside,))
    (inside / "link").symlink_to("/etc")
    for named in (
        "/etc/passwd",
        str(inside / ".." / "x"),
        str(inside / "link" / "passwd"),
        "prometheus+http://10.0.0.1/",
    ):
        with pytest.raises(ForbiddenError):
            desk.ask(ws, "review.check", {"file": named})
        with pytest.raises(ForbiddenError):
            desk.ask(ws, "incident.analyze", {"evidence": [str(inside / "ok"), named]})
    with pytest.raises(NotFoundError):
        desk.ask(ws, "review.check", {"file": str(inside / "ok.md")})


def test_a_get_that_writes_is_found(ws: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from afterword.app.operations import action as operations

    def bad(ws: Workspace, *, action: str) -> str:
        ws.keep([("action", action, 1)], operation="action.show")
        return action

    monkeypatch.setattr(operations, "show", bad)
    table.parameters.cache_clear()
    with pytest.raises(AssertionError, match="is a GET and wrote"):
        desk.ask(ws, "action.show", {"action": "A-1"})
    table.parameters.cache_clear()


def test_every_get_leaves_the_workspace_as_it_was(ws: Workspace, tmp_path: Path) -> None:
    lines = len(ws.records.journal())
    (tmp_path / "a.md").write_text("# A\n")
    values = {"incident": "inc-1", "action": "A-1", "citation": "E1:2", "to": "inc-1", "file": str(tmp_path / "a.md")}
    asked = 0
    for one in table.OPERATIONS:
        if one.method == "GET":
            given = {p.name: values[p.name] for p in table.parameters(one) if p.required}
            given |= {"file": "inc-1"} if one.name == "tree.solve" else {}
            try:
                desk.ask(ws, one.name, given)
            except ImportError:
                continue
            asked += 1
    assert asked > 12
    assert len(ws.records.journal()) == lines


def test_a_workspace_says_what_there_is(ws: Workspace) -> None:
    with pytest.raises(NotFoundError, match=r"no action 'A-9'.*There is A-1\."):
        ws.get("action", "A-9", ActionItem)
    with pytest.raises(NotFoundError, match="no foreign at all yet"):
        ws.get("foreign", "x", dict)
    assert ws.find("action", "A-9", ActionItem) is None
    ws.keep([("action", f"A-{n}", action(f"A-{n}")) for n in range(2, 15)], operation="test")
    with pytest.raises(NotFoundError, match="and 4 more"):
        ws.get("action", "A-99", ActionItem)


def test_what_was_read_must_be_unchanged_when_it_is_written(tmp_path: Path) -> None:
    first, second = workspace(tmp_path), workspace(tmp_path)
    fill(first)
    one, other = first.get("action", "A-1", ActionItem), second.get("action", "A-1", ActionItem)
    first.keep([("action", "A-1", replace(one, owner="a"))], operation="test")
    first.keep([("action", "A-1", replace(one, owner="b"))], operation="test")
    with pytest.raises(ConflictError, match="action A-1"):
        second.keep([("action", "A-1", replace(other, owner="c"))], operation="test")
    with pytest.raises(ConflictError):
        workspace(tmp_path).keep([("action", "A-1", one)], operation="test", new=True)
    workspace(tmp_path).keep([("action", "A-1", one)], operation="test")


def test_where_the_workspace_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AFTERWORD_WORKSPACE", raising=False)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert locate() == deep / ".afterword"
    (tmp_path / ".afterword").mkdir()
    assert locate() == tmp_path / ".afterword"
    monkeypatch.setenv("AFTERWORD_WORKSPACE", str(tmp_path / "c"))
    assert open_workspace(actor="x").root == tmp_path / "c"
    assert not (tmp_path / "c").exists()
    with pytest.raises(NotFoundError):
        open_workspace(create=False)
    (tmp_path / "c").write_text("")
    with pytest.raises(UnreadableError, match="is a file"):
        open_workspace()


def test_the_caller_is_in_the_journal(ws: Workspace) -> None:
    desk.ask(ws, "cause.judge", {"incident": "inc-1", "cause": CAUSE.id, "verdict": "accept"})
    line = ws.records.journal("incident")[-1]
    assert (line.actor, line.face, line.operation, line.id, line.at) == (
        "maria", "cli", "cause.judge", "inc-1", "2026-03-20T10:00:00Z",
    )  # fmt: skip


def test_states_and_types_are_what_the_words_say(ws: Workspace) -> None:
    assert isinstance(ws.get("incident", "inc-1", Incident), Incident)
    assert desk.ask(ws, "action.show", {"action": "A-1"}).state is ActionState.PROPOSED
