"""What is linted: the graph with its tree, the actions, the answers of people, and what the rest of the record says."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from afterword.core.cause import faults, role, tree
from afterword.model.answer import Says
from afterword.model.cause import Role
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from afterword.model.action import ActionItem
    from afterword.model.answer import Answer
    from afterword.model.cause import Cause, Explanation, Link
    from afterword.model.tree import FaultTree, TreeResult

#: Parts that lead to nothing by themselves: they are told, and never asked for a cause.
ASIDE = (Role.RULED_OUT, Role.MITIGATOR, Role.LUCK)


@dataclass(frozen=True)
class Subject:
    """``detect`` and ``mitigate`` are durations in ns; ``evidence`` the ids E1, E2, … that there are; None: not known."""

    explanation: Explanation
    actions: tuple[ActionItem, ...] = ()
    answers: tuple[Answer, ...] = ()
    detect: int | None = None
    mitigate: int | None = None
    evidence: frozenset[str] | None = None
    #: Ids that actions may answer besides nodes: gaps of the timeline, findings.
    gaps: frozenset[str] = field(default=frozenset())
    #: A tree that people drew; None: the graph is read as one.
    drawn: FaultTree | None = None

    @cached_property
    def nodes(self) -> dict[str, Cause]:
        return {one.id: one for one in self.explanation.causes}

    @cached_property
    def factors(self) -> tuple[Cause, ...]:
        """Everything that is said to have led to the impact, made it longer, or failed to stop it."""
        top = self.explanation.top
        return tuple(one for one in self.explanation.causes if one.role not in ASIDE and one.id != top)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Links between nodes that are not ruled out."""
        alive = {one.id for one in self.explanation.causes if one.role is not Role.RULED_OUT}
        return tuple(one for one in self.explanation.links if {one.cause, one.effect} <= alive)

    @cached_property
    def leading(self) -> tuple[Link, ...]:
        return tuple(one for one in self.links if one.kind in role.LEADING)

    @cached_property
    def causes_of(self) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = defaultdict(list)
        for link in self.leading:
            found[link.effect].append(link)
        return found

    @cached_property
    def effects_of(self) -> dict[str, list[Link]]:
        found: dict[str, list[Link]] = defaultdict(list)
        for link in self.links:
            found[link.cause].append(link)
        return found

    @cached_property
    def solved(self) -> TreeResult | None:
        """The tree with its cut sets; None where there is none, or it is too large."""
        built = self.drawn or faults.build(self.explanation)
        try:
            return tree.solve(built) if built is not None else None
        except InvalidError:
            return None

    def answer(self, rule: str, about: str) -> Says | None:
        """The last answer to a rule's question about something; a waiver answers nothing."""
        mine = (one for one in reversed(self.answers) if (one.rule, one.about) == (rule, about))
        return next((one.says for one in mine if one.says is not Says.WAIVED), None)

    def of_role(self, *roles: Role) -> tuple[Cause, ...]:
        return tuple(one for one in self.explanation.causes if one.role in roles)


def pair(link: Link) -> str:
    """How a link is named in an answer and in a remark."""
    return f"{link.cause}>{link.effect}"
