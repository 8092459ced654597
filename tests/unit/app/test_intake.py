"""The way in: bytes kept, read, accounted for; hostile files refused; names decide nothing."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING, BinaryIO

import pytest

from afterword.app import content, intake, plugs
from afterword.model.event import Event, Kind
from afterword.model.evidence import Evidence, Problem, Skipped
from afterword.model.refusal import InvalidError, UnreadableError
from afterword.ports import Reading, Source
from afterword.reading.line import lines
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _read(stream: BinaryIO, reading: Reading) -> Iterator[Event | Problem | Skipped]:
    """``12 text`` is a log line of second 12; ``!`` is broken; ``crash`` is a fault of the source."""
    for line in lines(stream):
        if line.body == b"crash":
            raise RuntimeError("a fault of the source")
        if line.body == b"":
            yield Skipped("a blank line", line.place)
        elif line.body.startswith(b"!"):
            yield Problem("broken", line.place)
        elif line.body.startswith(b"?"):
            at = None if reading.year is None else 1_700_000_000 * 10**9
            if at is None:
                yield Problem("a time that cannot be relied on: no year stated", line.place, quarantined=False)
            yield Event(Kind.LOG, line.place, at, text=line.text)
        else:
            second, _, text = line.text.partition(" ")
            yield Event(Kind.LOG, line.place, (1_700_000_000 + int(second)) * 10**9, "cart", text=text)


def _sniff(head: bytes) -> float:
    return 0.9 if head[:1].isdigit() or head[:1] in b"!?c" else 0.0


@pytest.fixture(autouse=True)
def one_source(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plugs, "sources", lambda: (Source("seconds", "for these tests", _sniff, _read),))


class Store:
    def __init__(self, root: Path) -> None:
        self.blobs, self.lake = BlobsFolder(root / "objects"), LakeParquet(root / "lake")

    def take(self, *names: Path) -> tuple[Evidence, ...]:
        return intake.collect([str(one) for one in names], self.blobs, self.lake).evidence

    def texts(self, evidence: tuple[Evidence, ...]) -> list[str]:
        return [row["text"] for row in self.lake.tables(evidence).to_pylist()]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def file(tmp_path: Path, body: bytes, name: str = "app.log") -> Path:
    path = tmp_path / "in" / name
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(body)
    return path


def test_every_byte_is_accounted_for(store: Store, tmp_path: Path) -> None:
    """Two lines, a blank one, a broken one: bytes in are bytes in events, quarantined and skipped."""
    [one] = store.take(file(tmp_path, b"1 a\n\n!b\n2 c\n"))
    assert (one.counted, one.accounting.events, one.accounting.quarantined, one.accounting.skipped) == (2, 8, 3, 1)
    assert one.accounting.balanced
    assert [str(p.message) for p in one.problems] == ["broken"]


def test_reading_twice_adds_nothing(store: Store, tmp_path: Path) -> None:
    path = file(tmp_path, b"1 a\n2 b\n")
    again = file(tmp_path, b"1 a\n2 b\n", "the-same-under-another-name.txt")
    first = store.take(path)
    assert store.take(path) == first
    assert [one.sha256 for one in store.take(path, again)] == [first[0].sha256]
    assert store.texts(first) == ["a", "b"]


def test_names_decide_neither_reading_nor_numbering(tmp_path: Path) -> None:
    bodies = [b"5 late\n", b"1 early\n", b"!x\n3 mid\n"]
    for run, names in enumerate((("a", "b", "c"), ("z.json", "y.csv", "x"))):
        for name, body in zip(names, bodies, strict=True):
            file(tmp_path / str(run), body, name)
    one = Store(tmp_path / "s1").take(tmp_path / "0" / "in")
    two = Store(tmp_path / "s2").take(tmp_path / "1" / "in")
    assert [e.sha256 for e in one] == [e.sha256 for e in two]
    assert [e.first_at for e in one] == sorted(e.first_at or 0 for e in one)


def test_a_fault_of_a_source_keeps_what_was_read_and_says_where_it_stopped(store: Store, tmp_path: Path) -> None:
    [one] = store.take(file(tmp_path, b"1 a\ncrash\n2 b\n"))
    assert one.counted == 1
    assert (one.problems[0].code, one.problems[0].place.start) == ("source-failed", 4)
    assert one.accounting.quarantined == 10
    assert one.accounting.balanced


def test_the_lake_is_derived_and_comes_back(store: Store, tmp_path: Path) -> None:
    evidence = store.take(file(tmp_path, b"1 a\n2 b\n"))
    for path in (tmp_path / "store" / "lake").rglob("*.parquet"):
        path.unlink()
    intake.restore(evidence, store.blobs, store.lake)
    assert store.texts(evidence) == ["a", "b"]


def test_a_compressed_file_is_read_and_its_own_bytes_are_kept(store: Store, tmp_path: Path) -> None:
    raw = gzip.compress(b"1 a\n2 b\n", mtime=0)
    [one] = store.take(file(tmp_path, raw, "app.log.gz"))
    with store.blobs.open(one.sha256) as stream:
        assert stream.read() == raw
    assert content.of(store.blobs, one) == b"1 a\n2 b\n"
    assert (one.size, one.accounting.size) == (len(raw), 8)


def test_what_comes_before_the_damage_is_read(store: Store, tmp_path: Path) -> None:
    """The copy was cut off: the first part of the log is there, and the report says that it is a part."""
    body = b"".join(b"%d a line of some length %d\n" % (n % 50, n * 7919) for n in range(20_000))
    [one] = store.take(file(tmp_path, gzip.compress(body, mtime=0)[:20_000]))
    assert 0 < one.counted < 20_000
    assert "archive-damaged" in {p.code for p in one.problems}


def test_wide_text_is_read_as_people_see_it(store: Store, tmp_path: Path) -> None:
    for number, encoding in enumerate(("utf-16", "utf-16-le", "utf-16-be", "utf-32")):
        path = file(tmp_path, f"1 caf\u00e9 {number}\n2 b\n".encode(encoding), f"{number}")
        [one] = store.take(path)
        assert store.texts((one,))[0] == f"caf\u00e9 {number}"
        assert one.encoding


def zipped(tmp_path: Path, members: dict[str, bytes], name: str = "all.zip") -> Path:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for member, body in members.items():
            made.writestr(zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return file(tmp_path, out.getvalue(), name)


def test_files_of_an_archive_are_artefacts_of_their_own(store: Store, tmp_path: Path) -> None:
    found = store.take(zipped(tmp_path, {"logs/a.log": b"1 a\n", "logs/b.log": b"2 b\n"}))
    assert [one.name for one in found] == ["all.zip/logs/a.log", "all.zip/logs/b.log"]
    assert all(store.blobs.has(one.within.split("/")[0]) for one in found)


def test_an_archive_inside_an_archive(store: Store, tmp_path: Path) -> None:
    inner = zipped(tmp_path / "x", {"a.log": b"1 a\n"}).read_bytes()
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as made:
        info = tarfile.TarInfo("inner.zip")
        info.size = len(inner)
        made.addfile(info, io.BytesIO(inner))
    assert store.texts(store.take(file(tmp_path, tar.getvalue()))) == ["a"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../up.log", "archive-name"),
        ("/abs.log", "archive-name"),
        ("C:\\x.log", "archive-name"),
        ("ok/../../x", "archive-name"),
    ],
)
def test_a_name_that_points_outside_is_refused_and_nothing_is_written_there(
    store: Store, tmp_path: Path, name: str, code: str
) -> None:
    before = {p for p in tmp_path.rglob("*") if p.is_file()}
    path = zipped(tmp_path, {"good.log": b"1 a\n", name: b"2 pwned\n"})
    with pytest.raises(UnreadableError, match="points outside"):
        store.take(path)
    [refused] = [one for one in store.take(path, file(tmp_path, b"1 x\n")) if not one.counted]
    assert (refused.source, refused.problems[0].code, refused.accounting.balanced) == ("refused", code, True)
    written = {p for p in tmp_path.rglob("*") if p.is_file()} - before
    assert all((tmp_path / "store") in p.parents or (tmp_path / "in") in p.parents for p in written)


def test_a_bomb_is_refused_before_it_has_gone_off(store: Store, tmp_path: Path) -> None:
    bombs = {
        "flat.zip": zipped(tmp_path, {"bomb": b"1 a\n" * (16 << 20)}, "flat.zip"),
        "gz": file(tmp_path, gzip.compress(b"1" * (64 << 20), mtime=0), "gz"),
    }
    for path in bombs.values():
        with pytest.raises(UnreadableError, match="unpacks to more than"):
            store.take(path)


def test_a_log_that_repeats_itself_is_no_bomb(store: Store, tmp_path: Path) -> None:
    """The control of the test above: much compression alone does not make a bomb."""
    [one] = store.take(file(tmp_path, gzip.compress(b"1 the same line again\n" * 100_000, mtime=0)))
    assert one.counted == 100_000


def test_a_link_in_a_tar_is_refused(store: Store, tmp_path: Path) -> None:
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as made:
        info = tarfile.TarInfo("passwd")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(info)
    with pytest.raises(UnreadableError, match="a link or a device"):
        store.take(file(tmp_path, tar.getvalue()))


def test_links_in_a_folder_are_not_followed(store: Store, tmp_path: Path) -> None:
    secret = file(tmp_path / "elsewhere", b"1 secret\n")
    inside = file(tmp_path, b"1 a\n")
    (inside.parent / "link.log").symlink_to(secret)
    assert store.texts(store.take(inside.parent)) == ["a"]


def test_a_date_without_a_year_takes_it_from_the_other_evidence(store: Store, tmp_path: Path) -> None:
    alone = store.take(file(tmp_path, b"? Mar 14 09:12:00\n", "old-syslog"))
    assert alone[0].first_at is None
    both = store.take(file(tmp_path, b"? Mar 14 09:12:00\n", "old-syslog"), file(tmp_path, b"1 a\n"))
    [syslog] = [one for one in both if one.year]
    assert (syslog.year, syslog.first_at) == (2023, 1_700_000_000 * 10**9)


def test_what_is_not_there_is_said(store: Store, tmp_path: Path) -> None:
    with pytest.raises(InvalidError, match="no file or folder"):
        store.take(tmp_path / "nowhere")


def test_evidence_that_nobody_can_read(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no source knows"):
        store.take(file(tmp_path, b"\x00\x01\x02"))
