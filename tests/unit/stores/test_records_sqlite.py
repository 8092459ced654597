"""Records in SQLite: all or nothing, versions, a journal that shows when it was changed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from afterword.model.refusal import ConflictError, UnreadableError
from afterword.ports import Record
from afterword.stores import records_sqlite
from afterword.stores.records_sqlite import RecordsSqlite

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHO = {"actor": "maria", "face": "cli", "operation": "action.add", "at": "2026-03-14T09:12:00Z"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RecordsSqlite]:
    made = RecordsSqlite(tmp_path / "ws" / "records.sqlite")
    yield made
    made.close()


def put(store: RecordsSqlite, *changes: tuple[str, int, dict[str, object]]) -> None:
    store.put([Record("action", id_, version, body) for id_, version, body in changes], **WHO)


def test_reading_makes_no_file(store: RecordsSqlite, tmp_path: Path) -> None:
    assert store.get("action", "A-1") is None
    assert store.all("action") == []
    assert store.journal() == []
    assert store.check_journal() == ""
    assert store.version() == 0
    assert not (tmp_path / "ws").exists()


def test_what_was_put_is_there_with_its_version_and_journal(store: RecordsSqlite) -> None:
    put(store, ("A-1", 0, {"title": "é", "n": 1.5}), ("A-2", 0, {}))
    put(store, ("A-1", 1, {"title": "b"}))
    assert store.get("action", "A-1") == Record("action", "A-1", 2, {"title": "b"})
    assert [record.id for record in store.all("action")] == ["A-1", "A-2"]
    lines = store.journal("action", "A-1")
    assert [(line.seq, line.version, line.body) for line in lines] == [
        (1, 1, {"title": "é", "n": 1.5}),
        (3, 2, {"title": "b"}),
    ]
    assert (lines[0].actor, lines[0].face, lines[0].operation) == ("maria", "cli", "action.add")
    assert len(store.journal("action")) == 3
    assert store.check_journal() == ""
    assert store.version() == len(records_sqlite.STEPS)


def test_another_version_is_a_conflict_and_nothing_is_written(store: RecordsSqlite) -> None:
    put(store, ("A-1", 0, {"n": 1}))
    with pytest.raises(ConflictError, match=r"action A-1 was changed in between \(version 1, not 0\)"):
        put(store, ("A-2", 0, {}), ("A-1", 0, {"n": 2}))
    assert store.get("action", "A-2") is None
    assert len(store.journal()) == 1


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("UPDATE journal SET body = '{\"n\":9}' WHERE seq = 2", "line 2 of the journal .* was changed"),
        ("UPDATE journal SET actor = 'eve' WHERE seq = 1", "line 1 of the journal"),
        ("DELETE FROM journal WHERE seq = 1", "should be line 1"),
        ("DELETE FROM journal WHERE seq = 3", "record action A-1 is not what its last line"),
        ("UPDATE record SET body = '{}' WHERE id = 'A-2'", "record action A-2 is not what"),
        ("DELETE FROM record WHERE id = 'A-2'", "record action A-2 is in the journal but gone"),
    ],
)
def test_every_change_behind_the_back_is_found(store: RecordsSqlite, tmp_path: Path, damage: str, says: str) -> None:
    put(store, ("A-1", 0, {"n": 1}), ("A-2", 0, {"n": 2}))
    put(store, ("A-1", 1, {"n": 3}))
    store.close()
    connection = sqlite3.connect(tmp_path / "ws" / "records.sqlite")
    connection.execute(damage)
    connection.commit()
    connection.close()
    import re

    assert re.search(says, store.check_journal())


def test_a_new_file_that_many_open_at_once_waits_for_its_log(tmp_path: Path) -> None:
    """Four requests reach a fresh workspace in the same moment: each has to switch the file to its write-ahead log."""
    for number in range(25):
        made = RecordsSqlite(tmp_path / str(number) / "records.sqlite")
        gate = threading.Barrier(4)

        def work(name: int, made: RecordsSqlite = made, gate: threading.Barrier = gate) -> None:
            gate.wait()
            put(made, (f"A-{name}", 0, {"v": name}))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made.journal()) == 4
        made.close()


def test_threads_that_write_at_once_lose_nothing(store: RecordsSqlite) -> None:
    def work(name: int) -> None:
        for version in range(20):
            put(store, (f"A-{name}", version, {"v": version}))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.journal()) == 80
    assert store.check_journal() == ""


def test_two_processes_race_for_one_version_and_one_wins(store: RecordsSqlite, tmp_path: Path) -> None:
    put(store, ("A-1", 0, {}))
    code = (
        "import sys; from pathlib import Path; from afterword.stores.records_sqlite import RecordsSqlite as R\n"
        "from afterword.ports import Record; from afterword.model.refusal import ConflictError\n"
        "try:\n R(Path(sys.argv[1])).put([Record('action','A-1',1,{})],actor='a',face='f',operation='o',at='t')\n"
        "except ConflictError: sys.exit(9)\n"
    )
    path = str(tmp_path / "ws" / "records.sqlite")
    running = [subprocess.Popen([sys.executable, "-c", code, path]) for _ in range(3)]
    assert sorted(one.wait() for one in running) == [0, 9, 9]


def test_what_was_answered_survives_a_kill(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from afterword.stores.records_sqlite import RecordsSqlite as R\n"
        "from afterword.ports import Record\n"
        "R(Path(sys.argv[1])).put([Record('action','A-1',0,{'n':1})],actor='a',face='f',operation='o',at='t')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = tmp_path / "records.sqlite"
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    again = RecordsSqlite(path)
    assert again.get("action", "A-1") == Record("action", "A-1", 1, {"n": 1})
    assert again.check_journal() == ""
    again.close()


def test_a_newer_file_and_a_damaged_one_are_named(tmp_path: Path) -> None:
    newer = tmp_path / "newer.sqlite"
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UnreadableError, match="newer afterword"):
        RecordsSqlite(newer).all("action")
    garbage = tmp_path / "garbage.sqlite"
    garbage.write_bytes(b"not a database at all, really not" * 100)
    with pytest.raises(UnreadableError, match=r"garbage\.sqlite are damaged"):
        RecordsSqlite(garbage).all("action")
    folder = tmp_path / "folder.sqlite"
    folder.mkdir()
    with pytest.raises(UnreadableError, match="cannot be used"):
        RecordsSqlite(folder).all("action")
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(UnreadableError, match="cannot be used"):
        put(RecordsSqlite(blocked / "x" / "records.sqlite"), ("A-1", 0, {}))


def test_a_busy_file_is_a_conflict(store: RecordsSqlite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records_sqlite, "BUSY_MS", 50)
    put(store, ("A-1", 0, {}))
    other = sqlite3.connect(tmp_path / "ws" / "records.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ConflictError, match="try again"):
        put(store, ("A-2", 0, {}))
    other.execute("ROLLBACK")
    other.close()
    put(store, ("A-2", 0, {}))


def test_a_step_that_fails_leaves_the_old_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "records.sqlite"
    first = RecordsSqlite(path)
    put(first, ("A-1", 0, {}))
    first.close()

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE record")
        connection.execute("this is no SQL")

    monkeypatch.setattr(records_sqlite, "STEPS", (*records_sqlite.STEPS, broken))
    with pytest.raises(UnreadableError):
        RecordsSqlite(path).all("action")
    monkeypatch.undo()
    again = RecordsSqlite(path)
    assert [one.id for one in again.all("action")] == ["A-1"]
    again.close()


def test_threads_that_have_ended_leave_no_connection_open(store: RecordsSqlite) -> None:
    for n in range(5):
        thread = threading.Thread(target=put, args=(store, (f"A-{n}", 0, {})))
        thread.start()
        thread.join()
    assert len(store._open) == 1
