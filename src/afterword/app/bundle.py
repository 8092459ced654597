"""The bundle: everything that a document stands on, in one deterministic zip that can be checked anywhere.

``manifest.json`` names every member with its SHA-256; ``evidence/<sha256>`` are the bytes as they came.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from afterword.app import archive, file, wire
from afterword.app.archive import RefusedError
from afterword.model.action import ActionItem
from afterword.model.document import Document
from afterword.model.evidence import Evidence
from afterword.model.incident import Incident
from afterword.model.lesson import Fingerprint
from afterword.model.refusal import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from afterword.ports import Blobs

SUFFIX = ".afterword"
#: Version of this format; a reader of a later version converts one step at a time.
FORMAT = 1
_MOST = 4 * 1024**3
_MEMBERS = 20_000
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a bundle says: the words, and where its bytes are."""

    incident: Incident
    evidence: tuple[Evidence, ...]
    document: Document
    actions: tuple[ActionItem, ...]
    earlier: tuple[Fingerprint, ...]
    files: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened bundle: its contents, a folder with its evidence, and what is wrong with its bytes."""

    contents: Contents
    folder: Path
    damaged: tuple[str, ...]


def write(path: Path, contents: Contents, blobs: Blobs) -> None:
    """Write the bundle; whoever opens it sees all of it or none."""
    members: dict[str, bytes] = {
        "incident.json": wire.dumps(contents.incident),
        "evidence.json": wire.dumps(contents.evidence),
        "document.json": wire.dumps(contents.document),
        "actions.json": wire.dumps(contents.actions),
        "earlier.json": wire.dumps(contents.earlier),
        **contents.files,
    }
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in members.items()}
    hashes.update({f"evidence/{one.sha256}": one.sha256 for one in contents.evidence})
    manifest = {"format": FORMAT, "made_by": "afterword", "members": dict(sorted(hashes.items()))}
    with file.whole(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as into:
        _add(into, "manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
        for name, body in sorted(members.items()):
            _add(into, name, body)
        for one in sorted(contents.evidence, key=lambda e: e.sha256):
            with (
                blobs.open(one.sha256) as stream,
                into.open(_info(f"evidence/{one.sha256}"), "w", force_zip64=True) as member,
            ):
                while piece := stream.read(1 << 20):
                    member.write(piece)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _add(into: zipfile.ZipFile, name: str, body: bytes) -> None:
    into.writestr(_info(name), body)


def open_(path: Path, folder: Path) -> Opened:
    """Unpack into ``folder`` and check every hash. Raises UnreadableError when it is no bundle."""
    try:
        with path.open("rb") as stream:
            return _open(stream, folder)
    except (RefusedError, OSError, KeyError, ValueError) as error:
        raise UnreadableError(f"{path.name} is not a bundle of this tool, or it is damaged: {error}") from error


def _open(stream: BinaryIO, folder: Path) -> Opened:
    """Evidence goes into the folder under the hash of its name; the rest is small and stays in memory."""
    found = archive.members(stream, archive.Budget(_MOST, _MEMBERS))
    if found is None:
        raise ValueError("it is no archive")
    files: dict[str, bytes] = {}
    hashes: dict[str, str] = {}
    for name, body in found:
        with body:
            if name.startswith("evidence/"):
                hashes[name] = _copy(body, folder / _place(name))
            else:
                files[name] = body.read()
                hashes[name] = hashlib.sha256(files[name]).hexdigest()
    members = _members(files["manifest.json"])
    for name in hashes.keys() - members.keys():
        files.pop(name, None)
        (folder / _place(name)).unlink(missing_ok=True)
    return Opened(_contents(files), folder, tuple(_damaged(members, hashes)))


def _place(name: str) -> str:
    """The name in the folder is a hash, never a path from the archive."""
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()


def _copy(body: BinaryIO, target: Path) -> str:
    digest = hashlib.sha256()
    with target.open("wb") as into:
        while piece := body.read(1 << 20):
            digest.update(piece)
            into.write(piece)
    return digest.hexdigest()


def _damaged(members: Mapping[str, str], hashes: Mapping[str, str]) -> Iterator[str]:
    for name, expected in sorted(members.items()):
        if name not in hashes:
            yield f"{name} is not in the bundle"
        elif hashes[name] != expected:
            yield f"{name} is not the bytes that the manifest names"


def _members(raw: bytes) -> dict[str, str]:
    """The hash of each member as the manifest names it."""
    manifest = json.loads(raw)
    members = manifest.get("members") if isinstance(manifest, dict) else None
    if not isinstance(members, dict):
        raise UnreadableError("the manifest of the bundle names no members")
    if manifest.get("format") != FORMAT:
        raise UnreadableError(f"the bundle has the format {manifest.get('format')}, and this tool reads {FORMAT}")
    return members


def _contents(files: Mapping[str, bytes]) -> Contents:
    def load(name: str, type_: Any) -> Any:
        return wire.loads(type_, files[name])

    return Contents(
        incident=load("incident.json", Incident),
        evidence=load("evidence.json", tuple[Evidence, ...]),
        document=load("document.json", Document),
        actions=load("actions.json", tuple[ActionItem, ...]),
        earlier=load("earlier.json", tuple[Fingerprint, ...]),
        files=files,
    )
