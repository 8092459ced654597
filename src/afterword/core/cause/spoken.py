"""What kernels, databases, TLS stacks and protocols say themselves of what went wrong, in words that are theirs alone.

An application's own wording differs from one to the next; what lies below it speaks in fixed texts. Such a text names a
mechanism and often the thing at fault. It counts for the deepest component that says it, more where most of what went wrong
says so, and more again where a measure of the same thing moved too. It does not say why it came to that: a change that can
have done it is no rival of it.

Texts are those of errno(3), PostgreSQL ("PostgreSQL Error Codes", "Error Reporting and Logging: log_lock_waits"), MySQL
("Server Error Message Reference"), SQLite ("Result and Error Codes"), Oracle, OpenSSL's and Go's X.509 verification, the JDK's
``CertificateExpiredException``, AWS ("RequestTimeTooSkewed") and JWT libraries (``nbf``, ``iat``).
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.core.cause import lane, topology
from afterword.core.cause.alternative import Alternative
from afterword.core.cause.lane import number
from afterword.core.derive import WARN
from afterword.model.cause import Grade, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from afterword.core.case import Case, Logs
    from afterword.core.window import Found
    from afterword.model.postmortem import Signal


class _Rule(NamedTuple):
    category: str
    defect: str
    #: ``{who}`` is the component at fault.
    statement: str
    pattern: re.Pattern[str]
    #: Names of series that measure the same thing.
    measures: re.Pattern[str]
    #: Mechanisms of a diff that bring it about.
    by: frozenset[str]
    #: What it leaves open: the next why, which these words do not answer.
    asks: str
    #: It is the fault of the peer that the line names, not of the one who says it.
    peer: bool = False
    #: A database says it of itself at a level below that of a warning.
    quietly: bool = False


_RULES = (
    _Rule("storage", "exhausted", "The storage that {who} writes to was full",
          re.compile(r"(?i)no space left on device|ENOSPC|disk quota exceeded|EDQUOT|could not extend file|ORA-0165\d|the table '[^']{1,80}' is full|database or disk is full|SQLITE_FULL"),
          re.compile(r"(?i)filesystem|disk|volume|storage|inode"), frozenset(["logging", "disk", "batch", "unbounded", "retries"]), "what filled the storage that {who} writes to"),
    _Rule("storage", "incorrect", "The storage that {who} writes to could only be read",
          re.compile(r"(?i)read-only file ?system|EROFS"), re.compile(r"(?i)filesystem|readonly|device_error"), frozenset(["config", "resources", "disk"]), "why the storage of {who} was read-only"),
    _Rule("certificate/secret/identity", "stale/expired", "Something that {who} identifies itself with had expired",
          re.compile(r"(?i)certificate (has |is )?expired|cert_?expir|CertificateExpired|certificate verify failed|NotAfter|token (has |is )?expired|expired (token|credential|secret|key)"),
          re.compile(r"(?i)cert|tls|ssl|handshake"), frozenset(["certificate", "validation", "config", "address"]), "why what {who} identifies itself with was not renewed in time", peer=True),
    _Rule("time", "incorrect", "The clocks of {who} and of those it speaks with disagreed",
          re.compile(r"(?i)certificate is not yet valid|RequestTimeTooSkewed|too (large|much|great) (a )?(clock )?skew|clock skew (is )?too|(signature|token|timestamp|request time|date|time) .{0,60}(is |was )?(outside|not within|too far (from|in)|in the future)|token (used before issued|is not yet valid|not active yet)"),
          re.compile(r"(?i)clock|timex|ntp|offset_seconds|skew"), frozenset(["clock", "validation", "config"]), "what set the clock apart", peer=True),
    _Rule("data/schema", "contended", "Requests to {who} waited for locks that another one held",
          re.compile(r"(?i)still waiting for \w*lock|deadlock (found|detected)|lock wait timeout exceeded|lock timeout|could not obtain lock|ORA-0005[14]|ORA-00060|database (table )?is locked|SQLITE_BUSY"),
          re.compile(r"(?i)lock|blocked|oldest_transaction|idle in transaction"),
          frozenset(["lock", "contention", "migration", "index", "unbounded", "batch", "concurrency"]), "who held the lock that requests to {who} waited for, and why for so long", quietly=True),
    _Rule(
        "compute", "exhausted", "The memory that {who} may take ran out",
        re.compile(r"(?i)out of memory: kill|oom-?kill(?:ed|er)?\b|memory cgroup out of memory|cannot allocate memory|ENOMEM|OutOfMemoryError|std::bad_alloc|\bMemoryError\b|runtime: out of memory|heap out of memory|exceeded (?:its |the )?memory limit"),
        re.compile(r"(?i)mem|heap|rss|oom"), frozenset(["memory", "leak", "resources", "cache", "unbounded", "batch"]),
        "what took the memory of {who}",
    ),
    _Rule(
        "capacity", "exhausted", "The connections or files that {who} may have open ran out",
        re.compile(r"(?i)too many connections|too many clients already|remaining connection slots|too many open files|EMFILE|ENFILE"),
        re.compile(r"(?i)conn|(?:^|_)fds?(?:_|$)|open_files|sockets"), frozenset(["leak", "pool", "concurrency", "retries", "n+1", "unbounded", "backoff"]),
        "what took the connections or files of {who}",
    ),
)  # fmt: skip
#: So many lines in all say more than chance.
_LEAST = 3
#: Said so much more often than in the healthy time, it is news.
_NEWS = 3.0
#: Bits of what a measure of the same thing adds, and of most of the bad lines saying it.
_MEASURED, _MOST, _SHARE = 1.5, 1.0, 0.8
#: A measure has moved clearly from so many bits on.
_CLEAR = 2.0
_HOLDS = re.compile(r"process(?:es)? holding the lock: ([\d, ]{1,200})\. Wait queue: ([\d, ]{0,400})", re.IGNORECASE)
_DATABASE = re.compile(r"postgres|pgsql|mysql|maria|percona|oracle|mssql|cockroach|(?<![a-z])(db|rds|database)(?![a-z])", re.IGNORECASE)  # fmt: skip


def mechanisms(case: Case, found: Found, signals: Sequence[Signal], components: Sequence[str]) -> Iterator[Alternative]:
    """Each mechanism that what lies below the applications states, once for each component at fault."""
    bad = _bad(case.logs, found)
    names = topology.patterns(components)
    within = (case.logs.at >= found.window.start) & (case.logs.at <= found.window.end)
    loud = topology.groups(case.logs, within & (case.logs.severity >= WARN))
    quiet = topology.groups(case.logs, within)
    for rule in _RULES:
        said = _said(case.logs, quiet if rule.quietly else loud, rule)
        for speaker, rows in sorted(_deepest(said, case.logs, names).items()):
            who = _at_fault(rule, case.logs.text[rows[0]], speaker, names, components)
            if len(rows) >= _LEAST and _is_news(case.logs, found, rule, speaker, len(rows)):
                yield _told(case, rule, who, rows, signals, bad.get(speaker, 0))


def _bad(logs: Logs, found: Found) -> dict[str, int]:
    """How many warnings and errors each component wrote during the incident."""
    rows = np.flatnonzero((logs.severity >= WARN) & (logs.at >= found.window.start) & (logs.at <= found.window.end))
    counted = np.bincount(logs.component[rows], minlength=len(logs.components)) if len(rows) else np.zeros(0, int)
    return {logs.components[code]: int(count) for code, count in enumerate(counted.tolist()) if count}


def _said(logs: Logs, groups: topology.Groups, rule: _Rule) -> dict[str, list[int]]:
    """Rows that say it, by speaker. One line stands for all of its template."""
    said: dict[str, list[int]] = defaultdict(list)
    for (component, _), rows in groups:
        if rule.pattern.search(logs.text[rows[0]]):
            said[logs.components[component]].extend(rows)
    return {speaker: sorted(rows) for speaker, rows in said.items()}


def _deepest(said: dict[str, list[int]], logs: Logs, names: topology.Patterns) -> dict[str, list[int]]:
    """Without those who only repeat it: their lines name another one that says it."""
    return {
        speaker: rows
        for speaker, rows in said.items()
        if not any(
            name != speaker and name in said for name, _ in topology.named_in(logs.text[rows[0]], speaker, names)
        )
    }


def _at_fault(rule: _Rule, text: str, speaker: str, names: topology.Patterns, components: Sequence[str]) -> str:
    """The peer that the line names where it is about a peer; a database where nobody is said to speak."""
    if rule.peer and (peers := [name for name, outside in topology.named_in(text, speaker, names) if not outside]):
        return peers[0]
    if speaker:
        return speaker
    databases = [name for name in components if _DATABASE.search(name)]
    return databases[0] if len(databases) == 1 else ""


def _is_news(logs: Logs, found: Found, rule: _Rule, speaker: str, lines: int) -> bool:
    code = logs.components.index(speaker)
    before = (logs.component == code) & (logs.at >= found.baseline.start) & (logs.at <= found.baseline.end)
    usual = sum(len(rows) for _, rows in topology.groups(logs, before) if rule.pattern.search(logs.text[rows[0]]))
    return lines > _NEWS * (1 + usual * found.window.length / max(found.baseline.length, 1)) - 1


def _told(case: Case, rule: _Rule, who: str, rows: Sequence[int], signals: Sequence[Signal], bad: int) -> Alternative:
    cite = case.logs.rows.cite(rows[0])
    share = len(rows) / max(bad, len(rows))
    weight = 1.0 + 0.5 * math.log2(1 + len(rows)) + (_MOST if share >= _SHARE else 0.0)
    reasons = [Reason(f"{len(rows)} lines say so: “{case.logs.text[rows[0]][:160]}”", round(weight, 6), (cite,))]
    measured = [s for s in signals if rule.measures.search(s.indicator) and lane.bits(s) >= _CLEAR]
    if measured:
        best = max(measured, key=lambda s: (lane.bits(s), s.component, s.indicator))
        says = f"{best.indicator} of {best.component} went from {number(best.baseline)} to {number(best.peak)}"
        reasons.append(Reason(says, _MEASURED, (best.cite,)))
    if rule.quietly and (holder := _holder(case.logs, rows)):
        reasons.append(holder)
    if rule.category == "time":
        reasons += _moved(case)
    bits = round(sum(reason.weight for reason in reasons), 6)
    statement = rule.statement.format(who=who or "the system")
    cites = tuple(dict.fromkeys(one for reason in reasons for one in reason.cites))
    return Alternative(
        rule.category, who, statement, bits, Grade.MECHANISM, int(case.logs.at[rows[0]]), tuple(reasons), cites,
        defect=rule.defect, by=rule.by, asks=rule.asks.format(who=who or "the system"),
    )  # fmt: skip


def _holder(logs: Logs, rows: Sequence[int]) -> Reason | None:
    """Who held the locks that others waited for, and waited for none: the head of the queue (PostgreSQL's DETAIL line)."""
    near = np.flatnonzero((logs.at >= logs.at[rows[0]]) & (logs.at <= logs.at[rows[-1]]))
    holding: dict[str, int] = {}
    waiting: set[str] = set()
    for row in near.tolist():
        for found in _HOLDS.finditer(logs.text[row]):
            for one in re.findall(r"\d+", found.group(1)):
                holding.setdefault(one, row)
            waiting.update(re.findall(r"\d+", found.group(2)))
    heads = {one: row for one, row in holding.items() if one not in waiting}
    if len(heads) != 1:
        return None
    ((head, row),) = heads.items()
    return Reason(f"process {head} held the lock and waited for none itself", 0.5, (logs.rows.cite(row),))


def _moved(case: Case) -> Iterator[Reason]:
    """A clock that was seen to run apart, or to be set, from pairs of records that both clocks dated."""
    for skew in case.skews:
        apart = max(abs(skew.least), abs(skew.most)) / 1e9
        if not skew.steady or skew.least > 0 or skew.most < 0:
            says = f"the clock of {skew.clock} was up to {number(apart)} s apart from that of {skew.reference}"
            yield Reason(says, _MEASURED, skew.cites[:1])
            return
