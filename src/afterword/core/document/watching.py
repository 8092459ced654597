"""Alert rules over the recorded series: what those of the team would have told and when, and what would have told earlier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.document.teller import Teller, p, w
from afterword.model.document import Block, Inline, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.claim_trial import Tried

#: Rules of the team that are shown; those that told something come first.
MOST = 12
_HEAD = ("Alert rule", "For", "Would have fired", "Than the detection", "Outside of the incident", "Healthy recording")


def alert_trials(t: Teller) -> Iterator[Block]:
    tried = t.ground.tried
    theirs = [one for one in tried if not one.proposed and not one.trial.cannot]
    ours = [one for one in tried if one.proposed]
    if theirs:
        shown = sorted(theirs, key=lambda one: (one.trial.fired_at is None, one.trial.fired_at or 0))[:MOST]
        yield p(w("Alert rules in the evidence, evaluated again over the recorded series:"))
        yield Table(_HEAD, tuple(_row(t, one) for one in shown))
    unanswered = [one for one in tried if one.trial.cannot and not one.proposed]
    if unanswered:
        names: list[Inline] = []
        for one in unanswered[:MOST]:
            names += [w(", ")] if names else []
            names.append(_say(t, one, "alert"))
        yield p(w("Their series were not recorded, or not all of their words are understood: "), *names, w("."))
    if ours:
        yield p(w("Rules that would have told earlier, and never outside of the incident:"))
        yield Table((*_HEAD, "Expression", "Why"), tuple((*_row(t, one), *_more(t, one)) for one in ours))


def _say(t: Teller, one: Tried, part: str, *, strong: bool = False, code: bool = False) -> Inline:
    args = {
        "alert": one.trial.alert, "expr": one.trial.expr, "held": one.trial.held_seconds, "proposed": one.proposed, "part": part,
    }  # fmt: skip
    return t.ledger.say("trial", args, (), strong=strong, code=code)


def _row(t: Teller, one: Tried) -> tuple[tuple[Inline, ...], ...]:
    parts: Sequence[str] = ("held_seconds", "fired_at", "minutes_earlier", "extra", "healthy_hours")
    return ((_say(t, one, "alert", strong=True),), *((_say(t, one, part),) for part in parts))


def _more(t: Teller, one: Tried) -> tuple[tuple[Inline, ...], ...]:
    notes: tuple[Inline, ...] = (w("; "), _say(t, one, "notes")) if one.trial.notes else ()
    return ((_say(t, one, "expr", code=True),), (_say(t, one, "why"), *notes))
