"""Rules about the tree and the actions: what fired, what was near, and whether what is to be done would have cut it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.action import ActionState, Strength
from afterword.model.cause import Held, NodeKind, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.lint.rule import Hit
    from afterword.core.lint.subject import Subject
    from afterword.model.action import ActionItem

_SHOWN = 4


def not_explained(subject: Subject) -> Iterator[Hit]:
    if subject.solved is not None and not subject.solved.fired:
        yield "graph", "no minimal cut set is made of what happened"


def over_determined(subject: Subject) -> Iterator[Hit]:
    if subject.solved is not None and len(subject.solved.fired) > 1:
        yield (
            "graph",
            f"{len(subject.solved.fired)} sets of causes were each enough: " + _sets(subject, subject.solved.fired),
        )


def happened_for_nothing(subject: Subject) -> Iterator[Hit]:
    if subject.solved is None or not subject.solved.fired:
        return
    needed = {event for one in subject.solved.fired for event in one}
    for event in subject.solved.tree.events:
        if event.happened and event.name not in needed:
            yield event.name, _name(subject, event.name)


def left_uncut(subject: Subject) -> Iterator[Hit]:
    if subject.solved is None or not _open(subject):
        return
    answered = _answered(subject)
    for number, one in enumerate(subject.solved.fired):
        if not answered & _cutters(subject, one):
            yield f"set{number + 1}", _sets(subject, [one])


def _cutters(subject: Subject, events: tuple[str, ...]) -> set[str]:
    """What an action may answer to break a set: its events, and what they led to on the way to the top."""
    found = set(events)
    more = list(events)
    while more:
        for link in subject.effects_of.get(more.pop(), ()):
            if link.effect not in found and link.effect != subject.explanation.top:
                found.add(link.effect)
                more.append(link.effect)
    return found


def single_point(subject: Subject) -> Iterator[Hit]:
    if subject.solved is None:
        return
    answered = _answered(subject)
    for one in subject.solved.cut_sets:
        if len(one) == 1 and not answered & _cutters(subject, one):
            yield one[0], _name(subject, one[0])


def near_misses(subject: Subject) -> Iterator[Hit]:
    if subject.solved is None:
        return
    was = {event.name: event.happened for event in subject.solved.tree.events}
    near = [one for one in subject.solved.cut_sets if sum(was.get(event) is False for event in one) == 1]
    if near and subject.answer("C22", "graph") is None:
        yield "graph", f"{len(near)} sets were one event short: " + _sets(subject, near)


def without_action(subject: Subject) -> Iterator[Hit]:
    answered = _answered(subject)
    for one in subject.factors:
        standing = one.role is Role.LATENT or (one.kind is NodeKind.DEFENCE and one.held in (Held.FAILED, Held.ABSENT))
        if standing and one.id not in answered:
            yield one.id, one.statement


def answers_nothing(subject: Subject) -> Iterator[Hit]:
    known = {*subject.nodes, *subject.gaps}
    for one in _open(subject):
        if not known & set(one.answers):
            yield one.id, one.title


def trigger_only(subject: Subject) -> Iterator[Hit]:
    triggers = {one.id for one in subject.of_role(Role.TRIGGER)}
    mine = _open(subject)
    if mine and triggers and all(set(one.answers) <= triggers and one.answers for one in mine):
        yield "graph", "; ".join(one.title for one in mine[:_SHOWN])


def weak_only(subject: Subject) -> Iterator[Hit]:
    mine = _open(subject)
    if mine and all(one.strength in (Strength.DOCUMENT, Strength.TRAIN) for one in mine):
        yield "graph", "; ".join(one.title for one in mine[:_SHOWN])


def one_root(subject: Subject) -> Iterator[Hit]:
    if len(subject.factors) == 1:
        yield subject.factors[0].id, subject.factors[0].statement


def _open(subject: Subject) -> list[ActionItem]:
    return [one for one in subject.actions if one.state is not ActionState.DECLINED]


def _answered(subject: Subject) -> set[str]:
    return {node for one in _open(subject) for node in one.answers}


def _name(subject: Subject, event: str) -> str:
    if event in subject.nodes:
        return subject.nodes[event].statement
    label = next((one.label for one in subject.solved.tree.events if one.name == event), "") if subject.solved else ""
    return label or event


def _sets(subject: Subject, found: object) -> str:
    shown = [" + ".join(_name(subject, event) for event in one) for one in list(found)[:_SHOWN]]  # type: ignore[call-overload]
    return "; ".join(shown)
