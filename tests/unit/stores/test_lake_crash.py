"""kill -9 while an artefact is written: it is not there, nothing of it is seen, and the next writer makes it good."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import signal
from typing import TYPE_CHECKING, Any

import duckdb

from afterword.model.event import Event, Kind
from afterword.model.evidence import Evidence, Place
from afterword.stores import lake_manifest
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_columns import COLUMNS
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

ONE = Evidence("a" * 64, 10, "app.log", "text")
OTHER = Evidence("b" * 64, 10, "other.log", "text")
AT = 1_773_479_520_000_000_000
HOUR = 3_600_000_000_000


def batches(hours: int = 3) -> Iterator[Sequence[Event]]:
    for hour in range(hours):
        yield [
            Event(Kind.LOG, Place(row, row + 1, row, row), AT + hour * HOUR + row, "cart", text=f"order {row} {hour}")
            for row in range(hour * 40_000, hour * 40_000 + 40_000)
        ]
    yield [Event(Kind.SPAN, Place(10**6, 10**6 + 1), AT, "cart", "get", took=1)]


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _half(root: Path) -> None:
    def some() -> Iterator[Sequence[Event]]:
        yield from batches(2)
        _kill()

    LakeParquet(root).write(ONE, some())


def _at_publish(root: Path) -> None:
    """Everything is written, half of the files are moved, the manifest is not."""
    moved = lake_manifest.sync
    left = [2]

    def sync(path: Path) -> None:
        moved(path)
        if path.is_dir():
            left[0] -= 1
            if not left[0]:
                _kill()

    lake_manifest.sync = sync
    LakeParquet(root).write(ONE, batches())


def _blob(root: Path) -> None:
    class Dying(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            if self.tell():
                _kill()
            return super().read(1000)

    BlobsFolder(root).put(Dying(b"x" * 5000))


def killed(function: Callable[[Path], None], root: Path) -> None:
    child = multiprocessing.get_context("fork").Process(target=function, args=(root,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL


def seen(root: Path) -> int:
    """Rows that an engine sees which reads the folder without us."""
    found = list((root / "events").rglob("*.parquet")) if root.exists() else []
    if not found:
        return 0
    [[rows]] = duckdb.connect().execute(f"select count(*) from read_parquet('{root}/events/*/*/*.parquet')").fetchall()
    return int(rows)


def folders(root: Path) -> list[Path]:
    return list((root / lake_manifest.STAGING).iterdir())


def test_half_an_artefact_is_invisible_and_read_again(tmp_path: Path) -> None:
    killed(_half, tmp_path)
    lake = LakeParquet(tmp_path)
    assert not lake.has(ONE)
    assert seen(tmp_path) == 0
    assert folders(tmp_path)
    lake.write(ONE, batches())
    assert lake.has(ONE)
    assert lake.tables([ONE]).num_rows == seen(tmp_path) == 120_001
    assert not folders(tmp_path)


def test_what_was_complete_is_published_by_the_next_writer(tmp_path: Path) -> None:
    """Killed between the files and the manifest: nothing is lost, and nothing is there twice."""
    killed(_at_publish, tmp_path)
    lake = LakeParquet(tmp_path)
    assert not lake.has(ONE)
    lake.write(OTHER, [[Event(Kind.LOG, Place(0, 1), AT, text="x")]])
    assert lake.has(ONE)
    assert lake.tables([ONE]).num_rows == 120_001
    assert seen(tmp_path) == 120_002
    assert not folders(tmp_path)


def test_the_folder_of_a_living_writer_is_left(tmp_path: Path) -> None:
    """The control: cleaning takes nothing from those that are at work."""
    slow = LakeParquet(tmp_path)

    def some() -> Iterator[Sequence[Event]]:
        yield from batches(1)
        LakeParquet(tmp_path).write(OTHER, [[Event(Kind.LOG, Place(0, 1), AT, text="x")]])
        yield from batches(0)

    slow.write(ONE, some())
    assert slow.has(ONE)
    assert slow.has(OTHER)


def test_a_file_that_is_gone_or_cut_means_that_the_artefact_is_not_there(tmp_path: Path) -> None:
    lake = LakeParquet(tmp_path)
    lake.write(ONE, batches())
    path = next(iter(lake.files([ONE])))[0]
    path.write_bytes(path.read_bytes()[:-10])
    assert not lake.has(ONE)
    lake.write(ONE, batches())
    assert lake.has(ONE)


def test_another_version_is_thrown_away_and_read_again(tmp_path: Path) -> None:
    """A lake of the version before, one file for each artefact, makes room for this one."""
    old = tmp_path / "aa" / f"{'a' * 64}-0123456789ab.parquet"
    old.parent.mkdir()
    old.write_bytes(b"PAR1")
    lake = LakeParquet(tmp_path)
    assert not lake.has(ONE)
    lake.write(ONE, batches(1))
    assert not old.exists()
    assert json.loads((tmp_path / "_columns.json").read_bytes()) == {"version": COLUMNS}
    (tmp_path / "_columns.json").write_text('{"version": 1}')
    LakeParquet(tmp_path).write(OTHER, ())
    assert not lake.has(ONE)
    assert seen(tmp_path) == 0


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_the_same_events_are_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        LakeParquet(tmp_path / name).write(ONE, batches())
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_lines_in_no_order_of_time_do_not_make_a_file_each(tmp_path: Path) -> None:
    """Sixty thousand lines over two years, shuffled: a handful of files, and all rows in partitions that fit."""
    lake = LakeParquet(tmp_path)
    span = 2 * 365 * 24 * HOUR
    events = [Event(Kind.LOG, Place(n, n + 1), AT + n * 7919 * 1_000_000_007 % span, text="x") for n in range(60_000)]
    lake.write(ONE, [events[:30_000], events[30_000:], [Event(Kind.LOG, Place(60_000, 60_001), text="y")]])
    files = lake.manifest(ONE)
    assert files is not None
    assert len(files.files) <= 5
    assert sum(file.rows for file in files.files) == 60_001
    wrong = (
        duckdb.connect()
        .execute(
            f"select count(*) from read_parquet('{tmp_path}/events/*/*/*.parquet', hive_partitioning = true)"
            " where hour not in ('any', 'undated') and not starts_with(strftime(make_timestamp_ns(\"at\"), '%Y-%m-%dT%H'), hour)"
        )
        .fetchall()
    )
    assert wrong == [(0,)]


def test_an_ordered_log_is_cut_by_the_hour(tmp_path: Path) -> None:
    lake = LakeParquet(tmp_path)
    lake.write(ONE, batches(6))
    found: Any = lake.manifest(ONE)
    logs = [file for file in found.files if file.signal == "log"]
    assert [file.hour for file in logs] == [f"2026-03-14T{hour:02}" for hour in range(9, 15)]
    assert {file.rows for file in logs} == {40_000}


def test_what_a_killed_writer_of_bytes_left_is_cleaned(tmp_path: Path) -> None:
    killed(_blob, tmp_path)
    assert list(tmp_path.glob(".part-*"))
    blobs = BlobsFolder(tmp_path)
    blobs.put(io.BytesIO(b"y"))
    assert not list(tmp_path.glob(".part-*"))


def test_the_file_of_a_living_writer_of_bytes_is_left(tmp_path: Path) -> None:
    """The control, again."""

    class Slow(io.BytesIO):
        def read(self, _: int | None = -1, /) -> bytes:
            if self.tell() == 0:
                BlobsFolder(tmp_path).put(io.BytesIO(b"y"))
            return super().read(3)

    sha, size = BlobsFolder(tmp_path).put(Slow(b"hello"))
    assert size == 5
    with BlobsFolder(tmp_path).open(sha) as stream:
        assert stream.read() == b"hello"
