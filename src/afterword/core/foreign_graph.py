"""A foreign postmortem as a causal graph: what its sentences say led to what, each with the sentence as its citation.

No model of language: headings, labels and connectives decide. Everything is proposed by the machine (grade 0: asserted by the
document); what the text does not say is not in the graph, and where it says nothing about causes, that is said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from afterword.core import foreign_cause
from afterword.core.foreign_node import Maker, Quoted
from afterword.core.foreign_words import ABSENT, FAILED
from afterword.core.outline import BULLET, Part
from afterword.model.cause import Explanation, Held, LinkKind, NodeKind, Role, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.core.foreign import Quote
    from afterword.core.remark import Draft, Sentence

TOP = "impact"


@dataclass(frozen=True, slots=True)
class ForeignGraph:
    """``quotes`` has the sentence of each node and link (``cause>effect``); ``loose`` are effects that lead nowhere."""

    explanation: Explanation
    quotes: Mapping[str, Quoted]
    loose: tuple[str, ...] = ()
    #: What the text does not say, in words.
    missing: tuple[str, ...] = field(default=())


def graph(draft: Draft) -> ForeignGraph:
    """The graph of one document; the impact is always there, and may have no cause."""
    make = Maker(draft)
    stated = draft.stated
    started = stated.points.get("started")
    make.impact(TOP, stated.title or "the incident", started.at.ns if started and started.at else None)
    if stated.trigger:
        make.cause(stated.trigger.quote, stated.trigger.line, Role.TRIGGER, LinkKind.TRIGGERS, TOP)
    for quote in stated.root_causes:
        _root(make, quote)
    for quote in stated.contributing_factors:
        make.cause(quote.quote, quote.line, Role.CONTRIBUTING, LinkKind.ENABLES, TOP)
    _whys(make, draft)
    for one in foreign_cause.told(draft):
        make.told(one, TOP)
    for sentence in draft.sentences:
        _aside(make, sentence)
    return _made(make)


def _made(make: Maker) -> ForeignGraph:
    causes = tuple(make.nodes.values())
    links = tuple(make.links.values())
    leads = {link.cause for link in links}
    loose = tuple(one.id for one in causes if one.id != TOP and one.id not in leads and one.role is not Role.RULED_OUT)
    verdict = Verdict.EXPLAINED if any(link.effect == TOP for link in links) else Verdict.INCONCLUSIVE
    made = Explanation(TOP, causes, links, (), verdict, none_of_the_changes=False, would_decide=())
    return ForeignGraph(made, make.quotes, loose, tuple(_missing(made)))


def _missing(made: Explanation) -> Iterator[str]:
    roles = {one.role for one in made.causes}
    if not made.links:
        yield "no sentence was found that says what caused what"
    elif not any(link.effect == made.top for link in made.links):
        yield "no sentence was found that says what led to the impact itself"
    if Role.TRIGGER not in roles:
        yield "no sentence was found that says what set it off"
    if not any(one.kind is NodeKind.DEFENCE for one in made.causes):
        yield "no sentence was found that speaks of a defence: a test, a review, an alert"
    if Role.MITIGATOR not in roles:
        yield "no sentence was found that says what ended it"


# ------------------------------------------------------------------------------------------------ headings


#: Prose of a section on causes is more than its causes: only its first paragraphs are taken as such.
_MOST_ROOTS = 6


#: What opens a section on causes and names none: an announcement, a shrug, a wish.
_NO_ROOT = re.compile(
    r"[:?]$|\b(?:following|because)$|^(?:we decided|there (?:are|were)|the (?:team|following)|we (?:noticed|observed)|below|see|note|this section|as (?:noted|described)|https?:)\b|\b(?:unknown|unclear|tbd|not (?:yet )?(?:known|clear|determined|identified)|could be|will be|recommend\w+"
    r"|to be (?:determined|investigated|confirmed)|under investigation|still investigating)\b|^(?:\d+|\W)*$|^(?:the )?unavailability|\?$",
    re.IGNORECASE,
)


def _root(make: Maker, quote: Quote) -> None:
    if sum(one.role in (Role.PROXIMATE, Role.TRIGGER) for one in make.nodes.values()) < _MOST_ROOTS:
        first = re.split(r"(?<=[.!?])\s+(?=[A-Z])", quote.quote)[0]
        if _NO_ROOT.search(first):
            return
        make.cause(first, quote.line, Role.PROXIMATE, LinkKind.PRODUCES, TOP)


_WHY = re.compile(
    r"^(?:\*\*)?(?:why\b.{0,200}?\?)\s*(?:\*\*)?\s*(?:-|–|—|:|because|answer:?)?\s*(?P<answer>.*)$", re.IGNORECASE
)


def _whys(make: Maker, draft: Draft) -> None:
    """Each answer under its question: deeper in the list, or lower in a plain list, leads to the one above it."""
    open_: list[tuple[int, str]] = [(-1, TOP)]
    asked: int | None = None
    for line in draft.lines:
        if line.part is not Part.WHYS or line.heading or line.aside or not line.text.strip():
            continue
        indent = len(line.text) - len(line.text.lstrip())
        found = _WHY.match(line.bare)
        answer = found["answer"] if found else line.bare if asked is not None else ""
        asked = (asked if asked is not None and not found else indent) if found and not answer else None
        if len(answer.split()) < 2 or answer.endswith("?"):
            continue
        if BULLET.match(line.text) and line.text.lstrip()[0] in "-*+":
            open_ = [one for one in open_ if one[0] < indent]
        made = make.cause(answer, line.number, Role.CONTRIBUTING, LinkKind.PRODUCES, open_[-1][1])
        if made:
            open_.append((indent, made))


# ------------------------------------------------------------------------------------------------ sentences beside the chain

_RULED_OUT = re.compile(
    r"\bruled out\b|\b(?:was|were|is) (?:not|n't) (?:the|a) (?:root )?cause\b|\bturned out (?:not to be|to be unrelated|that it was not)|\bred herring\b|\bunrelated to (?:the|this)"
    r"|\b(?:initially|at first|first) (?:suspected|thought|believed|assumed)\b|\b(?:proved|found) to be (?:wrong|unrelated)\b",
    re.IGNORECASE,
)
_ENDED = re.compile(
    r"\b(?:mitigated|resolved|fixed|solved|remedied|remediated|restored|recovered) (?:by|with|after|once|when)\b|\b(?:restart(?:ing|ed)?|revert(?:ing|ed)?|roll(?:ing|ed)[- ]?back|rollback)\b[^.]{0,80}\b(?:fixed|resolved|solved|restored|mitigated|cleared)\b"
    r"|\b(?:this|which|that|it) (?:immediately |quickly |has )?(?:fixed|resolved|solved|mitigated|restored|cleared)\b",
    re.IGNORECASE,
)


_WISH = re.compile(
    r"\b(?:noticed|only fixed|would|should|could|if|need|will|unless|want|consider|ideally)\b", re.IGNORECASE
)


def _aside(make: Maker, sentence: Sentence) -> None:
    """Defences, what ended it, and what was ruled out: told of in sentences of their own."""
    if sentence.spoken or sentence.part is Part.ACTIONS or len(sentence.text) > foreign_cause.LONGEST:
        return
    if foreign_cause.mashed(make.draft, sentence) or _WISH.search(sentence.text[:300]):
        return
    if _RULED_OUT.search(sentence.text):
        make.aside(sentence, Role.RULED_OUT, NodeKind.CONDITION, None, None, TOP)
    elif ABSENT.search(sentence.text):
        make.aside(sentence, Role.DEFENCE, NodeKind.DEFENCE, Held.ABSENT, LinkKind.FAILS_TO_STOP, TOP)
    elif FAILED.search(sentence.text):
        make.aside(sentence, Role.DEFENCE, NodeKind.DEFENCE, Held.FAILED, LinkKind.FAILS_TO_STOP, TOP)
    elif _ENDED.search(sentence.text):
        make.aside(sentence, Role.MITIGATOR, NodeKind.EVENT, None, LinkKind.UNDOES, TOP)
