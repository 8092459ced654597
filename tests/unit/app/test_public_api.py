"""``import afterword``: one call for what the command line does, and nothing loaded before it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from filled import fill, postmortem, workspace

import afterword
from afterword.app import desk
from afterword.model.claim import Verification
from afterword.model.refusal import UnreadableError

if TYPE_CHECKING:
    from pathlib import Path

TREE = (
    '<opsa-mef><define-fault-tree name="t"><define-gate name="top"><or><basic-event name="a"/></or></define-gate>'
    "</define-fault-tree></opsa-mef>"
)


def test_importing_it_loads_nothing() -> None:
    code = "import sys, afterword\nprint([m for m in sys.modules if m.startswith('afterword.')])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_files_are_read_and_words_come_back(tmp_path: Path) -> None:
    (tmp_path / "t.xml").write_text(TREE)
    assert afterword.fault_tree(tmp_path / "t.xml").cut_sets == (("a",),)
    with pytest.raises(UnreadableError):
        afterword.fault_tree(tmp_path)
    assert isinstance(afterword.review("# Outage\n\nBob was careless.\n"), tuple)
    assert afterword.import_postmortem("# Outage of the shop\n").title


def test_anything_is_asked_by_name(tmp_path: Path) -> None:
    fill(workspace(tmp_path))
    ws = afterword.open_workspace(tmp_path, actor="tom")
    assert (ws.face, ws.actor) == ("python", "tom")
    assert afterword.ask(ws, "action.list")[0].id == "A-1"


def test_analyze_and_verify_answer_with_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(workspace(tmp_path))
    asked = []

    class Made:
        incident: ClassVar[Any] = {"id": "inc-1"}

    def ask(ws: Any, name: str, arguments: Any) -> Any:
        asked.append((name, arguments))
        return Made() if name == "incident.analyze" else Verification(0, 0, (), (), ())

    monkeypatch.setattr(desk, "ask", ask)
    assert afterword.analyze(tmp_path / "a.log", workspace=tmp_path, at="2026-03-14T09:12:00Z") == postmortem()
    assert afterword.verify(tmp_path / "b", workspace=tmp_path).holds
    assert asked == [
        ("incident.analyze", {"evidence": [str(tmp_path / "a.log")], "at": "2026-03-14T09:12:00Z"}),
        ("incident.verify", {"path": str(tmp_path / "b")}),
    ]
