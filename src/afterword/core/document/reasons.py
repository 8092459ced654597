"""Why it happened: causes, whys, the tree, weaknesses, and whether it happened before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core import claim_tree, lesson, weakness
from afterword.core.cause.tree import solve
from afterword.core.document import testimony
from afterword.core.document.teller import Teller, p, w
from afterword.model.cause import Role
from afterword.model.document import Block, Bullets, Inline, Table
from afterword.model.incident import PointName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.cause import Cause, Why

_MOST_RULED_OUT = 10


def causes(t: Teller) -> Iterator[Block]:
    if "graph" in t.pictures:
        yield t.pictures["graph"]
    headings = (
        ("Trigger", (Role.TRIGGER,)),
        ("Proximate cause", (Role.PROXIMATE,)),
        ("Contributing", (Role.CONTRIBUTING, Role.AMPLIFIER)),
    )
    for heading, roles in headings:
        found = t.of_role(*roles)
        if found:
            yield p(w(heading, strong=True))
            for cause in found[:6]:
                yield from _told(t, cause)
    if not t.of_role(Role.TRIGGER):
        says = "None of the changes explains it." if t.pm.explanation.none_of_the_changes else "No trigger is known."
        yield p(w(says, strong=True), w(" What set it off is not shown by this evidence."))
    yield from _ranking(t)
    yield from _ruled_out(t)
    yield from testimony.answers(t)


def _told(t: Teller, cause: Cause) -> Iterator[Block]:
    links = [link for link in t.pm.explanation.links if link.cause == cause.id]
    grade: list[Inline] = []
    for link in links[:1]:
        grade = [
            w(" Link: "),
            t.ledger.say("link", {"cause": link.cause, "effect": link.effect}, link.cites or cause.cites),
            w("."),
        ]
    yield p(t.cause(cause, strong=True), *testimony.by_whom(t, cause), w("."), *grade, w(" "), *t.cites(cause.cites))
    reasons: list[tuple[Inline, ...]] = [
        (w("for: "), t.cause(cause, f"for:{i}"), w(" "), *t.cites(r.cites, 1))
        for i, r in enumerate(cause.reasons_for[:5])
    ]
    reasons += [(w("against: "), t.cause(cause, f"against:{i}")) for i in range(len(cause.reasons_against[:4]))]
    if reasons:
        yield Bullets(tuple(reasons))


def _ranking(t: Teller) -> Iterator[Block]:
    ranked = [one for one in t.pm.explanation.components if one.score > 0][:8]
    if ranked:
        yield p(w("Components by evidence", strong=True))
        yield Table(
            ("Rank", "Component", "Strongest evidence"),
            tuple(
                (
                    (t.ledger.say("rank", {"component": one.component}, one.reasons[0].cites if one.reasons else ()),),
                    (w(one.component),),
                    (_reason(t, one.component),),
                )
                for one in ranked
            ),
        )


def _reason(t: Teller, component: str) -> Inline:
    cause = next(
        (
            c
            for c in t.pm.explanation.causes
            if c.component == component
            and c.role in (Role.PROXIMATE, Role.CONTRIBUTING)
            and c.reasons_for
            and c.ref is None
        ),
        None,
    )
    return t.cause(cause, "for:0") if cause else w("too little to be told as part of the failure")


def _ruled_out(t: Teller) -> Iterator[Block]:
    out = t.of_role(Role.RULED_OUT)
    if out:
        yield p(w("Examined and ruled out", strong=True))
        yield Bullets(
            tuple(
                (
                    t.cause(c),
                    w(" — "),
                    t.cause(c, "against:0") if c.reasons_against else w("too little speaks for it"),
                    w(" "),
                    *t.cites(c.cites, 1),
                )
                for c in sorted(out, key=lambda c: _apart(t, c))[:_MOST_RULED_OUT]
            )
        )
        if len(out) > _MOST_RULED_OUT:
            yield p(
                w("Those nearest to the start of the impact stand here; the causes page and the data have them all.")
            )


def _apart(t: Teller, cause: Cause) -> tuple[bool, int]:
    """How far from the start of the impact it took effect; what is undated comes last."""
    started = next((one.at for one in t.pm.points if one.name is PointName.STARTED), None)
    known = started is not None and cause.at is not None
    return (not known, abs((cause.at or 0) - (started or 0)) if known else 0)


def whys(t: Teller) -> Iterator[Block]:
    items: list[tuple[Inline, ...]] = []
    depths: list[int] = []
    nodes = {c.id: c for c in t.pm.explanation.causes}

    def walk(why: Why, depth: int) -> None:
        cause = nodes[why.cause]
        # Every branch may end at a weakness; what that means is said once, below.
        told = why.stop and cause.role is not Role.LATENT
        stop: list[Inline] = [w(f" — it ends here: {why.stop}.")] if told else []
        if why.stop and (said := testimony.ends_here(t, cause)):
            stop = [w(" — it ends here: "), said]
        items.append(
            (
                w("Why? Because: " if depth else "Because: "),
                t.cause(cause),
                *testimony.by_whom(t, cause),
                w(" "),
                *t.cites(why.cites, 1),
                *stop,
            )
        )
        depths.append(depth)
        for then in why.then:
            walk(then, depth + 1)

    asked = ""
    for why in t.pm.whys:
        if why.question != asked:
            asked = why.question
            impact = nodes[t.pm.explanation.top]
            head = (
                "Why was it not stopped sooner? The impact: "
                if asked.startswith("Why was it not stopped")
                else "Why did it happen? The impact: "
            )
            items.append((w(head, strong=True), t.cause(impact)))
            depths.append(0)
        walk(why, 1)
    if not items:
        yield p(w("There is no chain of causes to read: nothing in the evidence leads to the impact."))
        return
    yield Bullets(tuple(items), depths=tuple(depths))
    if t.of_role(Role.LATENT):
        yield p(w("A branch that ends at a weakness goes on with the people who own it: why does it stand?"))


def tree(t: Teller) -> Iterator[Block]:
    if t.pm.tree is None:
        yield p(w("There is no tree: nothing in the evidence leads to the impact."))
        return
    if "tree" in t.pictures:
        yield t.pictures["tree"]
    nodes = {c.id: c for c in t.pm.explanation.causes}
    yield p(w("The same graph read downward: the smallest sets of things that, together, were enough."))
    items: list[tuple[Inline, ...]] = []
    depths: list[int] = []
    for names in _cut_sets(t):
        many = len(names) > 1
        if many:
            items.append((w("All of these together:"),))
            depths.append(0)
        # What set it off comes first; what let it through follows.
        told = sorted(names, key=lambda name: name in nodes and nodes[name].role is Role.LATENT)
        items += [(_event(t, name, nodes),) for name in told]
        depths += [int(many)] * len(names)
    yield Bullets(tuple(items), depths=tuple(depths))
    yield from _at_facts(t)


#: Near misses that are shown one by one; the rest is counted.
_NEAR = 5


def _at_facts(t: Teller) -> Iterator[Block]:
    """What the tree says of what happened: which sets fired, what all of them needed, what was one event short."""
    found = claim_tree.facts(t.pm)
    if found is None:
        return

    def say(part: str, **more: int) -> Inline:
        return t.ledger.say("tree", {"part": part, **more}, t.impact_cites())

    yield p(w("At the facts of this incident: ", strong=True), say("fired"), w(". "), say("says"))
    items: list[tuple[Inline, ...]] = []
    if found.necessary:
        items.append((w("In every set that fired, so that without it it would not have happened: "), say("necessary")))
    if found.single:
        items.append((w("Enough alone, in this tree: "), say("single")))
    if items:
        yield Bullets(tuple(items))
    if found.near:
        yield p(w("Near misses: "), say("short"), w(". What was missing stands first:"))
        yield Bullets(tuple((say("near", number=n + 1),) for n in range(min(_NEAR, len(found.near)))))
    else:
        yield p(w("No other set was one event short of happening."))


def _cut_sets(t: Teller) -> list[tuple[str, ...]]:
    assert t.pm.tree is not None
    return [tuple(one) for one in solve(t.pm.tree, limit=12).cut_sets]


def _event(t: Teller, name: str, nodes: Mapping[str, Cause]) -> Inline:
    return t.cause(nodes[name]) if name in nodes else w("something that the evidence does not name")


def weaknesses(t: Teller) -> Iterator[Block]:
    if not t.pm.findings:
        yield p(w("The analyses found no weakness that this evidence supports. That is no proof that there is none."))
        return
    rows = []
    for one in t.pm.findings:
        says = t.ledger.say("finding", {"id": one.id, "part": "says"}, one.cites)
        limits = t.ledger.say("finding", {"id": one.id, "part": "limits"}, one.cites) if one.limits else w("–")
        known = [name.partition(": ") for name in one.classes]
        classes = "; ".join(value for of, _, value in known if of in (weakness.HFACS, weakness.GOOGLE)) or "–"
        rows.append(((w(one.area, strong=True),), (says,), (limits,), (w(classes),), t.cites(one.cites, 2)))
    yield Table(("Area", "What the evidence shows", "What it cannot show", "Class", "Evidence"), tuple(rows))
    yield p(
        w(
            "Class: in the Human Factors Analysis and Classification System, then in Google's list of root causes where it has one."
        )
    )


def recurrence(t: Teller) -> Iterator[Block]:
    mine = lesson.fingerprint(t.pm)
    found = lesson.similar(mine, t.ground.earlier) if t.ground.earlier else ()
    if not found:
        yield p(w("No earlier incident in this workspace resembles it."))
        return
    yield p(w("Earlier incidents that resemble it, nearest first:"))
    yield Bullets(tuple((t.ledger.say("similar", {"incident": one.incident}, ()),) for one in found[:5]))
