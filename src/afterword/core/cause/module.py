"""Modules: gates whose events occur nowhere else. Each can be solved apart and then stands for one event."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.formula import Op, node_of

if TYPE_CHECKING:
    from afterword.core.cause.formula import Formula


def modules(formula: Formula) -> list[int]:
    """The gates that are modules, found in one walk (Dutuit and Rauzy 1996), those below first; the top is the last."""
    walk = _Walk(formula)
    top = node_of(formula.top)
    early: dict[int, int] = {}
    late: dict[int, int] = {}
    found = []
    for number in formula.reachable(formula.top):
        inputs = [node_of(one) for one in formula.inputs(number)]
        if not inputs:
            continue
        early[number] = min(min(walk.first[i], early.get(i, walk.first[i])) for i in inputs)
        late[number] = max(max(walk.last[i], late.get(i, walk.last[i])) for i in inputs)
        if number == top or (early[number] > walk.first[number] and late[number] < walk.left[number]):
            found.append(number)
    return found if formula.nodes[top].op is not Op.EVENT else [top]


class _Walk:
    """Dates of a depth-first walk: the first and the last sight of every node, and when its inputs were all seen."""

    def __init__(self, formula: Formula) -> None:
        self.first: dict[int, int] = {}
        self.last: dict[int, int] = {}
        self.left: dict[int, int] = {}
        clock = 0
        stack = [(node_of(formula.top), False)]
        while stack:
            number, ready = stack.pop()
            clock += 1
            self.last[number] = clock
            if ready:
                self.left[number] = clock
            elif number not in self.first:
                self.first[number] = clock
                stack.append((number, True))
                stack.extend((node_of(one), False) for one in reversed(formula.inputs(number)))


def inside(formula: Formula, gate: int, cut: frozenset[int]) -> list[int]:
    """Nodes of one module, inputs first; the modules below it (in ``cut``) count as leaves."""
    seen = {gate}
    stack = [gate]
    while stack:
        number = stack.pop()
        if number in cut and number != gate:
            continue
        new = [one for one in map(node_of, formula.inputs(number)) if one not in seen]
        seen.update(new)
        stack.extend(new)
    return sorted(seen)
