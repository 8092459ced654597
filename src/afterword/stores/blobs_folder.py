"""Bytes in a folder, each file named by its SHA-256. What ``put`` has answered is on the disk."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from afterword.model.refusal import NotFoundError
from afterword.stores.durable import locked, sync

_PIECE = 1 << 20
_PART = ".part-"
_SHA = re.compile(r"[0-9a-f]{64}")


class BlobsFolder:
    """``ab/cdef…`` under the root; a file is written beside its place, synced, then moved there."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._cleaned = False

    def put(self, stream: BinaryIO) -> tuple[str, int]:
        """Keep the rest of a stream; answers its SHA-256 and its size in bytes."""
        digest, size = hashlib.sha256(), 0
        handle, part = self._begin()
        try:
            with os.fdopen(handle, "wb") as into:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
                    size += into.write(piece)
                into.flush()
                os.fsync(into.fileno())
            self._settle(part, digest.hexdigest())
        finally:
            part.unlink(missing_ok=True)
        return digest.hexdigest(), size

    def _begin(self) -> tuple[int, Path]:
        """A file to write to, locked for as long as its writer lives; what dead writers have left goes first."""
        self._root.mkdir(parents=True, exist_ok=True)
        with locked(self._root):
            if not self._cleaned:
                _clean(self._root)
                self._cleaned = True
            handle, name = tempfile.mkstemp(dir=self._root, prefix=_PART)
            fcntl.flock(handle, fcntl.LOCK_EX)
        return handle, Path(name)

    def _settle(self, part: Path, sha256: str) -> None:
        target = self._path(sha256)
        if target.exists():
            return
        target.parent.mkdir(exist_ok=True)
        part.chmod(0o444)
        part.replace(target)
        for folder in (target.parent, self._root):
            sync(folder)

    def open(self, sha256: str) -> BinaryIO:
        try:
            return self._path(sha256).open("rb")
        except FileNotFoundError:
            raise NotFoundError(f"The bytes {sha256[:12]}… are not kept here.") from None

    def has(self, sha256: str) -> bool:
        return self._path(sha256).exists()

    def remove(self, sha256: str) -> None:
        path = self._path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.is_dir():
            sync(path.parent)

    def _path(self, sha256: str) -> Path:
        if not _SHA.fullmatch(sha256):
            raise NotFoundError(f"{sha256[:80]!r} is no SHA-256.")
        return self._root / sha256[:2] / sha256[2:]


def _clean(root: Path) -> None:
    """Remove the files of writers that were killed: nobody holds their locks any more."""
    for path in root.glob(f"{_PART}*"):
        try:
            with path.open("rb") as part:
                fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink(missing_ok=True)
        except (BlockingIOError, FileNotFoundError):
            continue
