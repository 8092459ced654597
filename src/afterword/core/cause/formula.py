"""A fault tree as a formula that an engine can work on: checked, constants gone, negation pushed to the events.

Nodes are numbers. 0 is false, 1 is true; all others stand after their inputs, so a walk in the order of the numbers
is a walk from the leaves up and nothing here recurses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from afterword.model.refusal import InvalidError
from afterword.model.tree import GateKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from afterword.model.tree import BasicEvent, FaultTree, Gate

FALSE, TRUE = 0, 1


class Op(Enum):
    EVENT = "event"
    AND = "and"
    OR = "or"
    ATLEAST = "atleast"


@dataclass(frozen=True, slots=True)
class Node:
    """``inputs`` are node numbers; for an event the only one is the number of the event. ``k``: at least k, or the sign."""

    op: Op
    inputs: tuple[int, ...]
    k: int = 0


@dataclass(slots=True)
class Formula:
    """Equal nodes are one node (hash-consing). ``events`` are the names behind the event numbers."""

    events: tuple[str, ...]
    nodes: list[Node]
    top: int = FALSE
    known: dict[Node, int] = field(default_factory=dict)

    def add(self, node: Node) -> int:
        number = self.known.get(node)
        if number is None:
            number = self.known[node] = len(self.nodes)
            self.nodes.append(node)
        return number

    def reachable(self, top: int) -> list[int]:
        """Nodes below ``top``, itself included, inputs first."""
        if top <= TRUE:
            return []
        seen = {top}
        stack = [top]
        while stack:
            node = self.nodes[stack.pop()]
            if node.op is not Op.EVENT:
                new = [one for one in node.inputs if one not in seen]
                seen.update(new)
                stack.extend(new)
        return sorted(seen)

    def negated(self, top: int) -> bool:
        """Whether some event is used negated below ``top``."""
        return any(self.nodes[one].op is Op.EVENT and not self.nodes[one].k for one in self.reachable(top))


def compile_tree(tree: FaultTree) -> Formula:
    """Check the tree and make its formula. Raises InvalidError with every reason why it cannot be computed."""
    check(tree)
    gates = {gate.name: gate for gate in tree.gates}
    order = _gates_first(tree, gates)
    free = [event for event in tree.events if not event.house]
    formula = Formula(tuple(event.name for event in free), [Node(Op.OR, (-1,)), Node(Op.AND, (-1,))])
    both: dict[str, tuple[int, int]] = {event.name: _house(event) for event in tree.events if event.house}
    for number, event in enumerate(free):
        both[event.name] = (formula.add(Node(Op.EVENT, (number,), 1)), formula.add(Node(Op.EVENT, (number,), 0)))
    for name in order:
        both[name] = _compile_gate(formula, gates[name], both)
    formula.top = both[tree.top][0]
    return formula


def _house(event: BasicEvent) -> tuple[int, int]:
    """A house event is a switch; off where nobody set it (Open-PSA MEF 2.0d, 5.2)."""
    return (TRUE, FALSE) if event.happened else (FALSE, TRUE)


def _compile_gate(formula: Formula, gate: Gate, both: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """The gate and its negation, each in negation normal form (De Morgan)."""
    yes = [both[name][0] for name in gate.inputs]
    no = [both[name][1] for name in gate.inputs]
    match gate.kind:
        case GateKind.AND:
            return conjunction(formula, yes), disjunction(formula, no)
        case GateKind.OR:
            return disjunction(formula, yes), conjunction(formula, no)
        case GateKind.NAND:
            return disjunction(formula, no), conjunction(formula, yes)
        case GateKind.NOR:
            return conjunction(formula, no), disjunction(formula, yes)
        case GateKind.NOT:
            return no[0], yes[0]
        case GateKind.ATLEAST:
            # Not at least k of n: at least n - k + 1 of them do not hold.
            return at_least(formula, gate.k, yes), at_least(formula, len(no) - gate.k + 1, no)
        case GateKind.XOR:
            return _parity(formula, yes, no)


def _parity(formula: Formula, yes: Sequence[int], no: Sequence[int]) -> tuple[int, int]:
    """An odd number of inputs holds; and its negation. Inputs are taken in one after the other."""
    odd, even = yes[0], no[0]
    for one, other in zip(yes[1:], no[1:], strict=True):
        odd, even = (
            disjunction(formula, [conjunction(formula, [odd, other]), conjunction(formula, [even, one])]),
            disjunction(formula, [conjunction(formula, [odd, one]), conjunction(formula, [even, other])]),
        )
    return odd, even


def conjunction(formula: Formula, inputs: Iterable[int]) -> int:
    return _join(formula, Op.AND, inputs, neutral=TRUE)


def disjunction(formula: Formula, inputs: Iterable[int]) -> int:
    return _join(formula, Op.OR, inputs, neutral=FALSE)


def _join(formula: Formula, op: Op, inputs: Iterable[int], *, neutral: int) -> int:
    """AND or OR without repeats and constants; an event beside its own negation decides."""
    kept = dict.fromkeys(one for one in inputs if one != neutral)
    if (1 - neutral) in kept:
        return 1 - neutral
    events = {formula.nodes[one].inputs[0] for one in kept if formula.nodes[one].op is Op.EVENT}
    if len(events) < sum(formula.nodes[one].op is Op.EVENT for one in kept):
        return 1 - neutral
    if not kept:
        return neutral
    return next(iter(kept)) if len(kept) == 1 else formula.add(Node(op, tuple(kept)))


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
    return formula.add(Node(Op.ATLEAST, tuple(rest), k))


def flatten(formula: Formula) -> Formula:
    """Gates of one kind that feed only one gate of the same kind become part of it: fewer, wider gates."""
    used: dict[int, int] = {}
    live = formula.reachable(formula.top)
    for number in live:
        for one in _gate_inputs(formula.nodes[number]):
            used[one] = used.get(one, 0) + 1
    flat = Formula(formula.events, formula.nodes[:2])
    new = {FALSE: FALSE, TRUE: TRUE}
    for number in live:
        node = formula.nodes[number]
        if node.op in (Op.AND, Op.OR):
            inputs = list(_merged(flat, node, new, used))
            new[number] = _join(flat, node.op, inputs, neutral=TRUE if node.op is Op.AND else FALSE)
        elif node.op is Op.ATLEAST:
            new[number] = at_least(flat, node.k, [new[one] for one in node.inputs])
        else:
            new[number] = flat.add(node)
    flat.top = new[formula.top]
    return flat


def _merged(flat: Formula, node: Node, new: Mapping[int, int], used: Mapping[int, int]) -> Iterator[int]:
    for one in node.inputs:
        below = flat.nodes[new[one]]
        if below.op is node.op and used[one] == 1 and new[one] > TRUE:
            yield from below.inputs
        else:
            yield new[one]


def _gate_inputs(node: Node) -> tuple[int, ...]:
    return () if node.op is Op.EVENT else node.inputs


# ------------------------------------------------------------------------------------------------ checks


def check(tree: FaultTree) -> None:
    """Refuse a tree that says nothing definite: all reasons at once."""
    reasons = [*_names_twice(tree), *_unknown_names(tree), *_wrong_gates(tree), *_wrong_probabilities(tree)]
    if not reasons:
        cycle = find_cycle(tree)
        if cycle:
            reasons.append(f"gates depend on themselves: {' → '.join(cycle)}")
    if reasons:
        raise InvalidError(f"the fault tree {tree.name!r} cannot be computed: " + "; ".join(reasons), tuple(reasons))


def _names_twice(tree: FaultTree) -> Iterator[str]:
    seen: set[str] = set()
    for name in [*(gate.name for gate in tree.gates), *(event.name for event in tree.events)]:
        if name in seen:
            yield f"{name!r} is defined twice"
        seen.add(name)


def _unknown_names(tree: FaultTree) -> Iterator[str]:
    known = {gate.name for gate in tree.gates} | {event.name for event in tree.events}
    if tree.top not in known:
        yield f"the top {tree.top!r} is not defined"
    for gate in tree.gates:
        yield from (
            f"gate {gate.name!r} uses {name!r}, which is not defined" for name in gate.inputs if name not in known
        )


def _wrong_gates(tree: FaultTree) -> Iterator[str]:
    for gate in tree.gates:
        if not gate.inputs:
            yield f"gate {gate.name!r} has no inputs"
        elif gate.kind is GateKind.NOT and len(gate.inputs) != 1:
            yield f"gate {gate.name!r} is NOT and has {len(gate.inputs)} inputs"
        elif gate.kind is GateKind.ATLEAST and not 1 <= gate.k <= len(gate.inputs):
            yield f"gate {gate.name!r} asks for at least {gate.k} of {len(gate.inputs)}"


def _wrong_probabilities(tree: FaultTree) -> Iterator[str]:
    for event in tree.events:
        if event.probability is not None and not 0.0 <= event.probability <= 1.0:
            yield f"event {event.name!r} has the probability {event.probability}, which is not between 0 and 1"


def find_cycle(tree: FaultTree) -> tuple[str, ...]:
    """One cycle of gates, first name repeated at the end; empty when there is none. All gates are looked at."""
    gates = {gate.name: gate for gate in tree.gates}
    done: set[str] = set()
    for start in gates:
        path: dict[str, Iterator[str]] = {}
        stack = [start]
        while stack:
            name = stack[-1]
            if name in path:
                following = next(path[name], None)
                if following is None:
                    del path[stack.pop()]
                    done.add(name)
                elif following in path:
                    names = list(path)
                    return (*names[names.index(following) :], following)
                elif following not in done and following in gates:
                    stack.append(following)
            elif name in done:
                stack.pop()
            else:
                path[name] = iter(gates[name].inputs)
    return ()


def _gates_first(tree: FaultTree, gates: Mapping[str, Gate]) -> list[str]:
    """Gates below the top, inputs before users; the tree is known to have no cycle."""
    order: dict[str, None] = {}
    stack = [(tree.top, False)]
    while stack:
        name, ready = stack.pop()
        if name in order or name not in gates:
            continue
        if ready:
            order[name] = None
        else:
            stack.append((name, True))
            stack.extend((one, False) for one in reversed(gates[name].inputs))
    return list(order)
