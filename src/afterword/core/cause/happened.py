"""A fault tree at the point of what happened: which minimal cut sets fired, which were one event short, what would have cut
them, and what the same tree says about the next time.

Nothing here needs a probability until the last step. There the frequencies of one's own archive stand for them: an event of a
kind that k of n incidents had is given (k + 1/2) / (n + 1), the posterior mean of a share under Jeffreys' prior, with bounds of
90 % (Wilson, 1927): few incidents say little, and the bounds say so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from afterword.core.cause import tree as solving
from afterword.core.cause.faults import asserted
from afterword.core.cause.role import LEADING
from afterword.model.action import ActionState
from afterword.model.cause import Grade, NodeKind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from afterword.model.action import ActionItem
    from afterword.model.cause import Cause, Explanation
    from afterword.model.tree import FaultTree, TreeResult

#: Near misses beyond this many are only counted.
MOST = 200
#: Frequencies of fewer incidents say nothing about the next.
LEAST = 5


@dataclass(frozen=True, slots=True)
class CutSet:
    """Events that together are enough, with what could have broken them: defences, conditions that somebody owns."""

    events: tuple[str, ...]
    breakable: tuple[str, ...]
    #: Actions that break it, by id.
    cut_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """What one action does to the tree. ``removed``: the share of the risk that goes with it; None: no frequencies."""

    action: str
    title: str
    events: tuple[str, ...]
    fired: int
    removed: float | None


@dataclass(frozen=True, slots=True)
class Happened:
    """``says`` is the verdict in a sentence; names are those of the tree's events, ``labels`` tells them."""

    says: str
    fired: tuple[CutSet, ...]
    near: tuple[CutSet, ...]
    near_count: int
    #: In every set that fired: without any of them it would not have happened.
    necessary: tuple[str, ...]
    #: Alone enough, in this tree.
    single: tuple[str, ...]
    #: Not known, and whether the tree explains the incident depends on it.
    deciding: tuple[str, ...]
    actions: tuple[Cut, ...]
    #: Of the next incident of this kind among one's incidents; None with fewer than five.
    probability: float | None
    #: The same with every frequency at the lower, and at the upper end of its bounds.
    bounds: tuple[float, float] | None
    incidents: int
    labels: Mapping[str, str]


def happened(
    tree: FaultTree, explanation: Explanation, actions: Sequence[ActionItem] = (), archive: Sequence[Explanation] = ()
) -> Happened:
    """Everything that the facts say about the tree. Raises InvalidError where the tree is too large to be solved."""
    result = solving.solve(tree)
    was = {one.name: one.happened for one in tree.events}
    shown = tuple(one for one in result.fired if _supported(one, explanation)) or result.fired
    nodes = {one.id: one for one in explanation.causes}
    open_ = [one for one in actions if one.state is not ActionState.DECLINED]
    cutting = {one.id: _cut(one, explanation) for one in open_}
    near = [one for one in result.cut_sets if sum(was.get(event) is not True for event in one) == 1]
    weighed = _weighed(tree, nodes, archive, _middle)
    risk = solving.solve(weighed).top_probability if len(archive) >= LEAST else None

    def told(events: Iterable[str]) -> CutSet:
        names = tuple(events)
        cut_by = tuple(id_ for id_, cut in cutting.items() if set(names) & cut)
        return CutSet(names, tuple(one for one in names if _breakable(nodes.get(one))), cut_by)

    return Happened(
        _says(result, explanation),
        tuple(told(one) for one in result.fired),
        tuple(told(one) for one in near[:MOST]),
        len(near),
        tuple(sorted(set.intersection(*(set(one) for one in shown)))) if shown else (),
        tuple(one[0] for one in (shown if result.fired else result.cut_sets) if len(one) == 1),
        tuple(_deciding(result, was)),
        tuple(_removes(one, cutting[one.id], weighed, result, risk) for one in open_),
        risk,
        None if risk is None else _bounds(tree, nodes, archive, risk),
        len(archive),
        {one.name: one.label or one.name for one in tree.events},
    )


