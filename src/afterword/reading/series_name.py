"""Column names of wide tables taken apart: ``ts-order_service_latency-90`` is a component and an indicator.

A component may itself hold underscores and hyphens, an indicator too. Two things tell where one ends: words that only
indicators have (``cpu``, ``latency``, ``p99``), and the other columns, which repeat components and indicators.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: An indicator may begin with one of these.
_WORDS = _words(
    "cpu mem memory latency latencies lat lod load workload error errors err rps qps tps rt rss duration response responses request "
    "requests req reqs p50 p75 p90 p95 p99 p999 disk diskio io iops net network fs filesystem heap gc jvm http https grpc rpc "
    "connections connection conn conns threads thread socket sockets throughput traffic availability success failure failures "
    "failed saturation restarts restart swap tcp udp inbound outbound bandwidth packets uptime container kube go process istio "
    "envoy timeout timeouts exceptions dropped retries hits misses evictions lag backlog depth pods replicas fds goroutines "
    "syscall syscalls status apdex inodes oom throttled throttling queue pool 2xx 3xx 4xx 5xx cancelled"
)
#: So may these, but any of the words above in front of them belongs to the indicator too: ``mem_usage``, ``request_count``.
_WEAK = _words(
    "count rate usage utilization utilisation total bytes time elapsed ops operations read write reads writes rx tx receive "
    "transmit available free used active idle max min avg mean sum median transactions messages queries sessions users orders "
    "calls invocations workers job jobs buffer buffers invalid rejected ready healthy up down jitter loss temperature power "
    "voltage kpi metric value"
)
#: With these an indicator only goes on: it has begun with a word above.
_TAILS = _words(
    "seconds second sec secs s ms us ns milliseconds microseconds nanoseconds minutes min mins hour hours per percent pct ratio "
    "kb mb gb kib mib gib b m mi gi ki core cores millicores cents of in out avg max min mean sum std stddev p quantile percentile "
    "average maximum minimum length size limit quota bits number num current working set "
    "resident virtual open close opened closed new established server client upstream downstream code flight "
    "inflight pending waiting wait user system iowait steal irq nice cached by the exhausted processed created deleted "
    "speed level score external internal node pod host periods rolling window bucket"
)
#: Weak words that go before a strong one: ``active_connections``.
_BEFORE = _words("active idle max min avg mean total free used available read write rejected invalid")
_SEPARATORS = ("_", ".", "/", ":", "|", " ", "-")
_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]+|[0-9]+")
_LABELLED = re.compile(r'^[^{}"]*\{.*\}$', re.DOTALL)


class Named(NamedTuple):
    """What a column measures, and of which component; the component is empty where the name holds none."""

    component: str
    indicator: str


class _Cut(NamedTuple):
    prefix: str
    suffix: str


def split(columns: Sequence[str]) -> list[Named]:
    """Take apart the names of all series of one table together."""
    separator = _separator(columns)
    cuts = [_cuts(column.strip(), separator) for column in columns]
    shared = Counter(cut.suffix for found in cuts for cut in found if cut.prefix)
    wide = Counter(cut.prefix for found in cuts for cut in found if cut.prefix)
    sure = [_by_words(found, shared) for found in cuts]
    known = Counter(cut.prefix for cut in sure if cut is not None and shared[cut.suffix] > 1)
    bare = 2 * sum(cut is not None and not cut.prefix for cut in sure) > len(columns)
    return [
        _named(column.strip(), found, cut, known, shared, wide, bare=bare)
        for column, found, cut in zip(columns, cuts, sure, strict=True)
    ]


def is_indicator(name: str) -> bool:
    """Whether every word of the name is one that indicators are made of."""
    return _is_headed(name)


def _separator(columns: Iterable[str]) -> str:
    """What stands between component and indicator: the mark that most names hold, the underscore first."""
    counted = Counter(mark for column in columns for mark in _SEPARATORS if mark in column.strip())
    return max(_SEPARATORS, key=lambda mark: (counted[mark], -_SEPARATORS.index(mark)))


def _cuts(column: str, separator: str) -> list[_Cut]:
    """Every way to cut a name in two, from the longest suffix to the shortest; the first has no prefix."""
    if _LABELLED.match(column):
        return [_Cut("", column)]
    found, at = [_Cut("", column)], column.find(separator)
    while at >= 0:
        prefix, suffix = column[:at], column[at + len(separator) :]
        if prefix.strip(separator) and suffix.strip(separator):
            found.append(_Cut(prefix.strip(), suffix.strip()))
        at = column.find(separator, at + 1)
    return found


def _by_words(found: Sequence[_Cut], shared: Counter[str]) -> _Cut | None:
    """The cut before the first word of the indicator; one that other components share is preferred."""
    headed = [cut for cut in found if _is_headed(cut.suffix)]
    strong = [cut for cut in headed if not _is_weak(cut.suffix)]
    common = [cut for cut in strong or headed if cut.prefix and shared[cut.suffix] > 1]
    return next(iter(common or strong or headed), None)


def _named(
    column: str,
    found: Sequence[_Cut],
    cut: _Cut | None,
    known: Counter[str],
    shared: Counter[str],
    wide: Counter[str],
    *,
    bare: bool,
) -> Named:
    """``bare``: most columns of the table are indicators alone."""
    if cut is not None and shared[cut.suffix] > 1:
        return Named(cut.prefix, cut.suffix)
    stated = [one for one in found if one.prefix in known]
    if stated:
        return Named(*max(stated, key=lambda one: len(one.prefix)))
    if cut is not None:
        return Named(cut.prefix, cut.suffix)
    inner = found[1:]
    if not inner:
        return Named("", column) if bare else Named(column, "value")
    # Of two repeated parts the cut with more repetitions on its weaker side; of equal ones the longer indicator.
    return Named(*max(inner, key=lambda one: (min(wide[one.prefix], shared[one.suffix]), len(one.suffix))))


def _is_headed(suffix: str) -> bool:
    pieces = _pieces(suffix)
    return bool(pieces) and _head(pieces[0]) and all(_head(one) or _in(one, _TAILS) or one.isdigit() for one in pieces)


def _is_weak(suffix: str) -> bool:
    pieces = _pieces(suffix)
    return _in(pieces[0], _WEAK) and not (pieces[0] in _BEFORE and _in("".join(pieces[1:2]), _WORDS))


def _pieces(suffix: str) -> list[str]:
    return [piece.lower() for piece in _PIECES.findall(suffix)]


def _head(piece: str) -> bool:
    return _in(piece, _WORDS) or _in(piece, _WEAK)


def _in(piece: str, words: frozenset[str]) -> bool:
    return piece in words or piece.rstrip("0123456789") in words
