"""What it cost users: requests and minutes lost, and error budgets burned, or why that is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.document.teller import Teller, p, w
from afterword.model.document import Block, Bullets, Inline

if TYPE_CHECKING:
    from collections.abc import Iterator


def lost(t: Teller) -> Iterator[Block]:
    """One paragraph with the figures, one line for each budget, and how the figures came about."""
    found = t.pm.loss

    def say(part: str, *, strong: bool = False) -> Inline:
        return t.ledger.say("loss", {"part": part}, found.cites, strong=strong)

    if found.minutes is None and found.requests is None:
        yield p(w("Customer-minutes lost: ", strong=True), say("method"), w("."))
        return
    made: list[Inline] = [w("Lost to users: ", strong=True)]
    if found.minutes is not None:
        made += [w("as much as if every customer had been cut off for "), say("minutes", strong=True)]
    if found.requests is not None:
        made += [w("; in requests " if found.minutes is not None else "requests: "), say("requests", strong=True)]
    if found.of is not None:
        made += [w(" of "), say("of")]
    if found.worst is not None:
        made += [w("; at worst "), say("worst"), w(" of them at once")]
    if found.slow:
        made += [w(", and "), say("slow"), w(" more did not fail, but took far longer than is usual")]
    if found.going_on:
        made += [w(", and it was still going on where the evidence ends")]
    yield p(*made, w(". How this was worked out: "), say("method"), w(". "), *t.cites(found.cites, 2))
    if found.budgets:
        yield p(w("Error budget burned", strong=True), w(", as if requests came evenly:"))
        yield Bullets(tuple(_budget(t, one.name) for one in found.budgets))


def _budget(t: Teller, name: str) -> tuple[Inline, ...]:
    one = next(b for b in t.pm.loss.budgets if b.name == name)
    said = t.ledger.say("loss", {"part": "budget", "name": name}, one.cites)
    return (said, w(" "), *t.cites(one.cites, 1))
