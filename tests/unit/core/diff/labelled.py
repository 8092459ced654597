"""Labelled diffs of the folder ``cases``: what each can do, or why it is harmless."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Labelled:
    """One diff. ``label`` is *can*, *harmless* or *real* (it changes behaviour, in a way that has no name here)."""

    name: str
    label: str
    #: Mechanisms, any of which is right; or the kind of harmlessness.
    kinds: frozenset[str]
    path: str
    diff: str


def labelled() -> list[Labelled]:
    return [_one(file.stem, block) for file in sorted(FOLDER.glob("*.txt")) for block in _blocks(file)]


def _blocks(file: Path) -> list[str]:
    return [one for one in ("\n" + file.read_text(encoding="utf-8")).split("\n=== ") if one.strip()]


def _one(stem: str, block: str) -> Labelled:
    head, _, diff = block.partition("\n")
    label, path, about = (part.strip() for part in head.split(" | ", 2))
    word, _, kinds = label.partition(" ")
    return Labelled(f"{stem}: {about} ({path})", word, frozenset(filter(None, kinds.split(","))), path, diff)
