"""A process that ends again and again on one and the same error: what it was given, or what it became, its code does not handle.

Both have to be there: the same exception in most of its bad lines, and that it ended (said of it, or counted). An exception that is
only reported is an answer like any other.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.alternative import Alternative
from afterword.core.derive import ERROR, WARN
from afterword.model.cause import Grade, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.case import Case, Logs
    from afterword.core.window import Found
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Signal

#: How runtimes name what was raised: the last such line of a trace (Python, JVM, .NET, Ruby), a panic (Go, Rust), a signal.
_RAISED = re.compile(
    r"(?m)^(?:Caused by: |Unhandled exception\. |panic: )?(?P<kind>(?:[A-Za-z_]\w{0,60}[.:$]{1,2}){0,8}[A-Z]\w{0,80}(?:Error|Exception|Panic|Fault))(?:: (?P<says>[^\n]{0,200}))?$"
    r"|^(?:thread '[^'\n]{0,80}' panicked at|panic:) (?P<panic>[^\n]{0,200})$|(?P<signal>[Ss]egmentation fault|SIGSEGV|SIGABRT)"
)
_ENDED = re.compile(r"\b(?:exited|exit(?: code| status)|crash(?:ed|ing|loop)?|CrashLoopBackOff|terminated|died|respawn|restarting|back-?off restarting)\b")  # fmt: skip
_COUNTED = re.compile(r"restart|crash|respawn|exits?(?:_|$)", re.IGNORECASE)
#: So often it is a loop and no accident; so many of its bad lines have to say the same.
_LOOP, _SHARE = 3, 0.5
#: What a change of the code can do that ends like this.
_BY = frozenset(["nil", "panic", "schema", "validation", "dependency", "config", "migration", "number", "renaming", "replaced", "logic", "leak", "memory"])  # fmt: skip


def loops(case: Case, found: Found, signals: Sequence[Signal]) -> Iterator[Alternative]:
    """One for each component that ended at least three times, at least three of them on the same error."""
    logs = case.logs
    now = (logs.at >= found.window.start) & (logs.at <= found.window.end)
    for component, rows in sorted(_bad(logs, now & (logs.severity >= ERROR)).items()):
        error, mine = _same(logs, rows)
        if len(mine) < max(_LOOP, _SHARE * len(rows)):
            continue
        ended = _ended(case, now, component, signals)
        if ended is not None:
            yield _told(case, component, error, mine, ended)


def _bad(logs: Logs, keep: np.ndarray) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for row in np.flatnonzero(keep).tolist():
        found[logs.components[logs.component[row]]].append(row)
    return found


def _same(logs: Logs, rows: Sequence[int]) -> tuple[str, list[int]]:
    """The error that most of these rows end on, as it was raised, and the rows."""
    raised: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        said = [one.group(0) for one in _RAISED.finditer(logs.text[row])]
        if said:
            raised[" ".join(said[-1].split())[:200]].append(row)
    return max(raised.items(), key=lambda one: (len(one[1]), one[0]), default=("", []))


def _ended(case: Case, now: np.ndarray, component: str, signals: Sequence[Signal]) -> tuple[str, Citation] | None:
    """That it ended several times, in words: counted by a series, or said by who keeps it running."""
    logs = case.logs
    said = [
        row
        for row in np.flatnonzero(now & (logs.severity >= WARN)).tolist()
        if _ENDED.search(logs.text[row]) and component in logs.text[row]
    ]
    if len(said) >= _LOOP:
        return f"{len(said)} lines say that it ended: “{logs.text[said[0]][:120]}”", logs.rows.cite(said[0])
    counted = next(
        (s for s in signals if _COUNTED.search(s.indicator) and s.shift > 0 and component in f"{s.component} {s.indicator}"), None
    )  # fmt: skip
    return (f"{counted.indicator} rose", counted.cite) if counted is not None else None


def _told(case: Case, component: str, error: str, rows: Sequence[int], ended: tuple[str, Citation]) -> Alternative:
    cite = case.logs.rows.cite(rows[0])
    weight = round(2.0 + 0.5 * math.log2(1 + len(rows)), 6)
    reasons = (Reason(f"{len(rows)} times it ended on “{error}”", weight, (cite,)), Reason(ended[0], 1.5, (ended[1],)))
    return Alternative(
        "code", component, f"{component} ended again and again on the same error: {error}", weight + 1.5, Grade.MECHANISM,
        int(case.logs.at[rows[0]]), reasons, tuple(dict.fromkeys((cite, ended[1]))), defect="unhandled error", by=_BY,
        asks=f"what {component} was given, or found, that its code does not handle",
    )  # fmt: skip
