"""Claims on alert rules that were tried on the recording: when each would have fired, and how often in vain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from afterword.model.time import SECOND, iso, minutes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.backtest import Backtest
    from afterword.core.rule import AlertRule

_MOMENTS = ("fired_at", "did_fire_at")


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule, tried. ``proposed``: it was made here, and is ``rule`` as a file would have it; else it stood in the evidence."""

    trial: Backtest
    proposed: bool = False
    why: str = ""
    rule: AlertRule | None = None


def trial(tried: Sequence[Tried], args: Mapping[str, Any]) -> Any:
    """A part of one trial. Raises LookupError where no such rule was tried."""
    for one in tried:
        key = {
            "alert": one.trial.alert,
            "expr": one.trial.expr,
            "held": one.trial.held_seconds,
            "proposed": one.proposed,
        }
        if all(args[name] == value for name, value in key.items()):
            if args["part"] == "why":
                return one.why
            found = getattr(one.trial, args["part"])
            return iso(found) if args["part"] in _MOMENTS and found is not None else found
    raise LookupError(f"no rule {args['alert']} was tried")


def phrase_trial(part: str, value: Any) -> str | None:
    """None where the words are those of any other claim."""
    if value is None:
        return "never in the incident" if part == "fired_at" else "–"
    if part in _MOMENTS:
        return str(value).replace("T", " ").replace("Z", " UTC")
    if part == "minutes_earlier":
        return f"{minutes(round(abs(value) * 60) * SECOND)} {'earlier' if value >= 0 else 'later'}"
    if part == "held_seconds":
        return minutes(round(value * SECOND))
    if part == "healthy_hours":
        return f"{value:.3g} h"
    if part == "notes":
        return "; ".join(value)
    return None
