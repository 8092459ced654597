"""Claims on the fault tree at the facts: which minimal cut sets fired, which were one event short, what was necessary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.core.cause.happened import happened
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.cause.happened import Happened
    from afterword.model.postmortem import Postmortem


def facts(postmortem: Postmortem) -> Happened | None:
    """None where there is no tree, or it is too large to be solved."""
    if postmortem.tree is None:
        return None
    try:
        return happened(postmortem.tree, postmortem.explanation)
    except InvalidError:
        return None


def at_facts(postmortem: Postmortem, args: Mapping[str, Any]) -> Any:
    """``says``, ``fired`` and ``short`` (how many), ``necessary`` and ``single`` (labels), ``near`` (labels of the set
    ``number``, what was missing first); None: not known.
    """
    found = facts(postmortem)
    if found is None:
        return None
    part = args["part"]
    if part == "near":
        was = {one.name: one.happened for one in postmortem.tree.events} if postmortem.tree else {}
        number = int(args["number"])
        if not 1 <= number <= len(found.near):
            return None
        names = sorted(found.near[number - 1].events, key=lambda name: (was.get(name) is True, name))
        return [found.labels[name] for name in names]
    values: dict[str, Any] = {
        "says": found.says,
        "fired": len(found.fired),
        "short": found.near_count,
        "necessary": [found.labels[name] for name in found.necessary],
        "single": [found.labels[name] for name in found.single],
    }
    return values[part]


def phrase_at_facts(part: str, value: Any) -> str | None:
    """None where the words are those of any other claim."""
    if part == "near":
        missing, *there = value
        beside = "; what was there: " + "; ".join(there) if there else ""
        return f"{missing} — it did not happen, or nobody knows that it did{beside}"
    if part in ("necessary", "single"):
        return _listed(value)
    if part == "fired":
        return f"{value} minimal cut set{'' if value == 1 else 's'} fired"
    if part == "short":
        return f"{value} {'was' if value == 1 else 'were'} one event short"
    return None


def _listed(labels: Sequence[str]) -> str:
    return "; ".join(labels) if labels else "none"
