"""The bundle: what went in comes out, the same bytes for the same contents, and no damage goes unseen."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterword.app import bundle
from afterword.model.refusal import RefusalError, UnreadableError

if TYPE_CHECKING:
    from analysed import Analysed


def opened(path: Path, folder: Path) -> bundle.Opened:
    folder.mkdir(exist_ok=True)
    return bundle.open_(path, folder)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(path: Path, held: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in held.items():
            archive.writestr(name, body)
    return path


def with_manifest(held: dict[str, bytes], manifest: Any) -> dict[str, bytes]:
    return {**held, "manifest.json": json.dumps(manifest).encode()}


def test_what_went_in_comes_out(small: Analysed, tmp_path: Path) -> None:
    found = opened(small.bundle, tmp_path / "in")
    assert found.damaged == ()
    contents = found.contents
    assert contents.incident.id == small.id
    assert {one.sha256 for one in contents.evidence} == {
        hashlib.sha256(one.read_bytes()).hexdigest() for one in found.folder.iterdir()
    }
    assert contents.document.claims
    assert contents.files["document.md"] == Path(small.report.outputs["markdown"]).read_bytes()


def test_the_same_contents_are_the_same_bytes(small: Analysed, tmp_path: Path) -> None:
    contents = opened(small.bundle, tmp_path / "in").contents
    files = {name: contents.files[name] for name in ("document.md", "document.html")}
    for name in ("one", "two"):
        bundle.write(tmp_path / name, replace(contents, files=files), small.ws.blobs)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() == small.bundle.read_bytes()


def test_a_write_that_fails_leaves_the_old_bundle(small: Analysed, tmp_path: Path) -> None:
    """One artefact was dropped: there is nothing to pack, and what stood there still stands."""
    contents = opened(small.bundle, tmp_path / "in").contents
    target = tmp_path / "out.afterword"
    target.write_bytes(b"the old one")
    gone = replace(contents, evidence=(replace(contents.evidence[0], sha256="0" * 64),))
    with pytest.raises(RefusalError):
        bundle.write(target, gone, small.ws.blobs)
    assert target.read_bytes() == b"the old one"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["in", "out.afterword"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda m: [], "names no members"),
        (lambda m: {**m, "members": ["a"]}, "names no members"),
        (lambda m: {**m, "format": 2}, "format 2"),
        (lambda m: {**m, "members": {}}, "incident.json"),
    ],
)
def test_a_manifest_that_is_none_is_refused_in_words(small: Analysed, tmp_path: Path, change: Any, says: str) -> None:
    held = members(small.bundle)
    path = packed(tmp_path / "x.afterword", with_manifest(held, change(json.loads(held["manifest.json"]))))
    with pytest.raises(UnreadableError, match=says):
        opened(path, tmp_path / "in")


@pytest.mark.parametrize("body", [b"", b"not a zip", b"PK\x05\x06" + b"\0" * 18, b"PK\x03\x04" * 40])
def test_what_is_no_bundle_is_refused(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "x.afterword"
    path.write_bytes(body)
    with pytest.raises(UnreadableError, match=r"x\.afterword"):
        opened(path, tmp_path / "in")


def test_a_name_in_the_manifest_writes_nothing_outside(small: Analysed, tmp_path: Path) -> None:
    held = members(small.bundle)
    manifest = json.loads(held["manifest.json"])
    evil = "evidence/../../evil"
    manifest["members"][evil] = hashlib.sha256(b"x").hexdigest()
    path = packed(tmp_path / "x.afterword", {**with_manifest(held, manifest), evil: b"x"})
    with pytest.raises(UnreadableError, match="points outside"):
        opened(path, tmp_path / "in")
    assert not list(tmp_path.rglob("evil"))


def test_a_member_that_is_gone_is_named(small: Analysed, tmp_path: Path) -> None:
    held = members(small.bundle)
    name = next(one for one in held if one.startswith("evidence/"))
    del held[name]
    assert opened(packed(tmp_path / "x.afterword", held), tmp_path / "in").damaged == (f"{name} is not in the bundle",)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_flipped_bit_makes_it_fail_without_words(small: Analysed, tmp_path: Path, data: st.DataObject) -> None:
    """A bad disk: the bundle is refused, or it says what is damaged, or its contents are what they were."""
    body = bytearray(small.bundle.read_bytes())
    place = data.draw(st.integers(0, len(body) - 1))
    body[place] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path / "x.afterword"
    path.write_bytes(bytes(body))
    try:
        found = opened(path, tmp_path / "in")
    except RefusalError:
        return
    assert found.damaged or found.contents == opened(small.bundle, tmp_path / "in").contents
