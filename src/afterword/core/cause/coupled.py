"""Common causes: each event of a group becomes "alone, or with some others", by the model that the group states.

With Q the total probability of one member of n, and Q_k that of one particular set of k members failing together, and no
others (NUREG/CR-5485, in the form of the Open-PSA MEF):
beta-factor Q_1 = (1 - b) Q, Q_n = b Q · MGL Q_k = g_1…g_k (1 - g_k+1) Q / C(n-1, k-1), where g_1 = 1 and g_n+1 = 0 ·
alpha-factor Q_k = k a_k Q / (C(n-1, k-1) sum of i a_i) · phi-factor Q_k = f_k Q, where the f sum to 1.
Factors of the highest levels may be left out: so many members never fail together.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

from afterword.core.cause.expression import Numbers
from afterword.model.refusal import InvalidError
from afterword.model.tree import BasicEvent, CommonCauseModel, Expression, FaultTree, Gate, GateKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.tree import CommonCause

#: Members of a group whose every combination is an event of its own: 2^n - 1 of them.
LARGEST = 10
#: By so much factors may miss a sum of 1: they are written with few digits.
_ONE = 1e-4


def expand(tree: FaultTree) -> FaultTree:
    """The same tree without groups. Raises InvalidError: a group that is too large, or whose factors do not fit."""
    if not tree.groups:
        return tree
    numbers = Numbers(tree.parameters)
    for group in tree.groups:
        _sums_to_one(group, numbers)
    labels = {event.name: event.label for event in tree.events}
    gates, events = list(tree.gates), []
    members: set[str] = set()
    for group in tree.groups:
        if members.intersection(group.members):
            raise InvalidError(f"the common cause group {group.name!r} shares a member with another")
        members.update(group.members)
        made = list(_events(group, numbers))
        events += [event for _, event in made]
        for name in group.members:
            inputs = tuple(event.name for together, event in made if name in together)
            gates.append(Gate(name, GateKind.OR, inputs, 0, labels.get(name, "")))
    kept = [event for event in tree.events if event.name not in members]
    return replace(tree, gates=tuple(gates), events=(*kept, *events), groups=())


def _events(group: CommonCause, numbers: Numbers) -> Iterator[tuple[tuple[str, ...], BasicEvent]]:
    """The sets of members that may fail together, each with its event."""
    size = len(group.members)
    if size < 2:
        raise InvalidError(f"the common cause group {group.name!r} has fewer than 2 members")
    if group.model is not CommonCauseModel.BETA and size > LARGEST:
        raise InvalidError(f"the common cause group {group.name!r} has {size} members, more than {LARGEST}")
    for k, share in _shares(group):
        expression = _times(group.total, share)
        chance = float(numbers.value(expression))
        if not 0.0 <= chance <= 1.0:
            raise InvalidError(f"the common cause group {group.name!r} gives {chance}, which is not a probability")
        if chance:
            for together in combinations(group.members, k):
                name = f"[{' '.join(together)}]"
                yield together, BasicEvent(name, f"{group.name}: {k} of {size}", chance, expression=expression)


def _shares(group: CommonCause) -> Iterator[tuple[int, Expression]]:
    """Q_k / Q for every k that may be."""
    size = len(group.members)
    factors = dict(group.factors)
    levels = list(range(1, size + 1))
    match group.model:
        case CommonCauseModel.BETA:
            _fits(group, len(factors) == 1 and next(iter(factors)) in levels[1:])
            beta = next(iter(factors.values()))
            yield 1, _less(beta)
            yield size, beta
        case CommonCauseModel.MGL:
            _fits(group, sorted(factors) == levels[1 : len(factors) + 1])
            for k in range(1, len(factors) + 2):
                upward = [factors[i] for i in range(2, k + 1)]
                stays = [_less(factors[k + 1])] if k + 1 in factors else []
                yield k, _divided(_times(*upward, *stays), _number(comb(size - 1, k - 1)))
        case CommonCauseModel.ALPHA:
            _fits(group, sorted(factors) == levels[: len(factors)])
            total = Expression("add", tuple(_times(_number(i), factors[i]) for i in sorted(factors)))
            for k in sorted(factors):
                yield k, _divided(_times(_number(k / comb(size - 1, k - 1)), factors[k]), total)
        case CommonCauseModel.PHI:
            _fits(group, sorted(factors) == levels[: len(factors)])
            yield from sorted(factors.items())


def _fits(group: CommonCause, fits: bool) -> None:
    if not fits or not group.factors:
        levels = ", ".join(str(level) for level, _ in group.factors)
        raise InvalidError(
            f"the common cause group {group.name!r} ({group.model.value}, {len(group.members)} members) has factors of the"
            f" levels {levels or 'none'}: beta-factor needs one, MGL 2 and upward, alpha-factor and phi-factor 1 and upward,"
            " without a gap"
        )


def _sums_to_one(group: CommonCause, numbers: Numbers) -> None:
    """Factors of the phi model are shares of the whole."""
    if group.model is CommonCauseModel.PHI:
        total = sum(float(numbers.value(factor)) for _, factor in group.factors)
        if abs(total - 1.0) > _ONE:
            raise InvalidError(
                f"the common cause group {group.name!r} has phi-factors that sum to {total:g} and not to 1"
            )


def _number(value: float) -> Expression:
    return Expression("float", value=float(value))


def _less(one: Expression) -> Expression:
    return Expression("sub", (_number(1), one))


def _times(*factors: Expression) -> Expression:
    return Expression("mul", (_number(1), *factors))


def _divided(one: Expression, other: Expression) -> Expression:
    return Expression("div", (one, other))
