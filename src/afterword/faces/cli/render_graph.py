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


def remarks(page: Page, found: Mapping[str, Any]) -> None:
    for one in found["problems"]:
        style = {"error": "bold red", "warning": "yellow"}.get(one["severity"], "dim") if not one["waived"] else "dim"
        page.line(f"{one['rule']} {one['severity']}  {one['says']}", style)
        page.line(f"    {one['about']}: {one['quote']}")
        page.line(f"    fix: {one['suggest']}  [{one['source']}]", "dim")
        if one["waived"]:
            page.line(f"    waived: {one['waived']}", "dim")
    counts = {
        kind: sum(one["severity"] == severity and not one["waived"] for one in found["problems"])
        for severity, kind in _KINDS
    }
    page.line(", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items()) + ".")


_KINDS = (("error", "error"), ("warning", "warning"), ("info", "remark"))


def rules(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("rule", "name", "severity", "decided by", "says", "source"),
        ((one["id"], one["name"], one["severity"], one["decides"], one["says"], one["source"]) for one in found),
    )


def questions(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    for number, one in enumerate(found, 1):
        page.line(f"{number}. {one['asks']}", "bold")
        page.line(f"   {one['because']} ({one['rule'] or 'why'} {one['about']})", "dim")
        for offer in one["offers"]:
            cites = ", ".join(offer["cites"])
            page.line(f"   perhaps {offer['id']}: {offer['statement']}" + (f" [{cites}]" if cites else ""))
    if not found:
        page.line("Nothing is open: every link was tested, and every branch says why it ends.")


def answers(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("at", "role", "rule", "about", "says", "in their words"),
        ((page.time(one["at"]), one["role"], one["rule"], one["about"], one["says"], one["text"]) for one in found),
        empty="Nobody has answered anything yet.",
    )


def imported(page: Page, found: Mapping[str, Any]) -> None:
    edits(page, found["edits"])
    for one in found["problems"]:
        page.line(f"not placed: {one}", "yellow")


def shares(page: Page, found: Sequence[Mapping[str, Any]]) -> None:
    page.table(
        ("classification", "class", "n", "here %", "published %"),
        ((one["classification"], one["name"], one["incidents"], one["here"], one["published"]) for one in found),
    )


def happened(page: Page, found: Mapping[str, Any]) -> None:
    labels = found["labels"]
    page.line(found["says"], "bold")
    for title, sets in (("fired", found["fired"]), ("one event short", found["near"])):
        for one in sets:
            page.line(f"{title}: " + "  +  ".join(labels.get(event, event) for event in one["events"]))
            broken = "; ".join(labels.get(event, event) for event in one["breakable"])
            page.line(f"    could have been broken at: {broken or 'nothing that anybody owns'}", "dim")
            page.line(f"    actions that break it: {', '.join(one['cut_by']) or 'none'}", "dim")
    page.pairs(
        [
            ("needed in every set", "; ".join(labels.get(one, one) for one in found["necessary"])),
            ("alone enough", "; ".join(labels.get(one, one) for one in found["single"])),
            ("not known, and would decide", "; ".join(labels.get(one, one) for one in found["deciding"])),
        ]
    )
    if found["probability"] is not None:
        low, high = found["bounds"]
        page.line(
            f"By the frequencies of {found['incidents']} incidents here it is in {found['probability']:.0%} of the next"
            f" ({low:.0%} to {high:.0%})."
        )
    page.table(
        ("action", "what", "fired sets that it breaks", "of the risk %"),
        (
            (one["action"], one["title"], one["fired"], None if one["removed"] is None else round(100 * one["removed"]))
            for one in found["actions"]
        ),
    )
