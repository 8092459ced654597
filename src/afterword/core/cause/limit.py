"""Resources at the end of their range, where the evidence is too short to show a beginning: a database's metrics, its events,
and what its sessions wait for.

Thresholds and messages are those of the Amazon RDS User Guide ("Monitoring metrics", "Amazon RDS event categories and event
messages"); what a wait means is told in "Tuning with wait events for RDS for PostgreSQL".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core.cause import database
from afterword.core.cause.fault import MISFIT, STATED, Fault
from afterword.core.cause.lane import number
from afterword.model.time import MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from afterword.core.case import Case, Series
    from afterword.model.event import Fact
    from afterword.model.evidence import Citation

_FULL, _LATE, _GROWN, _SHRUNK = 85.0, 60.0, 10.0, 0.25
_WELL = frozenset(["resolved", "no data", "normal", "ok"])
#: An event long before or after the series belongs to another day.
_NEAR = 15 * MINUTE


class _Rule(NamedTuple):
    """A resource: its series, when its last samples are out of range, its events, and what went well again."""

    kind: str
    category: str
    defect: str
    series: re.Pattern[str] | None
    broken: Callable[[float, float], bool]
    events: re.Pattern[str] | None
    over: re.Pattern[str] | None = None


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_RULES = (
    _Rule("storage_exhausted", "storage", "exhausted", _pattern(r"free.*(storage|space|disk)"), lambda then, now: now <= _SHRUNK * then,
          _pattern(r"ran out of storage|storage( space)? is (critically |getting )?low|insufficient storage|no space left"),
          _pattern(r"autoscaling completed|storage has been increased|recovered")),
    _Rule("replication_lag", "dependency", "exhausted", _pattern(r"(replica|replication).*lag|lag.*(replica|seconds)"), lambda then, now: now >= max(_LATE, _GROWN * then),
          _pattern(r"replication lag (has )?exceeded|replay is behind|replica.*(behind|stale)"), _pattern(r"replica.*caught up")),
    _Rule("connections_exhausted", "capacity", "exhausted", None, lambda _then, _now: False,
          _pattern(r"max_connections|approaching the maximum|connection (count|slots)|too many (clients|connections)|connections may be refused")),
    _Rule("cpu_saturated", "compute", "exhausted", _pattern(r"cpu.*(util|pct|percent)"), lambda _then, now: _FULL <= now <= 100, None),
    _Rule("failover", "infrastructure", "unhandled error", None, lambda _then, _now: False, _pattern(r"failover (initiated|in progress|completed|has been initiated)|health check failure")),
    _Rule("checkpoint_storm", "capacity", "exhausted", None, lambda _then, _now: False, _pattern(r"checkpoints are occurring too frequently|checkpoint storm")),
)  # fmt: skip
_WAITS = (
    (_pattern(r"Client:ClientRead"), "sessions are idle: the server waits for its clients, as with client sessions that a connection pool leaks"),
    (_pattern(r"WAL"), "a write-heavy workload waits for the write-ahead log (WAL) that a replica has to replay"),
    (_pattern(r"LWLock"), "sessions contend for buffers in memory"),
    (_pattern(r"CPU"), "the query computes"),
    (_pattern(r"IO:"), "the statement waits for storage"),
)  # fmt: skip


def faults(case: Case) -> tuple[Fault, ...]:
    """Resources that are used up at the end of the evidence, or that events say are; best first."""
    alerts = [fact for fact in case.alerts if fact.event.attributes.get("state", "firing") not in _WELL]
    if not alerts:
        return ()
    near = [
        fact for fact in case.states
        if fact.event.at is not None and case.covered.start - _NEAR <= fact.event.at <= case.covered.end + _NEAR
    ]  # fmt: skip
    besides = tuple(_besides(case, alerts, near))
    made = [fault for rule in _RULES for fault in _fault(rule, case, near, besides)]
    return tuple(sorted(made, key=lambda fault: (-fault.bits, fault.kind, fault.component)))


def _fault(rule: _Rule, case: Case, near: Sequence[Fact], besides: tuple[tuple[str, Citation], ...]) -> Iterator[Fault]:
    shown = [
        says for one in case.series if rule.series and rule.series.search(one.indicator) and (says := _range(rule, one))
    ]
    told = [fact for fact in near if rule.events and rule.events.search(fact.event.text)]
    ended = [fact for fact in near if rule.over and rule.over.search(fact.event.text)]
    if ended and not shown:
        return
    if shown:
        text, one = shown[0]
        bits = STATED if told or rule.kind != "cpu_saturated" else MISFIT
        yield Fault(
            one.component,
            rule.kind,
            bits,
            text,
            (one.cite, *(fact.cite for fact in told[:2])),
            rule.category,
            rule.defect,
            besides,
        )
    elif told:
        named = (
            told[0].event.attributes.get("component")
            or told[0].event.subject.partition("/")[2]
            or told[0].event.subject
        )
        yield Fault(
            named,
            rule.kind,
            STATED - 1,
            told[0].event.text[:240],
            tuple(fact.cite for fact in told[:3]),
            rule.category,
            rule.defect,
            besides,
        )


def _range(rule: _Rule, series: Series) -> tuple[str, Series] | None:
    """What the first and the last quarter of the samples are, where the last is out of range."""
    quarter = max(1, len(series.value) // 4)
    if len(series.value) < 3:
        return None
    then, now = float(np.median(series.value[:quarter])), float(np.median(series.value[-quarter:]))
    if not rule.broken(then, now):
        return None
    return f"{series.indicator} went from {number(then)} to {number(now)} and stayed there", series


def _besides(case: Case, alerts: Sequence[Fact], near: Sequence[Fact]) -> Iterator[tuple[str, Citation]]:
    """What alerts, events and the costliest statements say, each with its place."""
    for fact in alerts[:2]:
        yield f"alert {fact.event.name}: {fact.event.text[:300]}", fact.cite
    for fact in database.statements(case)[:3]:
        means = next((words for pattern, words in _WAITS if pattern.search(fact.event.attributes.get("wait", ""))), "")
        yield (
            f"of the load on the database (Performance Insights), {number(fact.event.value or 0)} is {fact.event.text[:200]}{': ' + means if means else ''}",
            fact.cite,
        )
    yield from database.besides(case, near)
    for fact in near[:8]:
        yield fact.event.text[:300], fact.cite
