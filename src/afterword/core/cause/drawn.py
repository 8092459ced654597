"""The graph of causes for other tools, and what another tool drew as edits of it: nothing is lost, nothing is taken on trust."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

from afterword.core.cause import edit as edits_of
from afterword.core.clock import Stamp, parse_time
from afterword.model.cause import Held, Needs, NodeKind, Role
from afterword.model.drawn import DrawnGraph, DrawnLink, DrawnNode
from afterword.model.edit import Edit, EditKind
from afterword.model.time import SECOND, iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from afterword.model.cause import Cause, Explanation, Link

_SPACE = re.compile(r"\s+")


def of(explanation: Explanation) -> DrawnGraph:
    """The graph in plain words; what was ruled out is in it, and says so."""
    return DrawnGraph(
        explanation.top, tuple(_node(one) for one in explanation.causes), tuple(_link(one) for one in explanation.links)
    )


def _node(cause: Cause) -> DrawnNode:
    needs = f"some:{cause.least}" if cause.needs is Needs.SOME else cause.needs.value
    return DrawnNode(
        cause.id, cause.statement, cause.kind, cause.role.value, cause.held.value if cause.held else "", cause.component,
        iso(cause.at) if cause.at is not None else "", int(cause.grade), cause.state.value, cause.by, tuple(map(str, cause.cites)), needs,
    )  # fmt: skip


def _link(link: Link) -> DrawnLink:
    shortest, longest = (one / SECOND if one is not None else None for one in (link.shortest, link.longest))
    return DrawnLink(
        link.cause, link.effect, link.kind, int(link.grade), shortest, longest, tuple(map(str, link.cites)), link.tests
    )


def edits(
    explanation: Explanation, drawn: DrawnGraph, *, by: str, at: str, taken: int
) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """What has to be done to the graph so that it holds what was drawn, and what could not be placed.

    A drawn node is one of the graph when it has its id or says the same; the drawn top is the impact. Nodes are added
    from the impact upward, each with the link to what it led to; the grade of a link is computed, never taken over.
    """
    placing = _Placing(explanation, drawn, by, at, taken)
    placing.place()
    return tuple(placing.made), tuple(placing.problems)


class _Placing:
    """The state of one import: which drawn node stands for which node of the graph."""

    def __init__(self, explanation: Explanation, drawn: DrawnGraph, by: str, at: str, taken: int) -> None:
        self.explanation, self.drawn, self._by, self._at, self._taken = explanation, drawn, by, at, taken
        self.made: list[Edit] = []
        self.problems: list[str] = []
        self._here = _met(explanation, drawn)

    def place(self) -> None:
        nodes = {one.id: one for one in self.drawn.nodes}
        waiting = deque(_upward(self.drawn.links, self._here))
        for link in waiting:
            if link.cause not in nodes or link.effect not in self._here:
                self.problems.append(f"{link.cause} -> {link.effect}: it does not lead to the impact")
            elif link.cause in self._here:
                self._joined(link)
            else:
                self._added(nodes[link.cause], link)
        left = [
            one.id for one in self.drawn.nodes if one.id not in self._here and one.id not in {x.cause for x in waiting}
        ]
        self.problems += [f"{one}: nothing says what it led to" for one in left]

    def _joined(self, link: DrawnLink) -> None:
        cause, effect = self._here[link.cause], self._here[link.effect]
        if not any((one.cause, one.effect) == (cause, effect) for one in self.explanation.links):
            self._try(EditKind.LINK, (cause, effect), link=link.kind)

    def _added(self, node: DrawnNode, link: DrawnLink) -> None:
        stamp = parse_time(node.at) if node.at else None
        held = Held(node.held) if node.held in [one.value for one in Held] else None
        made = self._try(
            EditKind.ADD, (self._here[link.effect],), statements=(node.statement,), node=node.kind, link=link.kind, component=node.component,
            held=held or (Held.ABSENT if node.kind is NodeKind.DEFENCE else None), moment=stamp.ns if isinstance(stamp, Stamp) else None,
        )  # fmt: skip
        if made is not None:
            self._here[node.id] = edits_of.identity(made, node.statement)

    def _try(self, kind: EditKind, about: tuple[str, ...], **values: object) -> Edit | None:
        number = self._taken + len(self.made) + 1
        made = Edit(f"g{number}", kind, about, self._by, self._at, "imported", **values)  # type: ignore[arg-type]
        why = edits_of.refusal(self.explanation, made)
        if why:
            self.problems.append(f"{' -> '.join(about)}: {why}")
            return None
        self.explanation = edits_of.applied(self.explanation, [made]).explanation
        self.made.append(made)
        return made


def _met(explanation: Explanation, drawn: DrawnGraph) -> dict[str, str]:
    """Drawn nodes that the graph has already."""
    by_words = {_plain(one.statement): one.id for one in explanation.causes}
    ids = {one.id for one in explanation.causes}
    found = {one.id: one.id if one.id in ids else by_words.get(_plain(one.statement), "") for one in drawn.nodes}
    found[drawn.top or _top(drawn)] = explanation.top
    return {name: id_ for name, id_ in found.items() if id_}


def _top(drawn: DrawnGraph) -> str:
    """The node that is called the impact, or else the only one that leads to nothing."""
    called = [one.id for one in drawn.nodes if one.role == Role.IMPACT.value]
    leading = {link.cause for link in drawn.links}
    ends = called or [
        one.id for one in drawn.nodes if one.id not in leading and any(x.effect == one.id for x in drawn.links)
    ]
    return ends[0] if len(ends) == 1 else ""


def _upward(links: Iterable[DrawnLink], here: Mapping[str, str]) -> list[DrawnLink]:
    """Links in an order in which every effect stands before its causes are added; the rest at the end."""
    open_, done, ordered = list(links), set(here), []
    while ready := [one for one in open_ if one.effect in done]:
        ordered += ready
        done |= {one.cause for one in ready}
        open_ = [one for one in open_ if one not in ready]
    return ordered + open_


def _plain(statement: str) -> str:
    return _SPACE.sub(" ", statement).strip().rstrip(".").casefold()
