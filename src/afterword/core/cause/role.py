"""The part that each node played: computed from the structure of the graph, from time and from a counterfactual test.

The test is that of Why-Because Analysis (Ladkin): had this not been, could the effect have happened all the same? Here it is
put to the graph: the node and what follows only from it is taken away, and the impact is looked for again.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from afterword.model.cause import Explanation, Held, Judgement, LinkKind, Needs, NodeKind, Role
from afterword.model.time import DAY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.model.cause import Cause, Link

#: What leads to an effect; the other kinds of links make it longer, larger, smaller or end it.
LEADING = (LinkKind.TRIGGERS, LinkKind.PRODUCES, LinkKind.PROPAGATES, LinkKind.ENABLES)
#: A condition that stood so long before the impact lay dormant.
_DORMANT = DAY


def assigned(explanation: Explanation) -> Explanation:
    """The graph with the part of every node that people added or changed; the machine's keep the part it gave them."""
    causes = tuple(
        replace(one, role=role(one, explanation)[0])
        if one.by != "afterword" or one.state is Judgement.REJECTED
        else one
        for one in explanation.causes
    )
    return replace(explanation, causes=causes)


def role(cause: Cause, explanation: Explanation) -> tuple[Role, str]:
    """The part that a node played, and why it is that one."""
    mine = [link for link in explanation.links if link.cause == cause.id]
    kinds = {link.kind for link in mine}
    if cause.id == explanation.top:
        return Role.IMPACT, "it is what users met"
    if cause.state is Judgement.REJECTED:
        return Role.RULED_OUT, f"{cause.by} rejected it"
    if cause.kind is NodeKind.LUCK or kinds == {LinkKind.LIMITS}:
        return Role.LUCK, "it limited the harm, and nobody had planned it"
    if cause.kind is NodeKind.DEFENCE:
        return Role.DEFENCE, f"it should have stopped it, and {_fate(cause.held)}"
    if LinkKind.UNDOES in kinds:
        return Role.MITIGATOR, "it undid what is linked to it"
    if kinds == {LinkKind.AMPLIFIES}:
        return Role.AMPLIFIER, "it made larger or longer what had begun without it"
    return _leading(cause, kinds, explanation)


def _leading(cause: Cause, kinds: set[LinkKind], explanation: Explanation) -> tuple[Role, str]:
    start = next((one.earliest for one in explanation.causes if one.id == explanation.top), None)
    if LinkKind.TRIGGERS in kinds and cause.kind in (NodeKind.EVENT, NodeKind.DECISION):
        return Role.TRIGGER, "an event that set off what is linked to it"
    if cause.kind is NodeKind.CONDITION and _slept(cause, kinds, start):
        return Role.LATENT, "a condition that was there long before, and let it happen"
    under = {link.effect for link in explanation.links if link.kind in (LinkKind.PRODUCES, LinkKind.PROPAGATES)}
    produces = kinds & {LinkKind.PRODUCES, LinkKind.PROPAGATES}
    if produces and cause.id not in under:
        return Role.PROXIMATE, "it produced the failure, and nothing in the graph that failed stands behind it"
    return Role.CONTRIBUTING, "it is one of several that led to the impact"


def _slept(cause: Cause, kinds: set[LinkKind], start: int | None) -> bool:
    if cause.at is None or start is None:
        return bool(kinds & {LinkKind.ENABLES, LinkKind.FAILS_TO_STOP})
    return cause.at < start - _DORMANT


def _fate(held: Held | None) -> str:
    return {Held.HELD: "did", Held.FAILED: "failed", Held.ABSENT: "was not there", None: "nobody says whether it did"}[
        held
    ]


def happens_without(explanation: Explanation, without: frozenset[str]) -> bool:
    """Whether the impact is still reached by the graph when some of its nodes had not been. All leaves happened.

    What was ruled out led to nothing; a link that only made it longer or larger is not needed.
    """
    nodes = {one.id: one for one in explanation.causes if one.role is not Role.RULED_OUT}
    above: dict[str, list[str]] = defaultdict(list)
    for link in explanation.links:
        if link.kind in LEADING and link.cause in nodes and link.effect in nodes:
            above[link.effect].append(link.cause)
    return _happens(explanation.top, nodes, above, without, {})


def _happens(
    name: str, nodes: Mapping[str, Cause], above: Mapping[str, Sequence[str]], without: frozenset[str],
    known: dict[str, bool],
) -> bool:  # fmt: skip
    if name in without:
        return False
    if name not in known:
        known[name] = False  # on a circle nothing causes itself
        causes = list(dict.fromkeys(above.get(name, ())))
        met = sum(_happens(one, nodes, above, without, known) for one in causes)
        known[name] = met >= _wanted(nodes[name], len(causes))
    return known[name]


def _wanted(effect: Cause, causes: int) -> int:
    """How many of its causes an effect needs; none where it has none."""
    if effect.needs is Needs.ALL:
        return causes
    return min(causes, effect.least if effect.needs is Needs.SOME else 1)


def told(cause: Cause, explanation: Explanation) -> str:
    """Why a node has its part, with the answer of the counterfactual test."""
    why = role(cause, explanation)[1]
    if cause.role in (Role.IMPACT, Role.RULED_OUT, Role.MITIGATOR, Role.LUCK) or not _leads(
        cause.id, explanation.links
    ):
        return why
    stays = happens_without(explanation, frozenset({cause.id}))
    return f"{why}; without it the impact would {'still' if stays else 'not'} have come, by this graph"


def _leads(name: str, links: Sequence[Link]) -> bool:
    return any(link.cause == name and link.kind in LEADING for link in links)
