"""Where time is lost: each operation and each way between two components against how it usually is, and who accounts for it.

A span that only waits for one call of another component is that way: what it took beyond the call is the network, or
somebody at one of its ends who had no time to send or to read. A component that loses time itself loses it on all its ways
and in its own work; one that cannot be reached loses it on the ways to it and nowhere else. So components are taken one
after the other, each time the one that accounts for most of what is left (greedy cover).
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.gap import gaps
from afterword.core.cause.heard import Heard, Waits
from afterword.core.self_time import self_time

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Spans
    from afterword.core.window import Found

#: Differences below it are nobody's waiting, in ns.
_FLOOR = 1e5
#: A change of time has to be this clear (in sigmas of its own null), and at least this much longer.
_CLEAR, _LONGER = 3.0, 1.3
#: How much the usual spread of other places counts where a place was seen seldom, in samples.
_PRIOR = 4.0
#: So much of all the time spent has to be lost in a component for it to count in full.
_MATERIAL = 0.1
#: A way to somewhere that is slow beside other ways that are not: the end where all of them are slow is to blame.
_MOST_BLAMED = 6
#: Fewer places than that tell nothing about places in general.
_FEW = 8
#: And so many spans before and in the incident before they are compared at all.
_SPANS = 40
#: How far the mean of the upper half of normal values lies above their mean, in sigmas.
_UPPER = math.sqrt(2 / math.pi)


@dataclass(frozen=True, slots=True)
class Place:
    """Time that is lost in an operation of ``caller``, or between it and ``callee``. Times in ns; ``clear`` in sigmas."""

    caller: str
    callee: str
    operation: str
    usual: float
    now: float
    lost: float
    clear: float
    row: int
    #: Codes of the traces in which it took long.
    traces: frozenset[int] = frozenset()

    @property
    def ends(self) -> tuple[str, ...]:
        return (self.caller, self.callee) if self.callee else (self.caller,)


@dataclass(frozen=True, slots=True)
class Lost:
    """What one component accounts for: its share of all time that was lost, how clear it is, and the places."""

    component: str
    share: float
    material: float
    clear: float
    places: tuple[Place, ...]

    def weight(self) -> float:
        bits = self.clear**2 / (2 * math.log(2))
        return math.log2(1 + bits) * self.share * self.material


def compares(case: Case, found: Found) -> bool:
    """Whether there are enough spans of both times to tell one from the other."""
    before, now = _times(case.spans, found)
    return int(before.sum()) >= _SPANS and int(now.sum()) >= _SPANS


def _times(spans: Spans | Waits, found: Found) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    now = (spans.at >= found.window.start) & (spans.at <= found.window.end)
    return (spans.at >= found.baseline.start) & (spans.at <= found.baseline.end) & ~now, now


def lost(case: Case, found: Found) -> tuple[Lost, ...]:
    """Components that account for lost time, most first; nothing where no span tells."""
    if not compares(case, found):
        return ()
    waits = gaps(case) if isinstance(case.spans, Heard) else _of_spans(case.spans)
    before, now = _times(waits, found)
    places, quiet = _places(waits, before, now)
    return _blamed(places, quiet, float(waits.took[now].sum()))


def _of_spans(spans: Spans) -> Waits:
    """What each span spends itself, in its own work or on the way to the one it waits for."""
    way = _ways(spans)
    is_way = way >= 0
    callee = np.where(is_way, spans.component[way], -1).astype(np.int64)
    operation = np.where(is_way, spans.operation[way], spans.operation).astype(np.int64)
    return Waits(
        spans.at, spans.component.astype(np.int64), callee, operation, self_time(spans), spans.trace,
        np.arange(len(spans)), spans.components, spans.operations,
    )  # fmt: skip


def _ways(spans: Spans) -> NDArray[np.int64]:
    """For each span the row of the one call of another component that it waits for and does nothing else; -1 for others."""
    child = np.flatnonzero(spans.parent >= 0)
    parent = spans.parent[child]
    children = np.bincount(parent, minlength=len(spans))
    only = (children[parent] == 1) & (spans.component[parent] != spans.component[child])
    found = np.full(len(spans), -1, dtype=np.int64)
    found[parent[only]] = child[only]
    return found


def _places(
    waits: Waits, before: NDArray[np.bool_], now: NDArray[np.bool_]
) -> tuple[list[Place], list[tuple[str, ...]]]:
    """Places that lose time, and the ends of those that do not."""
    rows = np.flatnonzero(before | now)
    took, is_now = waits.took[rows], now[rows]
    key = (waits.caller[rows] * (len(waits.components) + 1) + waits.callee[rows] + 1) * len(
        waits.operations
    ) + waits.operation[rows]
    keys, first, code = np.unique(key, return_index=True, return_inverse=True)
    clear, usual, mean, count = _compared(np.log(took + _FLOOR), waits.trace[rows], code, len(keys), is_now)
    slowest = _slowest(took, code, is_now, len(keys))
    places: list[Place] = []
    quiet: list[tuple[str, ...]] = []
    for k in np.flatnonzero(np.isfinite(clear)).tolist():
        row = int(rows[first[k]])
        caller = waits.components[waits.caller[row]]
        callee = waits.components[waits.callee[row]] if waits.callee[row] >= 0 else ""
        if clear[k] < _CLEAR or mean[k] < _LONGER * usual[k]:
            quiet.append((caller, callee) if callee else (caller,))
            continue
        named = waits.operations[int(waits.operation[row])]
        lost_here = float(count[k] * (mean[k] - usual[k]))
        worst = int(waits.row[rows[slowest[k]]])
        long = rows[(code == k) & is_now & (took >= math.sqrt(usual[k] * mean[k]))]
        slow = frozenset(waits.trace[long].tolist())
        places.append(
            Place(caller, callee, named, float(usual[k]), float(mean[k]), lost_here, float(clear[k]), worst, slow)
        )
    return places, quiet


def _compared(
    logs: NDArray[np.float64], trace: NDArray[np.int32], code: NDArray[np.int64], many: int, now: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], ...]:
    """For each place how clear its change is, in sigmas, its usual time and that of now in ns, and how often that was.

    Times are geometric means: one slow span is no slow place. Student's t of the logarithms, with the spread shrunk towards that of the other places, samples counted by trace, and
    the drift that most places show between two times (the empirical null). NaN where a place is new or gone.
    """
    m, n = _traces(trace, code, many, ~now), _traces(trace, code, many, now)
    usual, mean = _means(logs[~now], code[~now], many), _means(logs[now], code[now], many)
    top, half = _upper(logs[now], code[now], many)
    off = logs[~now] - usual[code[~now]]
    freedom = np.maximum(np.bincount(code[~now], minlength=many) - 1.0, 0.0)
    squares = np.bincount(code[~now], weights=off * off, minlength=many)
    some = freedom >= _PRIOR
    common = float(np.median(squares[some] / freedom[some])) if some.any() else 0.25
    variance = (squares + _PRIOR * max(common, 1e-4)) / (freedom + _PRIOR)
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = _sigmas(mean - usual, variance * (1 / m + 1 / n))
        part = _sigmas(top - usual - _UPPER * np.sqrt(variance), variance * (1 / m + 1 / (n * half)))
        t = np.fmax(whole, part)
    nu = np.minimum(freedom, m) + _PRIOR
    # Wallace's approximation of the normal deviate of Student's t (Ann. Math. Stat. 30, 1959).
    z: NDArray[np.float64] = np.sign(t) * (8 * nu + 1) / (8 * nu + 3) * np.sqrt(nu * np.log1p(t * t / nu))
    count = np.bincount(code[now], minlength=many)
    return z, np.exp(usual), np.exp(np.where(part > whole, top, mean)), np.where(part > whole, half, 1.0) * count


def _upper(
    values: NDArray[np.float64], code: NDArray[np.int64], many: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of the upper half of the values of each place, and the share of it; an incident may fill only part of the window."""
    order = np.lexsort((values, code))
    count = np.bincount(code, minlength=many)
    place = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    upper = place >= (count - count // 2)[code[order]]
    return _means(values[order][upper], code[order][upper], many), (count // 2) / np.maximum(count, 1)


def _sigmas(longer: NDArray[np.float64], chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Differences over their spread: that of chance, and the drift that most places show between two times beyond it."""
    known = np.isfinite(longer) & np.isfinite(chance)
    drift = 0.0
    if int(known.sum()) >= _FEW:
        drift = max(0.0, (1.4826 * float(np.median(np.abs(longer[known])))) ** 2 - float(np.median(chance[known])))
    found: NDArray[np.float64] = longer / np.sqrt(chance + drift)
    return found


def _traces(trace: NDArray[np.int32], code: NDArray[np.int64], many: int, part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """In how many traces each place was seen: spans of one trace tell the same thing."""
    pairs = np.unique((code[part] << 32) + trace[part])
    return np.bincount(pairs >> 32, minlength=many)


def _means(values: NDArray[np.float64], code: NDArray[np.int64], many: int) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        found: NDArray[np.float64] = np.bincount(code, weights=values, minlength=many) / np.bincount(
            code, minlength=many
        )
    return found


def _slowest(own: NDArray[np.float64], code: NDArray[np.int64], now: NDArray[np.bool_], many: int) -> NDArray[np.int64]:
    """The row of each place that took longest in the incident."""
    rows = np.flatnonzero(now)
    order = rows[np.lexsort((-rows, own[rows], code[rows]))]
    last = np.searchsorted(code[order], np.arange(many), side="right") - 1
    return order[np.maximum(last, 0)]


def _blamed(places: Sequence[Place], quiet: Sequence[tuple[str, ...]], spent: float) -> tuple[Lost, ...]:
    """Who accounts for the lost time, one component after the other, each with what the ones before left over."""
    total = sum(place.lost for place in places)
    left = list(places)
    made: list[Lost] = []
    calm = Counter(side for ends in quiet if len(ends) > 1 for side in (("of", ends[0]), ("to", ends[1])))
    while left and len(made) < _MOST_BLAMED:
        best = max(sorted({end for place in left for end in place.ends}), key=lambda end: _accounts(end, left, calm))
        mine = tuple(place for place in left if best in place.ends)
        left = [place for place in left if best not in place.ends]
        own = sum(place.lost for place in mine)
        clear = max(place.clear for place in mine)
        made.append(Lost(best, own / total, min(1.0, own / max(_MATERIAL * spent, 1.0)), clear, mine))
    return tuple(sorted(made, key=lambda one: (-one.weight(), one.component)))


def _accounts(component: str, places: Sequence[Place], calm: Mapping[tuple[str, str], int]) -> float:
    """Time lost in a component itself, and on the ways to it and from it as far as the others of them are slow too."""
    itself = sum(place.lost for place in places if place.ends == (component,))
    into = [place.lost for place in places if place.callee == component]
    out = [place.lost for place in places if place.callee and place.caller == component]
    to = _share(len(into), calm["to", component])
    of = _share(len(out), calm["of", component])
    # Who has no time to read an answer has none to read a question: if the ways to it are not slow, it is the other end.
    return itself + sum(into) * to + sum(out) * of * (1 + to) / 2


def _share(slow: int, calm: int) -> float:
    return slow / (slow + calm) if slow else 0.0
