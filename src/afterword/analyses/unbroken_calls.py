"""Callers went on calling what failed them, minute after minute and as often as ever: no circuit breaker cut the calls."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.graph import identity
from afterword.model.cause import Finding
from afterword.model.time import MINUTE, clock
from afterword.ports import Analysis

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from afterword.core.scene import Scene

    #: First and last call, share that failed, calls a minute, as many before, rows to show.
    _Told = tuple[int, int, float, float, float, list[int]]

NAME = "unbroken-calls"
LIMITS = "Sampled traces show only some of the calls; a breaker that lets probes through, and calls that may not be refused, look the same where they are few."
#: A breaker opens at half of the calls failing (the default of the libraries); it is given some minutes to do so.
FAILING, KEPT, MINUTES, LEAST = 0.5, 0.7, 3, 30
_OPEN = re.compile(r"circuit|breaker|CallNotPermitted|fallback|ejected|outlier|UO\b", re.IGNORECASE)


def run(scene: Scene) -> Iterator[Finding]:
    spans = scene.case.spans
    if scene.window is None or scene.baseline is None or not len(spans):
        return
    groups: dict[tuple[int, int], list[int]] = defaultdict(list)
    rows = np.flatnonzero(spans.parent >= 0)
    for row in rows[spans.component[rows] != spans.component[spans.parent[rows]]].tolist():
        groups[int(spans.component[spans.parent[row]]), int(spans.component[row])].append(row)
    found = {pair: told for pair, mine in sorted(groups.items()) if (told := _went_on(scene, np.array(mine))) and not _opened(scene, spans.components[pair[0]])}  # fmt: skip
    # Who fails its callers only because what it calls fails is no dependency that could have been cut off.
    callers = {caller for caller, _ in found}
    for callee in sorted({callee for _, callee in found} - callers):
        yield _finding(scene, callee, {caller: told for (caller, one), told in found.items() if one == callee})


def _finding(scene: Scene, callee: int, found: dict[int, _Told]) -> Finding:
    spans = scene.case.spans
    caller = max(found, key=lambda one: (found[one][3], -one))
    first, last, share, rate, usual, worst = found[caller]
    name, other = spans.components[caller], spans.components[callee]
    others = [spans.components[one] for one in found if one != caller]
    says = (
        f"From {clock(first)} to {clock(last)}, {100 * share:.0f} % of the calls of {name} to {other} failed, and {name} went on"
        f" calling: {rate:.0f} calls a minute, {usual:.0f} before{'; so did ' + ', '.join(others) if others else ''}."
    )
    cites = tuple(spans.rows.cite(row) for row in worst)
    return Finding(identity(NAME, name, other), NAME, "resilience", says, name, cites, LIMITS, 0.55)


def _went_on(scene: Scene, rows: NDArray[np.int64]) -> _Told | None:
    """The longest run of minutes in which half of the calls failed and they did not get fewer."""
    spans, window, baseline = scene.case.spans, scene.window, scene.baseline
    assert window is not None
    assert baseline is not None
    at = spans.at[rows]
    before = rows[(at >= baseline.start) & (at <= baseline.end)]
    length = max(1.0, (baseline.end - baseline.start) / MINUTE)
    usual = len(before) / length
    if not len(before) or float(spans.failed[before].mean()) >= FAILING / 2:
        return None
    inside = rows[(at >= window.start) & (at <= window.end)]
    minute = (spans.at[inside] - window.start) // MINUTE
    best: list[int] = []
    here: list[int] = []
    for one in range(int(minute.max(initial=-1)) + 1):
        mine = inside[minute == one]
        bad = len(mine) >= KEPT * usual and len(mine) > 0 and float(spans.failed[mine].mean()) >= FAILING
        here = [*here, one] if bad else []
        best = here if len(here) > len(best) else best
    chosen = inside[np.isin(minute, best)]
    # The first minute does not count: nothing can have opened yet.
    if len(best) < MINUTES + 1 or len(chosen) < LEAST:
        return None
    failed = chosen[spans.failed[chosen]]
    return (
        int(spans.at[chosen[0]]), int(spans.at[chosen[-1]]), float(spans.failed[chosen].mean()), len(chosen) / len(best), usual,
        [int(failed[0]), int(failed[len(failed) // 2]), int(failed[-1])],
    )  # fmt: skip


def _opened(scene: Scene, component: str) -> bool:
    """The caller says a word of a breaker or of what takes the place of the call."""
    logs, window = scene.case.logs, scene.window
    if component not in logs.components or window is None:
        return False
    code = logs.components.index(component)
    first: dict[int, int] = {}
    for row in np.flatnonzero((logs.component == code) & (logs.at >= window.start) & (logs.at <= window.end)).tolist():
        first.setdefault(int(logs.template[row]), row)
    return any(_OPEN.search(logs.text[row]) for row in first.values())


ANALYSIS = Analysis(NAME, "calls that went on though they failed: no circuit breaker", run)
