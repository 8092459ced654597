"""Benchmarks, for people."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.faces.cli.render import Page

#: Variants of the evidence are shown for a set as a whole; ``--json`` has them by group.
_ALL = "all"


def listed(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(("benchmark", "what it measures", "run"), ((b["name"], b["about"], b["command"]) for b in found))


def causes(page: Page, found: Mapping[str, Any]) -> None:
    """One table a set: shares that were right, what a case costs, and how the variants of the evidence fare."""
    for name, group in groupby(found["tallies"], key=lambda one: one["set"]):
        _set(page, name, list(group))
        for miss in found["misses"]:
            if miss["set"] == name:
                page.line(f"  {miss['trial']}: {miss['says']}", "dim")
        for turn in found["turns"]:
            if turn["set"] == name and turn["won"]:
                page.line(f"  {turn['trial']}: right only with {turn['variant']}: {', '.join(turn['won'])}", "yellow")
        page.line()


def _set(page: Page, name: str, tallies: Sequence[Mapping[str, Any]]) -> None:
    marks = list(dict.fromkeys(mark for one in tallies for mark in one["marks"]))
    heads = ("group", "evidence", "n", *marks, "CPU s", "most", "MB", "most MB")
    page.line(name, "bold")
    page.table(heads, (_row(one, marks) for one in tallies if not one["variant"] or one["group"] == _ALL))


def _row(one: Mapping[str, Any], marks: Sequence[str]) -> tuple[object, ...]:
    shares = (f"{one['marks'][mark]:.3f}" if mark in one["marks"] else None for mark in marks)
    cost = (
        (f"{one['cpu']:.2f}", f"{one['cpu_most']:.2f}", one["memory"] // 1_000_000, one["memory_most"] // 1_000_000)
        if one["cpu"] is not None
        else ("", "", "", "")
    )
    return (one["group"], one["variant"] or "all", one["n"], *shares, *cost)
