"""Alert rules that were tried and proposed, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.faces.cli.render import Page

_HEAD = ("alert", "would have fired", "did fire", "than the detection", "in vain", "in healthy hours", "a day", "by")


def trials(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(_HEAD, (_row(page, one) for one in found))
    for one in found:
        for note in one["notes"]:
            page.line(f"  {one['alert']}: {note}", "dim")


def _row(page: Page, one: Mapping[str, Any]) -> tuple[Any, ...]:
    earlier = one["minutes_earlier"]
    said = one["cannot"] or (
        "–" if earlier is None else f"{abs(earlier):.4g} min {'earlier' if earlier >= 0 else 'later'}"
    )
    did = page.time(one["did_fire_at"])
    if one["apart_seconds"] is not None:
        did += f" ({one['apart_seconds']:+.3g} s)"
    if one["cannot"]:
        return (one["alert"], "–", did, said, "–", "–", "–", "–")
    daily = "–" if one["extra_per_day"] is None else f"{one['extra_per_day']:.3g}"
    return (one["alert"], page.time(one["fired_at"]), did, said, one["extra"], f"{one['healthy_hours']:.3g}", daily, one["engine"])  # fmt: skip


def proposal(page: Page, found: Mapping[str, Any]) -> None:
    if found["time_to_detect"]:
        page.line(f"It was noticed after {found['time_to_detect']}.")
    if found["existing"]:
        page.line("The rules that there are, over this recording:", "bold")
        trials(page, found["existing"])
    if found["proposed"]:
        page.line("Proposed:", "bold")
        trials(page, found["proposed"])
        for one, why in zip(found["proposed"], found["why"], strict=True):
            page.line(f"  {one['alert']}: {one['expr']}")
            page.line(f"    {why}", "dim")
    for one in found["says"]:
        page.line(one)
    if found["checked"]:
        page.line(f"Checked: {found['checked']}.")
    if found["file"]:
        page.line(f"Written to {found['file']}.")
    if found["action"]:
        page.line(f"Action item {found['action']} carries the table.")
