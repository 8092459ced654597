"""Inbox: what was sent to us, in segments, each a file of one kind that only grew."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """One file of the inbox: its kind, how many items, when the first and the last of them were received (ns)."""

    kind: str
    path: str
    size: int
    items: int
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class Torn:
    """The end of a segment, of an item that was never acknowledged, and where it was moved to."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Files that hold what was received in a window."""

    window: str
    folder: str
    files: tuple[str, ...]
    items: int
