"""Explanations that need no change of ours: load, a dependency outside, bad input, trouble of the platform."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from afterword.core import indicator
from afterword.core.cause.lane import number
from afterword.core.derive import ERROR, rated
from afterword.core.indicator import Family
from afterword.model.cause import Grade, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.case import Case
    from afterword.core.cause.change import Suspect
    from afterword.core.cause.rank import Ranking
    from afterword.core.cause.topology import Blame
    from afterword.core.window import Found
    from afterword.model.evidence import Citation
    from afterword.model.postmortem import Signal

_TROUBLE = re.compile(
    r"outage|degraded|partial|major|critical|down|disrupt|elevated|investigating|incident", re.IGNORECASE
)
_OURS = re.compile(r"\b40[0-9]\b|\b422\b|bad request|unauthori[sz]ed|forbidden", re.IGNORECASE)
_INPUT = re.compile(
    r"\b(offset|record|record_id|event_id|message_id|msg_id|row|key|item|file|document|payload|entity|batch)[\"']?\s*[=:#]\s*[\"']?([\w./:-]{3,64})"
)
#: What stands for a secret or a person is no piece of input.
_SEALED = re.compile(r"\[[a-z]{2,20}:[^\[\]\s]{4,80}\]")
_PLATFORM = (
    (
        "network",
        re.compile(
            r"no route to host|network is unreachable|packet loss|connection reset by peer|partition", re.IGNORECASE
        ),
    ),
    (
        "network",
        re.compile(
            r"no such host|name resolution|dns (lookup|resolution|error|failure)|SERVFAIL|NXDOMAIN", re.IGNORECASE
        ),
    ),
    (
        "compute",
        re.compile(
            r"node (is )?not ?ready|instance (terminated|retired)|kernel panic|hardware (error|failure)|evict(ed|ion)|spot (interruption|termination)",
            re.IGNORECASE,
        ),
    ),
    ("facility/power", re.compile(r"power (loss|outage|failure)|cooling", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One explanation outside the changes, with its bits and the grade of its link to the failure."""

    category: str
    component: str
    statement: str
    bits: float
    grade: Grade
    at: int | None
    reasons: tuple[Reason, ...]
    cites: tuple[Citation, ...]
    ref: str | None = None
    defect: str = ""
    #: Of something outside: the component of ours that asked it.
    failed: str = ""
    #: Mechanisms of a diff that bring it about: a change that can do one of them is no rival of it.
    by: frozenset[str] = frozenset()
    #: The next why, where the evidence does not answer it.
    asks: str = ""


def rival(others: Sequence[Alternative], suspects: Sequence[Suspect]) -> float:
    """Bits of the best explanation that the foremost change cannot itself have brought about."""
    first = next((one for one in suspects if not one.ruled_out), None)
    judged = first.candidate.judgement if first is not None else None
    does = {effect.kind for effect in judged.effects} if judged is not None else set()
    return max((one.bits for one in others if not one.by & does), default=0.0)


def alternatives(case: Case, found: Found, signals: Sequence[Signal], ranking: Ranking) -> tuple[Alternative, ...]:
    """Every such explanation that the evidence supports at all, best first."""
    made = [
        *_load(case, found, signals, ranking),
        *_outside(case, found, ranking),
        *_input(case, found),
        *_platform(case, found),
    ]
    return tuple(sorted(made, key=lambda a: (-a.bits, a.category, a.component)))


def _load(case: Case, found: Found, signals: Sequence[Signal], ranking: Ranking) -> Iterator[Alternative]:
    """More requests than usual where requests come in: at a component that nothing calls."""
    called = {callee for callees in ranking.graph.callees.values() for callee in callees}
    traffic = [
        rated(s) for s in case.series if indicator.family(s.indicator) is Family.TRAFFIC and _requests(s.indicator)
    ]
    ratios = {s.component: (s, _ratio(s.within(found.baseline), s.within(found.window))) for s in traffic}
    grown = {name: pair for name, pair in ratios.items() if pair[1] >= 1.7}
    entries = {name: pair for name, pair in grown.items() if name not in called}
    if not entries:
        return
    share = len(grown) / len(ratios)
    name = max(entries, key=lambda n: (entries[n][1], n))
    series, ratio = entries[name]
    early = any(
        s.component == name and s.onset is not None and s.onset <= found.window.start + _slack(found) for s in signals
    )
    bits = 2.5 * math.log2(ratio) * (0.4 + 0.6 * share) + (1.5 if early else 0.0)
    says = f"{series.indicator} at {name}, where requests come in, rose {number(ratio)} times; {len(grown)} of {len(ratios)} measured components grew with it"
    statement = f"More load than {name} was built for: its requests rose {number(ratio)} times"
    grade = Grade.MECHANISM if early and share >= 0.5 else Grade.PRECEDES
    yield Alternative(
        "load", name, statement, bits, grade, found.window.start, (Reason(says, bits, (series.cite,)),), (series.cite,)
    )


