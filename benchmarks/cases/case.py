"""Case: evidence of one incident as it is given, what may be told, and what is right."""

from __future__ import annotations

import tarfile
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """Evidence files and made-up-in-memory ones, what may be told to the tool, and what is right."""

    name: str
    files: tuple[Path, ...]
    told: dict[str, str]
    component: str = ""
    indicator: str = ""
    #: Commit that is guilty, ``none`` when no change is; empty: not asked.
    commit: str = ""
    decoys: tuple[str, ...] = ()
    group: str = "all"
    #: Evidence that the loader rewrote, because a file name or an answer would otherwise tell too much.
    made: tuple[bytes, ...] = ()
    #: Object and class of a platform fault; right when one cause has both.
    fault: tuple[str, str] = ("", "")
    #: The change that is guilty among several; ranked by the score of the causes that name one.
    change: str = ""
    #: Words that must be said somewhere in the report; ``healthy``: no incident must be found.
    words: tuple[str, ...] = ()
    healthy: bool = False


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def unpacked(archive: Path) -> Path:
    """The folder that an archive was extracted to, outside of the project; extracted once."""
    folder = Path(tempfile.gettempdir(), "afterword-rca-cases", archive.parent.name)
    if not folder.is_dir():
        part = folder.with_name(folder.name + ".part")
        with tarfile.open(archive) as file:
            file.extractall(part, filter="data")
        part.rename(folder)
    return folder
