"""What people said about the causes, by role: beside each node that is theirs, and their answers as a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.claim_testimony import stated
from afterword.core.document.teller import Teller, p, w
from afterword.core.lint.rules import RULES
from afterword.model.answer import Says
from afterword.model.document import Block, Bullets, Inline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.cause import Cause

#: The rule by which people say why a branch of the whys ends.
ENDS = "C42"
_ASKS = {rule.id: rule.asks for rule in RULES}


def by_whom(t: Teller, cause: Cause) -> tuple[Inline, ...]:
    """Who stated a node, or judged it; nothing where it is the machine's."""
    if stated(cause, t.ground.edits, t.ground.answers) is None:
        return ()
    return (w(" ("), t.ledger.say("stated", {"id": cause.id}, cause.cites), w(")"))


def ends_here(t: Teller, cause: Cause) -> Inline | None:
    """Why people say that a branch ends at a node."""
    for number in range(len(t.ground.answers), 0, -1):
        one = t.ground.answers[number - 1]
        if (one.rule, one.about) == (ENDS, cause.id) and one.says is Says.YES:
            return t.ledger.say("answer", {"number": number})
    return None


def answers(t: Teller) -> Iterator[Block]:
    """Every answer that still stands, with its question and what it is about."""
    last = {(one.rule, one.about): number for number, one in enumerate(t.ground.answers, 1)}
    items = [item for number in sorted(last.values()) if (item := _answer(t, number))]
    if items:
        yield p(w("What people answered", strong=True), w(" (testimony, by role)"))
        yield Bullets(tuple(items))


def _answer(t: Teller, number: int) -> tuple[Inline, ...]:
    one = t.ground.answers[number - 1]
    nodes = {cause.id: cause for cause in t.pm.explanation.causes}
    about = [nodes[name] for name in one.about.split(">") if name in nodes]
    if not about and one.about != "graph":
        return ()
    told: list[Inline] = []
    for cause in about:
        told += [w(" → " if told else ""), t.cause(cause)]
    asks = "A remark was waived." if one.says is Says.WAIVED else _ASKS.get(one.rule) or "Does it end here?"
    return (*told, w(": " if told else ""), w(asks), w(" "), t.ledger.say("answer", {"number": number}))
