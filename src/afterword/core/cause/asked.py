"""Who is asked at all: what serves no request cannot be what users felt, however far its own figures stray."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from afterword.core.case import Case
    from afterword.core.cause.topology import Topology

#: So many components have to be seen in traces, and so large a part of their kind, before not being seen means anything.
_SEEN, _PART = 5, 0.4
#: Who is measured in so many of the usual ways is of the kind.
_ALIKE = 0.8


def idle(case: Case, graph: Topology) -> frozenset[str]:
    """Components of the kind that serves requests which no request passes; none where traces do not cover that kind.

    A kind is what is measured in the same ways. A machine is measured in others, a database is called.
    """
    seen = {*case.spans.components, *graph.callees}.union(*graph.callees.values())
    measured: dict[str, set[str]] = defaultdict(set)
    for one in case.series:
        measured[one.component].add(one.indicator)
    busy = [name for name in measured if name in seen]
    if len(case.spans.components) < _SEEN or len(busy) < _SEEN:
        return frozenset()
    count = Counter(indicator for name in busy for indicator in measured[name])
    usual = {indicator for indicator, many in count.items() if many > len(busy) / 2}
    alike = [name for name, mine in measured.items() if usual and len(usual & mine) >= _ALIKE * len(usual)]
    covered = len(set(alike) & set(busy)) >= _PART * len(alike)
    return frozenset(name for name in alike if name not in seen) if covered else frozenset()
