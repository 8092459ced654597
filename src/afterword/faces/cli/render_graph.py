"""Decisions about the graph of causes, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.faces.cli.render import Page


def edits(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("edit", "at", "by", "what", "about", "says", "reason", "withdrawn"),
        (
            (
                one["id"], page.time(one["at"]), one["by"], one["kind"], ", ".join(one["about"]), " / ".join(one["statements"]),
                one["reason"], one["withdrawn"],
            )
            for one in found
        ),
        empty="Nobody has changed the graph: it is as afterword proposed it.",
    )  # fmt: skip
