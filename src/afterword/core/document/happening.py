"""What happened: the timeline, where the time went, and what customers were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import chat
from afterword.core.document.teller import Teller, p, w
from afterword.model.document import Block, Bullets, Inline, Table
from afterword.model.timeline import MomentKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.evidence import Citation
    from afterword.model.ledger import Entry
    from afterword.model.timeline import Moment

_MOST_ROWS = 60


def timeline(t: Teller) -> Iterator[Block]:
    if "timeline" in t.pictures:
        yield t.pictures["timeline"]
    shown = sorted(t.pm.moments, key=lambda m: (-m.weight, m.at, m.id))[:_MOST_ROWS]
    yield from _clocks(t)
    ids = {m.id for m in shown}
    in_order = [m for m in t.pm.moments if m.id in ids]
    rows = [_moment_row(t, m, unsure=bool(ids.intersection(m.unsure))) for m in in_order]
    if any(ids.intersection(m.unsure) for m in in_order):
        yield p(
            w(
                "≈ marks a moment that may have come before one that stands above it: what was stated leaves room for both orders."
            )
        )
    if rows:
        yield Table(("Time", "Kind", "What", "In their words", "Evidence"), tuple(rows))
    if len(t.pm.moments) > len(shown):
        yield p(w("The less weighty moments are left out here; the timeline page and the data have them all."))


def _clocks(t: Teller) -> Iterator[Block]:
    """Whose times were moved, and how far the others can be trusted."""
    moved = [one for one in t.pm.skews if one.applied]
    for one in moved:
        said = t.ledger.say("skew", {"clock": one.clock, "part": "ahead"}, one.cites)
        yield p(w(f"The clock of {one.clock} "), said, w("; its times are shown corrected. "), *t.cites(one.cites, 2))
    for one in t.pm.skews:
        if not one.steady:
            said = t.ledger.say("skew", {"clock": one.clock, "part": "ahead"}, one.cites)
            yield p(
                w(f"The clock of {one.clock} "), said, w("; its times are shown as stated. "), *t.cites(one.cites, 2)
            )
    kept = [one for one in t.pm.skews if not one.applied and one.steady]
    if len(kept) > 1:
        cites = tuple(cite for one in kept for cite in one.cites)[:2]
        yield p(
            w("By what several of them saw, "),
            t.ledger.say("skew", {"part": "agreeing"}, cites),
            w(". "),
            *t.cites(cites, 2),
        )


def _moment_row(t: Teller, m: Moment, *, unsure: bool = False) -> tuple[tuple[Inline, ...], ...]:
    say = t.ledger.say
    quote: tuple[Inline, ...] = (say("moment", {"id": m.id, "part": "quote"}, m.cites, code=True),) if m.quote else ()
    return (
        (*((w("≈ "),) if unsure else ()), say("moment", {"id": m.id, "part": "at"}, m.cites)), (w(m.kind.value),),
        (say("moment", {"id": m.id, "part": "title"}, m.cites, strong=m.weight >= 0.95),), quote, t.cites(m.cites, 2),
    )  # fmt: skip


def detection(t: Teller) -> Iterator[Block]:
    entries = t.pm.ledger.entries
    if not entries:
        yield p(w("The evidence does not hold enough of the response to say where the time went."))
        return
    if "ledger" in t.pictures:
        yield t.pictures["ledger"]
    if t.pm.ledger.largest is not None:
        yield p(
            w("The largest avoidable part: ", strong=True),
            t.ledger.say("ledger", {"part": "largest"}, _ledger_cites(t)),
            w("."),
        )
    yield Table(
        ("Stage", "When", "After the one before", "Avoidable of it", "Rests on", "Evidence"),
        tuple(_entry_row(t, one) for one in entries),
    )
    yield p(
        w(
            "A stage that nobody recorded is not known, and is filled in from no other. A part counts from the latest known "
            "stage before it; avoidable is what it took beyond the least that good practice needs for it."
        )
    )
    gaps = [m for m in t.pm.moments if m.kind is MomentKind.GAP]
    if gaps:
        yield p(w("Where nobody acted:"))
        yield Bullets(
            tuple(
                (t.ledger.say("moment", {"id": g.id, "part": "title"}, g.cites), w(" "), *t.cites(g.cites, 2))
                for g in gaps
            )
        )


def _ledger_cites(t: Teller) -> tuple[Citation, ...]:
    largest = next((e for e in t.pm.ledger.entries if e.stage is t.pm.ledger.largest), None)
    before = next((e for e in t.pm.ledger.entries if largest and e.stage is largest.after), None)
    return tuple(dict.fromkeys(c for e in (before, largest) if e for c in e.cites))


def _entry_row(t: Teller, one: Entry) -> tuple[tuple[Inline, ...], ...]:
    def say(part: str) -> tuple[Inline, ...]:
        return (t.ledger.say("ledger", {"stage": one.stage.value, "part": part}, one.cites),)

    blank: tuple[Inline, ...] = (w("–"),)
    return (
        (w(one.stage.value[0].upper() + one.stage.value[1:], strong=True),),
        say("at") if one.at is not None else (w("not known"),),
        say("took") if one.took is not None else blank,
        say("avoidable") if one.avoidable else blank,
        say("basis"),
        t.cites(one.cites, 2) or blank,
    )


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
