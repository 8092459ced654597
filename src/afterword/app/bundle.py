"""The bundle: everything that a document stands on, in one deterministic zip that can be checked anywhere.

``manifest.json`` names every member with its SHA-256; ``evidence/<sha256>`` are the bytes as they came.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afterword.app import file, wire
from afterword.model.action import ActionItem
from afterword.model.document import Document
from afterword.model.evidence import Evidence
from afterword.model.incident import Incident
from afterword.model.lesson import Fingerprint
from afterword.model.refusal import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from afterword.ports import Blobs

SUFFIX = ".afterword"
#: Version of this format; a reader of a later version converts one step at a time.
FORMAT = 1
_MOST = 4 * 1024**3
_MEMBERS = 20_000
#: What reading a zip archive ends with when its bytes are not what they should be.
_DAMAGE = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError)
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
    with file.whole(path) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
        for name, body in sorted(members.items()):
            _add(archive, name, body)
        for one in sorted(contents.evidence, key=lambda e: e.sha256):
            with (
                blobs.open(one.sha256) as stream,
                archive.open(_info(f"evidence/{one.sha256}"), "w", force_zip64=True) as into,
            ):
                while piece := stream.read(1 << 20):
                    into.write(piece)


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _add(archive: zipfile.ZipFile, name: str, body: bytes) -> None:
    archive.writestr(_info(name), body)


def open_(path: Path, folder: Path) -> Opened:
    """Unpack into ``folder`` and check every hash. Raises UnreadableError when it is no bundle."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _open(archive, folder)
    except (*_DAMAGE, KeyError, ValueError) as error:
        raise UnreadableError(f"{path.name} is not a bundle of this tool, or it is damaged: {error}") from error


def _open(archive: zipfile.ZipFile, folder: Path) -> Opened:
    infos = archive.infolist()
    if len(infos) > _MEMBERS or sum(i.file_size for i in infos) > _MOST:
        raise UnreadableError("the bundle is larger than this tool opens")
    members = _members(archive)
    damaged = [f"{name} is not in the bundle" for name in members if name not in archive.namelist()]
    files: dict[str, bytes] = {}
    for name, expected in sorted(members.items()):
        if name not in archive.namelist():
            continue
        body = _read(archive, name, damaged)
        if hashlib.sha256(body).hexdigest() != expected:
            damaged.append(f"{name} is not the bytes that the manifest names")
        if name.startswith("evidence/"):
            # The name is a hash from our own manifest, never a path from the archive.
            (folder / hashlib.sha256(name.encode()).hexdigest()).write_bytes(body)
        else:
            files[name] = body
    return Opened(_contents(files), folder, tuple(damaged))


def _members(archive: zipfile.ZipFile) -> dict[str, str]:
    """The hash of each member as the manifest names it."""
    manifest = json.loads(archive.read("manifest.json"))
    members = manifest.get("members") if isinstance(manifest, dict) else None
    if not isinstance(members, dict):
        raise UnreadableError("the manifest of the bundle names no members")
    if manifest.get("format") != FORMAT:
        raise UnreadableError(f"the bundle has the format {manifest.get('format')}, and this tool reads {FORMAT}")
    return members


def _read(archive: zipfile.ZipFile, name: str, damaged: list[str]) -> bytes:
    try:
        return archive.read(name)
    except _DAMAGE:
        damaged.append(f"{name} cannot be unpacked")
        return b""


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
