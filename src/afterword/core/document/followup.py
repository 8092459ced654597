"""What comes of it: action items, the index of the evidence, and how all this can be checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.document.teller import Teller, p, w
from afterword.model.document import Block, Bullets, Inline, Table, Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.action import ActionItem


def action_items(t: Teller) -> Iterator[Block]:
    known = {a.id for a in t.actions}
    items = [*t.actions, *(a for a in t.pm.actions if a.id not in known and not t.actions)]
    if items:
        yield Table(
            ("Action", "Kind", "Priority", "State", "Owner", "Due", "Done when", "Answers"),
            tuple(_action_row(t, a) for a in items),
        )
    else:
        yield p(w("None is proposed."))
    for one in items:
        if one.trial:
            yield p(t.ledger.say("action", {"id": one.id, "part": "title"}, ()), w(": what the recording says of it."))
            yield _trial(t, one)
    unanswered = [c for c in t.pm.explanation.causes if c.id in t.pm.unanswered]
    if unanswered:
        yield p(w("Causes and gaps that no action answers:"))
        yield Bullets(tuple((t.cause(c),) for c in unanswered))


def _action_row(t: Teller, action: ActionItem) -> tuple[tuple[Inline, ...], ...]:
    def say(part: str, *, strong: bool = False) -> tuple[Inline, ...]:
        if not getattr(action, part):
            return (w("–"),)
        return (t.ledger.say("action", {"id": action.id, "part": part}, (), strong=strong),)

    nodes = {c.id: c for c in t.pm.explanation.causes}
    gaps = {m.id: m for m in t.pm.moments}
    answers: list[Inline] = []
    for id_ in action.answers[:3]:
        joined = [w("; ")] if answers else []
        if id_ in nodes:
            answers += [*joined, t.cause(nodes[id_])]
        elif id_ in gaps:
            answers += [*joined, t.ledger.say("moment", {"id": id_, "part": "title"}, gaps[id_].cites)]
    return (
        say("title", strong=True), say("kind"), say("priority"), say("state"), say("owner"), say("due"), say("done_when"),
        tuple(answers) or (w("–"),),
    )  # fmt: skip


def _trial(t: Teller, action: ActionItem) -> Table:
    def say(row: int, column: int) -> tuple[Inline, ...]:
        return (t.ledger.say("action", {"id": action.id, "part": f"trial:{row}:{column}"}, ()),)

    rows = tuple(
        tuple(say(row, column) for column in range(len(texts))) for row, texts in enumerate(action.trial[1:], 1)
    )
    return Table(tuple(text[:1].upper() + text[1:] for text in action.trial[0]), rows)


def evidence_index(t: Teller) -> Iterator[Block]:
    rows = []
    for index in range(len(t.ground.case.evidence)):
        id_ = f"E{index + 1}"

        def say(part: str, id_: str = id_) -> tuple[Inline, ...]:
            return (t.ledger.say("evidence", {"id": id_, "part": part}, (), code=part == "sha256"),)

        rows.append(
            (
                (w(id_, strong=True),),
                say("name"),
                say("source"),
                say("size"),
                say("counted"),
                say("covers"),
                say("problems"),
                say("sha256"),
            )
        )
    yield Table(("Id", "Name", "Read as", "Bytes", "Events", "Covers", "Problems", "SHA-256 begins"), tuple(rows))
    yield from _asked(t)


def _asked(t: Teller) -> Iterator[Block]:
    """Which question each artefact answers that came from a live system."""
    ids = [f"E{index}" for index, one in enumerate(t.ground.case.evidence, 1) if one.asked]
    if ids:
        yield p(w("Live systems were asked for these:"))
        yield Bullets(
            tuple((w(f"{id_} "), t.ledger.say("evidence", {"id": id_, "part": "asked"}, (), code=True)) for id_ in ids)
        )


def verification(t: Teller) -> Iterator[Block]:
    yield p(
        w("This document makes "), t.ledger.say("report", {"part": "claims"}, ()),
        w(" claims. Each was made by executing the operation that its entry names over the frozen evidence, and carries the place it came from. The command "),
        Words("afterword verify", code=True),
        w(" reads the evidence again from its bytes, executes every one of them again and compares the result, the words here and the hash of each artefact. "
          "Words outside the claims are the template's; what people wrote is marked as theirs."),
    )  # fmt: skip