def _slack(found: Found) -> int:
    return max(120_000_000_000, found.window.length // 6)


def _requests(name: str) -> bool:
    return bool(
        re.search(r"req|rps|qps|traffic|calls|visits|sessions|users|hits|messages_in|spans$", name.lower())
    ) and not re.search(r"per_request|duration|latency|error|fail", name.lower())


def _ratio(usual: np.ndarray, now: np.ndarray) -> float:
    if len(usual) < 3 or len(now) < 2 or np.median(usual) <= 0:
        return 1.0
    return float(np.quantile(now, 0.75) / np.median(usual))


def _outside(case: Case, found: Found, ranking: Ranking) -> Iterator[Alternative]:
    """A host outside that error lines name, and what its provider's status page said."""
    named: dict[str, list] = defaultdict(list)  # type: ignore[type-arg]
    for blame in ranking.blames:
        if blame.external and blame.count >= 3:
            named[blame.named].append(blame)
    statuses = [f for f in case.statuses if _TROUBLE.search(f"{f.event.name} {f.event.text}")]
    for host, mine in sorted(named.items()):
        usual = _mentions(case, host, found.baseline.start, found.baseline.end)
        now = _mentions(case, host, found.window.start, found.window.end)
        if now <= 3 * (1 + usual * found.window.length / max(found.baseline.length, 1)):
            continue
        spoken = [f for f in statuses if _related(host, f"{f.event.subject} {f.event.text} {f.event.name}")]
        cites = (*(b.cite for b in mine), *(f.cite for f in spoken[:2]))
        first = _deepest(mine, ranking)
        bits = 1.0 + 0.6 * math.log2(1 + now) + (4.0 if spoken else 0.0)
        says = f"{now} warnings and errors name {host}, {usual} before the incident"
        reasons = [Reason(says, bits, (first.cite,))]
        reasons += [
            Reason(f"its status page says {f.event.name}: {f.event.text[:160]}", 4.0, (f.cite,)) for f in spoken[:2]
        ]
        statement = f"{host}, a dependency outside, failed {first.speaker}"
        yield Alternative(
            "dependency",
            host,
            statement,
            bits,
            Grade.MECHANISM,
            found.window.start,
            tuple(reasons),
            tuple(dict.fromkeys(cites)),
            host,
            failed=first.speaker,
        )


def _deepest(mine: Sequence[Blame], ranking: Ranking) -> Blame:
    """Of those who name it the one that asked it: the others name one of them as well, and hand on what it said."""
    speakers = {blame.speaker for blame in mine}
    hand_on = {blame.speaker for blame in ranking.blames if blame.named in speakers and blame.named != blame.speaker}
    return next((blame for blame in mine if blame.speaker not in hand_on), mine[0])


def _related(host: str, text: str) -> bool:
    words = [w for w in re.split(r"[.-]", host.lower()) if len(w) > 3 and w not in ("https", "status")]
    return any(word in text.lower() for word in words)


def _mentions(case: Case, host: str, start: int, end: int) -> int:
    logs = case.logs
    rows = np.flatnonzero((logs.severity >= ERROR - 1) & (logs.at >= start) & (logs.at <= end))
    return sum(
        1
        for row in rows.tolist()
        if host in (text := (logs.text[row] + logs.attributes[row]).lower()) and not _OURS.search(text)
    )


def _input(case: Case, found: Found) -> Iterator[Alternative]:
    """The same piece of input fails again and again: bad data, whatever was deployed."""
    logs = case.logs
    rows = np.flatnonzero((logs.severity >= ERROR) & (logs.at >= found.window.start) & (logs.at <= found.window.end))
    by: dict[str, list[int]] = defaultdict(list)
    for row in rows.tolist():
        by[logs.components[logs.component[row]]].append(row)
    for component, mine in sorted(by.items()):
        seen: Counter[tuple[str, str]] = Counter()
        for row in mine:
            said = logs.text[row] + " " + logs.attributes[row].replace('": "', "=")
            seen.update(set(_INPUT.findall(_SEALED.sub("", said))))
        if not seen or len(mine) < 4:
            continue
        (field, value), times = max(seen.items(), key=lambda item: (item[1], item[0]))
        others = {v for (f, v) in seen if f == field}
        if times < 0.6 * len(mine) or len(others) > max(2, times // 4):
            continue
        bits = 3.0 + math.log2(times)
        says = f"{times} of {len(mine)} errors of {component} are about one and the same {field}: {value}"
        cite = logs.rows.cite(mine[0])
        statement = f"One piece of input that {component} cannot handle: {field} {value}"
        yield Alternative(
            "data/schema",
            component,
            statement,
            bits,
            Grade.MECHANISM,
            int(logs.at[mine[0]]),
            (Reason(says, bits, (cite,)),),
            (cite,),
            f"{field}={value}",
        )


def _matching(case: Case, found: Found, pattern: re.Pattern[str]) -> dict[str, list[int]]:
    logs = case.logs
    rows = np.flatnonzero(
        (logs.severity >= ERROR - 1) & (logs.at >= found.window.start) & (logs.at <= found.window.end)
    )
    by: dict[str, list[int]] = defaultdict(list)
    for row in rows.tolist():
        if pattern.search(logs.text[row]):
            by[logs.components[logs.component[row]]].append(row)
    return by


def _platform(case: Case, found: Found) -> Iterator[Alternative]:
    for category, pattern in _PLATFORM:
        for component, rows in sorted(_matching(case, found, pattern).items()):
            if len(rows) >= 3:
                yield _from_lines(case, category, component, rows, f"Trouble below {component}, in the {category}")


def _from_lines(case: Case, category: str, component: str, rows: list[int], statement: str) -> Alternative:
    cite = case.logs.rows.cite(rows[0])
    bits = 1.0 + 0.5 * math.log2(1 + len(rows))
    says = f"{len(rows)} error lines say so: “{case.logs.text[rows[0]][:160]}”"
    return Alternative(
        category,
        component,
        statement,
        bits,
        Grade.MECHANISM,
        int(case.logs.at[rows[0]]),
        (Reason(says, bits, (cite,)),),
        (cite,),
    )
