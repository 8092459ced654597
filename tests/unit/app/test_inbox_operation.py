"""The inbox as evidence: listed, written out for a window, taken by an analysis as it is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "sources"))

import test_otlp_protobuf as otlp

from afterword.app import desk
from afterword.app.workspace import Workspace, open_workspace
from afterword.model.refusal import ConflictError, InvalidError, NotFoundError
from afterword.reading import inbox_item, otlp_frame
from afterword.stores.inbox_folder import InboxFolder, Limits

MINUTE = 60 * 10**9
#: 2023-11-14T22:13:20Z, when the samples happened.
T = 1_700_000_000 * 10**9
WINDOW = "2023-11-14T22:13:00Z/2023-11-14T22:14:00Z"


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """Three segments of logs, ten minutes apart, and a webhook beside the second."""
    for number in range(3):
        inbox = InboxFolder(
            tmp_path / "ws" / "inbox", Limits(room=0), clock=lambda number=number: T + number * 10 * MINUTE
        )
        received = T + number * 10 * MINUTE
        for late in (0, 1):
            inbox.keep("logs", otlp_frame.sealed(otlp.written(otlp.LOGS), received + late)).result(10)
        if number == 1:
            inbox.keep("alertmanager", inbox_item.line("alertmanager", received, {}, b'{"alerts": []}')).result(10)
        inbox.close()
    return open_workspace(tmp_path / "ws", actor="maria", face="cli")


def ask(ws: Workspace, name: str, **arguments: Any) -> Any:
    return desk.ask(ws, name, arguments)


def test_segments_are_listed(ws: Workspace) -> None:
    found = ask(ws, "inbox.list")
    assert [(one.kind, one.items, one.first) for one in found] == [
        ("alertmanager", 1, T + 10 * MINUTE), ("logs", 2, T), ("logs", 2, T + 10 * MINUTE), ("logs", 2, T + 20 * MINUTE),
    ]  # fmt: skip
    assert all(Path(one.path).stat().st_size == one.size for one in found)


@pytest.mark.parametrize(("late", "files", "items"), [("0s", 1, 2), ("15m", 3, 5), ("1h", 4, 7)])
def test_a_window_is_written_as_files(ws: Workspace, tmp_path: Path, late: str, files: int, items: int) -> None:
    """What belongs to the window may come later: senders collect, and try again."""
    made = ask(ws, "inbox.export", window=WINDOW, out=str(tmp_path / "out"), late=late)
    assert (len(made.files), made.items) == (files, items)
    assert {str(one) for one in (tmp_path / "out").iterdir()} == set(made.files)
    assert ask(ws, "inbox.export", window=WINDOW, out=str(tmp_path / "out"), late=late) == made


def test_a_kind_alone_and_refusals(ws: Workspace, tmp_path: Path) -> None:
    made = ask(ws, "inbox.export", window=WINDOW, out=str(tmp_path / "out"), kind=["alertmanager"])
    assert made.items == 1
    Path(made.files[0]).write_bytes(b"somebody else's")
    with pytest.raises(ConflictError):
        ask(ws, "inbox.export", window=WINDOW, out=str(tmp_path / "out"), kind=["alertmanager"])
    assert not list((tmp_path / "out").glob("*.part"))
    with pytest.raises(NotFoundError, match="inbox list"):
        ask(ws, "inbox.export", window="2021-01-01T00:00:00Z/2021-01-02T00:00:00Z", out=str(tmp_path / "out"))
    for wrong in ({"window": ""}, {"window": "today"}, {"window": WINDOW, "late": "soon"}):
        with pytest.raises(InvalidError):
            ask(ws, "inbox.export", **{"out": str(tmp_path / "out"), **wrong})


def test_an_analysis_takes_what_was_received(ws: Workspace, tmp_path: Path) -> None:
    for evidence in (f"inbox:{WINDOW}", "inbox"):
        ask(ws, "incident.analyze", evidence=[evidence], window=WINDOW, out=str(tmp_path / "out"))
    first, second = ask(ws, "incident.list")
    assert first.evidence
    listed = ask(ws, "evidence.list", incident=first.id) + ask(ws, "evidence.list", incident=second.id)
    assert {one.evidence.source for one in listed} >= {"otlp-protobuf"}
    with pytest.raises(NotFoundError, match="inbox list"):
        ask(ws, "incident.analyze", evidence=["inbox:2021-01-01T00:00:00Z/2021-01-02T00:00:00Z"])
    with pytest.raises(InvalidError, match="window"):
        ask(ws, "incident.analyze", evidence=["inbox"])
