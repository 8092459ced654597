"""Fault trees by their definition: the plainest evaluation that can be written, over every state of the events."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import strategies as st

from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind


def holds(tree: FaultTree, state: dict[str, bool]) -> bool:
    gates = {gate.name: gate for gate in tree.gates}

    def value(name: str) -> bool:
        if name not in gates:
            return state[name]
        gate = gates[name]
        inputs = [value(one) for one in gate.inputs]
        match gate.kind:
            case GateKind.AND:
                return all(inputs)
            case GateKind.OR:
                return any(inputs)
            case GateKind.NAND:
                return not all(inputs)
            case GateKind.NOR:
                return not any(inputs)
            case GateKind.NOT:
                return not inputs[0]
            case GateKind.XOR:
                return sum(inputs) % 2 == 1
            case GateKind.IFF:
                return inputs[0] == inputs[1]
            case GateKind.IMPLY:
                return not inputs[0] or inputs[1]
            case GateKind.ATLEAST:
                return sum(inputs) >= gate.k
            case GateKind.CARDINALITY:
                return gate.k <= sum(inputs) <= gate.most

    return value(tree.top)


def states(tree: FaultTree):
    """Every state of the events; house events stand as they are set."""
    free = [event.name for event in tree.events if not event.house]
    fixed = {event.name: bool(event.happened) for event in tree.events if event.house}
    for values in product([False, True], repeat=len(free)):
        yield fixed | dict(zip(free, values, strict=True))


def brute_sets(tree: FaultTree) -> set[tuple[str, ...]]:
    """Smallest sets of events that bring the top about while no other event happens."""
    free = [event.name for event in tree.events if not event.house]
    hits = [frozenset(n for n in free if state[n]) for state in states(tree) if holds(tree, state)]
    return {tuple(sorted(one)) for one in hits if not any(other < one for other in hits)}


def brute_primes(tree: FaultTree) -> set[frozenset[tuple[str, bool]]]:
    """Smallest partial states all of whose completions bring the top about: (event, whether it is absent)."""
    free = [event.name for event in tree.events if not event.house]
    table = {tuple(state[n] for n in free): holds(tree, state) for state in states(tree)}
    found: set[frozenset[tuple[str, bool]]] = set()
    for size in range(len(free) + 1):
        for chosen in combinations(range(len(free)), size):
            for values in product([False, True], repeat=size):
                one = frozenset((free[at], not value) for at, value in zip(chosen, values, strict=True))
                if any(smaller <= one for smaller in found):
                    continue
                fixed = dict(zip(chosen, values, strict=True))
                if all(top for state, top in table.items() if all(state[at] == v for at, v in fixed.items())):
                    found.add(one)
    return found


def brute_chance(tree: FaultTree, given_: dict[str, bool]) -> float:
    """P(top | given)."""
    total = 0.0
    for state in states(tree):
        if holds(tree, state) and all(state[name] is value for name, value in given_.items()):
            weight = 1.0
            for event in tree.events:
                if not event.house and event.name not in given_:
                    weight *= event.probability if state[event.name] else 1 - event.probability
            total += weight
    return total


def size_of(draw: st.DrawFn, kind: GateKind) -> int:
    return {GateKind.NOT: 1, GateKind.IFF: 2, GateKind.IMPLY: 2}.get(kind) or draw(
        st.integers(2 if kind is GateKind.XOR else 1, 4)
    )


@st.composite
def trees(draw: st.DrawFn, kinds: tuple[GateKind, ...] = tuple(GateKind), most: int = 9) -> FaultTree:
    count = draw(st.integers(1, most))
    events = tuple(
        BasicEvent(
            f"e{i}",
            probability=draw(st.sampled_from([0.0, 0.01, 0.3, 0.5, 0.9, 1.0])),
            happened=draw(st.sampled_from([True, False, None])),
            house=draw(st.integers(0, 11)) == 0,
        )
        for i in range(count)
    )
    names = [event.name for event in events]
    gates: list[Gate] = []
    for i in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(kinds))
        size = size_of(draw, kind)
        inputs = tuple(draw(st.sampled_from(names)) for _ in range(size))
        k = draw(st.integers(1, size)) if kind in (GateKind.ATLEAST, GateKind.CARDINALITY) else 0
        most_of = draw(st.integers(k, size)) if kind is GateKind.CARDINALITY else 0
        gates.append(Gate(f"g{i}", kind, inputs, k, "", most_of))
        names.append(f"g{i}")
    return FaultTree("random", gates[-1].name, tuple(gates), events)
