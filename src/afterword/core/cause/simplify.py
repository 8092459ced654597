"""The same function with fewer and wider gates: what only passes on is gone, what always stands together is one.

Each step returns a new formula; none changes what is computed. The fewer variables a module has, the smaller its diagram.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.formula import DUAL, FALSE, TRUE, Formula, Node, Op, at_least, join, node_of, parity
from afterword.core.cause.module import modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

#: Rounds of "flatten, then put together": each makes the formula smaller, so few are needed.
_ROUNDS = 20


def simplify(formula: Formula) -> Formula:
    """Flat gates, inputs that always stand together behind a gate of their own, and independent inputs apart."""
    best = flatten(formula)
    for _ in range(_ROUNDS):
        following = flatten(put_together(best))
        if len(following.nodes) == len(best.nodes):
            break
        best = following
    return set_apart(best)


def settled(formula: Formula, values: Mapping[int, bool]) -> Formula:
    """The formula where some gates were found to hold always (True) or never: what their inputs never show by themselves."""

    def inputs_of(_: Formula, number: int, new: dict[int, int]) -> Sequence[int]:
        return [
            (TRUE if values[node_of(one)] == (one >= 0) else FALSE) if node_of(one) in values else signed(new, one)
            for one in formula.inputs(number)
        ]

    return simplify(_rebuilt(formula, inputs_of))


def _rebuilt(formula: Formula, inputs_of: Callable[[Formula, int, dict[int, int]], Sequence[int]]) -> Formula:
    """Every gate again, over the literals that ``inputs_of`` (new formula, old gate, new literal of old nodes) gives."""
    made = Formula(formula.events)
    new = {FALSE: FALSE}
    for number in formula.reachable(formula.top):
        node = formula.nodes[number]
        if node.op is Op.EVENT:
            new[number] = made.add(node)
        else:
            new[number] = _gate(made, node, inputs_of(made, number, new))
    formula_top = new[node_of(formula.top)]
    made.top = formula_top if formula.top >= 0 else ~formula_top
    return made


def _gate(formula: Formula, node: Node, inputs: Sequence[int]) -> int:
    if node.op is Op.ATLEAST:
        return at_least(formula, node.k, inputs)
    return parity(formula, inputs) if node.op is Op.XOR else join(formula, node.op, inputs)


def signed(new: Mapping[int, int], literal: int) -> int:
    """What a literal of the old formula is in the new one."""
    return new[literal] if literal >= 0 else ~new[~literal]


def uses(formula: Formula) -> dict[int, int]:
    """How many inputs (and the top) refer to every node."""
    used = {node_of(formula.top): 1}
    for number in formula.reachable(formula.top):
        for one in map(node_of, formula.inputs(number)):
            used[one] = used.get(one, 0) + 1
    return used


def flatten(formula: Formula) -> Formula:
    """A gate that feeds only one gate of the same kind (or, negated, of its dual) becomes part of it."""
    used = uses(formula)

    def inputs_of(made: Formula, number: int, new: dict[int, int]) -> Sequence[int]:
        node = formula.nodes[number]
        inputs: list[int] = []
        for one in node.inputs:
            literal = signed(new, one)
            inputs += _opened(made, node.op, literal) if used[node_of(one)] == 1 else [literal]
        return inputs

    return _rebuilt(formula, inputs_of)


def _opened(formula: Formula, op: Op, literal: int) -> Sequence[int]:
    """The inputs of a gate in the place of the gate, where that is the same."""
    below = formula.nodes[node_of(literal)]
    if op is Op.ATLEAST or node_of(literal) == FALSE:
        return [literal]
    if literal >= 0 and below.op is op:
        return below.inputs
    if literal < 0 and DUAL.get(op) is below.op:
        return [~one for one in below.inputs]
    return [literal]


def put_together(formula: Formula) -> Formula:
    """Inputs that stand in the same gates, always beside each other, become one gate: one variable where it is a module."""
    group: dict[int, int] = {}
    kinds: dict[int, tuple[Op, tuple[int, ...]]] = {}
    for (positive, parents), members in _companies(formula).items():
        if len(members) > 1 and len(parents) > 1:
            kinds[len(kinds)] = (Op.AND if positive else Op.OR, tuple(members))
            group.update(dict.fromkeys(members, len(kinds) - 1))

    def inputs_of(made: Formula, number: int, new: dict[int, int]) -> Sequence[int]:
        node = formula.nodes[number]
        inputs: dict[int, None] = {}
        for one in node.inputs:
            company = group.get(node_of(one))
            if company is None or node.op not in DUAL:
                inputs[signed(new, one)] = None
                continue
            op, members = kinds[company]
            literal = join(made, op, [new[member] for member in members])
            inputs[literal if one >= 0 else ~literal] = None
        return list(inputs)

    return _rebuilt(formula, inputs_of) if group else formula


def _companies(formula: Formula) -> dict[tuple[bool, tuple[int, ...]], list[int]]:
    """Nodes by the gates they stand in; the sign is the one they have where every OR is read as a negated AND.

    A node whose sign differs between gates, or that stands in a gate of another kind, keeps no company.
    """
    signs: dict[int, set[bool]] = {node_of(formula.top): {True, False}}
    parents: dict[int, list[int]] = {}
    for number in formula.reachable(formula.top):
        node = formula.nodes[number]
        for one in formula.inputs(number):
            below = node_of(one)
            sign = {(one >= 0) == (node.op is Op.AND)} if node.op in DUAL else {True, False}
            signs.setdefault(below, set()).update(sign)
            parents.setdefault(below, []).append(number)
    found: dict[tuple[bool, tuple[int, ...]], list[int]] = {}
    for number, above in parents.items():
        if len(signs[number]) == 1:
            found.setdefault((next(iter(signs[number])), tuple(above)), []).append(number)
    return found


def set_apart(formula: Formula) -> Formula:
    """In a module, inputs that share events with each other, and with no other input, become a module of their own."""
    cut = frozenset(modules(formula))
    apart = {number: parts for number in cut if (parts := list(_components(formula, number, cut)))}

    def inputs_of(made: Formula, number: int, new: dict[int, int]) -> Sequence[int]:
        node = formula.nodes[number]
        parts = apart.get(number)
        if parts is None:
            return [signed(new, one) for one in node.inputs]
        return [_gate(made, node, [signed(new, one) for one in part]) for part in parts]

    return _rebuilt(formula, inputs_of) if apart else formula


def _components(formula: Formula, gate: int, cut: frozenset[int]) -> Iterator[list[int]]:
    """The inputs of a gate by what they share, if that is more than one group and some group holds several."""
    node = formula.nodes[gate]
    if node.op in (Op.EVENT, Op.ATLEAST) or len(node.inputs) < 3:
        return
    owner: dict[int, int] = {}
    root = list(range(len(node.inputs)))

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = at = root[root[at]]
        return at

    for at, literal in enumerate(node.inputs):
        for one in _fresh(formula, node_of(literal), cut, owner, at):
            root[find(at)] = find(owner[one])
    groups: dict[int, list[int]] = {}
    for at, literal in enumerate(node.inputs):
        groups.setdefault(find(at), []).append(literal)
    if len(groups) > 1 and max(map(len, groups.values())) > 1:
        yield from groups.values()


def _fresh(formula: Formula, top: int, cut: frozenset[int], owner: dict[int, int], mine: int) -> list[int]:
    """Marks all nodes below ``top`` as ``mine``; returns those that others marked before, and enters them no further."""
    met = []
    stack = [top]
    while stack:
        number = stack.pop()
        if number in owner:
            if owner[number] != mine:
                met.append(number)
            continue
        owner[number] = mine
        if number not in cut:
            stack.extend(map(node_of, formula.inputs(number)))
    return met
