"""What each version, or each instance, of a changed component answered: read off the attributes of its spans and log lines.

Every request is a sample, so that a version which a few requests reached can be compared with the one that the rest did.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.case import Series
from afterword.core.cause.rollout import Strand
from afterword.core.derive import ERROR
from afterword.model.time import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from afterword.core.case import Case, Logs, Spans, Texts

#: Names of attributes that tell versions apart, and where none does, instances (OpenTelemetry and its neighbours).
_TELLING = (
    re.compile(r'"(?:service\.version|version|app\.version|app_version|release)": "([^"]+)"'),
    re.compile(r'"(?:k8s\.pod\.name|pod|pod_name|service\.instance\.id|instance|container\.id)": "([^"]+)"'),
)
#: More rows than this of one component say nothing more: then every so many-th is read.
_MOST = 20_000
#: So few rows of a component cannot be told apart in a way that matters.
_LEAST = 20


def strands(case: Case, components: Iterable[str]) -> dict[str, list[Strand]]:
    """By component, failures and latencies of its spans and errors among its log lines, each version apart."""
    wanted = frozenset(components)
    found: dict[str, list[Strand]] = defaultdict(list)
    for component, one in (*_of_spans(case.spans, wanted), *_of_logs(case.logs, wanted)):
        found[component].append(one)
    return found


def _of_spans(spans: Spans, wanted: frozenset[str]) -> Iterator[tuple[str, Strand]]:
    for component, value, rows in _split(spans.components, spans.component, spans.attributes, wanted):
        yield component, _strand(component, "share of failed calls", value, spans, rows, spans.failed[rows])
        yield component, _strand(component, "latency of calls", value, spans, rows, spans.took[rows] / SECOND)


def _of_logs(logs: Logs, wanted: frozenset[str]) -> Iterator[tuple[str, Strand]]:
    for component, value, rows in _split(logs.components, logs.component, logs.attributes, wanted):
        yield component, _strand(component, "share of error lines", value, logs, rows, logs.severity[rows] >= ERROR)


def _split(
    components: tuple[str, ...], codes: NDArray[np.int32], attributes: Texts, wanted: frozenset[str]
) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
    """Rows of each version of each component that has at least two of them."""
    for code, component in enumerate(components):
        if component not in wanted:
            continue
        rows = np.flatnonzero(codes == code)
        rows = rows[:: len(rows) // _MOST + 1]
        if len(rows) < _LEAST:
            continue
        texts = [attributes[row] for row in rows.tolist()]
        for pattern in _TELLING:
            by: dict[str, list[int]] = defaultdict(list)
            for row, text in zip(rows.tolist(), texts, strict=True):
                if found := pattern.search(text):
                    by[found.group(1)].append(row)
            if len(by) > 1:
                yield from ((component, value, np.array(mine, dtype=np.int64)) for value, mine in sorted(by.items()))
                break


def _strand(
    component: str, name: str, value: str, source: Spans | Logs, rows: NDArray[np.int64], values: NDArray[np.generic]
) -> Strand:
    made = Series(
        component, name, source.at[rows], values.astype(np.float64), source.rows.cite(int(rows[0])), value, "told by version"
    )  # fmt: skip
    return Strand(name, value, made)
