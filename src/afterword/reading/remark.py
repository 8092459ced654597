"""Remarks about a file that would be a flood if each line had its own: one for each reason, at the end, with its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.evidence import Gravity, Place, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


class Remarks:
    """Counts what is to be said about records that were read all the same."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], Place] = {}
        self._count: dict[tuple[str, str], int] = {}

    def note(self, code: str, reason: str, place: Place) -> None:
        key = (code, reason)
        self._first.setdefault(key, place)
        self._count[key] = self._count.get(key, 0) + 1

    def problems(self) -> Iterator[Problem]:
        """One remark for each reason, at the place where it was met first."""
        for (code, reason), place in self._first.items():
            count = self._count[code, reason]
            what = "1 record" if count == 1 else f"{count} records"
            yield Problem(f"{what}: {reason}", place, Gravity.WARNING, code, quarantined=False)
