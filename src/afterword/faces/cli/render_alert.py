"""The graph of alerts, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.faces.cli.render import Page

#: More links than this scroll away; ``--json`` has them all.
_MOST = 40


def graph(page: Page, found: Mapping[str, Any]) -> None:
    """What was looked at, the links with what speaks for them, and the rules that follow from them."""
    of = f"{found['alerts']} alerts of {len(found['kinds'])} kinds on {found['components']} components"
    page.line(f"{of}; {found['touching']} pairs of components touch ({found['topology']})", "bold")
    page.line(f"Nearly all consequences follow within {found['window']:g} s.")
    for note in found["notes"]:
        page.line(note)
    page.line()
    page.table(_HEADS, (_row(one) for one in found["links"][:_MOST]), empty="No alert leads to another.")
    if len(found["links"]) > _MOST:
        page.line(f"{len(found['links']) - _MOST} more; --json has them all.", "dim")
    for one in found["together"]:
        page.line(f"{one['cause']} and {one['effect']} belong together; the times do not tell which leads to which.")
    for rule in found["inhibit"]:
        equal = f" with the same {', '.join(rule['equal'])}" if rule["equal"] else " on the same component"
        page.line(
            f"Inhibit {rule['target']} while {rule['source']} fires{equal}: hides {rule['hides']} of {rule['of']}."
        )
    for path in found["outputs"]:
        page.line(path)


_HEADS = ("alert", "leads to", "explains", "after", "pairs", "by chance", "same component", "sure")


def _row(one: Mapping[str, Any]) -> tuple[object, ...]:
    delay = f"{one['delay']:g} s ({one['delay_low']:g} to {one['delay_high']:g})"
    sure = "given" if one["given"] else f"{one['confidence']:.3f}"
    explains, same = f"{one['explains']:.0%}", f"{one['same_component']:.0%}"
    return (one["cause"], one["effect"], explains, delay, one["pairs"], f"{one['chance']:.1f}", same, sure)
