"""Case: the frozen evidence of one incident as columns, the only thing that core and analyses read.

Arrays are numpy; times are int64 ns since the epoch, sorted where the field says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from afterword.model.event import Kind
from afterword.model.evidence import Citation, Evidence, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from afterword.model.event import Fact
    from afterword.model.incident import Options
    from afterword.model.skew import Skew
    from afterword.model.time import Span


class Texts(Protocol):
    """A column of text that is fetched only where it is looked at."""

    def __getitem__(self, row: int) -> str: ...
    def __len__(self) -> int: ...


class Chosen:
    """A column of text in another order."""

    __slots__ = ("_column", "_order")

    def __init__(self, column: Texts, order: NDArray[np.int64]) -> None:
        self._column = column
        self._order = order

    def __getitem__(self, row: int) -> str:
        return self._column[int(self._order[row])]

    def __len__(self) -> int:
        return len(self._order)


@dataclass(frozen=True, slots=True)
class Series:
    """One metric of one component. ``at`` sorted, without repeats; ``value`` float64, no NaN."""

    component: str
    indicator: str
    at: NDArray[np.int64]
    value: NDArray[np.float64]
    cite: Citation
    statistic: str = ""
    #: How it was made from logs or spans; empty when a monitor recorded it.
    derived: str = ""
    #: The clock that stamped it.
    clock: str = ""

    @property
    def name(self) -> str:
        return f"{self.component} {self.indicator}" + (f" ({self.statistic})" if self.statistic else "")

    def within(self, span: Span) -> NDArray[np.float64]:
        low, high = np.searchsorted(self.at, [span.start, span.end + 1])
        return self.value[low:high]


@dataclass(frozen=True, slots=True)
class Rows:
    """Columns that lead each row back to its place."""

    evidence: NDArray[np.int32]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    part: Texts
    inline: NDArray[np.bool_]

    def cite(self, row: int) -> Citation:
        place = Place(
            int(self.start[row]),
            int(self.end[row]),
            int(self.first[row]),
            int(self.last[row]),
            self.part[row],
            bool(self.inline[row]),
        )
        return Citation(f"E{int(self.evidence[row]) + 1}", place)

    def taken(self, order: NDArray[np.int64]) -> Rows:
        """These rows, in this order."""
        return Rows(
            self.evidence[order], self.start[order], self.end[order], self.first[order], self.last[order],
            Chosen(self.part, order), self.inline[order],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Logs:
    """Dated log lines, sorted by time. ``component`` and ``template`` are codes into the tuples."""

    at: NDArray[np.int64]
    component: NDArray[np.int32]
    template: NDArray[np.int32]
    #: Index into SEVERITIES.
    severity: NDArray[np.int8]
    components: tuple[str, ...]
    #: Masked text and stable id of each template.
    templates: tuple[str, ...]
    template_ids: tuple[str, ...]
    text: Texts
    attributes: Texts
    rows: Rows
    #: Minutes from UTC; -32768 where no zone was stated.
    offset: NDArray[np.int16]
    #: Code of the clock that stamped the line, and how wide the stated time is, in ns.
    clock: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    granularity: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    clocks: tuple[str, ...] = ()
    #: For how many lines each stands, where there were too many to look at; None: each for itself.
    weight: NDArray[np.int64] | None = None
    #: Code of the trace that each line names, in the numbers of the spans' traces, and the row of its span; -1: none.
    #: Both empty where no line names any.
    trace: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    span: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    #: Of lines that answer a request: its status, the ns it took (0: not stated), and the code of its method and path.
    #: Status 0: the line is none; all three empty where none is.
    status: NDArray[np.int16] = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    took: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    request: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    requests: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of traces, sorted by start. ``parent`` is the row of the parent span, -1 where it is not here."""

    at: NDArray[np.int64]
    took: NDArray[np.int64]
    component: NDArray[np.int32]
    operation: NDArray[np.int32]
    failed: NDArray[np.bool_]
    parent: NDArray[np.int32]
    #: Code of the trace a span belongs to.
    trace: NDArray[np.int32]
    components: tuple[str, ...]
    operations: tuple[str, ...]
    text: Texts
    attributes: Texts
    rows: Rows
    clock: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    clocks: tuple[str, ...] = ()
    #: These are the traces of one in so many.
    weight: int = 1

    def __len__(self) -> int:
        return len(self.at)


def _no_rows() -> NDArray[np.int64]:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Inside:
    """Log lines that were written inside of a span: rows of both, and the bounds of the span, or of its whole trace.

    Rows count in the case as it was read, before clocks are brought together.
    """

    log: NDArray[np.int64] = field(default_factory=_no_rows)
    span: NDArray[np.int64] = field(default_factory=_no_rows)
    low: NDArray[np.int64] = field(default_factory=_no_rows)
    high: NDArray[np.int64] = field(default_factory=_no_rows)


#: Fields of a case that hold single facts, with the kind of event in each.
FACTS: Mapping[str, Kind] = {
    "changes": Kind.CHANGE,
    "alerts": Kind.ALERT,
    "pages": Kind.PAGE,
    "messages": Kind.MESSAGE,
    "states": Kind.STATE,
    "statuses": Kind.STATUS,
    "edges": Kind.EDGE,
    "rules": Kind.RULE,
    "owners": Kind.OWNER,
    "patterns": Kind.PATTERN,
    "checks": Kind.CHECK,
    "policies": Kind.POLICY,
    "members": Kind.MEMBER,
}


@dataclass(frozen=True, slots=True)
class Case:
    """All the evidence of one incident. ``evidence[0]`` is E1."""

    incident: str
    evidence: tuple[Evidence, ...]
    options: Options
    #: First and last dated event.
    covered: Span
    series: tuple[Series, ...]
    logs: Logs
    spans: Spans
    changes: tuple[Fact, ...]
    alerts: tuple[Fact, ...]
    pages: tuple[Fact, ...]
    messages: tuple[Fact, ...]
    states: tuple[Fact, ...]
    statuses: tuple[Fact, ...]
    edges: tuple[Fact, ...]
    rules: tuple[Fact, ...]
    owners: tuple[Fact, ...]
    patterns: tuple[Fact, ...]
    #: Real names by user id, where a chat export carried them.
    people: Mapping[str, str] = field(default_factory=dict)
    inside: Inside = field(default_factory=Inside)
    #: How the clocks stand to each other; empty where nothing ties any two of them.
    skews: tuple[Skew, ...] = ()
    #: Lines of trouble that state no time, as the causes of an exception below the line that reports it; the last of many.
    undated: tuple[Fact, ...] = ()
    #: What was run over a change before it went out, what guards a call or an alert, and who belongs to whom.
    checks: tuple[Fact, ...] = ()
    policies: tuple[Fact, ...] = ()
    members: tuple[Fact, ...] = ()
