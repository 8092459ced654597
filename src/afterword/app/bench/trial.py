"""Trial: the evidence of one incident as it is given, what may be told, and what is right."""

from __future__ import annotations

import hashlib
import tarfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


@dataclass(frozen=True)
class Trial:
    """One case with its answer. Only ``files``, ``made`` and ``told`` reach what is tried."""

    name: str
    files: tuple[Path, ...] = ()
    #: Evidence that is rewritten first, because a name or an answer would otherwise tell too much; made where it is run.
    made: tuple[Callable[[], bytes], ...] = ()
    #: What is said besides: ``at``, ``baseline``.
    told: Mapping[str, str] = field(default_factory=dict)
    #: What its result is counted by besides the set: the system, the family and the kind of fault.
    groups: tuple[str, ...] = ()
    #: The component that is at fault, and the indicator of it that shows it.
    component: str = ""
    indicator: str = ""
    #: The commit that is guilty, ``none`` where no change is; empty: not asked. Others look guilty and are not.
    commit: str = ""
    decoys: tuple[str, ...] = ()
    #: The change that is guilty among several; ranked by the score of the causes that name one.
    change: str = ""
    #: Object and class of a fault of the platform; right when one cause has both.
    fault: tuple[str, str] = ("", "")
    #: Words that must be said somewhere; ``healthy``: nothing must be put forward.
    words: tuple[str, ...] = ()
    healthy: bool = False
    #: For a history of alerts: which kinds lead to which, and the options of ``alert graph`` that may be told.
    links: frozenset[tuple[str, str]] = frozenset()
    known: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """One way in which cases and their answers lie in a folder; a set is never told by its name."""

    name: str
    #: What tells that a folder holds such a set; cheap, for it is asked of every folder.
    holds: Callable[[Path], bool]
    trials: Callable[[Path], Iterator[Trial]]


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unpacked(archive: Path, into: Path) -> Path:
    """The folder that an archive of cases was extracted to; once for each size and time of change."""
    state = archive.stat()
    key = hashlib.sha256(f"{archive.resolve()}|{state.st_size}|{state.st_mtime_ns}".encode()).hexdigest()[:16]
    folder = into / key
    if not folder.is_dir():
        part = into / f"{key}.part"
        part.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as file:
            file.extractall(part, filter="data")
        part.rename(folder)
    return folder
