"""Collections for people: what was asked of which system, what did not come, and what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.faces.cli.render import Page


def show(page: Page, found: Mapping[str, Any]) -> None:
    """The table of what was asked and got, then what failed and what was left out, each with its reason."""
    page.table(
        ("system", "connector", "asked", "here already", "answers", "bytes", "failed"),
        (
            (s["system"], s["connector"], s["asked"], s["again"], s["got"], _bytes(s["size"]), len(s["failed"]) or "–")
            for s in found["systems"]
        ),
    )
    for one in found["systems"]:
        for failure, count in _repeated(one["failed"]):
            times = f" ({count} times)" if count > 1 else ""
            page.line(f"not got  {one['system']}: {failure['says']}: {failure['why']}{times}", "yellow")
        for left in one["left"]:
            page.line(f"left out  {one['system']}: {left}", "dim")
    page.line()
    low, high = (page.time(found["window"][end]) for end in ("start", "end"))
    page.line(f"{found['id']}: {low} to {high}" + (f", also in {found['out']}" if found["out"] else ""))
    page.line(f"next: afterword analyze {found['out'] or found['id']}", "bold")


def _repeated(failed: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], int]]:
    """Failures of one kind once, with how many there are: twenty pages may fail for one reason."""
    kinds: dict[str, list[Mapping[str, Any]]] = {}
    for one in failed:
        kinds.setdefault(one["why"], []).append(one)
    return [(found[0], len(found)) for found in kinds.values()]


def _bytes(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{size / 1024:.1f} KiB" if size >= 1024 else str(size)


def listed(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("id", "from", "to", "systems", "answers"),
        (
            (
                one["id"],
                page.time(one["window"]["start"]),
                page.time(one["window"]["end"]),
                ", ".join(s["system"] for s in one["systems"]),
                _answers(one["systems"]),
            )
            for one in found
        ),
    )


def _answers(systems: Sequence[Mapping[str, Any]]) -> str:
    """How many came, and how many did not."""
    got, failed = sum(one["got"] for one in systems), sum(len(one["failed"]) for one in systems)
    return f"{got}, {failed} not" if failed else str(got)
