"""What lies around the bytes: taken off, with nothing lost, nothing trusted, and nothing that grows without a bound."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from typing import TYPE_CHECKING

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.app import archive
from afterword.app.archive import Budget, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda raw: gzip.compress(raw, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}

#: Each example starts processes.
PROCESSES = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def peeled(raw: bytes, budget: int = 1 << 30) -> tuple[bytes, str, list[str]]:
    with archive.peel(io.BytesIO(raw), Budget(budget)) as made:
        return made.stream.read(), made.encoding, [one.code for one in made.problems]


def members(raw: bytes, budget: Budget | None = None) -> dict[str, bytes] | None:
    found = archive.members(io.BytesIO(raw), budget or Budget(1 << 30))
    if found is None:
        return None
    held = {}
    for name, body in found:
        with body:
            held[name] = body.read()
    return held


def zipped(*held: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as into:
        for name, body in held:
            into.writestr(name, body)
    return made.getvalue()


def tarred(*held: tuple[tarfile.TarInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as into:
        for info, body in held:
            info.size = len(body) if info.isreg() else 0
            into.addfile(info, io.BytesIO(body) if info.isreg() else None)
    return made.getvalue()


def refusal(raw: bytes) -> str:
    with pytest.raises(RefusedError) as said:
        members(raw)
    return said.value.code


# ------------------------------------------------------------------------------------------- compression


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
@PROCESSES
@given(raw=st.binary(max_size=2000).filter(lambda b: not b.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe"))))
def test_what_was_packed_once_or_twice_comes_back(pack: Callable[[bytes], bytes], raw: bytes) -> None:
    body = b"2026-03-14 one line\n" + raw
    assert peeled(pack(body)) == (body, "", [])
    assert peeled(pack(pack(body))) == (body, "", [])


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_three_layers_are_nobodys_log(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(RefusedError, match="more than twice"):
        peeled(pack(pack(pack(b"a line\n" * 50))))


@pytest.mark.parametrize("pack", PACKERS.values(), ids=PACKERS)
def test_growth_has_a_bound(pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(RefusedError) as said:
        peeled(pack(b"\n" * (4 << 20)), budget=3 << 20)
    assert said.value.code == "archive-bomb"


def test_the_bound_follows_the_size_between_a_floor_and_a_ceiling() -> None:
    assert Budget.of(0).bytes == archive.FLOOR
    assert Budget.of(1 << 20).bytes == archive.RATIO << 20
    assert Budget.of(1 << 40).bytes == archive.CEILING


@pytest.mark.parametrize("cut", [1, 8, 200])
def test_the_disk_was_full_while_it_was_packed(cut: int) -> None:
    """What comes before the damage is read, and the damage is told with its place."""
    raw = b"".join(b"line %d\n" % n for n in range(20_000))
    with archive.peel(io.BytesIO(gzip.compress(raw)[:-cut]), Budget(1 << 30)) as made:
        found = made.stream.read()
        assert raw.startswith(found)
        assert len(found) > len(raw) // 2
        (problem,) = made.problems
        assert (problem.code, problem.place.start) == ("archive-damaged", len(found))


def test_damage_from_the_first_byte_on_is_a_refusal() -> None:
    with pytest.raises(RefusedError) as said:
        peeled(b"\x1f\x8b\x08" + b"\xff" * 40)
    assert said.value.code == "archive-damaged"


@PROCESSES
@given(st.binary(max_size=300), st.sampled_from([b"", b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PK\x05\x06"]))  # fmt: skip
def test_no_bytes_end_in_anything_but_bytes_or_a_refusal(raw: bytes, mark: bytes) -> None:
    with contextlib.suppress(RefusedError):
        peeled(mark + raw)
        members(mark + raw)


# ---------------------------------------------------------------------------------------------- encodings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-le", "utf-16-be"])
def test_wide_text_is_read_as_utf_8(encoding: str) -> None:
    text = "2026-03-14 09:12:00 Störung im Pool\n" * 3
    found, named, _ = peeled(text.encode(encoding))
    assert found.decode().removeprefix("\ufeff") == text
    assert named.startswith(encoding[:6])


@pytest.mark.parametrize("raw", [b"plain\n", "schön\n".encode(), b"\0\0\0\0\0\0\0\0", b"a\0", b""])
def test_what_is_not_wide_stays_as_it_is(raw: bytes) -> None:
    """Zeros alone make no wide text."""
    assert peeled(raw) == (raw, "", [])


# ----------------------------------------------------------------------------------------------- archives


@PROCESSES
@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}(/[a-z]{1,8})?", fullmatch=True), st.binary(max_size=50), max_size=5))
def test_files_of_an_archive_come_out_under_their_names(held: dict[str, bytes]) -> None:
    names = [name for name in held if not any(other.startswith(name + "/") for other in held)]
    kept = {name: held[name] for name in names}
    assert members(zipped(*kept.items())) == kept
    if kept:
        assert members(tarred(*((tarfile.TarInfo(name), body) for name, body in kept.items()))) == kept


@pytest.mark.parametrize("raw", [b"", b"a log line\n", b'{"zip": 1}' + zipped(("a", b"b")), b"x" * 600])
def test_what_is_no_archive_is_not_opened(raw: bytes) -> None:
    assert members(raw) is None


@pytest.mark.parametrize("name", ["../a", "a/../../b", "/etc/passwd", "C:\\a", "a\\..\\b", "\\\\host\\a", "..", "a/.."])
def test_names_that_point_outside(name: str) -> None:
    assert refusal(zipped((name, b"x"))) == "archive-name"
    assert refusal(tarred((tarfile.TarInfo(name), b"x"))) == "archive-name"


def test_links_and_devices() -> None:
    link = zipfile.ZipInfo("a")
    link.external_attr = 0o120777 << 16
    assert refusal(zipped((link, b"/etc/passwd"))) == "archive-link"
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        info = tarfile.TarInfo("a")
        info.type, info.linkname = kind, "/etc/passwd"
        assert refusal(tarred((info, b""))) == "archive-link"


def test_folders_are_passed_over() -> None:
    folder = tarfile.TarInfo("logs")
    folder.type = tarfile.DIRTYPE
    assert members(tarred((folder, b""), (tarfile.TarInfo("logs/a"), b"x"))) == {"logs/a": b"x"}
    assert members(zipped(("logs/", b""), ("logs/a", b"x"))) == {"logs/a": b"x"}


def test_a_name_that_stands_twice() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        raw = zipped(("a", b"one"), ("a", b"two"))
    assert refusal(raw) == "archive-twice"


def test_files_that_share_their_bytes() -> None:
    """The quilt of a zip bomb: two entries of the directory lead to the same place."""
    raw = bytearray(zipped(("aa", b"x" * 900), ("bb", b"y" * 900)))
    second = raw.rindex(b"PK\x01\x02")
    raw[second + 42 : second + 46] = struct.pack("<I", 0)
    assert refusal(bytes(raw)) in ("archive-overlap", "archive-damaged")


def test_an_encrypted_archive_is_said_to_be_one() -> None:
    raw = bytearray(zipped(("a", b"x")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.index(mark) + place
        raw[at] |= 1
    assert refusal(bytes(raw)) == "archive-encrypted"


def test_a_zip_behind_other_bytes() -> None:
    assert refusal(b"#!/bin/sh\nexit 0\n" + zipped(("a", b"x"))) == "archive-prefix"


def test_more_files_than_anybody_collects() -> None:
    raw = zipped(*((f"{n}", b"") for n in range(20)))
    with pytest.raises(RefusedError) as said:
        members(raw, Budget(1 << 20, members=19))
    assert said.value.code == "archive-members"


def test_a_size_that_is_only_claimed_is_a_bomb_all_the_same() -> None:
    with pytest.raises(RefusedError) as said:
        members(zipped(("a", b"\0" * 100_000)), Budget(50_000))
    assert said.value.code == "archive-bomb"


def test_leaving_it_closes_what_was_unpacked_and_not_what_was_given() -> None:
    given_ = io.BytesIO(gzip.compress(b"a line\n"))
    with archive.peel(given_, Budget(1 << 20)) as made:
        inner = made.stream
    assert inner.closed
    assert not given_.closed
