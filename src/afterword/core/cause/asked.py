"""Who is asked at all: what serves no request cannot be what users felt, however far its own figures stray."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from afterword.core.indicator import Family, family

if TYPE_CHECKING:
    from afterword.core.case import Case
    from afterword.core.cause.topology import Topology

#: So many components have to be seen in traces, and so large a part of their kind, before not being seen means anything.
_SEEN, _PART = 5, 0.4
#: Who is measured in so many of the usual ways is of the kind.
_ALIKE = 0.8
#: Bytes come and go where nothing is asked.
_BYTES = re.compile(r"byte|octet|packet|network|bit", re.IGNORECASE)
#: A measure has to have so many samples before it counts none.
_SAMPLES = 8


def idle(case: Case, graph: Topology) -> frozenset[str]:
    """Components of the kind that serves requests which no request passes, or of which a monitor counts none at all."""
    return _passed_by(case, graph) | _uncounted(case, graph)


def _uncounted(case: Case, graph: Topology) -> frozenset[str]:
    """Who prints no line, calls nobody, and has no request at all by a measure that counts some for others."""
    busy = {*case.spans.components, *case.logs.components, *graph.callees}.union(*graph.callees.values())
    counted: dict[str, set[str]] = defaultdict(set)
    none: dict[str, set[str]] = defaultdict(set)
    for one in case.series:
        if family(one.indicator) is Family.TRAFFIC and not _BYTES.search(one.indicator) and len(one.value) >= _SAMPLES:
            (counted if bool((one.value != 0).any()) else none)[one.indicator].add(one.component)
    idle = {name for indicator, names in none.items() if len(counted[indicator]) >= _SEEN for name in names}
    return frozenset(idle - set().union(*counted.values()) - busy)


def _passed_by(case: Case, graph: Topology) -> frozenset[str]:
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
