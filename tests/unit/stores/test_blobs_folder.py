"""Bytes by SHA-256: durable when answered, never changed."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path

import pytest

from afterword.model.refusal import NotFoundError
from afterword.stores.blobs_folder import BlobsFolder

BODY = b"2026-03-14T09:12:00Z pool exhausted\n"
SHA = hashlib.sha256(BODY).hexdigest()


def test_what_was_put_comes_back_byte_for_byte(tmp_path: Path) -> None:
    blobs = BlobsFolder(tmp_path / "objects")
    assert blobs.put(io.BytesIO(BODY)) == (SHA, len(BODY))
    assert blobs.has(SHA)
    with blobs.open(SHA) as stream:
        assert stream.read() == BODY


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    blobs = BlobsFolder(tmp_path)
    assert blobs.put(io.BytesIO(BODY)) == blobs.put(io.BytesIO(BODY))
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / SHA[:2] / SHA[2:]]


def test_bytes_and_folder_entry_are_synced_before_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Power goes after ``put`` has answered: the file and its name must both be on the disk."""
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    BlobsFolder(tmp_path).put(io.BytesIO(BODY))
    assert any(".part-" in name for name in synced)
    assert str(tmp_path / SHA[:2]) in synced


def test_an_interrupted_put_leaves_nothing(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the disk went away")

    with pytest.raises(OSError, match="went away"):
        BlobsFolder(tmp_path).put(Broken())
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, SHA[:-1]])
def test_a_name_that_is_no_hash_never_becomes_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotFoundError):
        BlobsFolder(tmp_path).open(name)


def test_removed_bytes_are_gone(tmp_path: Path) -> None:
    blobs = BlobsFolder(tmp_path)
    blobs.put(io.BytesIO(BODY))
    blobs.remove(SHA)
    assert not blobs.has(SHA)
    with pytest.raises(NotFoundError, match=SHA[:12]):
        blobs.open(SHA)
