"""Answers of live systems as files, with the questions beside them, so that a folder of them can be read like any other."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterword.app import file, wire
from afterword.model.evidence import Asked
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.model.collection import Collection
    from afterword.ports import Blobs

#: The questions lie beside the answers, by the hash of each answer.
FILE = ".afterword-asked.json"
_LARGEST = 64 << 20


def check(folder: Path, id_: str) -> None:
    """Raises InvalidError where the folder holds the answers of another collection: they would be read together."""
    other = str(_loaded(folder / FILE).get("collection", id_))
    if other != id_:
        raise InvalidError(f"{folder} holds the answers of {other}: name another folder", (f"out: it holds {other}",))


def write(collection: Collection, folder: Path, blobs: Blobs) -> None:
    """Write every answer under its name, and the questions; answers of an earlier run of this collection make place."""
    check(folder, collection.id)
    try:
        _clear(folder)
        for page in collection.pages:
            target = folder / page.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with file.whole(target) as part, blobs.open(page.sha256) as stream, part.open("wb") as into:
                shutil.copyfileobj(stream, into, 1 << 20)
        listed = [{"name": one.name, "sha256": one.sha256, "asked": wire.encode(one.asked)} for one in collection.pages]
        with file.whole(folder / FILE) as part:
            said = {"collection": collection.id, "answers": listed}
            part.write_text(json.dumps(said, indent=1), encoding="utf-8")
    except OSError as error:
        raise InvalidError(f"the answers cannot be written to {folder}: {error.strerror}", ("out",)) from error


def _clear(folder: Path) -> None:
    """Remove what an earlier run wrote here, and nothing that was changed since."""
    for one in _listed(folder / FILE):
        path = folder / str(one.get("name", ""))
        if path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            with path.open("rb") as stream:
                same = hashlib.file_digest(stream, "sha256").hexdigest() == one.get("sha256")
            if same:
                path.unlink()


def beside(names: Sequence[str]) -> dict[str, Asked]:
    """The questions that lie beside named files and in named folders; what is no such file is passed over."""
    return dict(found for name in names for path in _files(Path(name).expanduser()) for found in _read(path))


def _files(path: Path) -> Iterator[Path]:
    """In the folder and in those above it: a part of the answers may be named alone."""
    real = path.absolute()
    yield from (one / FILE for one in (real, real.parent, real.parent.parent) if (one / FILE).is_file())


def _read(path: Path) -> Iterator[tuple[str, Asked]]:
    for one in _listed(path):
        try:
            yield str(one.get("sha256")), wire.decode(Asked, one.get("asked"))
        except InvalidError:
            continue


def _listed(path: Path) -> list[dict[str, Any]]:
    found = _loaded(path).get("answers")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _loaded(path: Path) -> dict[str, Any]:
    """The file; of one that is missing, too large or none of ours nothing."""
    try:
        if path.stat().st_size > _LARGEST:
            return {}
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
