"""Logs that real daemons write: rsyslog in both of its formats, the systemd journal, and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from afterword.app import intake
from afterword.model.event import Event, Meaning
from afterword.ports import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SAYS = ["pool exhausted", 'refused "card" of order 7', "back to normal"]


def _program(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name) or (name if Path(name).exists() else ""))), "")
    if not found:
        pytest.skip(f"{names[0]} is not installed here")
    return found


def _port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _until(ready: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, "the server did not do it in time"
        time.sleep(0.1)


def _read(path: Path, year: int | None = None) -> tuple[str, list[Event]]:
    """The source that claims the file, and its events."""
    with path.open("rb") as stream:
        source = intake._pick(stream.read(intake.HEAD))
        assert source is not None
        stream.seek(0)
        return source.name, [one for one in source.read(stream, Reading(year=year)) if isinstance(one, Event)]


@pytest.fixture
def rsyslog(tmp_path: Path) -> Iterator[tuple[int, Path, Path]]:
    """An rsyslog that writes what it hears in both formats."""
    program, port = _program("rsyslogd", "/usr/sbin/rsyslogd"), _port()
    new, old = tmp_path / "new.log", tmp_path / "old.log"
    config = tmp_path / "rsyslog.conf"
    config.write_text(
        f'global(workDirectory="{tmp_path}")\nmodule(load="imudp")\ninput(type="imudp" address="127.0.0.1" port="{port}")\n'
        f'action(type="omfile" file="{new}" template="RSYSLOG_SyslogProtocol23Format")\n'
        f'action(type="omfile" file="{old}" template="RSYSLOG_TraditionalFileFormat")\n'
    )
    with subprocess.Popen(
        [program, "-n", "-f", str(config), "-i", str(tmp_path / "pid")], stderr=subprocess.DEVNULL
    ) as running:
        _until((tmp_path / "pid").exists)
        time.sleep(0.5)
        yield port, new, old
        running.terminate()


def test_what_rsyslog_wrote_is_read_in_both_formats(rsyslog: tuple[int, Path, Path]) -> None:
    """RFC 5424 has a year, a zone and microseconds; the traditional format has none of them, and is said to."""
    port, new, old = rsyslog
    logger, before = _program("logger"), time.time_ns()
    for text in SAYS:
        command = [
            logger,
            "--server",
            "127.0.0.1",
            "--port",
            str(port),
            "--udp",
            "--rfc5424",
            "--tag",
            "cart",
            "-p",
            "user.err",
            text,
        ]
        subprocess.run(command, check=True)
    _until(lambda: old.exists() and old.read_text().count("\n") >= len(SAYS))
    name, events = _read(new)
    assert name == "syslog"
    assert [one.text for one in events] == SAYS
    assert {(one.subject, one.severity) for one in events} == {("cart", "error")}
    assert all(one.at is not None and abs(one.at - before) < 60 * 10**9 for one in events)
    assert {one.granularity for one in events} == {1000}
    _, undated = _read(old)
    assert [one.at for one in undated] == [None] * len(SAYS), "no year is stated, and none is borrowed"
    _, dated = _read(old, time.gmtime().tm_year)
    assert all(one.text.endswith(text) for one, text in zip(dated, SAYS, strict=True))
    assert {(one.granularity, one.offset) for one in dated} == {(10**9, None)}


def test_a_real_journal_reads_the_same_as_json_and_in_its_export_format(tmp_path: Path) -> None:
    """What journal-remote has written, as journalctl prints it: two formats, one set of events."""
    remote, journalctl = _program("/lib/systemd/systemd-journal-remote"), _program("journalctl")
    at, entries = 1773479520_000000, b""
    for count, text in enumerate([*SAYS, "two\nlines"]):
        head = f"__CURSOR=s=1;i={count}\n__REALTIME_TIMESTAMP={at + count}\n__MONOTONIC_TIMESTAMP={count + 1}\n_BOOT_ID=ffffffffffffffffffffffffffffff01\n"
        body = b"_HOSTNAME=web-1\nPRIORITY=3\nSYSLOG_IDENTIFIER=cart\nMESSAGE\n"
        raw = text.encode()
        entries += head.encode() + body + len(raw).to_bytes(8, "little") + raw + b"\n\n"
    journal = tmp_path / "remote.journal"
    made = subprocess.run([remote, f"--output={journal}", "-"], input=entries, capture_output=True, check=False)
    if made.returncode or not journal.exists():
        pytest.skip(f"journal-remote does not run here: {made.stderr.decode()[-200:]}")
    read = {}
    for form in ("json", "export"):
        told = subprocess.run(
            [journalctl, "--file", str(journal), "-o", form, "--all"], capture_output=True, check=True
        )
        (tmp_path / form).write_bytes(told.stdout)
        read[form] = _read(tmp_path / form)
    assert [read["json"][0], read["export"][0]] == ["journald", "journald-export"]
    facts = {
        form: [(e.at, e.subject, e.severity, e.text, e.clock, e.granularity) for e in events]
        for form, (_, events) in read.items()
    }
    assert facts["json"] == facts["export"]
    assert [one[3] for one in facts["json"]] == [*SAYS, "two\nlines"]
    assert {one[4] for one in facts["json"]} == {"web-1"}
    assert {one.meaning for one in read["json"][1]} == {Meaning.OCCURRED}


def test_the_log_of_a_real_postgresql_is_read_with_its_multi_line_statements(tmp_path: Path) -> None:
    """A statement that fails is told over several lines, by several severities."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").exists() else []
    if not programs or os.geteuid() != 0:
        pytest.skip("PostgreSQL is not installed here, or cannot be started as its own user")
    folder = tmp_path / "pg"
    folder.mkdir()
    for path in (*reversed(tmp_path.parents[:3]), tmp_path):
        path.chmod(path.stat().st_mode | 0o055)
    shutil.chown(folder, "postgres")
    log = folder / "log"

    def run(*command: str) -> None:
        subprocess.run(["runuser", "-u", "postgres", "--", *command], check=True, capture_output=True, cwd=folder)

    port, data, binaries = _port(), folder / "data", programs[-1]
    run(str(binaries / "initdb"), "-D", str(data), "--auth=trust", "--no-sync")
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c log_timezone=UTC -c fsync=off"
    )
    run(str(binaries / "pg_ctl"), "-D", str(data), "-l", str(log), "-o", options, "-w", "start")
    try:
        psql = [str(binaries / "psql"), "-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-c"]
        failed = subprocess.run([*psql, "SELECT 1,\n  2 / 0"], capture_output=True, check=False)
        assert failed.returncode != 0
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    name, events = _read(log)
    assert name == "text-log"
    error = next(one for one in events if "division by zero" in one.text)
    assert error.severity == "error"
    assert error.at is not None
    assert error.offset == 0
    statement = next(one for one in events if "SELECT 1," in one.text)
    assert "2 / 0" in statement.text, "the second line of the statement belongs to it"
    assert all(one.at is not None for one in events)
