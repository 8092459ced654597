"""Bytes in a folder, each file named by its SHA-256. What ``put`` has answered is on the disk."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import BinaryIO

from afterword.model.refusal import NotFoundError

_PIECE = 1 << 20
_SHA = re.compile(r"[0-9a-f]{64}")


class BlobsFolder:
    """``ab/cdef…`` under the root; a file is written beside its place, synced, then moved there."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, stream: BinaryIO) -> tuple[str, int]:
        """Keep the rest of a stream; answers its SHA-256 and its size in bytes."""
        self._root.mkdir(parents=True, exist_ok=True)
        digest, size = hashlib.sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._root, prefix=".part-")
        part = Path(name)
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

    def _settle(self, part: Path, sha256: str) -> None:
        target = self._path(sha256)
        if target.exists():
            return
        target.parent.mkdir(exist_ok=True)
        part.chmod(0o444)
        part.replace(target)
        for folder in (target.parent, self._root):
            _sync(folder)

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
            _sync(path.parent)

    def _path(self, sha256: str) -> Path:
        if not _SHA.fullmatch(sha256):
            raise NotFoundError(f"{sha256[:80]!r} is no SHA-256.")
        return self._root / sha256[:2] / sha256[2:]


def _sync(folder: Path) -> None:
    """Make a rename durable: the entry of the folder has to reach the disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
