"""Case sets below a folder, told by how they lie there, never by their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.app import plugs
from afterword.app.bench.trial import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from afterword.app.bench.trial import Layout, Trial

#: So deep below the folder that was named a set may lie.
_DEEPEST = 2
_ARCHIVES = (".tar", ".tar.xz", ".tar.gz", ".tgz", ".tar.bz2")


@dataclass(frozen=True, slots=True)
class CaseSet:
    """A folder of cases with its layout; ``name`` is what the folder is called here."""

    name: str
    folder: Path
    layout: Layout

    def trials(self) -> Iterator[Trial]:
        return self.layout.trials(self.folder)


def find(folder: Path, cache: Path) -> Iterator[CaseSet]:
    """Every set at or below ``folder``; archives are unpacked into ``cache``."""
    yield from _find(folder, cache, _DEEPEST)


def _find(folder: Path, cache: Path, deep: int) -> Iterator[CaseSet]:
    layout = _layout(folder)
    if layout is not None:
        yield CaseSet(folder.name, folder, layout)
        return
    archives = [one for one in sorted(folder.iterdir()) if one.is_file() and one.name.endswith(_ARCHIVES)]
    for archive in archives:
        yield from _packed(archive, unpacked(archive, cache), alone=len(archives) == 1)
    if deep:
        for one in sorted(folder.iterdir()):
            if one.is_dir():
                yield from _find(one, cache, deep - 1)


def _packed(archive: Path, folder: Path, *, alone: bool) -> Iterator[CaseSet]:
    """The set inside of an archive, or inside of the one folder that an archive holds."""
    name = archive.parent.name if alone else f"{archive.parent.name}/{archive.name.partition('.')[0]}"
    for inside in (folder, *sorted(one for one in folder.iterdir() if one.is_dir())):
        if layout := _layout(inside):
            yield CaseSet(name, inside, layout)
            return


def _layout(folder: Path) -> Layout | None:
    return next((one for one in plugs.layouts() if one.holds(folder)), None)
