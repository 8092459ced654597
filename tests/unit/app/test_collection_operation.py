"""What a person, a server's caller and an agent may ask of live systems, and what they are told."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from filled import postmortem
from small_server import Answer, SmallServer

import afterword
from afterword.app import desk
from afterword.app.operations import collection
from afterword.app.workspace import Workspace, open_workspace
from afterword.model.incident import Options
from afterword.model.refusal import ForbiddenError, InvalidError, NotFoundError, UnreadableError
from afterword.model.time import HOUR

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from afterword.model.collection import Collection

WINDOW = "2026-03-02T09:00:00Z/2026-03-02T10:00:00Z"
LOG = b"2026-03-02T09:00:01Z cart ERROR pool exhausted\n2026-03-02T09:00:02Z cart INFO served\n" * 40


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with SmallServer({"/log": Answer(LOG, headers={"Content-Type": "text/plain"}), "/none": Answer(b"", 404)}) as one:
        yield one


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    return open_workspace(tmp_path / "ws", actor="maria", now=lambda: "2026-03-02T12:00:00Z")


def configured(folder: Path, server: SmallServer, *names: str) -> None:
    made = [f'[[systems]]\nname = "{name}"\nconnector = "http"\nurl = "{server.url}/{name}"\n' for name in names]
    (folder / "afterword.toml").write_text("".join(made))


def ask(ws: Workspace, **arguments: Any) -> Collection:
    found: Collection = desk.ask(ws, "collection.run", arguments)
    return found


def test_two_commands_from_the_file_to_the_incident(ws: Workspace, server: SmallServer, tmp_path: Path) -> None:
    configured(tmp_path, server, "log", "none")
    found = ask(ws, window=WINDOW)
    assert [(one.system, one.got) for one in found.systems] == [("log", 1), ("none", 0)]
    assert desk.ask(ws, "collection.list", {}) == (found,)
    assert [one.got for one in afterword.collect(workspace=ws.root, window=WINDOW).systems] == [1, 0]
    report = desk.ask(ws, "incident.analyze", {"evidence": [found.id]})
    assert (
        report.problems[0]["message"]
        == "none did not answer for the answer: answered 404 Not Found; the rest was not asked"
    )
    (artefact,) = desk.ask(ws, "evidence.list", {"incident": report.incident["id"]})
    assert artefact.evidence.asked.url == f"{server.url}/log"
    assert artefact.evidence.counted == 80


def test_an_answer_that_is_an_archive(ws: Workspace, tmp_path: Path) -> None:
    """A forge answers with a zip of logs: its files are the artefacts, and each knows what was asked for it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("build/1_test.txt", LOG)
    with SmallServer({"/log": Answer(packed.getvalue(), headers={"Content-Type": "application/zip"})}) as server:
        configured(tmp_path, server, "log")
        found = ask(ws, window=WINDOW, out="answers")
    for evidence in (found.id, "answers"):
        report = desk.ask(ws, "incident.analyze", {"evidence": [evidence]})
        (one,) = desk.ask(ws, "evidence.list", {"incident": report.incident["id"]})
        assert one.evidence.name.endswith("/build/1_test.txt")
        assert one.evidence.counted == 80
        assert one.evidence.asked.system == "log"


def test_one_system_and_what_is_no_name(ws: Workspace, server: SmallServer, tmp_path: Path) -> None:
    configured(tmp_path, server, "log", "none")
    assert [one.system for one in ask(ws, window=WINDOW, system=["log"]).systems] == ["log"]
    with pytest.raises(InvalidError, match="there is no lag; there is log, none"):
        ask(ws, window=WINDOW, system=["lag"])
    with pytest.raises(UnreadableError, match="Nothing came"):
        ask(ws, window=WINDOW, system=["none"])


