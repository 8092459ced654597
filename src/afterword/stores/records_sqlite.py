"""Records in one SQLite file: judgements with a version, and a journal chained by hashes.

Write-ahead log, so that readers never wait; ``synchronous=FULL``, so that what was answered is on the disk.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterword.model.refusal import ConflictError, UnreadableError
from afterword.ports import JournalLine, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

#: How long a writer waits for another one, in milliseconds.
BUSY_MS = 10_000
_SCHEMA = Path(__file__).with_suffix(".sql")


def _first(connection: sqlite3.Connection) -> None:
    for statement in _SCHEMA.read_text(encoding="utf-8").split(";"):
        if statement.strip():
            connection.execute(statement)


#: One function a step: the n-th brings a file of version n to version n + 1.
STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first,)


class RecordsSqlite:
    """One file, a connection for each thread. The file is made by the first write, never by a read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here = threading.local()
        self._open: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()

    def get(self, kind: str, id_: str) -> Record | None:
        rows = self._read("SELECT kind, id, version, body FROM record WHERE kind = ? AND id = ?", (kind, id_))
        return next((_record(row) for row in rows), None)

    def all(self, kind: str) -> list[Record]:
        return [
            _record(row)
            for row in self._read("SELECT kind, id, version, body FROM record WHERE kind = ? ORDER BY id", (kind,))
        ]

    def put(self, changes: Sequence[Record], *, actor: str, face: str, operation: str, at: str) -> None:
        """Write all or nothing; each change names the version that it saw."""
        with self._writing() as connection:
            for change in changes:
                _put(connection, change, (at, actor, face, operation))

    def journal(self, kind: str = "", id_: str = "") -> list[JournalLine]:
        """The lines of one record, of one kind, or all, oldest first."""
        where = [f"{name} = ?" for name, value in (("kind", kind), ("id", id_)) if value]
        query = "SELECT seq, at, actor, face, operation, kind, id, version, body, hash FROM journal"
        query += f" WHERE {' AND '.join(where)}" * bool(where) + " ORDER BY seq"
        return [_line(row) for row in self._read(query, tuple(value for value in (kind, id_) if value))]

    def check_journal(self) -> str:
        """Empty when every line follows from the one before and every record from its last line; else what does not."""
        previous, last = "", {}
        for expected, line in enumerate(self.journal(), start=1):
            where = f"line {line.seq} of the journal ({line.operation} of {line.kind} {line.id}, {line.at})"
            if line.seq != expected:
                return f"{where} should be line {expected}: a line before it is gone"
            if line.hash != _hash(previous, line):
                return f"{where} was changed after it was written: its hash does not follow from the line before"
            previous, last[line.kind, line.id] = line.hash, line
        return self._check_records(last)

    def version(self) -> int:
        """Version of the schema of the file; 0 while there is none."""
        return int(next(iter(self._read("PRAGMA user_version", ())), (0,))[0])

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._open.values():
                connection.close()
            self._open.clear()
            self._here = threading.local()

    def _check_records(self, last: Mapping[tuple[str, str], JournalLine]) -> str:
        seen = set()
        for row in self._read("SELECT kind, id, version, body FROM record ORDER BY kind, id", ()):
            record = _record(row)
            seen.add((record.kind, record.id))
            line = last.get((record.kind, record.id))
            if line is None or (line.version, line.body) != (record.version, record.body):
                return f"the record {record.kind} {record.id} is not what its last line of the journal says"
        gone = sorted(set(last) - seen)
        return f"the record {' '.join(gone[0])} is in the journal but gone from the records" if gone else ""

    def _read(self, query: str, values: tuple[str, ...]) -> list[tuple[Any, ...]]:
        if not self._path.exists():
            return []
        with _named(self._path):
            return self._connection().execute(query, values).fetchall()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with _named(self._path):
            connection = self._connection()
            # IMMEDIATE takes the write lock first: a check of versions made before it would be out of date.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._here, "connection", None)
        if connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
            self._remember(connection)
            _prepare(connection, self._path)
            self._here.connection = connection
        return connection

    def _remember(self, connection: sqlite3.Connection) -> None:
        """Servers come and go with their threads: what a thread that has ended left open is closed by the next."""
        with self._lock:
            for thread in [one for one in self._open if not one.is_alive()]:
                self._open.pop(thread).close()
            self._open[threading.current_thread()] = connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    _to_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    stored = _version(connection)
    if stored > len(STEPS):
        raise UnreadableError(
            f"{path} was written by a newer afterword (format {stored}; this one reads up to {len(STEPS)}): upgrade it"
        )
    if stored < len(STEPS):
        _migrate(connection)


def _to_wal(connection: sqlite3.Connection) -> None:
    """Switch a new file to its write-ahead log. SQLite does not wait for a lock here, so that has to be done for it."""
    deadline = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _migrate(connection: sqlite3.Connection) -> None:
    """Each step in the same transaction as its version; another process may have been faster."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for number in range(_version(connection), len(STEPS)):
            STEPS[number](connection)
            connection.execute(f"PRAGMA user_version = {number + 1}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    with closing(connection.execute("PRAGMA user_version")) as cursor:
        return int(cursor.fetchone()[0])


def _put(connection: sqlite3.Connection, change: Record, who: tuple[str, str, str, str]) -> None:
    key = (change.kind, change.id)
    row = connection.execute("SELECT version FROM record WHERE kind = ? AND id = ?", key).fetchone()
    stored = row[0] if row else 0
    if stored != change.version:
        raise ConflictError(
            f"{change.kind} {change.id} was changed in between (version {stored}, not {change.version}): "
            "read it again and repeat"
        )
    body = _canonical(change.body)
    connection.execute(
        "INSERT INTO record (kind, id, version, body) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, body = excluded.body",
        (*key, stored + 1, body),
    )
    seq, previous = connection.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone() or (0, "")
    line = JournalLine(seq + 1, *who, *key, stored + 1, change.body)
    connection.execute(
        "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (line.seq, *who, *key, line.version, body, _hash(previous, line)),
    )


def _hash(previous: str, line: JournalLine) -> str:
    told = [line.seq, line.at, line.actor, line.face, line.operation, line.kind, line.id, line.version, line.body]
    return hashlib.sha256((previous + _canonical(told)).encode()).hexdigest()


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _record(row: tuple[Any, ...]) -> Record:
    kind, id_, version, body = row
    return Record(kind, id_, version, json.loads(body))


def _line(row: tuple[Any, ...]) -> JournalLine:
    seq, at, actor, face, operation, kind, id_, version, body, hash_ = row
    return JournalLine(seq, at, actor, face, operation, kind, id_, version, json.loads(body), hash_)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Failures of the file as sentences that name it."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise ConflictError(f"another process has been writing to {path} for too long: try again") from error
        raise UnreadableError(f"the records in {path} cannot be used: {error}") from error
    except sqlite3.DatabaseError as error:
        raise UnreadableError(f"the records in {path} are damaged: {error}") from error
    except OSError as error:
        raise UnreadableError(f"the records in {path} cannot be used: {error.strerror}") from error
