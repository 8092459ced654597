"""Answers of live systems as files, with the questions beside them, so that a folder of them can be read like any other."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

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


def write(collection: Collection, folder: Path, blobs: Blobs) -> None:
    """Write every answer under its name, and the questions. Files of an earlier run with other names stay."""
    try:
        for page in collection.pages:
            target = folder / page.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with file.whole(target) as part, blobs.open(page.sha256) as stream, part.open("wb") as into:
                shutil.copyfileobj(stream, into, 1 << 20)
        said = [{"sha256": page.sha256, "asked": wire.encode(page.asked)} for page in collection.pages]
        with file.whole(folder / FILE) as part:
            part.write_text(json.dumps(said, indent=1), encoding="utf-8")
    except OSError as error:
        raise InvalidError(f"the answers cannot be written to {folder}: {error.strerror}", ("out",)) from error


def beside(names: Sequence[str]) -> dict[str, Asked]:
    """The questions that lie beside named files and in named folders; what is no such file is passed over."""
    return dict(found for name in names for path in _files(Path(name).expanduser()) for found in _read(path))


def _files(path: Path) -> Iterator[Path]:
    """In the folder and in those above it: a part of the answers may be named alone."""
    real = path.absolute()
    yield from (one / FILE for one in (real, real.parent, real.parent.parent) if (one / FILE).is_file())


def _read(path: Path) -> Iterator[tuple[str, Asked]]:
    try:
        if path.stat().st_size > _LARGEST:
            return
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict) and isinstance(one.get("sha256"), str):
            try:
                yield one["sha256"], wire.decode(Asked, one.get("asked"))
            except InvalidError:
                continue