def _says(result: TreeResult, explanation: Explanation) -> str:
    if not result.fired:
        return "No minimal cut set is made of what happened: the tree does not explain this incident."
    if len(result.fired) == 1:
        return "One minimal cut set fired: as the graph stands, each of its events was needed."
    shown = [one for one in result.fired if _supported(one, explanation)]
    if len(shown) == 1:
        others = len(result.fired) - 1
        return (
            f"One minimal cut set is shown to have fired: as the graph stands, each of its events was needed. {others} more "
            f"{'is' if others == 1 else 'are'} made of what changed at the same time, and nothing shows that it led there."
        )
    if not shown:
        return (
            f"{len(result.fired)} minimal cut sets are made of what happened. Which of them was enough is not shown: "
            "they are rival explanations, not several causes at once."
        )
    return f"{len(shown)} minimal cut sets fired: over-determined, to prevent one of them would have prevented nothing."


def _supported(events: Sequence[str], explanation: Explanation) -> bool:
    """Whether a mechanism or more was seen for every link that leads on from these events."""
    links = [link for link in explanation.links if link.cause in events and link.kind in LEADING]
    return bool(links) and all(link.grade >= Grade.MECHANISM for link in links)


def _deciding(result: TreeResult, was: Mapping[str, bool | None]) -> list[str]:
    """Unknown events that stand alone between a set and having fired."""
    if result.fired:
        return []
    open_ = (
        [event for event in one if was.get(event) is None]
        for one in result.cut_sets
        if all(was.get(event) is not False for event in one)
    )
    return sorted({one[0] for one in open_ if len(one) == 1})


def _breakable(cause: Cause | None) -> bool:
    """What somebody owns and could change before the next time; an event outside is not."""
    if cause is None:
        return False
    return cause.kind in (NodeKind.DEFENCE, NodeKind.CONDITION, NodeKind.DECISION) or cause.role is Role.LATENT


def _cut(action: ActionItem, explanation: Explanation) -> set[str]:
    """Events that an action takes away: those it answers, and those that lead to nothing but what it answers."""
    gone = set(action.answers)
    while True:
        leads = {one.cause: {x.effect for x in explanation.links if x.cause == one.cause} for one in explanation.links}
        more = {cause for cause, effects in leads.items() if effects and effects <= gone} - gone
        if not more:
            return gone
        gone |= more


def _weighed(
    tree: FaultTree, nodes: Mapping[str, Cause], archive: Sequence[Explanation], share: Callable[[int, int], float]
) -> FaultTree:
    """The tree with the frequencies of the archive; a stated probability stays. What nothing shows has no frequency."""
    events = []
    for one in tree.events:
        node = nodes.get(one.name)
        known = (
            sum(any(not asserted(other) and _alike(node, other) for other in past.causes) for past in archive)
            if node
            else 0
        )
        p = one.probability if one.probability is not None else share(known, len(archive))
        events.append(replace(one, probability=p))
    return replace(tree, events=tuple(events))


def _middle(known: int, n: int) -> float:
    return (known + 0.5) / (n + 1)


def _end(known: int, n: int, way: int) -> float:
    """An end of Wilson's interval of 90 % for a share."""
    z = 1.6449
    half = z * math.sqrt(known * (n - known) / n + z * z / 4)
    return min(1.0, max(0.0, (known + z * z / 2 + way * half) / (n + z * z)))


def _bounds(
    tree: FaultTree, nodes: Mapping[str, Cause], archive: Sequence[Explanation], risk: float
) -> tuple[float, float]:
    """Of a tree that more events can only make likelier; with a negation in it the two ends may lie the other way."""
    ends = [
        solving.solve(_weighed(tree, nodes, archive, lambda k, n, way=way: _end(k, n, way))).top_probability or 0.0  # type: ignore[misc]
        for way in (-1, 1)
    ]
    return min(*ends, risk), max(*ends, risk)


def _alike(node: Cause, other: Cause) -> bool:
    """The same kind of thing: same part, same object at fault, same defect."""
    return (node.role, node.category, node.defect, node.kind) == (other.role, other.category, other.defect, other.kind)


def _removes(
    action: ActionItem, cut: set[str], weighed: FaultTree, result: TreeResult, risk: float | None
) -> Cut:  # fmt: skip
    events = tuple(one.name for one in weighed.events if one.name in cut)
    broken = sum(bool(set(one) & cut) for one in result.fired)
    removed = None
    if risk:
        without = tuple(replace(one, probability=0.0) if one.name in cut else one for one in weighed.events)
        left = solving.solve(replace(weighed, events=without)).top_probability
        removed = 1 - (left or 0.0) / risk
    return Cut(action.id, action.title, events, broken, removed)
