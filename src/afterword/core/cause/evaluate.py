"""Whether a formula holds, in many states at once: a bit for every state."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_, xor
from typing import TYPE_CHECKING

from afterword.core.cause.formula import FALSE, Op, node_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from afterword.core.cause.formula import Formula


def held(formula: Formula, happened: Mapping[int, int], states: int) -> int:
    """The states in which the top holds. ``happened``: by the number of an event, those in which it happens."""
    every = (1 << states) - 1
    value = {FALSE: 0}
    for number in formula.reachable(formula.top):
        node = formula.nodes[number]
        if node.op is Op.EVENT:
            value[number] = happened.get(node.inputs[0], 0)
            continue
        inputs = [value[one] if one >= 0 else every ^ value[~one] for one in node.inputs]
        value[number] = _gate(node.op, node.k, inputs, every)
    top = value[node_of(formula.top)]
    return top if formula.top >= 0 else every ^ top


def _gate(op: Op, k: int, inputs: Sequence[int], every: int) -> int:
    if op is Op.ATLEAST:
        row = [every] + [0] * k
        for one in inputs:
            for j in range(k, 0, -1):
                row[j] |= one & row[j - 1]
        return row[k]
    return reduce({Op.AND: and_, Op.OR: or_, Op.XOR: xor}[op], inputs)
