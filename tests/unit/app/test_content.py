"""A large artefact is looked at in pieces, and shows what it shows when it is read as a whole."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterword.app import content, intake, passage
from afterword.app.operations import evidence as operation
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from pathlib import Path

RAW = b"".join(b"2026-03-14T09:00:%02d.%06dZ web-1 line %d\n" % (n // 50 % 60, n, n) for n in range(3000))


@given(st.binary(max_size=60), st.binary(min_size=1, max_size=3), st.integers(-70, 70), st.integers(-70, 70))
def test_it_is_like_bytes(raw: bytes, sub: bytes, low: int, high: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(content, "_PIECE", 7)
        made = content.Content(len(raw), lambda start, end: raw[start:end])
        assert made[low:high] == raw[low:high]
        assert made.find(sub, low, high) == raw.find(sub, low, high)
        for count in range(12):
            assert content.nth(made, count) == content.nth(raw, count)
        assert content.count_lines(made, 1000, []) == raw.count(b"\n") + 1


@pytest.mark.parametrize("packed", [False, True])
def test_any_line_of_a_large_artefact(packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the lines that the lake knows, packed or not; and only little of the file is read for it."""
    monkeypatch.setattr(content, "SMALL", 1000)
    monkeypatch.setattr(content, "_PIECE", 500)
    path = tmp_path / "a.log"
    path.write_bytes(gzip.compress(RAW, mtime=0) if packed else RAW)
    blobs, lake = BlobsFolder(tmp_path / "objects"), LakeParquet(tmp_path / "lake")
    [one] = intake.collect([str(path)], blobs, lake, redact=()).evidence
    found = content.of(blobs, one)
    assert isinstance(found, content.Content)
    whole = RAW.decode().split("\n")
    # The lake knows the first line; others as a lake of many row groups would know them.
    known = [*lake.anchors(one), *((n + 1, RAW.find(b"line %d\n" % n)) for n in range(0, 3000, 700))]
    assert lake.anchors(one) == [(1, 0)]
    for low in (1, 2, 699, 700, 701, 702, 1500, 2990, 3000, 3001):
        for anchors in ([], known):
            assert passage.lines(one, found, low, low + 2, anchors) == whole[low - 1 : low + 2]
            assert content.count_lines(found, low, anchors) >= low
    assert content.count_lines(found, 9999, known) == 3001


def test_little_is_read_for_a_line_near_the_end() -> None:
    read = []

    def piece(low: int, high: int) -> bytes:
        read.append(high - low)
        return RAW[low:high]

    made = content.Content(len(RAW), piece)
    anchors = [(2900, RAW.find(b"line 2899\n"))]
    assert RAW[content.nth(made, 2950 - 2900, anchors[0][1]) :].startswith(RAW.splitlines(keepends=True)[2949])
    assert sum(read) < 10_000


def test_the_operation_shows_lines_of_a_large_artefact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from afterword.app.operations import incident
    from afterword.app.workspace import open_workspace

    monkeypatch.setattr(content, "SMALL", 1000)
    monkeypatch.setattr(operation, "LARGE", 1000)
    path = tmp_path / "a.log"
    path.write_bytes(RAW)
    ws = open_workspace(tmp_path / "ws", face="test", now=lambda: "2026-03-15T00:00:00Z")
    id_ = incident.analyze(ws, evidence=(str(path),)).incident["id"]
    shown = operation.show(ws, incident=id_, citation="E1:2000", context=1)
    assert [line.text.rsplit(" ", 1)[1] for line in shown.lines] == ["1998", "1999", "2000"]
    with pytest.raises(operation.NotFoundError, match="3001 lines"):
        operation.show(ws, incident=id_, citation="E1:5000", context=1)
