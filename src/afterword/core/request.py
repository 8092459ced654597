"""Single requests that went wrong: they date the beginning and the end of harm better than any rate over them.

A recorded rate looks back over a window: it rises late, and stays high for as long after the last error. A span is dated
itself. Bad is a request that failed where its kind hardly did in the healthy stretch, or took far longer than any there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.model.time import MILLISECOND, MINUTE, SECOND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Spans
    from afterword.core.window import Found
    from afterword.model.evidence import Citation
    from afterword.model.time import Span

#: A request is slow when it takes so many times what the slowest healthy one of its kind took, and so much more.
_SLOWER, _LONGER = 1.5, 50 * MILLISECOND
#: And so many times, where nobody would call it anything else.
_PLAINLY = 4.0
#: Kinds of requests of which fewer were seen healthy have no known limit.
_SEEN = 5
#: One bad request is an accident; so many, none of them further from the next than that, are an episode.
_SOME, _APART = 3, 20 * SECOND
#: What no more than one in so many would hide is inside the bounds: the rule of three, at 95 %.
_RULE = 3
#: An answer reaches its user a little after the server has given it.
_ON_THE_WAY = 50 * MILLISECOND
#: The beginning is looked for so long before the window that the series gave.
_BEFORE = MINUTE
#: Bad requests before the episode belong to it where the healthy stretch makes them less likely than this.
_CHANCE = 0.02
#: After the last bad request so many of its kind have to go well.
_WELL = 3


class Harm(NamedTuple):
    """Requests of users that went wrong: ns of the first one and how exact that is, and likewise of the last.

    ``ended`` is None while requests still go wrong at the end of the evidence. ``bad`` of ``of`` in between were.
    """

    began: Bounds
    ended: Bounds | None
    bad: int
    of: int
    #: Where they came in.
    components: tuple[str, ...]


class Bounds(NamedTuple):
    """A moment between two others, with the requests that show it."""

    at: int
    earliest: int
    latest: int
    cites: tuple[Citation, ...]


def harm(spans: Spans, found: Found) -> Harm | None:
    """When requests from outside went wrong, by their spans; None where there are none, or too few."""
    rows = from_outside(spans, found.baseline)
    if not len(rows):
        return None
    bad = bad_rows(spans, rows, found.baseline)
    near = (spans.at[rows] >= found.window.start - _BEFORE) & (spans.at[rows] <= found.window.end + _BEFORE)
    during = _episode(spans, rows[bad & near], _usual_rate(spans, rows[bad], found.baseline))
    if during is None:
        return None
    last = _last(spans, during)
    inside = (spans.at[rows] >= spans.at[during[0]]) & (spans.at[rows] <= spans.at[last])
    where = tuple(sorted({spans.components[code] for code in spans.component[during].tolist()}))
    plain = rows[bad_rows(spans, rows, found.baseline, _PLAINLY)]
    ended = _ended(spans, rows, during, bad)
    if ended is not None:
        # What counts as slow is a matter of degree: it may have been over once nothing was plainly bad any more.
        surely = spans.at[np.intersect1d(during, plain)]
        ended = ended._replace(earliest=min(ended.earliest, int(surely.max(initial=int(spans.at[during[0]])))))
    return Harm(_began(spans, during), ended, len(during), int(inside.sum()), where)


def from_outside(spans: Spans, healthy: Span) -> NDArray[np.int64]:
    """Rows of requests that came in from outside: spans without a parent, of kinds that usually begin traces.

    A span whose parent was lost with the process that should have written it is no request of a user.
    """
    rows = np.flatnonzero(spans.parent < 0)
    usual = (spans.at >= healthy.start) & (spans.at <= healthy.end)
    kind = spans.component.astype(np.int64) * len(spans.operations) + spans.operation
    _, kind = np.unique(kind, return_inverse=True)
    count = np.bincount(kind[usual], minlength=int(kind.max(initial=0)) + 1)
    roots = np.bincount(kind[usual & (spans.parent < 0)], minlength=len(count))
    inner = (count >= _SEEN) & (roots * 2 < count)
    kept: NDArray[np.int64] = rows[~inner[kind[rows]]]
    return kept


def bad_rows(spans: Spans, rows: NDArray[np.int64], healthy: Span, slower: float = _SLOWER) -> NDArray[np.bool_]:
    """Which of the rows went wrong, by what requests of their kind did in the healthy stretch."""
    # What was still under way when the healthy stretch ended is none of it.
    usual = (spans.at[rows] >= healthy.start) & (spans.at[rows] + spans.took[rows] <= healthy.end)
    kind = spans.component[rows].astype(np.int64) * len(spans.operations) + spans.operation[rows]
    _, kind = np.unique(kind, return_inverse=True)
    failed, took = spans.failed[rows], spans.took[rows]
    seen = np.bincount(kind[usual], minlength=int(kind.max()) + 1)
    # What fails so often that its failures alone would make a run says nothing when it fails again.
    always = np.bincount(kind[usual & failed], minlength=len(seen)) * 2 * _APART >= max(healthy.length, 1)
    slowest = np.zeros(len(seen), dtype=np.int64)
    np.maximum.at(slowest, kind[usual], took[usual])
    limit = slowest[kind]
    slow = (seen[kind] >= _SEEN) & (took > slower * limit) & (took > limit + _LONGER)
    wrong: NDArray[np.bool_] = (failed & ~always[kind]) | slow
    return wrong


def _usual_rate(spans: Spans, bad: NDArray[np.int64], healthy: Span) -> float:
    """Bad requests per ns in the healthy stretch; half of one where there was none."""
    count = int(((spans.at[bad] >= healthy.start) & (spans.at[bad] <= healthy.end)).sum())
    return (count + 0.5) / max(healthy.length, 1)


def _episode(spans: Spans, bad: NDArray[np.int64], rate: float) -> NDArray[np.int64] | None:
    """The largest run of bad requests without a long break in it, with the runs around it that are no accident.

    A failure counts as much as three slow answers.
    """
    runs = np.split(bad, np.flatnonzero(np.diff(spans.at[bad]) > _APART) + 1)
    best = max(range(len(runs)), key=lambda i: len(runs[i]) + 2 * int(spans.failed[runs[i]].sum()))
    if len(runs[best]) < _SOME:
        return None
    first = best
    while first and not _by_chance(
        len(runs[first - 1]), int(spans.at[runs[first][0]] - spans.at[runs[first - 1][0]]), rate
    ):
        first -= 1
    after = [run for run in runs[best + 1 :] if len(run) >= _SOME or spans.failed[run].any()]
    return np.concatenate([*runs[first : best + 1], *after])


def _by_chance(count: int, stretch: int, rate: float) -> bool:
    """Whether so many bad requests in a stretch of so many ns are nothing unusual at the usual rate (Poisson, one in fifty)."""
    expected = rate * stretch
    fewer = sum(expected**k / math.factorial(k) for k in range(min(count, _SOME))) * math.exp(-expected)
    return 1 - fewer > _CHANCE


def _began(spans: Spans, during: NDArray[np.int64]) -> Bounds:
    """The first bad request. Where only some requests are recorded, one like it may have gone wrong a little before."""
    at = spans.at[during]
    gap = int(np.median(np.diff(at[:20]))) if len(at) > 1 else 0
    row = int(during[0])
    start = int(at[0])
    latest = start + int(spans.took[row]) + _ON_THE_WAY
    return Bounds(start, start - gap, latest, (spans.rows.cite(row),))


def _last(spans: Spans, during: NDArray[np.int64]) -> int:
    return int(during[np.argmax(spans.at[during] + spans.took[during])])


def _ended(spans: Spans, rows: NDArray[np.int64], during: NDArray[np.int64], bad: NDArray[np.bool_]) -> Bounds | None:
    """From the last bad request to the first good one of its kind, or as long as bad ones kept each other waiting.

    None unless some of that kind followed and were good.
    """
    last = _last(spans, during)
    gap = int(np.median(np.diff(spans.at[during][-20:])))
    end = int(spans.at[last] + spans.took[last])
    same = (spans.operation[rows] == spans.operation[last]) & (spans.component[rows] == spans.component[last])
    good = rows[~bad & same & (spans.at[rows] > spans.at[last])]
    good = good[spans.at[good] + spans.took[good] > end]
    if len(good) < _WELL:
        return None
    first = int(good[np.argmin(spans.at[good] + spans.took[good])])
    cites = (spans.rows.cite(last), spans.rows.cite(first))
    latest = max(int(spans.at[first] + spans.took[first]), end + _RULE * gap) + _ON_THE_WAY
    return Bounds(end, int(spans.at[last]), latest, cites)
