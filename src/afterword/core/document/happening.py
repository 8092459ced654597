"""What happened: the timeline, where the time went, and what customers were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import chat
from afterword.core.document.teller import Teller, p, w
from afterword.model.document import Block, Bullets, Inline, Table
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.timeline import Moment

_MOST_ROWS = 60


def timeline(t: Teller) -> Iterator[Block]:
    if "timeline" in t.pictures:
        yield t.pictures["timeline"]
    shown = sorted(t.pm.moments, key=lambda m: (-m.weight, m.at, m.id))[:_MOST_ROWS]
    rows = [_moment_row(t, m) for m in sorted(shown, key=lambda m: (m.at, m.id))]
    if rows:
        yield Table(("Time", "Kind", "What", "In their words", "Evidence"), tuple(rows))
    if len(t.pm.moments) > len(shown):
        yield p(w("The less weighty moments are left out here; the timeline page and the data have them all."))


def _moment_row(t: Teller, m: Moment) -> tuple[tuple[Inline, ...], ...]:
    say = t.ledger.say
    quote: tuple[Inline, ...] = (say("moment", {"id": m.id, "part": "quote"}, m.cites, code=True),) if m.quote else ()
    return (
        (say("moment", {"id": m.id, "part": "at"}, m.cites),), (w(m.kind.value),),
        (say("moment", {"id": m.id, "part": "title"}, m.cites, strong=m.weight >= 0.95),), quote, t.cites(m.cites, 2),
    )  # fmt: skip


def detection(t: Teller) -> Iterator[Block]:
    gaps = [m for m in t.pm.moments if m.kind is MomentKind.GAP]
    if gaps:
        yield p(w("Where the time went:"))
        yield Bullets(
            tuple(
                (t.ledger.say("moment", {"id": g.id, "part": "title"}, g.cites), w(" "), *t.cites(g.cites, 2))
                for g in gaps
            )
        )
        longest = max(gaps, key=lambda g: ((g.until or g.at) - g.at, g.id))
        yield p(
            w("What would have shortened it most: the longest of these, "),
            t.ledger.say("moment", {"id": longest.id, "part": "title"}, longest.cites),
            w("."),
        )
    else:
        yield p(w("The evidence does not hold enough of the response to say where the time went."))


def communications(t: Teller) -> Iterator[Block]:
    told = [f for f in t.ground.case.messages if chat.informs_customers(f.event.text)]
    ids = {c for f in told for c in [f.cite]}
    shown = [
        m
        for m in t.pm.moments
        if set(m.cites) & ids
        or (m.kind is MomentKind.COMMUNICATION and m.quote != "" and m.title.startswith("Status page"))
    ]
    if not shown:
        yield p(w("The evidence holds no message to customers."))
        return
    yield Table(
        ("Time", "What", "In their words", "Evidence"),
        tuple((*row[:1], *row[2:]) for row in (_moment_row(t, m) for m in shown[:20])),
    )
