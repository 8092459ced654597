"""What a database's load and events tell beside a fault: who asks for it, whether two faults have one root, how it went.

Load is counted in average active sessions (Amazon RDS, "Overview of Performance Insights"); a session that computes waits
for nothing else. Phases are those of "Amazon RDS event categories and event messages".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from afterword.core.cause.lane import number
from afterword.model.time import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.case import Case, Series
    from afterword.model.event import Fact
    from afterword.model.evidence import Citation

#: So much of the load has to come from one for it to be named.
_MOST = 0.5
_CPU = re.compile(r"cpu", re.IGNORECASE)
#: So many times what it was, and half of all there is, is more than everyday life.
_MORE, _HALF = 1.5, 50.0
#: So little of the usual is as good as nothing; so near to it is back.
_GONE, _BACK = 0.1, 0.2
_PHASES = (
    ("failover initiated", re.compile(r"failover.{0,80}\b(initiated|started|begun)\b", re.IGNORECASE)),
    ("failover in progress", re.compile(r"failover.{0,40}\bin progress\b", re.IGNORECASE)),
    ("failover completed", re.compile(r"failover.{0,40}\bcompleted\b|finished.{0,40}failover|completed.{0,40}failover", re.IGNORECASE)),
    ("instance available", re.compile(r"\bis (now )?available\b", re.IGNORECASE)),
)  # fmt: skip


def besides(case: Case, near: Sequence[Fact]) -> Iterator[tuple[str, Citation]]:
    """Sentences with their places; ``near`` are the events of the time of the trouble."""
    yield from _askers(case)
    yield from _relation(case)
    yield from _course(case, near)


def _askers(case: Case) -> Iterator[tuple[str, Citation]]:
    """The user and the host that most of the load comes from."""
    for kind in ("user", "host"):
        mine = [fact for fact in case.patterns if fact.event.attributes.get("asks") == kind and fact.event.value]
        total = sum(fact.event.value or 0 for fact in mine)
        best = max(mine, key=lambda fact: (fact.event.value or 0, fact.event.text), default=None)
        if best is not None and (best.event.value or 0) >= _MOST * total:
            share = round(100 * (best.event.value or 0) / total)
            yield f"{share} % of the load comes from the {kind} {best.event.text}", best.cite


def statements(case: Case) -> list[Fact]:
    """Statements with their load, costliest first."""
    found = [fact for fact in case.patterns if fact.event.value and "asks" not in fact.event.attributes]
    return sorted(found, key=lambda fact: -(fact.event.value or 0))


def _relation(case: Case) -> Iterator[tuple[str, Citation]]:
    """Whether what computes is what waits: then both have one root; else the one does not explain the other."""
    asked = statements(case)
    computing = {id(fact): float(fact.event.attributes.get("computing", 0) or 0) for fact in asked}
    total = sum(computing.values())
    waiting = [fact for fact in asked if not _CPU.search(fact.event.attributes.get("wait", ""))]
    busy = next((one for one in case.series if _CPU.search(one.indicator) and _risen(one)), None)
    if busy is None or not waiting or not total:
        return
    wait = waiting[0].event.attributes.get("wait", "something else")
    if sum(computing[id(fact)] for fact in waiting) >= _MOST * total:
        yield (
            f"the CPU and the sessions have one root: the statements that wait for {wait} are also those that compute",
            waiting[0].cite,
        )
        return
    other = max((fact for fact in asked if fact not in waiting), key=lambda fact: computing[id(fact)])
    yield (
        f"the load on the CPU is causally independent of it: it comes from another statement, which does not wait for {wait}: {other.event.text[:160]}",
        other.cite,
    )


def _risen(series: Series) -> bool:
    """In percent, at least half at the end, and well above where it began: the evidence may begin in the rise."""
    quarter = max(1, len(series.value) // 4)
    then, now = float(series.value[:quarter].min()), float(np.median(series.value[-quarter:]))
    return _HALF <= now <= 100 and (now >= _MORE * then or now >= 80)


def _course(case: Case, near: Sequence[Fact]) -> Iterator[tuple[str, Citation]]:
    """The phases of a failover in order, and that the work came back where a series shows it."""
    told = [(name, fact) for fact in near for name, pattern in _PHASES if pattern.search(fact.event.text)]
    if not any(name.startswith("failover") for name, _ in told):
        return
    steps = " → ".join(f"{name} ({iso(fact.event.at)[11:19]})" for name, fact in told if fact.event.at is not None)
    yield f"the events are the primary evidence source: {steps}", told[0][1].cite
    for one in case.series:
        if (back := _resumed(one)) is not None:
            yield (
                f"{one.indicator} fell to {number(float(one.value.min()))} and is back at {number(back)}: the workload resumed normally",
                one.cite,
            )
            return


def _resumed(series: Series) -> float | None:
    """The level at the end where a series was as good as gone and is as before; None where it was not or is not."""
    quarter = max(1, len(series.value) // 4)
    then, now = float(np.median(series.value[:quarter])), float(np.median(series.value[-quarter:]))
    gone = then > 0 and float(series.value.min()) <= _GONE * then
    return now if gone and abs(now - then) <= _BACK * then else None
