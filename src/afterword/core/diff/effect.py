"""What a change can do, and what each mechanism looks like from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.diff.scope import scope
from afterword.core.diff.word import COMMON, SHORT, words
from afterword.core.indicator import Family

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Effect:
    """One mechanism by which a change can break a service. ``line`` is its line in the diff, from 1; 0: no line."""

    kind: str
    says: str
    #: Words that the symptom would carry if this happened: of the mechanism first, then of the changed code.
    terms: tuple[str, ...]
    line: int
    weight: float
    #: Where it stands: language, file, line of the file (0: not known), function or key.
    language: str = ""
    path: str = ""
    number: int = 0
    where: str = ""
    #: The line before and after the change.
    before: str = ""
    after: str = ""

    @property
    def place(self) -> str:
        """``RateClient.fetch, billing/rates.py:15``; empty where nothing is known."""
        spot = f"{self.path}:{self.number}" if self.path and self.number else self.path
        return ", ".join(part for part in (self.where, spot) if part)


@dataclass(frozen=True, slots=True)
class DiffJudgement:
    """What a change can do. ``harmless`` is the reason why it cannot change behaviour, or empty."""

    effects: tuple[Effect, ...]
    harmless: str
    #: Paths by kind: code, config, test, docs, style, dependency, ci, data.
    files: Mapping[str, tuple[str, ...]]

    @property
    def parts(self) -> tuple[str, ...]:
        """The services and shared libraries that it touches, by its paths."""
        return scope(path for paths in self.files.values() for path in paths)

    @property
    def weight(self) -> float:
        return max((e.weight for e in self.effects), default=0.0)


@dataclass(frozen=True, slots=True)
class _Way:
    terms: str
    indicators: str
    families: tuple[Family, ...] = (Family.ERRORS, Family.LATENCY)


_E, _L, _S, _T = Family.ERRORS, Family.LATENCY, Family.SATURATION, Family.TRAFFIC
WAYS: Mapping[str, _Way] = {
    "leak": _Way("pool|exhausted|too many open|too many connections|connection|file descriptor|fd|leak|acquire|waiting|checkout",
                 r"pool|conn|fd|open_files|in_use|waiting|goroutine|thread|socket", (_S, _L, _E)),
    "n+1": _Way("SELECT|query|queries|slow request|sql|identical", r"quer|db|sql|rows|calls|rps|requests", (_L, _T)),
    "unbounded": _Way("slow query|rows|full scan|out of memory|SELECT|sort|temp", r"rows|scan|query|db|mem|heap|bytes", (_L, _S)),
    "index": _Way("slow query|seq scan|full scan|SELECT|lock wait", r"rows|scan|query|db", (_L, _S)),
    "timeout": _Way("deadline|timeout|timed out|exceeded|canceled|cancelled", r"timeout|deadline|cancel|err", (_E, _L)),
    "retries": _Way("retry|retries|attempt|exhausted|gave up|too many requests|overload", r"retr|attempt|exhaust|request|rps|qps", (_E, _T)),
    "backoff": _Way("retry|retries|attempt|exhausted|conflict|contention|thundering|429|too many requests", r"retr|attempt|conflict|request|rps", (_E, _T)),
    "pool": _Way("pool|exhausted|acquire|connection|too many connections|waiting|saturated|queued", r"pool|conn|waiting|in_use|queue", (_S, _L, _E)),
    "concurrency": _Way("overload|queue|queued|rejected|saturated|contention|lock wait|too many", r"thread|worker|queue|cpu|lock|inflight|in_flight", (_S, _L)),
    "batch": _Way("too large|payload|message size|out of memory|limit|batch|truncated|backlog", r"batch|lag|queue|mem|heap|bytes|size", (_L, _S)),
    "nil": _Way("nil pointer|null pointer|NullPointerException|NoneType|undefined|panic|dereference|TypeError|AttributeError|KeyError|segmentation|nullptr|cannot read prop|index out of range",
                r"panic|crash|restart|5xx|err|exception", (_E,)),
    "lock": _Way("race|concurrent map|ConcurrentModification|data race|corrupt|duplicate|deadlock|panic|fatal error|inconsistent", r"panic|crash|restart|5xx|err", (_E,)),
    "contention": _Way("deadlock|lock wait|lock timeout|blocked|contention|stuck", r"lock|wait|block|thread", (_L, _S)),
    "cache": _Way("cache miss|cache|stampede|miss|stale|origin|thundering|redis|memcache", r"cache|hit|miss|origin|db|quer", (_L, _T, _S)),
    "validation": _Way("unauthorized|401|403|forbidden|invalid|expired|rejected|token|jwt|audience|issuer|signature|claims|validation|permission",
                       r"401|403|4xx|unauth|reject|denied|invalid|validat", (_E,)),
    "schema": _Way("deserialize|unmarshal|decode|parse|missing required|required field|unknown field|schema|serialization|field|malformed|unexpected",
                   r"deserial|decode|parse|dlq|dead_letter|lag|err|queue|schema", (_E,)),
    "migration": _Way("column|relation|does not exist|null value|violates|constraint|migration|lock timeout|lock wait|alter table|unknown column",
                      r"db|lock|query|err", (_E, _L)),
    "logging": _Way("no space|disk|disk full|read-only|debug|log volume|write failed|rate limit", r"disk|log|write|bytes|lps|ingest|volume|storage", (_S, _T)),
    "flag": _Way("feature flag|flag|rollout|enabled|experiment|variant", r"flag|rollout", (_E, _L)),
    "dependency": _Way("version|incompatible|NoSuchMethod|ImportError|ModuleNotFound|undefined symbol|unsupported|deprecated", r"err|crash", (_E,)),
    "memory": _Way("out of memory|oom|oomkilled|heap|gc|allocation|evicted|killed", r"mem|heap|rss|gc|oom|restart", (_S, _E)),
    "blocking": _Way("blocked|event loop|slow|timeout|stuck|queued|thread", r"event_loop|block|thread|queue|latenc|duration|cpu", (_L, _S)),
    "panic": _Way("panic|fatal|crash|exit|assertion|abort|unwrap|uncaught|unhandled|exception|restarting|crashloop", r"panic|crash|restart|5xx|err", (_E,)),
    "swallowed": _Way("missing|inconsistent|lost|silently|duplicate|wrong", r"lost|missing|mismatch|err", (_E,)),
    "resources": _Way("oomkilled|oom|out of memory|evicted|throttl|pending|insufficient|quota|killed|crashloop|unschedulable",
                      r"mem|cpu|throttl|oom|restart|replica|evict|heap|quota", (_S, _E, _L)),
    "address": _Way("no such host|dns|resolve|nxdomain|servfail|connection refused|unknown host|unreachable|not found|lookup|upstream", r"dns|resolv|conn|lookup|err", (_E, _L)),
    "certificate": _Way("certificate|x509|tls|handshake|expired|unknown authority|ssl|verify failed|cipher", r"tls|handshake|cert|ssl|conn|err", (_E,)),
    "breaker": _Way("circuit|breaker|overload|rate limit|429|shed|rejected|throttl|too many requests", r"breaker|throttl|reject|429|rps|queue", (_E, _S, _T)),
    "probe": _Way("liveness|readiness|probe|unhealthy|restart|heartbeat|session expired|rebalance|lease|leader", r"restart|ready|probe|rebalance|leader|uptime", (_E,)),
    "schedule": _Way("cron|job|schedule|overlap|missed", r"job|cron|batch|lag", (_T, _S)),
    "permission": _Way("denied|forbidden|403|connection refused|unauthorized|policy|access|not authorized|blocked", r"403|denied|conn|refus|err", (_E,)),
    "cpu": _Way("cpu|backtrack|regex|timeout|slow|hang", r"cpu|latenc|duration|throttl", (_S, _L)),
    "config": _Way("config|configuration|invalid|unknown key|setting|not set|missing|environment variable|required", r"err", (_E, _L)),
    "replaced": _Way("missing|not found|unexpected", r"err", (_E,)),
    "number": _Way("overflow|out of range|truncated|negative|NaN|precision|rounding|cannot cast|integer", r"err|amount|total|negative", (_E,)),
    "clock": _Way("timezone|time zone|date|parse|timestamp|in the future|expired|skew|time data|invalid date", r"err|expired|late|skew", (_E,)),
    "disk": _Way("no space|disk|disk full|quota|read-only|inode|write failed|temp", r"disk|inode|storage|bytes|volume|files", (_S, _E)),
    "logic": _Way("", r"(?!)", ()),
    "refactoring": _Way("", r"(?!)", ()),
    "instrumentation": _Way("cardinality|series", r"series|cardinality", ()),
    "renaming": _Way("NameError|not defined|UnboundLocalError|undefined|AttributeError|has no attribute|unknown|no member|undeclared|cannot find symbol",
                     r"err|exception|crash", (_E,)),
    "unseen": _Way("", r"(?!)", ()),
}  # fmt: skip


def effect_of(kind: str, says: str, row: int, weight: float, about: str) -> Effect:
    own = tuple(sorted(w for w in words(about) if len(w) >= SHORT and w not in COMMON))
    terms = tuple(t for t in WAYS[kind].terms.split("|") if t)
    return Effect(kind, says, tuple(dict.fromkeys((*terms, *own)))[:40], row, round(min(1.0, weight), 3))
