"""Errors that the healthy time knows as well: traces that hold them are compared with those that held them then.

A system has its everyday errors, and a fault seldom shows in the kind that was there before, wherever in the system. So the
class of an error is its words without the names of components.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.derive import ERROR, WARN

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from afterword.core.case import Logs
    from afterword.model.time import Span

#: An error is familiar up to so many times its usual share of traces.
_TIMES = 3.0
#: So many lines without trouble tell how much was done.
_WORK = 50


def classes(logs: Logs, rows: NDArray[np.int64], components: Sequence[str]) -> NDArray[np.int64]:
    """The class of each of these rows: its template without the names of components."""
    names = _names({*logs.components, *components})
    codes: dict[str, int] = {}
    found, place = np.unique(logs.template[rows], return_inverse=True)
    of = [names.sub("<component>", logs.templates[one]) if names else logs.templates[one] for one in found.tolist()]
    return np.array([codes.setdefault(one, len(codes)) for one in of], dtype=np.int64)[place]


def _names(components: Collection[str]) -> re.Pattern[str] | None:
    long = sorted((name for name in components if len(name) > 3), key=lambda name: (-len(name), name))
    return re.compile("|".join(map(re.escape, long)), re.IGNORECASE) if long else None


@dataclass(frozen=True, slots=True)
class Errors:
    """Error lines inside of traces: for each trace a number for its everyday ones (0: none), and the rows of all others."""

    mix: NDArray[np.int64]
    strange: NDArray[np.int64]


def errors(logs: Logs, components: Sequence[str], before: NDArray[np.bool_], now: NDArray[np.bool_]) -> Errors:
    """Everyday and other errors. ``before`` and ``now`` say of each trace whether it is of the healthy time or the incident."""
    mix = np.zeros(len(before), dtype=np.int64)
    rows = np.flatnonzero((logs.severity >= ERROR) & (logs.trace >= 0)) if len(logs.trace) else mix[:0]
    rows = rows[logs.trace[rows] < len(before)]
    rows = rows[(before | now)[logs.trace[rows]]]
    if not len(rows):
        return Errors(mix, rows)
    of = classes(logs, rows, components)
    pairs = np.unique(np.stack([of, logs.trace[rows]]), axis=1)
    usual, here = (np.bincount(pairs[0][part[pairs[1]]], minlength=int(of.max()) + 1) for part in (before, now))
    share, limit = here / max(int(now.sum()), 1), _TIMES * (usual + 0.5) / max(int(before.sum()), 1)
    known = ((usual > 0) & (share <= limit))[of]
    # Which component it was about makes a difference to how the trace went on.
    said = np.unique(np.stack([logs.template[rows[known]], logs.trace[rows[known]]]), axis=1)
    np.add.at(mix, said[1], _spread(said[0].astype(np.int64)))
    return Errors(mix, rows[~known])


def _spread(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers whose sums tell sets apart (multiplication by an odd constant, modulo a power of two)."""
    found: NDArray[np.int64] = ((codes + 1) * 0x9E3779B97F4A7C1 % (1 << 52)).astype(np.int64)
    return found


def everyday(logs: Logs, components: Sequence[str], baseline: Span, window: Span) -> NDArray[np.bool_]:
    """Error lines of a class that the healthy time knows about as often, measured by the lines that tell of no trouble."""
    found = np.zeros(len(logs), dtype=np.bool_)
    before = (logs.at >= baseline.start) & (logs.at <= baseline.end)
    now = (logs.at >= window.start) & (logs.at <= window.end)
    calm = logs.severity < WARN
    work = int((now & calm).sum()), int((before & calm).sum())
    rows = np.flatnonzero((logs.severity >= ERROR) & (before | now))
    if not len(rows) or min(work) < _WORK:
        return found
    of = classes(logs, rows, components)
    usual, here = (np.bincount(of[part[rows]], minlength=int(of.max()) + 1) for part in (before, now))
    known = (usual > 0) & (here <= _TIMES * (usual + 0.5) * work[0] / work[1])
    found[rows] = known[of]
    return found
