"""Answers of queries, and evidence by reference, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.model.time import iso

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.faces.cli.render import Page


def query(page: Page, found: Mapping[str, Any]) -> None:
    times = {
        i for i, name in enumerate(found["columns"]) if name in ("at", "minute", "hour", "first_seen", "last_seen")
    }
    page.table(
        found["columns"],
        (
            [page.time(iso(cell)) if i in times and cell is not None else cell for i, cell in enumerate(row)]
            for row in found["rows"]
        ),
        empty="No rows.",
    )
    more = f", {found['total'] - len(found['rows'])} more with --most" if found["total"] > len(found["rows"]) else ""
    page.line(f"{found['total']} rows{more}; {found['engine']}; {found['sha256'][:12]}", "dim")


def reference(page: Page, found: Mapping[str, Any]) -> None:
    page.table(
        ("file", "query", "rows", "sha256 of the answer"),
        ((one["file"], one["query"], one["rows"], one["answer"][:12]) for one in found["parts"]),
    )
    page.pairs(
        [
            ("asked", found["engine"]),
            ("tables", ", ".join(found["tables"])),
            ("not there", ", ".join(found["absent"])),
            ("no rows", ", ".join(found["empty"])),
            ("answers", found["out"]),
        ]
    )


def requeried(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("id", "name", "query", "answer", "rows then", "rows now", "why"),
        ((r["evidence"], r["name"], r["query"], r["state"], r["rows_then"], r["rows_now"], r["why"]) for r in found),
    )


def queries(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("query", "what it tells", "options"),
        ((one["name"], one["about"], " ".join(f"--{name}" for name in one["takes"])) for one in found),
    )
