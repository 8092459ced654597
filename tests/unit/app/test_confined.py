"""Archives are taken apart by a process that can do nothing else, and whose end costs one file and no more."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard

from afterword.app import archive, confined, intake, unpack
from afterword.app.archive import Budget, RefusedError
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

GOOD = b"2024-05-01T00:00:00Z INFO good: the line beside it\n"
#: The child of these tests: our own program with something else in place of taking the archive apart.
FREE = "import sys; sys.path += sys.argv[7:]; import os, time, socket; from afterword.app import unpack, unpack_child as us; "
BOUND = FREE + "us.confine(int(sys.argv[4]), int(sys.argv[5])); "


def peeled(raw: bytes, budget: int = 64 << 20) -> bytes:
    with archive.peel(io.BytesIO(raw), Budget(budget)) as made:
        return made.stream.read()


def refusal(raw: bytes = gzip.compress(b"a line\n")) -> RefusedError:
    with pytest.raises(RefusedError) as said:
        peeled(raw)
    return said.value


def refused_archive(raw: bytes, budget: Budget) -> str:
    try:
        for _, body in archive.members(io.BytesIO(raw), budget) or ():
            body.close()
    except RefusedError as refused:
        return refused.code
    return ""


def program(monkeypatch: pytest.MonkeyPatch, text: str, before: str = BOUND) -> None:
    monkeypatch.setattr(confined, "PROGRAM", before + text)


def wide_xz() -> bytes:
    """An xz file of some bytes whose header asks for a dictionary of 1.5 GiB."""
    raw = bytearray(lzma.compress(b"a line\n" * 10, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 16}]))
    size = (raw[12] + 1) * 4
    at = raw.index(bytes([lzma.FILTER_LZMA2, 1]), 12) + 2
    raw[at] = 37
    raw[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(raw[12 : 12 + size - 4]))
    return bytes(raw)


def swollen_zip(size: int = 96 << 20) -> bytes:
    """A zip file whose directory claims a thousand bytes; the standard library unpacks this kind of member at one go."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_BZIP2) as into:
        into.writestr("a.log", bytes(size))
    raw = bytearray(made.getvalue())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 1000)
    return bytes(raw)


def peak(code: str, raw: bytes) -> int:
    """Address space in bytes that a process without any limit takes at most for this."""
    told = "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmPeak')))"
    ran = subprocess.run([sys.executable, "-c", code + told], input=raw, capture_output=True, check=True)
    return int(ran.stdout.split()[-1]) << 10


# -------------------------------------------------------------------------------------------------- limits


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited and told on Linux")
def test_a_dictionary_wider_than_the_memory_of_the_child() -> None:
    """Control: unpacked without a limit, the same file takes more address space than the child may have."""
    took = peak("import lzma, sys; lzma.decompress(sys.stdin.buffer.read()); ", wide_xz())
    assert took > confined.MEMORY
    assert refusal(wide_xz()).code == "archive-limit"


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited and told on Linux")
def test_a_member_that_swells_at_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: the standard library, used in the program itself, holds all of it in memory although it asks for 1 KiB."""
    monkeypatch.setattr(confined, "MEMORY", 96 << 20)
    raw = swollen_zip()
    body = "zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).open('a.log')"
    took = peak(
        f"import contextlib, io, sys, zipfile\nwith contextlib.suppress(zipfile.BadZipFile): {body}.read(10)\n", raw
    )
    assert took > confined.MEMORY
    assert refused_archive(raw, Budget(1 << 30)) == "archive-limit"


def test_time_of_the_processor_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "_SECONDS", 1)
    program(monkeypatch, "exec('while True: pass')")
    begun = time.monotonic()
    with pytest.raises(RefusedError) as said:
        peeled(gzip.compress(b"x"), budget=1 << 20)
    assert said.value.code == "archive-limit"
    assert time.monotonic() - begun < 20


def test_silence_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sleeping costs no processor time. The child is killed, and so is what it started before it was bound."""
    monkeypatch.setattr(confined, "SILENCE", 0.5)
    program(monkeypatch, "os.fork(); time.sleep(60)", FREE)
    begun = time.monotonic()
    assert refusal().code == "archive-limit"
    assert time.monotonic() - begun < 10


