"""Rules about the shape of the graph: circles, time, orphans, chains, and where it ends."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from afterword.core.cause.edit import SLACK
from afterword.core.lint.subject import pair
from afterword.model.cause import Needs, NodeKind, Role
from afterword.model.time import DAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.lint.rule import Hit
    from afterword.core.lint.subject import Subject
    from afterword.model.cause import Cause

#: A proximate cause that was there so long before the impact was there on many good days as well.
_LONG = 7 * DAY
_DEVIATION = re.compile(
    r"\b(?:did(?:n't| not) follow|skipped|bypassed|ignored|circumvented|went around|without (?:a |any )?(?:review|approval|ticket)|deviat\w+ from)\b",
    re.IGNORECASE,
)
_LEFT_UNDONE = re.compile(
    r"\b(?:did(?:n't| not)|never|no ?(?:one|body)|forgot to|failed to) (?:\w+ ){0,2}?(?:check|notice|review|notif|alert|escalat|run|test|update|tell|verif|page)\w*",
    re.IGNORECASE,
)
_DUTY = re.compile(r"\b(?:runbook|policy|procedure|duty|agreement|on-?call|checklist|alert|page)\b", re.IGNORECASE)


def cycle(subject: Subject) -> Iterator[Hit]:
    for start in subject.nodes:
        path = _way_back(subject, start)
        if path and start == min(path):
            yield start, " → ".join([*path, start])


def _way_back(subject: Subject, start: str) -> list[str]:
    """A path along leading links from a node to itself; empty where there is none."""
    came: dict[str, str] = {}
    more = [start]
    while more:
        here = more.pop()
        for link in subject.effects_of.get(here, ()):
            if link not in subject.leading:
                continue
            if link.effect == start:
                path = [here]
                while path[-1] != start:
                    path.append(came[path[-1]])
                return path[::-1]
            if link.effect not in came:
                came[link.effect] = here
                more.append(link.effect)
    return []


def after_effect(subject: Subject) -> Iterator[Hit]:
    for link in subject.leading:
        cause, effect = subject.nodes[link.cause], subject.nodes[link.effect]
        if cause.earliest is not None and effect.latest is not None and cause.earliest > effect.latest + SLACK:
            seconds = (cause.earliest - effect.latest) / 1e9
            yield pair(link), f"{cause.statement} (at least {seconds:.0f} s after) → {effect.statement}"


def orphan(subject: Subject) -> Iterator[Hit]:
    joined = {subject.explanation.top}
    while more := {link.cause for link in subject.links if link.effect in joined} - joined:
        joined |= more
    for one in subject.factors:
        if one.id not in joined:
            yield one.id, one.statement


def tops(subject: Subject) -> Iterator[Hit]:
    top = subject.explanation.top
    if top in subject.nodes and not subject.causes_of.get(top):
        yield top, f"nothing leads to it: {subject.nodes[top].statement}"
    for one in subject.factors:
        if subject.causes_of.get(one.id) and not subject.effects_of.get(one.id):
            yield one.id, f"it has causes, and leads to nothing: {one.statement}"


def single_cause(subject: Subject) -> Iterator[Hit]:
    for effect, links in subject.causes_of.items():
        if len(links) == 1 and subject.answer("C14", effect) is None:
            yield (
                effect,
                f"only “{subject.nodes[links[0].cause].statement}” leads to “{subject.nodes[effect].statement}”",
            )


def linear(subject: Subject) -> Iterator[Hit]:
    counts = Counter(link.effect for link in subject.links)
    if len(subject.links) >= 2 and max(counts.values()) == 1:
        first = [one for one in subject.nodes if one not in counts and subject.effects_of.get(one)]
        yield "graph", " → ".join(subject.nodes[one].statement for one in first[:1]) + " → …"


def ends_at_act(subject: Subject) -> Iterator[Hit]:
    """An act stands at the end of a chain, and nothing beside it says why it could do harm."""
    for one in subject.factors:
        if not _act(one) or subject.causes_of.get(one.id):
            continue
        beside = {
            other.cause for link in subject.effects_of.get(one.id, ()) for other in subject.causes_of[link.effect]
        }
        if not any(subject.nodes[other].kind in (NodeKind.CONDITION, NodeKind.DEFENCE) for other in beside - {one.id}):
            yield one.id, one.statement


def _act(one: Cause) -> bool:
    return one.kind is NodeKind.DECISION or (one.kind is NodeKind.EVENT and one.layer == "act")


def deviation(subject: Subject) -> Iterator[Hit]:
    for one in subject.factors:
        if _DEVIATION.search(one.statement) and not subject.causes_of.get(one.id):
            yield one.id, one.statement


def no_duty(subject: Subject) -> Iterator[Hit]:
    for one in subject.factors:
        if _LEFT_UNDONE.search(one.statement) and not _DUTY.search(one.statement) and not one.cites:
            yield one.id, one.statement


def systemic_event(subject: Subject) -> Iterator[Hit]:
    start = subject.nodes[subject.explanation.top].at if subject.explanation.top in subject.nodes else None
    for one in subject.factors:
        if one.role is Role.LATENT and one.kind is NodeKind.EVENT and _later(one.at, start):
            yield one.id, f"called a standing weakness, and began with the incident: {one.statement}"
        if one.role is Role.PROXIMATE and one.at is not None and start is not None and one.at < start - _LONG:
            yield one.id, f"called proximate, and {(start - one.at) / DAY:.0f} days old: {one.statement}"


def _later(at: int | None, start: int | None) -> bool:
    return at is not None and start is not None and at >= start - DAY


def uneven(subject: Subject) -> Iterator[Hit]:
    top = subject.explanation.top
    firsts = [link.cause for link in subject.causes_of.get(top, ())]
    if not any(subject.causes_of.get(one) for one in firsts):
        return
    for one in firsts:
        node = subject.nodes[one]
        if not subject.causes_of.get(one) and node.role not in (Role.LATENT, Role.DEFENCE, Role.TRIGGER):
            yield one, node.statement


def one_level(subject: Subject) -> Iterator[Hit]:
    layers = {one.layer for one in subject.factors if one.layer}
    if len(subject.factors) >= 3 and len(layers) == 1 and all(one.layer for one in subject.factors):
        yield "graph", f"every factor is of the level “{next(iter(layers))}”"


def gate_against_answers(subject: Subject) -> Iterator[Hit]:
    """The answers of the counterfactual test say what kind of gate it is."""
    for effect, links in subject.causes_of.items():
        said = [subject.answer("C12", pair(link)) for link in links]
        node = subject.nodes[effect]
        if len(links) > 1 and node.needs is Needs.ALL and "yes" in said:
            yield effect, f"“{node.statement}” needs all its causes, and could have happened without one of them"
        if len(links) > 1 and node.needs is Needs.ANY and all(one == "no" for one in said):
            yield (
                effect,
                f"any cause is enough for “{node.statement}”, and it could not have happened without each of them",
            )
