"""Claims on the impact: entries of the detection ledger and what was lost, and how they are phrased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from afterword.model.loss import Amount
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


def loss(postmortem: Postmortem, args: Mapping[str, Any]) -> Any:
    """A part of what was lost; of a budget: its objective and the share of it that was burned, with bounds."""
    found = postmortem.loss
    if args["part"] == "budget":
        one = next((b for b in found.budgets if b.name == args["name"]), None)
        return [one.name, one.objective, *_rounded(one.burned)] if one else None
    value = getattr(found, args["part"])
    return _rounded(value) if isinstance(value, Amount) else value


def _rounded(amount: Amount) -> list[float]:
    """Six digits: what lies behind them depends on the order in which a machine adds."""
    return [float(f"{x:.6g}") for x in (amount.value, amount.least, amount.most)]


def phrase_loss(part: str, value: Any) -> str | None:
    """None where the words are those of any other claim."""
    if part == "budget":
        name, objective, *burned = value
        shares = _bounded([_percent(one) for one in burned])
        return f"{name}: {shares} of the budget of thirty days at {objective * 100:.6g} %"
    if part == "minutes":
        return _bounded([_length(x) for x in value])
    if part == "requests":
        return _bounded([f"{round(x):,}" for x in value])
    if part in ("of", "slow"):
        return f"{round(value):,}"
    return _percent(value) if part == "worst" else None


def _bounded(words: list[str]) -> str:
    same = words[0] == words[1] == words[2]
    return words[0] if same else f"{words[0]} ({words[1]} to {words[2]})"


def _length(value: float) -> str:
    return f"{value * 60:.2g} s" if value * 60 < 10 else minutes(round(value * 60e9))


def _percent(share: float) -> str:
    return f"{share * 100:.3g} %"


def phrase_ledger(part: str, value: Any) -> str | None:
    """None where the words are those of any other claim."""
    if part in _LENGTHS:
        return minutes(value)
    if part == "largest":
        stage, after, avoidable, lever = value
        since = f" (since “{after}”)" if after else ""
        return f"{minutes(avoidable)} before “{stage}”{since}; what shortens it: {lever}"
    return None
