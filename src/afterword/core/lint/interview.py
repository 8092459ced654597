"""The interview: where the argument is weakest, and the question that would strengthen it or refute it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.lint.rules import RULES
from afterword.core.lint.subject import pair
from afterword.model.answer import Says
from afterword.model.cause import Grade, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.lint.subject import Subject
    from afterword.model.cause import Cause
    from afterword.model.evidence import Citation

_GRADES = {
    Grade.ASSERTED: "it is only asserted",
    Grade.PRECEDES: "it came before, and no more is known",
    Grade.MECHANISM: "its mechanism was seen, and nobody has taken it away to see what happens",
    Grade.INTERVENTION: "taking it away ended the trouble",
    Grade.REPRODUCED: "it was reproduced",
}
_OFFERED = 3
#: The rules whose questions come after those about links, in this order.
_LATER = ("C35", "C34", "C33", "C22")


@dataclass(frozen=True, slots=True)
class Offer:
    """Something in the evidence that may be the answer."""

    id: str
    statement: str
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``rule`` is empty where the answer is a new cause: then it is asked why ``about`` was so."""

    rule: str
    about: str
    asks: str
    #: Why this one is asked now.
    because: str
    offers: tuple[Offer, ...] = ()


def questions(subject: Subject) -> tuple[Question, ...]:
    """Everything that is open, the weakest place of the argument first."""
    return (*_links(subject), *_whys(subject), *_enough(subject), *_others(subject))


def _links(subject: Subject) -> Iterator[Question]:
    """The counterfactual test of every link that nothing and nobody has answered; the least supported first."""
    far = _distance(subject)
    asks = next(rule.asks for rule in RULES if rule.id == "C12")
    weak = [
        link
        for link in subject.leading
        if link.grade < Grade.INTERVENTION and subject.answer("C12", pair(link)) is None
    ]
    weak.sort(key=lambda one: (one.grade, far.get(one.effect, 99), one.cause, one.effect))
    for n, link in enumerate(weak):
        cause, effect = subject.nodes[link.cause], subject.nodes[link.effect]
        yield Question(
            "C12", pair(link), f"“{cause.statement}” led to “{effect.statement}”. {asks}",
            ("the weakest link that nobody has tested: " if n == 0 else "") + _GRADES[link.grade],
        )  # fmt: skip


def _whys(subject: Subject) -> Iterator[Question]:
    """Where a branch ends at something that has a cause of its own: an act, an event, a condition that nobody explained."""
    far = _distance(subject)
    ends = [
        one
        for one in subject.factors
        if one.id in far
        and not subject.causes_of.get(one.id)
        and one.role is not Role.LATENT
        and not _closed(subject, one.id)
    ]
    for one in sorted(ends, key=lambda cause: (far[cause.id], cause.id)):
        yield Question(
            "", one.id, f"Why was it that {_lower(one.statement)}?", "the branch ends here", _offers(subject, one)
        )


def _closed(subject: Subject, node: str) -> bool:
    """Somebody has said why the branch ends here."""
    return subject.answer("C42", node) is Says.YES


def _enough(subject: Subject) -> Iterator[Question]:
    asks = next(rule.asks for rule in RULES if rule.id == "C14")
    for effect, links in subject.causes_of.items():
        if subject.answer("C14", effect) is None:
            causes = "; ".join(f"“{subject.nodes[link.cause].statement}”" for link in links)
            why = "one cause alone is seldom enough" if len(links) == 1 else "nobody has said that they are enough"
            yield Question(
                "C14",
                effect,
                f"{causes} led to “{subject.nodes[effect].statement}”. {asks}",
                why,
                _offers(subject, subject.nodes[effect]),
            )


def _others(subject: Subject) -> Iterator[Question]:
    for id_ in _LATER:
        rule = next(one for one in RULES if one.id == id_)
        for about, quote in rule.find(subject):
            yield Question(rule.id, about, f"{quote}: {rule.asks}" if about != "graph" else rule.asks, rule.says)


def _offers(subject: Subject, effect: Cause) -> tuple[Offer, ...]:
    """Nodes that are in the graph, began no later, and do not lead there yet: those of the same component first."""
    there = {link.cause for link in subject.causes_of.get(effect.id, ())} | {effect.id, subject.explanation.top}
    open_ = [
        one
        for one in subject.explanation.causes
        if one.id not in there
        and one.role not in (Role.IMPACT, Role.MITIGATOR, Role.RULED_OUT)
        and _may(one, effect)
        and not _leads(subject, effect.id, one.id)
    ]
    ranked = sorted(open_, key=lambda one: (one.component != effect.component, -one.score, one.id))
    return tuple(Offer(one.id, one.statement, one.cites[:2]) for one in ranked[:_OFFERED])


def _may(cause: Cause, effect: Cause) -> bool:
    return cause.earliest is None or effect.latest is None or cause.earliest <= effect.latest


def _leads(subject: Subject, start: str, end: str) -> bool:
    seen, more = {start}, [start]
    while more:
        for link in subject.effects_of.get(more.pop(), ()):
            if link.effect == end:
                return True
            if link.effect not in seen:
                seen.add(link.effect)
                more.append(link.effect)
    return False


def _distance(subject: Subject) -> dict[str, int]:
    """Links from a node to the impact, over the shortest way."""
    far = {subject.explanation.top: 0}
    more = [subject.explanation.top]
    while more:
        here = more.pop(0)
        for link in subject.causes_of.get(here, ()):
            if link.cause not in far:
                far[link.cause] = far[here] + 1
                more.append(link.cause)
    return far


def _lower(statement: str) -> str:
    first, rest = statement[:1], statement[1:]
    return ((first.lower() if rest[:1].islower() else first) + rest).rstrip(".")
