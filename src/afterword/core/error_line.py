"""Error lines: the first one of a new kind inside an interval, and start and end by lines alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import onset
from afterword.core.derive import ERROR
from afterword.core.indicator import Family, family
from afterword.model.incident import By, Point, PointName

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from afterword.core.case import Case
    from afterword.core.window import Found
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Signal

#: New error lines that say how often they come, and how many such distances an earlier one may have stayed away (95 %).
_SOME_LINES, _RULE = 20, 3
#: So many error lines say when they began and ended, where nothing else does.
_FEWEST_LINES = 5


def of_lines(case: Case, found: Found) -> tuple[Point, ...]:
    """Start and end by error lines alone, where no series tells them; of what was before the first nothing is known.

    A line may stay away as long as three times the usual distance of two of them (95 %).
    """
    logs = case.logs
    lines = np.flatnonzero((logs.severity >= ERROR) & (logs.at >= found.window.start) & (logs.at <= found.window.end))
    if len(lines) < _FEWEST_LINES:
        return ()
    # A line or two of a kind are an accident, also in the middle of others; unless every line is of its own kind.
    _, kind, count = np.unique(logs.template[lines], return_inverse=True, return_counts=True)
    common = lines[count[kind] > len(lines) // 10]
    lines = common if len(common) >= _FEWEST_LINES else lines
    times = logs.at[lines]
    first, last = int(times[0]), int(times[-1])
    seldom = [_RULE * int(np.median(np.diff(part))) for part in (times[:_SOME_LINES], times[-_SOME_LINES:])]
    name = logs.components[logs.component[lines[0]]] or "A component"
    basis = f"{name} logs the first of {len(lines)} errors; no series tells of it"
    cites = (logs.rows.cite(int(lines[0])),)
    made = [
        Point(
            PointName.STARTED, first, first - seldom[0], first, By.ESTIMATE, basis, cites, confidence=onset.CONFIDENCE
        )
    ]
    if case.covered.end > last + seldom[1]:
        basis = f"the last of {len(lines)} errors, and the log goes on without"
        cites = (logs.rows.cite(int(lines[-1])),)
        made += [
            Point(name_, last, last, last + seldom[1], By.ESTIMATE, basis, cites, confidence=onset.CONFIDENCE)
            for name_ in (PointName.MITIGATION_EFFECTIVE, PointName.RECOVERED)
        ]
    return tuple(made)


def narrowed(case: Case, found: Found, point: Point, of: Signal, not_before: int) -> Point:
    """The first error line of a new kind inside the interval.

    Where it is errors of its component that rose, they began no longer before it than lines may stay away. What a line says
    went wrong inside; users may feel it later, so that the interval keeps its end.
    """
    lines = _new_errors(case, found, point.earliest, point.latest)
    if not len(lines):
        return point
    logs = case.logs
    at = max(int(logs.at[lines[0]]), not_before)
    earliest = point.earliest
    if (
        len(lines) > 2
        and family(of.indicator) is Family.ERRORS
        and logs.components[logs.component[lines[0]]] == of.component
    ):
        seldom = int(np.median(np.diff(logs.at[lines[:_SOME_LINES]])))
        earliest = max(earliest, at - _RULE * seldom)
    basis = f"first error line of a new kind, inside the interval in which {point.basis}"
    cites: tuple[Citation, ...] = (logs.rows.cite(int(lines[0])), *point.cites)
    return replace(
        point, at=at, earliest=min(at, max(earliest, not_before)), latest=max(at, point.latest), basis=basis, cites=cites
    )  # fmt: skip


def _new_errors(case: Case, found: Found, low: int, high: int) -> NDArray[np.int64]:
    """Rows of the error lines of kinds that were not there before, the first of them inside the bounds."""
    logs = case.logs
    bad = np.flatnonzero(logs.severity >= ERROR)
    usual = np.unique(logs.template[bad[logs.at[bad] < min(low, found.baseline.end)]])
    fresh = bad[(logs.at[bad] >= low) & ~np.isin(logs.template[bad], usual)]
    return fresh if len(fresh) and logs.at[fresh[0]] <= high else fresh[:0]
