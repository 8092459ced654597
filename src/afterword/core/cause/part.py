"""The modules of a formula, each with its own diagram in an order of its variables that keeps it small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.cause.engine import KINDS, Table, TooBigError
from afterword.core.cause.formula import FALSE, Op, node_of
from afterword.core.cause.module import inside, modules
from afterword.core.cause.order import orders
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from afterword.core.cause.engine import Engine, Made
    from afterword.core.cause.formula import Formula

#: From this budget on, a try costs so much that orders which came less far than others are given up.
_DEAR = 50_000
#: Then so many go on at most, the first of the portfolio.
_FEW = 6
#: Left to do: this share counts as next to nothing, and so many times the least is too much.
_LITTLE, _BEHIND = 0.02, 4.0


class TooBigTreeError(InvalidError):
    """The tree is sound and too big, also for certified bounds of use. ``made``: the parts that were not too big."""

    code = "too-big"

    def __init__(self, message: str, made: Sequence[Part] = ()) -> None:
        super().__init__(message)
        self.made = tuple(made)


@dataclass(frozen=True, slots=True)
class Part:
    """One module. ``variables[level]`` is the number of an event, or -1 - the gate of a part below.

    ``literal`` is what the diagram holds: the gate, or its negation where the gate holds while nothing happened, so that a
    part never holds by itself and its minimal sets can stand for it (the last part is always the top as it is).
    """

    literal: int
    variables: tuple[int, ...]
    bdd: Table
    sets: Table
    made: Made

    @property
    def gate(self) -> int:
        return node_of(self.literal)


def parts(formula: Formula, engine: Engine, told: Callable[[int, int], None] | None = None) -> tuple[Part, ...]:
    """Every part, those below first; the last one is the top. The formula is not a constant."""
    cutting = Cutting(formula)
    made: list[Part] = []
    for done, gate in enumerate(cutting.gates):
        if told:
            told(done, len(cutting.gates))
        try:
            made.append(cutting.module(gate).part(engine))
        except TooBigTreeError as error:
            raise TooBigTreeError(str(error), made) from None
    return tuple(made)


def at_rest(formula: Formula) -> dict[int, bool]:
    """Which nodes hold while no event happens."""
    rest = {FALSE: False}
    for number in formula.reachable(formula.top):
        node = formula.nodes[number]
        held = [rest[node_of(one)] != (one < 0) for one in formula.inputs(number)]
        rest[number] = {
            Op.EVENT: False,
            Op.AND: all(held),
            Op.OR: any(held),
            Op.ATLEAST: sum(held) >= node.k,
            Op.XOR: sum(held) % 2 == 1,
        }[node.op]
    return rest


class Cutting:
    """A formula cut into its modules; ``literals`` are what their diagrams hold (see Part)."""

    def __init__(self, formula: Formula) -> None:
        self.formula = formula
        self.gates = modules(formula)
        self.cut = frozenset(self.gates)
        rest = at_rest(formula)
        self.literals = {gate: ~gate if rest[gate] else gate for gate in self.gates}
        self.literals[node_of(formula.top)] = formula.top

    def module(self, gate: int) -> Module:
        formula, cut = self.formula, self.cut
        nodes = inside(formula, gate, cut)
        leaves = [one for one in nodes if formula.nodes[one].op is Op.EVENT or (one in cut and one != gate)]
        program = _program(formula, self.literals, gate, nodes, leaves)
        race = tuple(dict.fromkeys(orders(formula, gate, nodes, cut)))
        return Module(self.literals[gate], leaves, program, race, {one: _variable(formula, one) for one in leaves})


@dataclass(frozen=True, slots=True)
class Module:
    """A module as engines take it. ``orders``: of its ``leaves``, best guess first; ``variables``: see Part, by leaf."""

    literal: int
    leaves: Sequence[int]
    program: Sequence[int]
    orders: Sequence[tuple[int, ...]]
    variables: Mapping[int, int]

    def place(self, order: Sequence[int]) -> list[int]:
        """The level of every leaf."""
        level = {leaf: at for at, leaf in enumerate(order)}
        return [level[leaf] for leaf in self.leaves]

    def in_order(self, order: Sequence[int]) -> tuple[int, ...]:
        return tuple(self.variables[leaf] for leaf in order)

    def part(self, engine: Engine) -> Part:
        """A race of orders under a growing budget: a bad order must not cost more than a good one saves."""
        race = [_Entrant(order) for order in self.orders]
        for budget in engine.budgets:
            for entrant in race:
                try:
                    made = engine.make(self.program, self.place(entrant.order), budget)
                    sets = made.minimal(budget)
                except TooBigError as error:
                    entrant.progress = error.progress or 1.0
                    continue
                return Part(self.literal, self.in_order(entrant.order), made.diagram(), sets, made)
            if budget >= _DEAR:
                race = _ahead(race)
        raise TooBigTreeError(
            f"the tree is too big to be computed exactly: no order of its events gave a diagram of less than "
            f"{engine.budgets[-1]} nodes"
        )


@dataclass(slots=True)
class _Entrant:
    """One order in the race: the leaves by level, and how far it came with the budget so far."""

    order: tuple[int, ...]
    progress: float = 0.0


def _ahead(race: Sequence[_Entrant]) -> list[_Entrant]:
    """Those that have not much more left to do than the one that came furthest."""
    least = max(_LITTLE, min(1.0 - entrant.progress for entrant in race))
    return [entrant for entrant in race if 1.0 - entrant.progress <= _BEHIND * least][:_FEW]


def _variable(formula: Formula, number: int) -> int:
    node = formula.nodes[number]
    return node.inputs[0] if node.op is Op.EVENT else -1 - number


def _program(
    formula: Formula, literals: Mapping[int, int], gate: int, nodes: Sequence[int], leaves: Sequence[int]
) -> list[int]:
    """The module as an engine reads it. A module below is negated once more where its part holds its negation."""
    index = {leaf: at for at, leaf in enumerate(leaves)}
    flipped = {leaf for leaf in leaves if literals.get(leaf, leaf) < 0}
    program: list[int] = []
    for number in nodes:
        if number in index:
            continue
        node = formula.nodes[number]
        program += [KINDS[node.op], node.k, len(node.inputs)]
        program += [2 * index[node_of(one)] + ((one < 0) != (node_of(one) in flipped)) for one in node.inputs]
        index[number] = len(index)
    # The module itself, or its negation: a gate of one input.
    return [*program, KINDS[Op.AND], 0, 1, 2 * index[gate] + (literals[gate] < 0)]
