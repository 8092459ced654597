"""A fault tree as a formula that an engine can work on: checked, constants gone, negation on the edges.

A literal is the number of a node, or its complement (``~n``) where it is negated. Node 0 is false, so ``~0`` is true; all
other nodes stand after their inputs, so a walk in the order of the numbers is a walk from the leaves up and nothing here
recurses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from afterword.core.cause.sound import check, gates_first
from afterword.model.tree import GateKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.model.tree import FaultTree, Gate

FALSE, TRUE = 0, ~0


class Op(Enum):
    EVENT = "event"
    AND = "and"
    OR = "or"
    ATLEAST = "atleast"
    XOR = "xor"


#: AND becomes OR, and OR becomes AND, where all inputs and the output are negated (De Morgan).
DUAL = {Op.AND: Op.OR, Op.OR: Op.AND}


@dataclass(frozen=True, slots=True)
class Node:
    """``inputs`` are literals; for an event the only one is the number of the event. ``k``: at least k of them."""

    op: Op
    inputs: tuple[int, ...]
    k: int = 0


@dataclass(slots=True)
class Formula:
    """Equal nodes are one node (hash-consing). ``events`` are the names behind the event numbers; ``top`` is a literal."""

    events: tuple[str, ...]
    nodes: list[Node] = field(default_factory=lambda: [Node(Op.OR, ())])
    top: int = FALSE
    known: dict[tuple[Op, int, tuple[int, ...]], int] = field(default_factory=dict)

    def add(self, node: Node) -> int:
        key = (node.op, node.k, node.inputs if node.op is Op.EVENT else tuple(sorted(node.inputs)))
        number = self.known.get(key)
        if number is None:
            number = self.known[key] = len(self.nodes)
            self.nodes.append(node)
        return number

    def inputs(self, number: int) -> tuple[int, ...]:
        """The literals that a gate uses; none for an event."""
        node = self.nodes[number]
        return () if node.op is Op.EVENT else node.inputs

    def reachable(self, top: int) -> list[int]:
        """Nodes below a literal, its own included, inputs first."""
        start = node_of(top)
        if start == FALSE:
            return []
        seen = {start}
        stack = [start]
        while stack:
            new = [one for one in map(node_of, self.inputs(stack.pop())) if one not in seen]
            seen.update(new)
            stack.extend(new)
        return sorted(seen)

    def monotone(self) -> bool:
        """Whether no negation is left anywhere: more events never undo the top."""
        return self.top >= 0 and not any(
            self.nodes[one].op is Op.XOR or min(self.inputs(one), default=0) < 0 for one in self.reachable(self.top)
        )


def node_of(literal: int) -> int:
    return literal if literal >= 0 else ~literal


def compile_tree(tree: FaultTree) -> Formula:
    """Check the tree and make its formula. Raises InvalidError with every reason why it cannot be computed."""
    check(tree)
    gates = {gate.name: gate for gate in tree.gates}
    free = [event for event in tree.events if not event.house]
    formula = Formula(tuple(event.name for event in free))
    # A house event is a switch; off where nobody set it (Open-PSA MEF 2.0d, 5.2).
    made = {event.name: TRUE if event.happened else FALSE for event in tree.events if event.house}
    for number, event in enumerate(free):
        made[event.name] = formula.add(Node(Op.EVENT, (number,)))
    for name in gates_first(tree, gates):
        made[name] = _compile_gate(formula, gates[name], made)
    formula.top = made[tree.top]
    return formula


def _compile_gate(formula: Formula, gate: Gate, made: Mapping[str, int]) -> int:
    inputs = [made[name] for name in gate.inputs]
    match gate.kind:
        case GateKind.AND:
            return conjunction(formula, inputs)
        case GateKind.OR:
            return disjunction(formula, inputs)
        case GateKind.NAND:
            return ~conjunction(formula, inputs)
        case GateKind.NOR:
            return ~disjunction(formula, inputs)
        case GateKind.NOT:
            return ~made[gate.inputs[0]]
        case GateKind.ATLEAST:
            return at_least(formula, gate.k, inputs)
        case GateKind.XOR:
            return parity(formula, inputs)
        case GateKind.IFF:
            return ~parity(formula, inputs)
        case GateKind.IMPLY:
            return disjunction(formula, [~inputs[0], inputs[1]])
        case GateKind.CARDINALITY:
            least, more = at_least(formula, gate.k, inputs), at_least(formula, gate.most + 1, inputs)
            return conjunction(formula, [least, ~more])


def conjunction(formula: Formula, inputs: Iterable[int]) -> int:
    return join(formula, Op.AND, inputs)


def disjunction(formula: Formula, inputs: Iterable[int]) -> int:
    return join(formula, Op.OR, inputs)


def join(formula: Formula, op: Op, inputs: Iterable[int]) -> int:
    """AND or OR without repeats and constants; a literal beside its own negation decides."""
    neutral: int = TRUE if op is Op.AND else FALSE
    kept: dict[int, None] = dict.fromkeys(one for one in inputs if one != neutral)
    if ~neutral in kept or any(~one in kept for one in kept):
        return TRUE if neutral == FALSE else FALSE
    if not kept:
        return neutral
    if len(kept) == 1:
        return next(iter(kept))
    if max(kept) < 0:
        return ~formula.add(Node(DUAL[op], tuple(~one for one in kept)))
    return formula.add(Node(op, tuple(kept)))


def at_least(formula: Formula, k: int, inputs: Sequence[int]) -> int:
    """At least ``k`` of the inputs hold; an input that stands twice counts twice."""
    k -= sum(one == TRUE for one in inputs)
    rest = [one for one in inputs if one not in (TRUE, FALSE)]
    if k <= 0:
        return TRUE
    if k > len(rest):
        return FALSE
    if k == 1:
        return disjunction(formula, rest)
    if k == len(rest):
        return conjunction(formula, rest)
    if max(rest) < 0:
        # Not fewer than k hold their negation: of the others, at most n - k hold.
        return ~formula.add(Node(Op.ATLEAST, tuple(~one for one in rest), len(rest) - k + 1))
    return formula.add(Node(Op.ATLEAST, tuple(rest), k))


def parity(formula: Formula, inputs: Sequence[int]) -> int:
    """An odd number of inputs holds. A pair of equal inputs cancels out, and negation moves to the output."""
    flipped = sum(one < 0 for one in inputs) % 2 == 1
    kept: dict[int, None] = {}
    for one in map(node_of, inputs):
        if one in kept:
            del kept[one]
        elif one != FALSE:
            kept[one] = None
    made = FALSE if not kept else next(iter(kept)) if len(kept) == 1 else formula.add(Node(Op.XOR, tuple(kept)))
    return ~made if flipped else made