TRIES = {
    "open a file": "os.open('/etc/hostname', 0)",
    "write a file": "os.open('x', os.O_CREAT | os.O_WRONLY)",
    "open a socket": "socket.socket()",
    "open a pipe": "os.pipe()",
    "list a folder": "os.listdir('/')",
    "raise a limit": "us.resource.setrlimit(us.resource.RLIMIT_NOFILE, (64, 64))",
    "take memory": "bytearray(1 << 30)",
}


@pytest.mark.parametrize("what", TRIES)
def test_what_a_captured_child_cannot_do(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: without ``confine`` the same attempt succeeds."""
    attempt = f"exec('''try:\n    {TRIES[what]}\n    done = b\"done\"\nexcept (OSError, MemoryError, ValueError) as error:\n    done = b\"no\"'''); us.tell(unpack.DATA, done); us.tell(unpack.END, b'')"  # fmt: skip
    program(monkeypatch, attempt)
    assert peeled(gzip.compress(b"x")) == b"no"
    program(monkeypatch, attempt, FREE)
    assert peeled(gzip.compress(b"x")) == b"done"


def test_the_child_knows_nothing_of_us(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of the environment, an empty folder, no descriptor beside the three."""
    monkeypatch.setenv("AFTERWORD_TOKEN", "secret")
    says = "us.tell(unpack.DATA, repr([sorted(set(os.environ) - {'LC_CTYPE'}), os.listdir('.'), [n for n in map(int, os.listdir('/dev/fd')) if n > 3]]).encode()); us.tell(unpack.END, b'')"  # fmt: skip
    program(monkeypatch, says, FREE)
    with open("/dev/null") as held:  # noqa: PTH123 - a descriptor that a child could inherit
        assert held.fileno() > 2
        assert peeled(gzip.compress(b"x")) == b"[[], [], []]"


# -------------------------------------------------------------------------------------------- not believed


LIES = {
    "a crash": "os.kill(os.getpid(), 11)",
    "an early end": "sys.exit(0)",
    "an early end after good bytes": "us.tell(unpack.DATA, b'good'); sys.exit(0)",
    "a mark that is none": "us.tell(b'?', b'')",
    "a piece of four gigabytes": "os.write(1, b'D' + b'\\xff' * 4 + b'x' * 1000)",
    "noise": "os.write(1, os.urandom(4096))",
    "a code that is none": "us.tell(unpack.REFUSED, b'made-up\\0text')",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_child_that_lies_or_dies_costs_one_file(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program(monkeypatch, LIES[lie])
    assert refusal().code == "archive-crashed"


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ("us.tell(unpack.NAME, b'a'); [us.tell(unpack.DATA, bytes(1 << 20)) for _ in range(99)]", "archive-bomb"),
        ("us.tell(unpack.DATA, b'of no file')", "archive-crashed"),
        ("us.tell(unpack.NAME, b'../../etc/passwd')", "archive-name"),
        ("[us.tell(unpack.NAME, b'a%d' % n) for n in range(99)]", "archive-members"),
        ("[us.tell(unpack.NAME, b'a') for n in range(2)]", "archive-twice"),
    ],
)
def test_what_the_child_has_checked_is_checked_again(lie: str, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes are counted by who receives them, names and numbers of files too."""
    program(monkeypatch, lie + "; us.tell(unpack.END, b'')")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as into:
        into.writestr("a", b"x")
    assert refused_archive(made.getvalue(), Budget(8 << 20, members=50)) == code


def test_reading_goes_on_beside_a_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is a Problem with a place; the plain file beside it needs no process and is read."""
    program(monkeypatch, LIES["a crash"])
    (tmp_path / "bad.gz").write_bytes(gzip.compress(b"x"))
    (tmp_path / "good.log").write_bytes(GOOD)
    found = intake.collect([str(tmp_path)], BlobsFolder(tmp_path / "o"), LakeParquet(tmp_path / "lake")).evidence
    bad, good = sorted(found, key=lambda one: one.name)
    assert good.counted == 1
    assert [(one.code, one.place.start, one.place.end) for one in bad.problems] == [("archive-crashed", 0, bad.size)]
    assert bad.accounting.balanced
    assert bad.accounting.quarantined == bad.size


def test_a_plain_file_starts_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "_start", None)
    assert peeled(GOOD) == GOOD
    assert archive.members(io.BytesIO(GOOD), Budget(1 << 20)) is None


# ------------------------------------------------------------------------------------------- what is equal


def frames_of(kind: str, raw: bytes) -> dict[bytes, bytes]:
    """Each member whole: where the pieces of one are cut depends on how fast the pipe is emptied."""
    found: dict[bytes, bytes] = {}
    for name, piece in confined.frames(kind, io.BytesIO(raw), 1 << 30, 100):
        found[name] = found.get(name, b"") + piece
    return found


def bundled() -> dict[str, bytes]:
    body = b"".join(b"line %d\n" % n for n in range(200_000))
    zipped, tarred = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as into:
        into.writestr("d/a.log", body)
        into.writestr("höhe.log", body[:100])
    with tarfile.open(fileobj=tarred, mode="w") as into:
        info = tarfile.TarInfo("d/a.log")
        info.size = len(body)
        into.addfile(info, io.BytesIO(body))
    zstd = zstandard.ZstdCompressor().compress(body)
    return {
        "gzip": gzip.compress(body), "bzip2": bz2.compress(body), "xz": lzma.compress(body), "zstd": zstd,
        "zip": zipped.getvalue(), "tar": tarred.getvalue(),
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd", "zip", "tar"])
def test_the_child_answers_what_the_program_itself_would(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the system cannot limit a process: there it is the same code, in the program."""
    raw = bundled()[kind]
    confined_ = frames_of(kind, raw)
    monkeypatch.setattr(confined, "possible", lambda: False)
    # Not in one line with the values: what pytest prints of megabytes that differ takes it minutes.
    same = confined_ == frames_of(kind, raw)
    assert same
    assert unpack.compression(raw[:8]) in (kind, "")


def test_the_position_of_the_file_stays_where_it_was(tmp_path: Path) -> None:
    """Parent and child share one open file; the child reads it without moving it."""
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(GOOD))
    with path.open("rb") as stream:
        stream.read(3)
        assert b"".join(body for _, body in confined.frames("gzip", stream, 1 << 20, 1)) == GOOD
        assert stream.read() == path.read_bytes()[3:]


def test_no_process_is_left_behind() -> None:
    """Whoever stops in the middle leaves nothing running."""
    before = _children()
    found = confined.frames("gzip", io.BytesIO(gzip.compress(bytes(64 << 20))), 1 << 30, 1)
    next(found)
    assert len(_children() - before) == 1, "the control: it runs while it is read"
    found.close()
    assert _children() <= before


def _children() -> set[str]:
    """Processes that this one has started, those of other tests among them."""
    return set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())


def test_a_name_that_is_no_text_reaches_no_store_as_an_error(tmp_path: Path) -> None:
    """Tar keeps names as bytes; what is no UTF-8 comes as a replacement, and everything that is written can be written."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", encoding="utf-8", errors="surrogateescape") as into:
        info = tarfile.TarInfo(b"logs/\xff\xfe.log".decode("utf-8", "surrogateescape"))
        info.size = len(GOOD)
        into.addfile(info, io.BytesIO(GOOD))
    (tmp_path / "a.tar").write_bytes(made.getvalue())
    (one,) = intake.collect(
        [str(tmp_path / "a.tar")], BlobsFolder(tmp_path / "o"), LakeParquet(tmp_path / "l")
    ).evidence
    assert one.counted == 1
    assert one.name == "a.tar/logs/\ufffd\ufffd.log"
    one.name.encode("utf-8")
    one.within.encode("utf-8")
