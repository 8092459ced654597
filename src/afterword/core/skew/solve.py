"""From bounds between pairs of clocks to the advance of each over one reference.

The reference is a clock of the largest group that agrees: a single clock that runs ahead is the odd one out, not all the
others. Where two stand against each other nobody can tell which of them is right; the one that calls leads, for it is
the nearer one to the users.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core.skew.interval import Agreed, agreed
from afterword.model.skew import Skew

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from afterword.core.skew.pair import Pairs
    from afterword.model.evidence import Citation

#: Of the pairs so many must fit; below it the clock jumps or drifts, and no one number is true of it.
_SHARE = 0.9
#: So many pairs have to contradict each other before a clock is said to have moved.
_WATCHED = 20
#: An advance below this changes no postmortem.
_LEAST = 5_000_000


class _Tie(NamedTuple):
    """Bounds for the advance of the first clock over the second."""

    least: int
    most: int
    pairs: int
    agreeing: int
    by: tuple[str, ...]
    cites: tuple[Citation, ...]
    steady: bool = True

    def turned(self) -> _Tie:
        return self._replace(least=-self.most, most=-self.least)

    @property
    def none(self) -> bool:
        """True when it leaves room for clocks that agree."""
        return self.least <= _LEAST and self.most >= -_LEAST


def skews(found: Iterable[Pairs]) -> tuple[Skew, ...]:
    """The advance of every clock that is tied to another, in the order of their names."""
    found = tuple(found)
    ties = _ties(found)
    calls: Counter[str] = Counter()
    for one in found:
        calls[one.other] += len(one.low)
    made: list[Skew] = []
    for group in _groups(ties):
        reference = _reference(group, ties, calls)
        made += _from(reference, ties)
    return tuple(sorted(made, key=lambda one: one.clock))


def _ties(found: Iterable[Pairs]) -> Mapping[str, Mapping[str, _Tie]]:
    """For each clock the others that it is tied to, both ways round."""
    by_pair: dict[tuple[str, str], list[_Tie]] = defaultdict(list)
    for one in found:
        turned = one.one > one.other
        tie = _tie(one)
        if tie is not None:
            key = (one.other, one.one) if turned else (one.one, one.other)
            by_pair[key].append(tie.turned() if turned else tie)
    made: dict[str, dict[str, _Tie]] = defaultdict(dict)
    for (left, right), several in by_pair.items():
        joined = _joined(several)
        made[left][right], made[right][left] = joined, joined.turned()
    return made


def _tie(one: Pairs) -> _Tie | None:
    shared = agreed(one.low, one.high)
    if shared is None or shared.agreeing < max(one.needed, _SHARE * shared.pairs):
        return _moved(one, shared)
    if shared.most - shared.least >= np.iinfo(np.int64).max // 8:
        return None  # bounded on one side only: it ties nothing
    return _Tie(shared.least, shared.most, shared.pairs, shared.agreeing, (one.by,), one.cites)


def _moved(one: Pairs, shared: Agreed | None) -> _Tie | None:
    """Bounds that hold all but the outermost pairs, where they contradict each other although each is known to hold."""
    if shared is None or not one.sure or shared.pairs < _WATCHED:
        return None
    bounded = one.low > np.iinfo(np.int64).min // 8
    if bounded.sum() < _WATCHED:
        return None
    least = int(np.quantile(one.low[bounded], 0.02))
    most = int(np.quantile(one.high[bounded], 0.98))
    return _Tie(min(least, most), max(least, most), shared.pairs, shared.agreeing, (one.by,), one.cites, steady=False)


def _joined(several: Sequence[_Tie]) -> _Tie:
    """What several kinds of pairs say together; where they contradict each other, what most pairs say."""
    ranked = sorted(several, key=lambda tie: (not tie.steady, -tie.agreeing, tie.by))
    best = ranked[0]
    for tie in ranked[1:] if best.steady else ():
        least, most = max(best.least, tie.least), min(best.most, tie.most)
        if least <= most:
            best = _Tie(
                least, most, best.pairs + tie.pairs, best.agreeing + tie.agreeing,
                tuple(sorted({*best.by, *tie.by})), best.cites,
            )  # fmt: skip
    return best


def _groups(ties: Mapping[str, Mapping[str, _Tie]], *, agreeing: bool = False) -> list[list[str]]:
    """Clocks that are tied to one another, directly or by others; with ``agreeing`` only by ties that allow no skew."""
    left, made = set(ties), []
    for start in sorted(ties):
        if start not in left:
            continue
        group, todo = [], [start]
        left.discard(start)
        while todo:
            clock = todo.pop()
            group.append(clock)
            near = sorted(
                other
                for other, tie in ties[clock].items()
                if other in left and ((tie.none and tie.steady) or not agreeing)
            )
            left.difference_update(near)
            todo += near
        made.append(sorted(group))
    return made


def _reference(group: Sequence[str], ties: Mapping[str, Mapping[str, _Tie]], calls: Mapping[str, int]) -> str:
    """The best tied clock of the largest part of the group whose clocks agree."""
    inside = {one: {other: tie for other, tie in ties[one].items() if other in group} for one in group}
    parts = _groups(inside, agreeing=True)
    weight = {one: sum(tie.agreeing for tie in inside[one].values()) for one in group}
    part = min(
        parts,
        key=lambda part: (-len(part), -sum(weight[one] for one in part), -sum(calls[one] for one in part), part),
    )
    return min(part, key=lambda one: (-weight[one], one))


def _from(reference: str, ties: Mapping[str, Mapping[str, _Tie]]) -> list[Skew]:
    """The advance of every clock over the reference, along the ties that leave least open."""
    best: dict[str, _Tie] = {}
    todo: list[tuple[int, str, _Tie]] = [(0, reference, _Tie(0, 0, 0, 0, (), ()))]
    while todo:
        _, clock, so_far = heapq.heappop(todo)
        if clock in best:
            continue
        best[clock] = so_far
        for other in sorted(ties[clock]):
            if other not in best:
                tie = ties[other][clock]
                step = tie._replace(
                    least=so_far.least + tie.least, most=so_far.most + tie.most, steady=so_far.steady and tie.steady
                )
                heapq.heappush(todo, (step.most - step.least, other, step))
    return [_skew(clock, reference, tie) for clock, tie in best.items()]


def _skew(clock: str, reference: str, tie: _Tie) -> Skew:
    applied = 0 if tie.none or not tie.steady else -((tie.least + tie.most) // 2)
    return Skew(
        clock, reference, tie.least, tie.most, applied, tie.pairs, tie.agreeing, tie.by, None, tie.cites, tie.steady
    )
