"""Workspace: what an operation may use. Frozen, and made anew for each caller, so that no rights leak."""

from __future__ import annotations

import os
import sqlite3
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from afterword.app import config, wire
from afterword.model.refusal import ForbiddenError, NotFoundError, UnreadableError
from afterword.ports import Record, Records

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from afterword.app.config import Config
    from afterword.ports import Blobs, Lake, Received

T = TypeVar("T")

FOLDER = ".afterword"


class Scope(StrEnum):
    """What a caller may do: look, propose and record, decide in the name of people, or read what is sealed."""

    READ = "read"
    WRITE = "write"
    JUDGE = "judge"
    UNSEAL = "unseal"


class Journalled(Records, Protocol):
    """Records whose journal can be checked; the sentence names the first line that does not hold."""

    def check_journal(self) -> str: ...


def quiet(what: str, done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def make_blobs(path: Path) -> Blobs:
    from afterword.stores.blobs_folder import BlobsFolder  # noqa: PLC0415

    return BlobsFolder(path)


def make_lake(path: Path) -> Lake:
    from afterword.stores.lake_parquet import LakeParquet  # noqa: PLC0415 - pyarrow is slow to load

    return LakeParquet(path)


def make_received(path: Path) -> Received:
    from afterword.stores.inbox_folder import ReceivedFolder  # noqa: PLC0415

    return ReceivedFolder(path)


@dataclass(frozen=True)
class Workspace:
    """Stores, clock and caller of one request. Heavy stores are opened by the first look at them."""

    root: Path
    records: Journalled
    actor: str
    face: str
    now: Callable[[], str]
    progress: Callable[[str, int, int | None], None] = quiet
    may: frozenset[Scope] = frozenset(Scope)
    #: Folders from which a caller may name files; None: anywhere (the person at the terminal).
    folders: tuple[Path, ...] | None = None
    open_blobs: Callable[[Path], Blobs] = field(default=make_blobs)
    open_lake: Callable[[Path], Lake] = field(default=make_lake)
    #: Versions of the records that this caller has read: a write expects them unchanged.
    _seen: dict[tuple[str, str], int] = field(default_factory=dict, repr=False, compare=False)
    #: Words of records by version, for this request: a page asks for the same one several times, and words never change.
    _words: dict[tuple[str, str, int, Any], Any] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def blobs(self) -> Blobs:
        return self.open_blobs(self.root / "objects")

    @cached_property
    def lake(self) -> Lake:
        return self.open_lake(self.root / "lake")

    @cached_property
    def received(self) -> Received:
        return make_received(self.root / "inbox")

    @cached_property
    def config(self) -> Config:
        return config.load(self.root / "config.toml", os.environ)

    @property
    def today(self) -> str:
        return self.now()[:10]

    def for_caller(self, face: str = "web") -> Workspace:
        """The same stores for another request, which has read nothing yet."""
        return replace(self, face=face, _seen={}, _words={})

    def find(self, kind: str, id_: str, type_: type[T]) -> T | None:
        """The record, or None. Its version is remembered until this caller writes it."""
        record = self.records.get(kind, id_)
        if record is None:
            return None
        self._seen[kind, id_] = record.version
        key = (kind, id_, record.version, type_)
        if key not in self._words:
            self._words[key] = self.decode(type_, record.body)
        word: T = self._words[key]
        return word

    def get(self, kind: str, id_: str, type_: type[T]) -> T:
        """The record. Raises NotFoundError that says what there is."""
        found = self.find(kind, id_, type_)
        if found is None:
            raise NotFoundError(f"There is no {kind} {id_!r} in {self.root}. {self._there_is(kind)}")
        return found

    def all(self, kind: str, type_: type[T]) -> list[T]:
        """All records of a kind, in the order of their ids."""
        found = []
        for record in self.records.all(kind):
            self._seen[kind, record.id] = record.version
            found.append(self.decode(type_, record.body))
        return found

    def keep(self, changes: Sequence[tuple[str, str, Any]], *, operation: str, new: bool = False) -> None:
        """Write words as records, all or nothing.

        What this caller has read must be unchanged; what it has not read is replaced, unless ``new`` says that
        nothing may be there yet.
        """
        made = [Record(kind, id_, self._expected(kind, id_, new=new), wire.encode(word)) for kind, id_, word in changes]
        self.records.put(made, actor=self.actor, face=self.face, operation=operation, at=self.now())
        for record in made:
            self._seen[record.kind, record.id] = record.version + 1

    def decode(self, type_: type[T], body: Any) -> T:
        found: T = wire.decode(type_, body)
        return found

    def path(self, text: str) -> Path:
        """A file or folder that the caller named. Raises ForbiddenError outside of the folders given to its face."""
        path = Path(text).expanduser()
        if self.folders is not None:
            if "://" in text:
                # A server that fetches what a caller names can be sent to places that only it can reach.
                raise ForbiddenError(f"{text} is an address: only the person at the terminal may have it fetched")
            real = path.resolve()
            if not any(real.is_relative_to(folder.resolve()) for folder in self.folders):
                allowed = ", ".join(map(str, self.folders))
                raise ForbiddenError(f"{text} lies outside of what this server may touch ({allowed})")
        return path

    def _expected(self, kind: str, id_: str, *, new: bool) -> int:
        if new:
            return 0
        if (kind, id_) in self._seen:
            return self._seen[kind, id_]
        stored = self.records.get(kind, id_)
        return stored.version if stored else 0

    def _there_is(self, kind: str) -> str:
        ids = [record.id for record in self.records.all(kind)]
        if not ids:
            return f"There is no {kind} at all yet."
        more = f" and {len(ids) - 10} more" if len(ids) > 10 else ""
        return f"There is {', '.join(ids[:10])}{more}."


def open_workspace(
    path: Path | str | None = None,
    *,
    actor: str = "",
    face: str = "python",
    create: bool = True,
    progress: Callable[[str, int, int | None], None] = quiet,
    now: Callable[[], str] | None = None,
    may: frozenset[Scope] = frozenset(Scope),
    folders: tuple[Path, ...] | None = None,
) -> Workspace:
    """Open a workspace. Nothing is written to the disk before the first thing is kept in it."""
    from afterword.stores.records_sqlite import RecordsSqlite  # noqa: PLC0415 - only this function names a store

    root = Path(path).expanduser() if path else locate()
    root = root.absolute()
    if root.is_file():
        raise UnreadableError(f"{root} is a file, not a workspace")
    if not create and not root.is_dir():
        raise NotFoundError(f"There is no workspace at {root}.")
    records = RecordsSqlite(root / "records.sqlite")
    actor = actor or config.load(root / "config.toml", os.environ).actor
    return Workspace(root, records, actor, face, now or utc_now, progress, may, folders)


def locate() -> Path:
    """AFTERWORD_WORKSPACE, else the nearest ``.afterword`` upward from here, else ``./.afterword``."""
    named = os.environ.get("AFTERWORD_WORKSPACE")
    if named:
        return Path(named).expanduser()
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / FOLDER).is_dir():
            return folder / FOLDER
    return here / FOLDER


def utc_now() -> str:
    """RFC 3339 in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def versions() -> dict[str, str]:
    """Versions of this program and of what it stands on."""
    import platform  # noqa: PLC0415
    from importlib.metadata import version  # noqa: PLC0415 - reading metadata is slow and seldom wanted

    names = ("afterword", "numpy", "pyarrow", "pydantic", "mcp", "starlette")
    return {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in names},
    }
