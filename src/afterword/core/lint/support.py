"""Rules about what supports the graph: evidence, the two tests of Why-Because Analysis, alternatives, what was expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.lint.subject import pair
from afterword.model.cause import Grade, LinkKind, Needs, NodeKind, Role
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.lint.rule import Hit
    from afterword.core.lint.subject import Subject
    from afterword.model.cause import Link

#: Found in Google's and Atlassian's published targets; longer than this, detection and recovery are part of the story.
DETECT, MITIGATE = 15 * MINUTE, 60 * MINUTE
CHANGES = ("code", "config", "feature flag", "data/schema", "build/deploy pipeline")


def no_evidence(subject: Subject) -> Iterator[Hit]:
    for one in subject.factors:
        if not one.cites:
            yield one.id, one.statement
    for link in subject.links:
        if not link.cites and link.grade <= Grade.ASSERTED:
            yield pair(link), _told(subject, link)


def unknown_evidence(subject: Subject) -> Iterator[Hit]:
    if subject.evidence is None:
        return
    for one in subject.factors:
        for cite in one.cites:
            if cite.evidence not in subject.evidence:
                yield one.id, f"{cite} is not in the record: {one.statement}"


def not_asked_without(subject: Subject) -> Iterator[Hit]:
    """An intervention has answered it: taking the cause away took the effect away."""
    for link in subject.leading:
        if link.grade < Grade.INTERVENTION and subject.answer("C12", pair(link)) is None:
            yield pair(link), _told(subject, link)


def could_have_anyway(subject: Subject) -> Iterator[Hit]:
    for link in subject.leading:
        effect = subject.nodes[link.effect]
        alone = len(subject.causes_of[link.effect]) == 1
        if subject.answer("C12", pair(link)) == "yes" and (alone or effect.needs is Needs.ALL):
            yield pair(link), _told(subject, link)


def not_asked_enough(subject: Subject) -> Iterator[Hit]:
    for effect in subject.causes_of:
        if subject.answer("C14", effect) is None:
            yield effect, subject.nodes[effect].statement


def not_enough(subject: Subject) -> Iterator[Hit]:
    for effect in subject.causes_of:
        if subject.answer("C14", effect) == "no":
            yield effect, subject.nodes[effect].statement


def how_for_why(subject: Subject) -> Iterator[Hit]:
    """Asked of links that rest on what was seen alone: the sign of a thing is easily written down as its cause."""
    for link in subject.leading:
        seen = subject.nodes[link.cause].indicator != "" and link.grade <= Grade.PRECEDES
        if seen and subject.answer("C33", pair(link)) is None:
            yield pair(link), _told(subject, link)


def no_other_effect(subject: Subject) -> Iterator[Hit]:
    for one in subject.of_role(Role.TRIGGER, Role.PROXIMATE):
        if (
            one.grade < Grade.INTERVENTION
            and len(subject.effects_of.get(one.id, ())) < 2
            and subject.answer("C34", one.id) is None
        ):
            yield one.id, one.statement


def no_alternatives(subject: Subject) -> Iterator[Hit]:
    if subject.factors and not subject.of_role(Role.RULED_OUT) and subject.answer("C35", "graph") is None:
        yield "graph", "nothing was ruled out"


def detection_left_out(subject: Subject) -> Iterator[Hit]:
    late = subject.detect is not None and subject.detect > DETECT
    if late and not any(_of_detection(subject, link) for link in subject.links):
        yield "graph", f"noticed after {(subject.detect or 0) / MINUTE:.0f} min, and no factor says why"
    long = subject.mitigate is not None and subject.mitigate > MITIGATE
    if long and not any(link.kind in (LinkKind.FAILS_TO_STOP, LinkKind.AMPLIFIES) for link in subject.links):
        yield "graph", f"mitigated after {(subject.mitigate or 0) / MINUTE:.0f} min, and no factor says why"


def _of_detection(subject: Subject, link: Link) -> bool:
    cause = subject.nodes[link.cause]
    return link.kind is LinkKind.FAILS_TO_STOP and (
        cause.category in ("monitoring", "observability") or cause.kind is NodeKind.DEFENCE
    )


def change_without_record(subject: Subject) -> Iterator[Hit]:
    for one in subject.of_role(Role.TRIGGER):
        if one.category in CHANGES and not one.ref and not one.cites:
            yield one.id, one.statement


def no_defence(subject: Subject) -> Iterator[Hit]:
    """A change did it, and no test, canary or alert is spoken of: neither that it failed nor that it was not there."""
    changed = [one for one in subject.of_role(Role.TRIGGER) if one.category in CHANGES]
    if changed and not any(one.kind is NodeKind.DEFENCE for one in subject.explanation.causes):
        yield changed[0].id, changed[0].statement


def _told(subject: Subject, link: Link) -> str:
    return f"{subject.nodes[link.cause].statement} → {subject.nodes[link.effect].statement}"
