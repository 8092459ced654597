"""Claims on the impact: entries of the detection ledger and what was lost, and how they are phrased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.model.time import iso, minutes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from afterword.model.postmortem import Postmortem

#: Parts of an entry that are moments, and those that are lengths of time.
_MOMENTS, _LENGTHS = ("at", "earliest", "latest"), ("took", "avoidable")


def ledger(postmortem: Postmortem, args: Mapping[str, Any]) -> Any:
    """A part of one entry of the ledger, or which part of the time was the largest avoidable one; None: not known."""
    found = postmortem.ledger
    if args["part"] == "largest":
        one = found.entry(found.largest) if found.largest else None
        return [one.stage.value, one.after.value if one.after else "", one.avoidable, one.lever] if one else None
    one = next((e for e in found.entries if e.stage.value == args["stage"]), None)
    if one is None:
        return None
    value = getattr(one, args["part"])
    return iso(value, zoned=one.offset is not None) if value is not None and args["part"] in _MOMENTS else value


def phrase_ledger(part: str, value: Any) -> str | None:
    """None where the words are those of any other claim."""
    if part in _LENGTHS:
        return minutes(value)
    if part == "largest":
        stage, after, avoidable, lever = value
        since = f" (since “{after}”)" if after else ""
        return f"{minutes(avoidable)} before “{stage}”{since}; what shortens it: {lever}"
    return None
