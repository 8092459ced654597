"""Whether a fault tree says something definite: names that are defined once, gates that can hold, no circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.model.refusal import InvalidError
from afterword.model.tree import GateKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from afterword.model.tree import FaultTree, Gate


#: How many inputs some kinds have.
_EXACTLY = {GateKind.NOT: 1, GateKind.IFF: 2, GateKind.IMPLY: 2}


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
        elif gate.kind in _EXACTLY and len(gate.inputs) != _EXACTLY[gate.kind]:
            yield f"gate {gate.name!r} is {gate.kind.name} and has {len(gate.inputs)} inputs"
        elif gate.kind is GateKind.CARDINALITY and not 0 <= gate.k <= gate.most <= len(gate.inputs):
            yield f"gate {gate.name!r} asks for {gate.k} to {gate.most} of {len(gate.inputs)}"
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


def gates_first(tree: FaultTree, gates: Mapping[str, Gate]) -> list[str]:
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
