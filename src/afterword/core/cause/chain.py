"""Chains: statements that always come together, and the first of them that does not come any more.

Where lines name no trace, what one kind of request makes a system say is known by its numbers: as many lines of each of its
statements, in the same stretches of time. When some of them stop while the others go on, the first that is missing is where
the request was cut off. Whether it went on without it tells who did that: the one that is not heard, or the one before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.course import bits_for
from afterword.core.cause.statement import statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Case, Logs
    from afterword.core.window import Found

#: A statement is looked at from so many lines of the healthy time on; a chain has so many statements.
_LINES, _LINKS = 8, 3
#: Statements come together when they come about equally often, and so nearly in the same stretches of time.
_EQUAL, _ALIKE = 0.02, 0.9
#: The stretches hold so many lines of a statement on average.
_HELD = 3.0
#: So many statements are compared at most, most frequent first.
_MOST = 600
#: Bits from which on a statement is missing; and beyond which more says nothing.
_MISSING, _ENOUGH = 4.0, 24.0


@dataclass(frozen=True, slots=True)
class Broken:
    """A component at which requests of one kind end: bits, how many, and the statement that is missing with its last line."""

    component: str
    bits: float
    requests: int
    of: int
    row: int


@dataclass(frozen=True, slots=True)
class _Said:
    """One statement: its component, when it was printed before and how often now, and its last line before."""

    component: int
    at: NDArray[np.int64]
    now: int
    row: int


def broken(case: Case, found: Found, told: NDArray[np.bool_]) -> tuple[Broken, ...]:
    """Where chains of statements break; ``told`` are lines that are judged elsewhere. Most telling first."""
    said = _said(case.logs, found, told)
    made = [one for links in _chains(said, found) if (one := _break(case.logs, links)) is not None]
    best: dict[str, Broken] = {}
    for one in sorted(made, key=lambda one: (-one.bits, -one.requests, one.row)):
        best.setdefault(one.component, one)
    return tuple(best.values())


def _said(logs: Logs, found: Found, told: NDArray[np.bool_]) -> list[_Said]:
    before = (logs.at >= found.baseline.start) & (logs.at <= found.baseline.end) & ~told
    now = (logs.at >= found.window.start) & (logs.at <= found.window.end) & ~told
    rows = np.flatnonzero(before | now)
    if not before.any() or not now.any():
        return []
    code, _ = statements(logs, rows)
    _, code = np.unique((code << 32) + logs.component[rows], return_inverse=True)
    usual, here = np.bincount(code[before[rows]], minlength=int(code.max()) + 1), np.bincount(code[now[rows]])
    many = np.flatnonzero(usual >= _LINES)
    many = many[np.argsort(-usual[many], kind="stable")][:_MOST]
    order = np.argsort(code, kind="stable")
    low, high = np.searchsorted(code[order], many), np.searchsorted(code[order], many, side="right")
    made = []
    for one, a, b in zip(many.tolist(), low.tolist(), high.tolist(), strict=True):
        mine = rows[order[a:b]]
        mine = mine[before[mine]]
        count = int(here[one]) if one < len(here) else 0
        made.append(_Said(int(logs.component[mine[0]]), logs.at[mine], count, int(mine[-1])))
    return made


def _chains(said: Sequence[_Said], found: Found) -> Iterator[list[_Said]]:
    """Statements that come together, each group in the order in which they do."""
    left = list(said)
    while left:
        first, left = left[0], left[1:]
        near = [one for one in left if abs(len(one.at) - len(first.at)) <= _EQUAL * len(first.at)]
        edges = np.linspace(found.baseline.start, found.baseline.end, max(4, int(len(first.at) / _HELD)) + 1)
        alike = [one for one in near if _alike(first, one, edges)]
        if len(alike) + 1 >= _LINKS:
            ids = {id(one) for one in alike}
            left = [one for one in left if id(one) not in ids]
            yield sorted([first, *alike], key=lambda one: (_lag(first, one), one.row))


def _alike(one: _Said, other: _Said, edges: NDArray[np.float64]) -> bool:
    """Whether two come in the same numbers in the same stretches."""
    a, b = np.histogram(one.at, edges)[0], np.histogram(other.at, edges)[0]
    if a.std() == 0 or b.std() == 0:
        return bool(np.array_equal(a, b))
    return float(np.corrcoef(a, b)[0, 1]) >= _ALIKE


def _lag(first: _Said, one: _Said) -> float:
    """How long after the nearest line of the first one it usually comes, in ns."""
    place = np.clip(np.searchsorted(first.at, one.at), 1, len(first.at) - 1)
    after, before = one.at - first.at[place - 1], first.at[place] - one.at
    return float(np.median(np.where(after <= before, after, -before)))


def _break(logs: Logs, links: Sequence[_Said]) -> Broken | None:
    """Where a chain breaks: the first statement that is missing, while at least two others go on."""
    many = sorted((one.now for one in links), reverse=True)[1]
    usual = int(np.median([len(one.at) for one in links]))
    if many < 1:
        return None
    lost = [_missing(one, usual, many, len(links)) for one in links]
    first = next((place for place, bits in enumerate(lost) if bits >= _MISSING), None)
    if first is None:
        return None
    one = links[first]
    gone = [bits >= _MISSING for bits in lost]
    component = logs.components[_cut_off(links, gone, first)]
    return Broken(component, min(lost[first], _ENOUGH), many - one.now, many, one.row)


def _cut_off(links: Sequence[_Said], gone: Sequence[bool], first: int) -> int:
    """The component at which a request ends: where somebody goes on, the one that is not heard; else who was at work."""
    missing = links[first].component
    spoke = [one.component for one in links[:first]]
    goes_on = {one.component for one, is_gone in zip(links[first:], gone[first:], strict=True) if not is_gone}
    if missing in goes_on or goes_on & set(spoke):
        return missing
    # All that spoke before and has not finished was cut off; the last of them was at work.
    unfinished = {one.component for one in links[first:]}
    return next((component for component in reversed(spoke) if component in unfinished), missing)


def _missing(one: _Said, usual: int, many: int, tries: int) -> float:
    """Bits for a statement being printed less often than its chain has it."""
    seen = min(1.0, len(one.at) / usual), min(1.0, one.now / many)
    if seen[1] >= seen[0]:
        return 0.0
    p, q = np.array([seen[0]]), np.array([seen[1]])
    return float(bits_for(p, np.array([usual]), q, np.array([many]))[0]) - math.log2(tries)
