"""Who calls whom: stated call graphs, traces, and error lines that name another component."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.derive import ERROR, WARN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from afterword.core.case import Case, Logs, Spans
    from afterword.model.evidence import Citation

_HOST = re.compile(r"(?:https?://|host[= :]+|upstream[= :]+)([a-z0-9-]+(?:\.[a-z0-9-]+)+\.[a-z]{2,})", re.IGNORECASE)
#: Who is said not to have answered: a name with a joint in it, since ``the request timed out`` has a subject as well.
_SILENT = re.compile(
    r"\b([a-z][a-z0-9]{1,30}(?:[-_.][a-z0-9]{1,30}){1,5})(?::\d{1,5})? (?:did not (?:answer|respond)|(?:is|was) (?:unreachable|unavailable|not reachable|down)"
    r"|timed out|refused (?:the )?connections?|(?:answered|returned|responded with) (?:HTTP )?5\d\d)\b"
)
_REQUEST = re.compile(
    r"(?:\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) |\bhttps?://[\w.:-]{1,200})(/[\w./?&=%~-]{1,300})"
)
_LOCAL = re.compile(r"\.(local|internal|svc|cluster|lan|localdomain)$|^localhost", re.IGNORECASE)


#: Rows by component and template.
Groups = list[tuple[tuple[int, int], list[int]]]
#: Each component with what finds its name.
Patterns = tuple[tuple[str, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class Blame:
    """Error lines of ``speaker`` that name ``named``: how many, and the first of them."""

    speaker: str
    named: str
    count: int
    external: bool
    cite: Citation


@dataclass(frozen=True, slots=True)
class Topology:
    """Directed caller → callee. ``basis`` says where each edge comes from."""

    callees: Mapping[str, frozenset[str]]
    basis: Mapping[tuple[str, str], tuple[str, tuple[Citation, ...]]]

    def path(self, caller: str, callee: str, limit: int = 6) -> tuple[str, ...]:
        """The shortest chain of calls from one to the other, ends included; empty when there is none."""
        previous: dict[str, str | None] = {caller: None}
        queue = deque([(caller, 0)])
        while queue:
            here, depth = queue.popleft()
            if here == callee:
                return _walk(previous, here)
            if depth < limit:
                for there in sorted(self.callees.get(here, ())):
                    if there not in previous:
                        previous[there] = here
                        queue.append((there, depth + 1))
        return ()

    def joins(self, one: str, other: str) -> tuple[str, ...]:
        """A path in either direction, from caller to callee."""
        return self.path(one, other) or self.path(other, one)


def _walk(previous: Mapping[str, str | None], end: str) -> tuple[str, ...]:
    chain: list[str] = []
    at: str | None = end
    while at is not None:
        chain.append(at)
        at = previous[at]
    return tuple(reversed(chain))


def build(case: Case, blames: Iterable[Blame]) -> Topology:
    """Edges from what was stated, from parent and child spans, and from error lines that name a component."""
    basis: dict[tuple[str, str], tuple[str, tuple[Citation, ...]]] = {}
    for blame in blames:
        basis[blame.speaker, blame.named] = ("an error line names it", (blame.cite,))
    for edge, row in _span_edges(case.spans).items():
        basis[edge] = ("a trace shows the call", (case.spans.rows.cite(row),))
    for fact in case.edges:
        basis[fact.event.subject, fact.event.name] = ("the call graph states it", (fact.cite,))
    callees: dict[str, set[str]] = {}
    for caller, callee in basis:
        if caller != callee:
            callees.setdefault(caller, set()).add(callee)
    return Topology({caller: frozenset(found) for caller, found in sorted(callees.items())}, basis)


def _span_edges(spans: Spans) -> dict[tuple[str, str], int]:
    child = np.flatnonzero(spans.parent >= 0)
    if not len(child):
        return {}
    caller, callee = spans.component[spans.parent[child]], spans.component[child]
    differ = caller != callee
    key = caller[differ].astype(np.int64) * len(spans.components) + callee[differ]
    edges, first = np.unique(key, return_index=True)
    rows = child[differ][first]
    return {
        (spans.components[e // len(spans.components)], spans.components[e % len(spans.components)]): int(row)
        for e, row in zip(edges.tolist(), rows.tolist(), strict=True)
    }


def blames(
    case: Case, components: Iterable[str], start: int, everyday: NDArray[np.bool_] | None = None
) -> tuple[Blame, ...]:
    """Which component names which other one, or a host outside, in its warnings and errors since ``start``."""
    logs = case.logs
    names = patterns(components)
    bad = (logs.severity >= WARN) & (logs.at >= start)
    if everyday is not None:
        bad &= ~everyday
    counted: Counter[tuple[str, str, bool]] = Counter()
    first: dict[tuple[str, str, bool], int] = {}
    for (component, template), rows in groups(logs, bad):
        speaker = logs.components[component]
        text = logs.text[rows[0]] + " " + logs.attributes[rows[0]]
        for named, external in named_in(text, speaker, names):
            key = (speaker, named, external)
            counted[key] += len(rows)
            first[key] = min(first.get(key, rows[0]), rows[0])
        del template
    return tuple(
        Blame(
            speaker, named, counted[speaker, named, external], external, logs.rows.cite(first[speaker, named, external])
        )
        for speaker, named, external in sorted(counted)
    )


def groups(logs: Logs, keep: np.ndarray) -> Groups:
    """Rows of each (component, template), in time order."""
    rows = np.flatnonzero(keep)
    if not len(rows):
        return []
    key = logs.component[rows].astype(np.int64) * max(len(logs.template_ids), 1) + logs.template[rows]
    order = np.argsort(key, kind="stable")
    cuts = np.flatnonzero(np.diff(key[order])) + 1
    groups = np.split(rows[order], cuts)
    return [((int(logs.component[g[0]]), int(logs.template[g[0]])), g.tolist()) for g in groups]


def patterns(components: Iterable[str]) -> Patterns:
    """What finds each component in a text, as a word of its own; very short names and numbers are found nowhere."""
    made = []
    for name in sorted(set(components)):
        if len(name) < 4 or name.isdigit():
            continue
        made.append((name, re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", re.IGNORECASE)))
    return tuple(made)


def named_in(text: str, speaker: str, names: Patterns) -> list[tuple[str, bool]]:
    """Other components, and hosts outside (True), that a text names."""
    found = [(name, False) for name, pattern in names if name != speaker and pattern.search(text)]
    hosts = {host.lower() for host in _HOST.findall(text) if not _LOCAL.search(host)}
    known = {name.lower() for name, _ in found} | {name.lower() for name, _ in names} | {speaker.lower()}
    hosts |= {host for host in _SILENT.findall(text) if host not in known and not _LOCAL.search(host)}
    return found + [(host, True) for host in sorted(hosts)]


def named_in_paths(text: str, components: Iterable[str]) -> frozenset[str]:
    """Components that stand as a part of the path of a request: ``GET /api/orders`` names ``api`` and ``orders``."""
    parts = {part.lower() for path in _REQUEST.findall(text) for part in re.split(r"[/?&=]", path)}
    return frozenset(name for name in components if name.lower() in parts)


def templates_of(
    logs: Logs, span_start: int, baseline_end: int, everyday: NDArray[np.bool_] | None = None
) -> list[tuple[tuple[int, int], list[int], int]]:
    """(component, template), its error rows since ``span_start``, and how often it stood in the baseline."""
    bad = logs.severity >= ERROR
    if everyday is not None:
        bad &= ~everyday
    before = bad & (logs.at <= baseline_end)
    usual = Counter(
        zip(logs.component[before].tolist(), logs.template[before].tolist(), strict=True),
    )
    return [(key, rows, usual.get(key, 0)) for key, rows in groups(logs, bad & (logs.at >= span_start))]
