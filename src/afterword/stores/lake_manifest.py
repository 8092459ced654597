"""Which files hold the events of one artefact. What no manifest lists is not there.

All files of an artefact are written in a folder aside, the manifest last; then they are moved to their places, and the
manifest after them. A writer that is killed leaves its folder, which the next writer publishes when it was complete and
throws away when it was not. The lock on the folder goes with its owner, however that one ends.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from afterword.stores.durable import locked, sync

if TYPE_CHECKING:
    from collections.abc import Iterator

STAGING = ".staging"
ARTEFACTS = "artefacts"
VERSION = "_columns.json"
_MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class LakeFile:
    """One Parquet file of the lake: ``path`` is relative to the lake; ``first`` and ``last`` are the ends of ``at``."""

    path: str
    signal: str
    #: What the time of every row begins with: ``2026-11-24T10``, ``2026-11-24T``, ``2026-11-``, ``2026-``; else ``any``.
    hour: str
    rows: int
    bytes: int
    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything the lake holds of one artefact, read by one rule."""

    version: int
    artefact: str
    reading: str
    rows: int
    files: tuple[LakeFile, ...]
    #: The file of templates with its size in bytes; empty where there are no log lines.
    templates: str = ""
    templates_bytes: int = 0

    @property
    def name(self) -> str:
        return f"{self.artefact}-{self.reading}.json"

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Every file with the size that it has when it is whole."""
        yield from ((file.path, file.bytes) for file in self.files)
        if self.templates:
            yield self.templates, self.templates_bytes


def load(path: Path) -> Manifest | None:
    """The manifest, or None where there is none that can be read."""
    try:
        body = json.loads(path.read_bytes())
        return Manifest(**{**body, "files": tuple(LakeFile(**file) for file in body["files"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def anchors(root: Path, manifest: Manifest) -> list[tuple[int, int]]:
    """The first line of each row group with its offset, out of what Parquet keeps of every column."""
    found = []
    for file in manifest.files:
        try:
            metadata = pq.read_metadata(root / file.path)
        except OSError:
            continue
        places = {metadata.schema.column(at).name: at for at in range(metadata.num_columns)}
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            line, start = (group.column(places[name]).statistics for name in ("first", "start"))
            if line is not None and start is not None and line.has_min_max and start.has_min_max:
                found.append((int(line.min), int(start.min)))
    return sorted(found)


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """A folder aside that is gone afterwards; it is locked for as long as its owner lives."""
    aside = root / STAGING
    aside.mkdir(parents=True, exist_ok=True)
    with locked(aside):
        folder = Path(tempfile.mkdtemp(dir=aside))
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def publish(root: Path, folder: Path, manifest: Manifest) -> None:
    """Move the files of a complete folder to their places, the manifest last. May be done again by somebody else."""
    kept = folder / _MANIFEST
    _durable(kept, json.dumps(asdict(manifest), indent=1).encode())
    for path, _ in manifest.sizes():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # moved already, by the one whose folder this was
            (folder / path).replace(target)
    for parent in {(root / path).parent for path, _ in manifest.sizes()}:
        sync(parent)
    target = root / ARTEFACTS / manifest.name
    target.parent.mkdir(exist_ok=True)
    kept.replace(target)
    sync(target.parent)


def recover(root: Path, version: int) -> None:
    """Finish or throw away what writers that are gone have left, and everything of another version."""
    aside = root / STAGING
    if not root.is_dir():
        return
    aside.mkdir(exist_ok=True)
    with locked(aside):
        _only(root, version)
        for folder in sorted(aside.iterdir()):
            _settle(root, folder, version)


def _settle(root: Path, folder: Path, version: int) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        manifest = load(folder / _MANIFEST)
        if manifest is not None and manifest.version == version:
            publish(root, folder, manifest)
        shutil.rmtree(folder, ignore_errors=True)
    except BlockingIOError:
        return  # its owner is alive
    finally:
        os.close(handle)


def _only(root: Path, version: int) -> None:
    """Remove the events of every other version, whose columns or places differ: they are only derived."""
    note = root / VERSION
    try:
        found = json.loads(note.read_bytes()).get("version")
    except (OSError, ValueError, AttributeError):
        found = None
    if found == version:
        return
    for path in root.iterdir():
        if path.is_dir() and path.name != STAGING and not path.is_symlink():
            shutil.rmtree(path)
    _durable(note, json.dumps({"version": version}).encode())
    sync(root)


def _durable(path: Path, body: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as into:
        into.write(body)
        into.flush()
        os.fsync(into.fileno())
    part.replace(path)
