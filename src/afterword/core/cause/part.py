"""A formula cut into parts that share no event (modules), each with its own diagram in an order that keeps it small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.cause.diagram import Bdd, TooBigError, Zdd
from afterword.core.cause.formula import TRUE, Formula, Node, Op
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

#: Nodes allowed to every order in turn, then again with more: a bad order must not cost more than a good one saves.
BUDGETS = (20_000, 100_000, 500_000)


class TooBigTreeError(InvalidError):
    """The tree is sound, and no answer is given rather than an approximate one."""

    code = "too-big"


@dataclass(frozen=True, slots=True)
class Part:
    """One module. ``variables[level]`` is the number of an event, or -1 - the gate of a part below."""

    gate: int
    variables: tuple[int, ...]
    bdd: Bdd
    root: int
    zdd: Zdd
    sets: int


def parts(formula: Formula, budgets: Sequence[int] = BUDGETS) -> tuple[Part, ...]:
    """Every part, those below first; the last one is the top. The formula is not a constant."""
    gates = modules(formula)
    return tuple(_part(formula, gate, gates, budgets) for gate in sorted(gates))


def modules(formula: Formula) -> set[int]:
    """Gates whose events occur nowhere else, found in one walk (Dutuit and Rauzy 1996). The top is always one.

    A gate with a negated event below it stays inside its surroundings: only a monotone module may be replaced by
    its own minimal solutions.
    """
    enter, leave, first, last = _dates(formula)
    found = {formula.top}
    early: dict[int, int] = {}
    late: dict[int, int] = {}
    negated: set[int] = set()
    for number in formula.reachable(formula.top):
        node = formula.nodes[number]
        if node.op is Op.EVENT:
            early[number], late[number] = first[node.inputs[0]], last[node.inputs[0]]
            if not node.k:
                negated.add(number)
            continue
        early[number] = min(min(enter.get(i, early[i]), early[i]) for i in node.inputs)
        late[number] = max(max(last[-1 - i] if i in enter else late[i], late[i]) for i in node.inputs)
        if negated.intersection(node.inputs):
            negated.add(number)
        elif early[number] > enter[number] and late[number] < leave[number]:
            found.add(number)
    return found


def _dates(formula: Formula) -> tuple[dict[int, int], dict[int, int], dict[int, int], dict[int, int]]:
    """Dates of a depth-first walk: entering and leaving gates; first and last sight of events (n) and gates (-1 - n)."""
    enter: dict[int, int] = {}
    leave: dict[int, int] = {}
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    clock = 0
    stack = [(formula.top, False)]
    while stack:
        number, ready = stack.pop()
        clock += 1
        node = formula.nodes[number]
        if node.op is Op.EVENT:
            first.setdefault(node.inputs[0], clock)
            last[node.inputs[0]] = clock
        elif ready:
            leave[number] = last[-1 - number] = clock
        elif number in enter:
            last[-1 - number] = clock
        else:
            enter[number] = clock
            stack.append((number, True))
            stack.extend((one, False) for one in reversed(node.inputs))
    return enter, leave, first, last


def _part(formula: Formula, gate: int, gates: set[int], budgets: Sequence[int]) -> Part:
    orders = dict.fromkeys(_orders(formula, gate, gates))
    for budget in budgets:
        for order in orders:
            try:
                return _build(formula, gate, gates, order, budget)
            except TooBigError:
                continue
    raise TooBigTreeError(
        f"the tree is too big to be computed exactly: no order of its events gave a diagram of less than {budgets[-1]}"
        " nodes"
    )


def _build(formula: Formula, gate: int, gates: set[int], order: tuple[int, ...], budget: int) -> Part:
    bdd = Bdd(budget)
    level = {variable: at for at, variable in enumerate(order)}
    made: dict[int, int] = {}
    for number in _inside(formula, gate, gates):
        node = formula.nodes[number]
        if number in gates and number != gate:
            made[number] = bdd.node(level[-1 - number], 1, 0)
        elif node.op is Op.EVENT:
            made[number] = bdd.node(level[node.inputs[0]], node.k, 1 - node.k)
        else:
            made[number] = _gate(bdd, node, [made[one] for one in node.inputs])
    zdd = Zdd(budget)
    return Part(gate, order, bdd, made[gate], zdd, zdd.minimal_solutions(bdd, made[gate]))


def _gate(bdd: Bdd, node: Node, inputs: list[int]) -> int:
    # Deepest first: what was made so far then lies below the next input, and the two grow only where they overlap.
    inputs.sort(key=bdd.level.__getitem__, reverse=True)
    if node.op is Op.ATLEAST:
        return _at_least(bdd, node.k, inputs)
    absorbing = 0 if node.op is Op.AND else 1
    made = inputs[0]
    for one in inputs[1:]:
        made = bdd.combine(made, one, absorbing)
    return made


def _at_least(bdd: Bdd, k: int, inputs: Sequence[int]) -> int:
    """By table: ``table[j]`` is "at least j of the inputs so far", and "at least j" implies "at least j - 1"."""
    table = [1] + [0] * k
    for one in inputs:
        for j in range(k, 0, -1):
            table[j] = bdd.combine(table[j], bdd.combine(one, table[j - 1], 0), 1)
    return table[k]


def _inside(formula: Formula, gate: int, gates: set[int]) -> list[int]:
    """Nodes of one part, inputs first; the parts below count as leaves."""
    seen = {gate}
    stack = [gate]
    while stack:
        number = stack.pop()
        if _is_leaf(formula, number, gate, gates):
            continue
        new = [one for one in formula.nodes[number].inputs if one not in seen]
        seen.update(new)
        stack.extend(new)
    return sorted(seen)


def _is_leaf(formula: Formula, number: int, gate: int, gates: set[int]) -> bool:
    return formula.nodes[number].op is Op.EVENT or (number in gates and number != gate)


# ------------------------------------------------------------------------------------------------ orders


def _orders(formula: Formula, gate: int, gates: set[int]) -> Iterator[tuple[int, ...]]:
    """A portfolio of cheap static orders, the one that is most often good first."""
    inside = _inside(formula, gate, gates)
    weight: dict[int, int] = {}
    depth: dict[int, int] = {}
    uses: dict[int, int] = dict.fromkeys(inside, 0)
    for number in inside:
        leaf = _is_leaf(formula, number, gate, gates)
        below = () if leaf else formula.nodes[number].inputs
        weight[number] = 1 if leaf else sum(weight[one] for one in below)
        depth[number] = 0 if leaf else 1 + max(depth[one] for one in below)
        for one in below:
            uses[one] += 1
    keys: tuple[Callable[[int], object], ...] = (
        lambda n: weight[n],
        lambda n: (-uses[n], weight[n]),
        lambda _: 0,
        lambda n: -weight[n],
        lambda n: depth[n],
        lambda n: (-depth[n], weight[n]),
        lambda n: (uses[n], weight[n]),
    )
    for key in keys:
        yield _walk(formula, gate, gates, key)
    yield _walk(formula, gate, gates, lambda _: 0, backward=True)
    yield _by_rings(formula, gate, gates)


def _walk(
    formula: Formula, gate: int, gates: set[int], key: Callable[[int], object], *, backward: bool = False
) -> tuple[int, ...]:
    """Leaves as a depth-first walk meets them, inputs of each gate sorted by ``key``."""
    order: dict[int, None] = {}
    seen: set[int] = set()
    stack = [gate]
    while stack:
        number = stack.pop()
        if number in seen:
            continue
        seen.add(number)
        if _is_leaf(formula, number, gate, gates):
            order[_variable(formula, number)] = None
        else:
            inputs: Iterable[int] = sorted(formula.nodes[number].inputs, key=key)  # type: ignore[arg-type]
            stack.extend(inputs if backward else reversed(list(inputs)))
    return tuple(order)


def _by_rings(formula: Formula, gate: int, gates: set[int]) -> tuple[int, ...]:
    """Leaves by their distance from the top."""
    order: dict[int, None] = {}
    seen = {gate}
    ring = [gate]
    while ring:
        following = []
        for number in ring:
            if _is_leaf(formula, number, gate, gates):
                order[_variable(formula, number)] = None
                continue
            following += [one for one in formula.nodes[number].inputs if one not in seen]
            seen.update(formula.nodes[number].inputs)
        ring = list(dict.fromkeys(following))
    return tuple(order)


def _variable(formula: Formula, number: int) -> int:
    node = formula.nodes[number]
    return node.inputs[0] if node.op is Op.EVENT else -1 - number


def is_constant(formula: Formula) -> bool:
    return formula.top <= TRUE
