"""What was received, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.model.time import iso

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.faces.cli.render import Page


def segments(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("kind", "from", "to", "items", "bytes", "file"),
        (
            (
                one["kind"],
                _time(page, one["first"]),
                _time(page, one["last"]),
                one["items"],
                one["size"],
                one["path"].rsplit("/", 1)[-1],
            )
            for one in found
        ),
    )


def slice_(page: Page, found: Mapping[str, Any]) -> None:
    page.line(f"{found['items']} requests and webhooks in {len(found['files'])} files", "bold")
    for one in found["files"]:
        page.line(f"  {one}")
    page.line(f"Analyse them: afterword analyze {found['folder']}", "dim")


def _time(page: Page, ns: int | None) -> str:
    return "–" if ns is None else page.time(iso(ns))