def test_going_on_by_the_id(ws: Workspace, server: SmallServer, tmp_path: Path) -> None:
    configured(tmp_path, server, "log")
    found = ask(ws, window=WINDOW)
    again = ask(ws, resume=found.id, out="answers")
    assert (again.systems[0].again, again.systems[0].asked) == (1, 0)
    assert (tmp_path / "answers" / "log" / "0001-the-answer.txt").read_bytes() == LOG
    configured(tmp_path, server, "none")
    with pytest.raises(InvalidError, match="other systems or with other options"):
        ask(ws, resume=found.id)
    with pytest.raises(NotFoundError):
        ask(ws, resume="col-0000000000")
    with pytest.raises(NotFoundError):
        ask(ws, resume="../../etc/passwd")


def test_a_window_is_needed(ws: Workspace, server: SmallServer, tmp_path: Path) -> None:
    configured(tmp_path, server, "log")
    with pytest.raises(InvalidError, match="--window START/END, --incident ID, or --resume ID"):
        ask(ws)
    with pytest.raises(InvalidError, match="the end after the start"):
        ask(ws, window="2026-03-02T10:00:00Z/2026-03-02T09:00:00Z")


def test_without_a_file_the_way_is_shown(ws: Workspace) -> None:
    with pytest.raises(NotFoundError, match=r"There is no afterword\.toml here or above"):
        ask(ws, window=WINDOW)
    with pytest.raises(NotFoundError, match=r"There is no file other\.toml"):
        ask(ws, window=WINDOW, config="other.toml")


def test_around_an_incident_that_is_known(ws: Workspace, server: SmallServer, tmp_path: Path) -> None:
    """Its window with an hour before and half an hour after; one that has no window needs a stated one."""
    configured(tmp_path, server, "log")
    with pytest.raises(NotFoundError):
        ask(ws, incident="inc-0000000000")
    known = postmortem("inc-1")
    assert known.window is not None
    ws.keep([("postmortem", "inc-1", known), ("postmortem", "inc-2", replace(known, window=None))], operation="test")
    found = ask(ws, incident="inc-1").window
    assert (found.start, found.end) == (known.window.start - HOUR, known.window.end + HOUR // 2)
    with pytest.raises(InvalidError, match="has no window yet"):
        ask(ws, incident="inc-2")


def test_around_a_moment_and_a_window(ws: Workspace) -> None:
    """What an analysis fetches ends now at the latest: nobody waits for tomorrow."""
    noon = 1_772_452_800
    moment = collection._around(ws, Options(at=noon * 10**9))
    assert (moment.start // 10**9, moment.end // 10**9) == (noon - 3 * 3600, noon)
    window = collection._around(ws, Options(window=((noon - 7200) * 10**9, (noon - 3600) * 10**9)))
    assert (window.start // 10**9, window.end // 10**9) == (noon - 10800, noon - 1800)
    with pytest.raises(InvalidError, match="--at TIME"):
        collection._around(ws, Options())


def test_callers_of_a_server_name_no_addresses_and_no_files(server: SmallServer, tmp_path: Path, ws: Workspace) -> None:
    """An agent may have the systems of the server asked; what else is asked is not for it to say."""
    configured(tmp_path, server, "log")
    caller = open_workspace(tmp_path / "ws", actor="agent", face="mcp", folders=(tmp_path,), now=ws.now)
    assert ask(caller, window=WINDOW).systems[0].got == 1
    (tmp_path / "mine.toml").write_text('[[systems]]\nname = "x"\nconnector = "http"\nurl = "http://127.0.0.1:1/"\n')
    with pytest.raises(ForbiddenError, match="decided by the person"):
        ask(caller, window=WINDOW, config=str(tmp_path / "mine.toml"))
    before = len(server.asked)
    with pytest.raises(ForbiddenError, match="only the person at the terminal"):
        desk.ask(caller, "incident.analyze", {"evidence": [f"http+{server.url}/log"], "at": "2026-03-02T09:00:00Z"})
    assert len(server.asked) == before
    # The control: the person at the terminal may.
    desk.ask(ws, "incident.analyze", {"evidence": [f"http+{server.url}/log"], "at": "2026-03-02T09:00:00Z"})
    assert len(server.asked) == before + 1
