"""What a change could break, read from its diff: mechanisms, or the reason why it cannot change behaviour.

Pure text analysis. It knows mechanisms, not programs: an effect says what the edit *can* do, never that it did.
A statement that only moved (its words stand on the added side too) is not an effect.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import chain
from math import log2
from typing import TYPE_CHECKING

from afterword.core.indicator import Family, family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Effect:
    """One mechanism by which a change can break a service. ``line`` is its line in the diff, from 1; 0: no line."""

    kind: str
    says: str
    #: Words that the symptom would carry if this happened: of the mechanism first, then of the changed code.
    terms: tuple[str, ...]
    line: int
    weight: float


@dataclass(frozen=True, slots=True)
class DiffJudgement:
    """What a change can do. ``harmless`` is the reason why it cannot change behaviour, or empty."""

    effects: tuple[Effect, ...]
    harmless: str
    tests_touched: bool
    #: Paths by kind: code, config, test, docs, style, dependency, ci, data.
    files: Mapping[str, tuple[str, ...]]

    @property
    def weight(self) -> float:
        return max((e.weight for e in self.effects), default=0.0)


# --- what each mechanism looks like from outside: words of error texts, names of indicators -------------------------


@dataclass(frozen=True, slots=True)
class _Way:
    terms: str
    indicators: str
    families: tuple[Family, ...] = (Family.ERRORS, Family.LATENCY)


_E, _L, _S, _T = Family.ERRORS, Family.LATENCY, Family.SATURATION, Family.TRAFFIC
_WAYS: Mapping[str, _Way] = {
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
    "config": _Way("config|configuration|invalid|unknown key|setting", r"err", (_E, _L)),
    "replaced": _Way("missing|not found|unexpected", r"err", (_E,)),
    "logic": _Way("", r"(?!)", ()),
    "refactoring": _Way("", r"(?!)", ()),
    "instrumentation": _Way("cardinality|series", r"series|cardinality", ()),
    "unseen": _Way("", r"(?!)", ()),
}  # fmt: skip

#: Kinds of setting by the words of its key, and how bad a rise and a fall are (0 to 1).
_KEYS: tuple[tuple[str, re.Pattern[str], float, float], ...] = tuple(
    (kind, re.compile(words), up, down)
    for kind, words, up, down in (
        ("logging", r"log_?level|(^|_)level$|verbos|sampl(e|ing)|(^|_)debug($|_)", 0.85, 0.1),
        ("validation", r"leeway|skew|tolerance|(^|_)grace|drift|issuer|audience|(^|_)(aud|iss|alg|kid)($|_)|algorithm|jwks|secret|signing|scope|claim|api_key|password|credential", 0.6, 0.85),
        ("certificate", r"cert|(^|_)(tls|ssl|ca)($|_)|keystore|truststore|cipher", 0.6, 0.6),
        ("cache", r"cache|(^|_)ttl|max_age|maxage|expire_after|evict", 0.35, 0.6),
        ("probe", r"probe|liveness|readiness|heartbeat|lease|session_timeout|period_seconds|failure_threshold", 0.4, 0.55),
        ("breaker", r"breaker|circuit|bulkhead|rate_?limit|throttl|burst|shed|qps|rps", 0.5, 0.65),
        ("backoff", r"back_?off|jitter|cool_?down|(^|_)delay|sleep|retry_(interval|after|wait)", 0.25, 0.65),
        ("retries", r"retr(y|ies)|attempt", 0.55, 0.75),
        ("timeout", r"time_?out|deadline|budget|max_wait|wait_(time|ms|seconds)|keep_?alive|idle_time", 0.4, 0.9),
        ("pool", r"pool|max_?conn|max_open|max_idle|min_idle|connections|conns", 0.35, 0.8),
        ("concurrency", r"concurren|parallel|worker|thread|executor|in_?flight|prefetch|max_poll|consumers", 0.55, 0.6),
        ("resources", r"memory|(^|_)cpu|heap|xm[xs]|replica|limits|requests|quota|ephemeral|storage|max_old_space|nofile|ulimit|min_available", 0.12, 0.8),
        ("batch", r"batch|page|chunk|(^|_)limit|max_(rows|items|results|size|bytes|records|message|len)|fetch_size|buffer|queue_size|capacity|(^|_)(top|take|first)$", 0.55, 0.45),
        ("flag", r"flag|feature|enable|disable|rollout|percent|toggle|experiment|variant|canary|traffic_weight|default_on", 0.6, 0.6),
        ("schedule", r"cron|schedule|interval|every", 0.3, 0.4),
        ("address", r"host|url|uri|endpoint|(^|_)port|dns|name_?server|resolver|ndots|domain|(^|_)addr|bucket|topic|region|broker|database|upstream", 0.6, 0.6),
    )
)  # fmt: skip

#: Kinds whose disappearance is itself an effect: the guard is gone.
_GUARDS = {"validation": 0.8, "timeout": 0.6, "retries": 0.5, "backoff": 0.6, "pool": 0.5, "breaker": 0.65, "resources": 0.5, "cache": 0.45, "batch": 0.6, "certificate": 0.6, "probe": 0.4}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Rule:
    """A pattern that stands more often on one side than on the other. ``by`` is -1 for lost, +1 for gained."""

    kind: str
    by: int
    pattern: re.Pattern[str]
    says: str
    weight: float


def _rules(by: int, *rows: tuple[str, str, str, float]) -> tuple[_Rule, ...]:
    return tuple(_Rule(kind, by, re.compile(pattern), says, weight) for kind, pattern, says, weight in rows)


_LOST = _rules(
    -1,
    ("lock", r"(?i)\b\w*(?:mu|mutex|lock|latch)\w*(?:\.|->)r?(?:lock|acquire)\(|\bsynchronized\b|sync\.(?:RW)?Mutex|lock_guard|unique_lock|scoped_lock|with\s+(?:self\.)?_?\w*lock\b|\bAtomic[A-Z]\w*|atomic\.(?:Add|Load|Store|Compare)|ConcurrentHashMap|\bsync\.Map\b|FOR UPDATE", "synchronisation removed", 0.85),
    ("lock", r"(?i)@Transactional|begin_?transaction|\.begin\(|with\s+transaction|\.atomic\(|\bBEGIN;", "transaction removed", 0.6),
    ("cache", r"(?i)singleflight|dogpile|stampede|computeIfAbsent|getOrLoad|request_?coalesc|early_?expir", "protection against a cache stampede removed", 0.85),
    ("cache", r"(?i)\w*cache\w*\.(?:get|lookup|fetch|has|set|put|remember)|@cacheable|@(?:functools\.)?(?:lru_)?cache\b|@cached|memoi[sz]e|redis\w*\.get\(|cache-control", "cache bypassed or removed", 0.75),
    ("n+1", r"(?i)select_related|prefetch_related|joinedload|selectinload|subqueryload|JOIN\s+FETCH|eager_load|\.includes\(|\binclude:\s|EntityGraph|FetchType\.EAGER|DataLoader|\.Preload\(|= ANY\(|\bIN\s*\(\s*[?$:%]", "batched or eager loading removed", 0.75),
    ("unbounded", r"(?i)\bLIMIT\s+[\d$?:%{]|FETCH (?:FIRST|NEXT)|\bTOP\s+\d|\.limit\(|\.take\(|paginat|set_?max_?results\(|page_?size|\bOFFSET\b|LimitReader|MaxBytesReader", "limit or pagination removed", 0.85),
    ("index", r"(?i)CREATE\s+(?:UNIQUE\s+)?INDEX|add_index|index\s*=\s*True|@Index|db_index=True|\.index\(\s*\[", "index definition removed", 0.75),
    ("backoff", r"(?i)\w*sleep\(|back_?off|jitter|exponential|<<\s*(?:i|attempt|n)\b|\*\*\s*attempt", "wait between attempts removed", 0.7),
    ("breaker", r"(?i)circuit_?breaker|hystrix|resilience4j|bulkhead|rate_?limit(?:er)?\.|semaphore|\.tryAcquire\(|limiter\.(?:Wait|Allow|acquire)", "circuit breaker, bulkhead or rate limit removed", 0.75),
    ("memory", r"(?i)maxsize=\d|maximumSize|expireAfter\w+|evict\w*\(|\blru\b|\bdelete\(\w|\.pop\(\w|\.popleft\(|\.remove\(\w|weakref|WeakHashMap|removeListener|removeEventListener|unsubscribe|clearInterval", "eviction or clean-up of kept items removed", 0.65),
    ("leak", r"(?i)\bdefer\b\s*[^;]*\.(?:close|release|rollback|put|done)|(?<!un)\.(?:close|release|dispose|recycle|rollback|shutdown|release_?conn\w*|return_?conn\w*|put_?conn|putconn|free)\(|\bfinally\b|\btry\s*\(\w|\busing\s*\(|^\s*(?:async\s+)?with\s+\w+.*:\s*$|defer\s+cancel\(\)", "release of a resource removed", 0.8),
    ("panic", r"\brecover\(\)|\bcatch\s*\(|\bexcept\b.*:|\.catch\(|\brescue\b|catch_unwind", "error handler removed", 0.6),
    ("swallowed", r"\berr\s*!=\s*nil\b|\.raise_for_status\(|\bthrow\s+\w|\braise\s+\w|return\s+.*\berr\b", "check or report of an error removed", 0.35),
    ("blocking", r"\bgo\s+(?:func|\w+)\b.*\(|\basync\s+(?:def|function|\()|\bawait\s|executor\.(?:submit|execute)\(|\.delay\(|@Async|setImmediate|CompletableFuture|run_in_executor|to_thread\(", "asynchronous call made synchronous", 0.5),
    ("validation", r"(?i)\b\w*(?:verify|validat|authori[sz]|authenticat|has_?permission|has_?role|sanitiz|check_?(?:access|auth|sign|perm|token))\w*\(", "validation removed", 0.55),
)  # fmt: skip

_GAINED = _rules(
    +1,
    ("panic", r"\bpanic\(|\.unwrap\(\)|log\.Fatal|os\.Exit\(|sys\.exit\(|process\.exit\(|\bstd::abort|\babort\(\)|!!\.|System\.exit", "can end the process or the request abruptly", 0.65),
    ("swallowed", r"except[^:]*:\s*pass|catch\s*\([^)]*\)\s*\{\s*\}|^\s*_\s*=\s*\w+.*\(|,\s*_\s*:?=\s*\w+.*\(|rescue\s*(?:nil|=>\s*\w+\s*;?\s*nil)|\.catch\(\(\)\s*=>\s*(?:\{\s*\}|null)\)", "an error is swallowed", 0.4),
    ("blocking", r"(?i)\btime\.sleep\(|thread\.sleep\(|\w+Sync\(|\.Result\b(?!\w)|\.GetAwaiter\(\)|\.block\(\)|fsync|bcrypt|\.join\(\)\s*;?$|subprocess\.|Wait\(\)\s*$", "blocking call added", 0.5),
    ("memory", r"(?i)ReadAll\(|\.readlines\(\)|\.fetchall\(\)|\.findAll\(\)|collect\(Collectors\.toList|maxsize=None|\bstatic\b.*\b(?:Map|List|Set)\b.*=\s*new\b|^\s*(?:var|private static)\s+\w+\s*=\s*(?:make\(map|map\[|new (?:Concurrent)?HashMap)|\bglobal\s+\w+|addEventListener\(|\.subscribe\(|setInterval\(|ThreadLocal", "keeps or reads without a bound that the diff shows", 0.5),
    ("memory", r"^\s*(?:self|this|s|c|h)\.\w*(?:cache|seen|history|buffer|pending|sessions|listeners|items|entries|map)\w*(?:\[[^\]]+\]\s*=(?!=)|\.(?:append|push|add|put|set)\()|=\s*append\((?:s|c|h|self|m)\.\w+,", "accumulates in a long-lived object", 0.6),
    ("index", r"(?i)DROP\s+INDEX|remove_index|db_index=False|index\s*=\s*False", "index dropped", 0.85),
    ("migration", r"(?i)ALTER\s+TABLE|DROP\s+(?:COLUMN|TABLE)|RENAME\s+(?:COLUMN|TO)|ADD\s+COLUMN.*NOT\s+NULL|LOCK\s+TABLE|TRUNCATE|CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)|(?:add|remove|rename|change|drop)_(?:column|table|field)|op\.alter_column|(?:Add|Remove|Alter|Rename)Field\(", "schema of the database changed", 0.7),
    ("retries", r"(?i)@retr(?:y|yable)|retry\.(?:do|with|new)|\bretries?\s*\(|for\s+(?:attempt|retry|i)\b.*(?:retr|attempt)|while\s+(?:true|not\s+ok|!ok).*retr|axios-?retry|tenacity|with_?retry", "retries added", 0.5),
    ("concurrency", r"(?i)^\s*go\s+(?:func|\w)|Promise\.all\(|parallelStream|asyncio\.gather|ThreadPoolExecutor\(|errgroup|\.parallel\(|newCachedThreadPool|new\s+Thread\(", "more work runs at the same time", 0.45),
    ("contention", r"(?i)\w*(?:mu|mutex|lock)\w*\.(?:lock|acquire)\(|\bsynchronized\b|FOR UPDATE|LOCK IN SHARE MODE|SERIALIZABLE", "lock added", 0.5),
    ("leak", r"(?i)new\s+(?:Http|Redis|Mongo|Kafka|Db|Sql|Grpc)\w*(?:Client|Connection|Producer|DataSource)|(?:grpc|net|tls|redis|amqp)\.(?:Dial|NewClient|connect)\w*\(|(?:psycopg2?|pymysql|sqlite3|mysql)\.connect\(|create_engine\(|DriverManager\.getConnection\(|sql\.Open\(|&?http\.(?:Client|Transport)\{|requests\.Session\(\)|new\s+PrismaClient", "opens a new client or connection here", 0.55),
    ("lock", r"\bnew\s+HashMap\b.*(?:shared|static)|SimpleDateFormat\b.*static|\bunsafe\b|Arc::get_mut_unchecked|noinspection\s+race", "shared state without synchronisation", 0.4),
    ("cpu", r"""["'`/](?:[^"'`]*)\((?:[^()]*[*+][^()]*)\)[*+]""", "regular expression with a repeated repetition", 0.6),
    ("blocking", r"(?i)\bjson\.(?:loads|dumps|Marshal\w*)\(.*(?:all|whole|entire)|deepcopy\(|JSON\.parse\(JSON\.stringify", "costly copy added", 0.3),
    ("permission", r"(?i)kind:\s*NetworkPolicy|security_?group|cidr|\bdeny\b|iam\.|RoleBinding|REVOKE\s|policyTypes", "access rule changed", 0.6),
    ("certificate", r"(?i)InsecureSkipVerify|verify\s*=\s*(?:True|False)|rejectUnauthorized|MinVersion|minTLS|x509\.|RootCAs|ClientAuth", "verification of certificates changed", 0.6),
    ("index", r"(?i)LIKE\s+['\"]%|LOWER\(\w+\)\s*=|CAST\(\w+ AS|::text\s*=|ORDER BY RAND", "query shape that an index cannot serve", 0.55),
    ("unbounded", r"(?i)SELECT\s+\*\s+FROM\s+\w+\s*[\"'`;)]|\.find\(\{\}\)|\.objects\.all\(\)|LIMIT\s+ALL|LIMIT\s+0\b|limit:\s*null", "reads without a limit", 0.5),
)  # fmt: skip

# --- reading a diff -------------------------------------------------------------------------------------------------

_TESTS = re.compile(
    r"(?i)(^|/)(tests?|specs?|__tests__|testdata|fixtures|e2e|testing)/|[_.\-](test|spec|tests)\.\w+$|(^|/)test_[^/]+$|Tests?\.(java|kt|cs|scala)$|_fuzz_test\."
)
_CI = re.compile(
    r"(?i)(^|/)(\.github/(workflows|actions)|\.circleci|\.buildkite|\.gitlab-ci|\.ci)(/|\.|$)|(^|/)(jenkinsfile|codeowners|\.golangci\.ya?ml|\.pre-commit-config\.yaml|\.eslintrc[^/]*|\.prettierrc[^/]*|\.editorconfig|\.gitignore|\.gitattributes|renovate\.json|dependabot\.yml|ruff\.toml|\.pylintrc|\.flake8|\.travis\.yml|mypy\.ini)$"
)
_DOCS = re.compile(
    r"(?i)(^|/)(docs?|documentation|runbooks?)/|\.(md|rst|adoc|txt)$|(^|/)(readme|changelog|license|authors|notice|contributing)[^/]*$"
)
_STYLE = re.compile(r"(?i)\.(css|scss|sass|less|svg|png|jpe?g|gif|ico|woff2?|ttf|webp|html?|tmpl|hbs|ejs)$")
_DEPENDENCY = re.compile(
    r"(?i)(^|/)(go\.(mod|sum)|package(-lock)?\.json|yarn\.lock|pnpm-lock\.yaml|requirements[^/]*\.txt|constraints[^/]*\.txt|poetry\.lock|uv\.lock|pipfile(\.lock)?|cargo\.(toml|lock)|gemfile(\.lock)?|pom\.xml|build\.gradle(\.kts)?|composer\.(json|lock)|mix\.(exs|lock)|vcpkg\.json|conanfile\.\w+)$"
)
_CONFIG = re.compile(
    r"(?i)\.(ya?ml|toml|json|ini|conf|cfg|properties|env|tf|tfvars|hcl|xml|plist|cnf|config)$|(^|/)(dockerfile[^/]*|\.env[^/]*|makefile|procfile|values[^/]*)$|(^|/)(charts|helm|k8s|kubernetes|deploy|terraform)/"
)
_DATA = re.compile(r"(?i)\.(csv|parquet|avro|tsv|ndjson|pb|bin|sqlite)$|(^|/)(seeds?|snapshots?)/")
_FILE_KINDS = (
    ("dependency", _DEPENDENCY),
    ("ci", _CI),
    ("test", _TESTS),
    ("style", _STYLE),
    ("docs", _DOCS),
    ("data", _DATA),
    ("config", _CONFIG),
)
_HARMLESS_FILES = {
    "test": "tests",
    "ci": "CI and repository settings",
    "docs": "documentation",
    "style": "styles and markup",
}

_HASH = re.compile(
    r"(?i)\.(py|rb|sh|ya?ml|toml|conf|cfg|env|tf|hcl|properties|ini|pl|r|ex|exs)$|dockerfile|makefile|\.env"
)
_STRINGS = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`[^`]*`"
_COMMENTS = {
    mark: re.compile(rf"({_STRINGS})|{pattern}")
    for mark, pattern in (("#", r"(?:^|\s)#.*$"), ("--", r"--.*$"), ("//", r"//.*$|/\*.*?(?:\*/|$)"))
}
_TOKEN = re.compile(rf"{_STRINGS}|[A-Za-z_]\w*|\d[\w.]*|\S")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d{3,}")
_SHORT = 3
_COMMON = frozenset(["the", "and", "for", "not", "with", "from", "into", "that", "this", "are", "was", "has", "have", "err", "error", "nil", "null", "none", "true", "false", "return", "func", "def", "fun", "function", "class", "struct", "type", "var", "let", "const", "int", "str", "string", "bool", "float", "byte", "bytes", "map", "list", "set", "new", "self", "ctx", "context", "request", "response", "req", "res", "resp", "http", "json", "status", "get", "put", "post", "main", "package", "import", "range", "len", "append", "make", "any", "void", "public", "private", "static", "final", "async", "await", "try", "catch", "except", "finally", "throw", "raise", "raises", "elif", "else", "case", "switch", "break", "continue", "default", "value", "values", "key", "keys", "name", "data", "item", "items", "out", "row", "rows", "time", "second", "seconds", "millisecond", "milliseconds", "minute", "printf", "println", "print", "info", "warn", "debug", "log", "logger", "handler", "service", "server", "client", "path", "file", "lib", "pkg", "internal", "cmd", "api", "app", "src", "config", "tidy", "refactor", "simplify", "chore", "feat", "fix", "test", "docs", "extract", "helper", "use", "used", "using", "add", "added", "update", "bump", "code", "when", "all", "one", "two", "fmt", "errorf", "writer", "write", "read", "start", "end", "first", "last", "next", "call", "called", "each", "id", "ids", "number", "count", "line", "lines", "text", "query", "max", "min", "size", "default", "policy", "attempt", "attempts", "std", "auto", "double", "long", "char", "unsigned", "template", "typename", "include", "import", "export", "require", "module"])  # fmt: skip


#: Calls that do not take over a removed step.
_PLAIN = frozenset(
    ("Errorf", "Sprintf", "Printf", "println", "print", "make", "append", "format", "String", "NewBuffer", "Some", "Ok", "Error", "len", "range", "isinstance")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the diff: sign (``+``, ``-`` or a blank), text without it, text without comments."""

    sign: str
    text: str
    code: str
    row: int
    path: str
    hunk: int


@lru_cache(maxsize=4096)
def file_kind(path: str) -> str:
    """code, config, test, docs, style, dependency, ci or data, by the path."""
    return next((kind for kind, pattern in _FILE_KINDS if pattern.search(path)), "code")


def _uncomment(text: str, path: str) -> str:
    bare = text.strip()
    if bare.startswith(("/*", "* ", "*/", "<!--")) or bare == "*" or (not path and bare.startswith(("//", "# "))):
        return ""
    mark = "#" if _HASH.search(path) else "--" if path.endswith((".sql", ".lua", ".hs")) else "//"
    return _COMMENTS[mark].sub(lambda m: m.group(1) or "", text).rstrip()


def _parse(diff: str, files: Sequence[str]) -> Iterator[_Line]:
    rows = diff.splitlines()
    path, hunk = files[0] if len(files) == 1 else "", 0
    for i, raw in enumerate(rows):
        following = rows[i + 1] if i + 1 < len(rows) else ""
        if raw.startswith("--- ") and following.startswith("+++ "):
            continue
        if raw.startswith("+++ ") and i and rows[i - 1].startswith("--- "):
            named = raw[4:].split("\t")[0].strip()
            path = path if named == "/dev/null" else named.removeprefix("b/")
        elif raw.startswith("@@"):
            hunk += 1
            # Some exports write the path into the hunk header.
            found = re.match(r"@@\s+([\w.\-]+(?:/[\w.\-]+)*\.\w+|[\w.\-]+(?:/[\w.\-]+)+)(?:[:\s]|$)", raw)
            path = found.group(1) if found else path
        elif raw.startswith("diff --git "):
            path = raw.split(" b/")[-1].strip()
        elif not re.match(
            r"index [0-9a-f]+\.\.|(?:new|deleted) file mode|old mode|new mode|similarity index|rename (?:from|to) |\\ No newline",
            raw,
        ):
            sign = raw[:1] if raw[:1] in ("+", "-") else " "
            text = raw[1:] if raw[:1] in ("+", "-", " ") else raw
            yield _Line(sign, text, _uncomment(text, path), i + 1, path, hunk)


def words(text: str) -> frozenset[str]:
    """The words of a text, names split at underscores and capitals, in lower case."""
    return frozenset(w.lower() for w in _WORD.findall(text))


@dataclass(frozen=True)
class _Patch:
    lines: tuple[_Line, ...]
    removed: tuple[_Line, ...] = field(init=False)
    added: tuple[_Line, ...] = field(init=False)

    def __post_init__(self) -> None:
        for name, sign in (("removed", "-"), ("added", "+")):
            kept = tuple(
                x for x in self.lines if x.sign == sign and x.code.strip() and file_kind(x.path) not in _HARMLESS_FILES
            )
            object.__setattr__(self, name, kept)

    @cached_property
    def lost(self) -> frozenset[str]:
        return self._words(self.removed) - self._words(self.added)

    @cached_property
    def gained(self) -> frozenset[str]:
        return self._words(self.added) - self._words(self.removed)

    @cached_property
    def handed(self) -> tuple[str, ...]:
        """Functions that are called now, were not before, and are not in the diff: removed steps may live on in them."""
        before = " ".join(x.code for x in self.lines if x.sign != "+")
        after = "\n".join(x.code for x in self.added)
        called = dict.fromkeys(re.findall(r"(?<![\w\"'])([A-Za-z_]\w{3,})(?:\[[^\]]*\])?\(", after))
        defined = set(re.findall(r"(?:func|def|fn|function)\s+(?:\([^)]*\)\s*)?(\w+)", after))
        return tuple(c for c in called if c not in defined | _PLAIN and not re.search(rf"\b{c}\b", before))

    @staticmethod
    def _words(lines: Iterable[_Line]) -> frozenset[str]:
        return words("\n".join(x.code for x in lines))


# --- reasons why nothing can change ---------------------------------------------------------------------------------

_LOG_CALL = re.compile(
    r"(?i)^\s*(?:\w+\.)*(?:log|logger|slog|logging|console|zap|LOG)\w*(?:\.\w+(?:\([^)]*\))?)*\.?\w*\(|^\s*(?:fmt\.)?print(?:f|ln)?\(|^\s*LOG_\w+\(|^\s*System\.out\.print"
)
_IMPORT = re.compile(
    r"^\s*(?:import\b|from\s+\S+\s+import\b|#include\b|using\s+[\w.]+;|use\s+[\w:]+|const\s+.*=\s*require\(|\w*\s*\"[\w./\-]+\"\s*$|[()]\s*$|package\b)"
)
_VERSION = re.compile(r"(?i)\b\w*version\w*\s*[:=]")
_PROSE = re.compile(r"""["'`][^"'`]*[A-Za-z]{2,} [A-Za-z]{2,}[^"'`]*["'`]""")
_SQL = re.compile(r"(?i)\b(select|insert|update|delete|create|alter|drop|from|where|limit)\b|https?://")
_SAYS_HARMLESS = re.compile(
    r"(?i)^\s*(?:#?(docs?|documentation|tests?|ci|style|lint|typo|changelog)\b[:(\s]|.*\b(gofmt|goimports|typo|codeowners|golangci-lint|prettier|whitespace)\b)"
)


def _harmless(patch: _Patch, kinds: Mapping[str, tuple[str, ...]], message: str, *, seen: bool) -> str:
    if kinds and all(kind in _HARMLESS_FILES for kind in kinds):
        return "touches only " + " and ".join(_HARMLESS_FILES[k] for k in kinds)
    if not seen:
        return (
            "its message says that no behaviour changes (the diff is not given)"
            if _SAYS_HARMLESS.match(message)
            else ""
        )
    if not patch.removed and not patch.added:
        return "changes only comments, blank lines, tests or documentation"
    return _same_code(patch) or _only_text(patch)


def _same_code(patch: _Patch) -> str:
    old, new = ([_TOKEN.findall(x.code) for x in side] for side in (patch.removed, patch.added))
    indented = any(x.path.endswith((".py", ".yaml", ".yml")) for x in patch.removed)
    shape = [(len(x.text) - len(x.text.lstrip()), t) for x, t in zip(patch.removed, old, strict=True)]
    after = [(len(x.text) - len(x.text.lstrip()), t) for x, t in zip(patch.added, new, strict=True)]
    if (shape == after) if indented else (list(chain(*old)) == list(chain(*new))):
        return "changes only formatting or comments"
    if all(_IMPORT.match(x.text) for x in (*patch.removed, *patch.added)) and Counter(map(tuple, old)) == Counter(
        map(tuple, new)
    ):
        return "changes only the order of imports"
    return "renames a local name, nothing else" if _renamed(patch, old, new) else ""


def _renamed(patch: _Patch, old: list[list[str]], new: list[list[str]]) -> bool:
    """One-to-one exchange of names that the removed lines themselves declare; strings and keys stay."""
    if [len(t) for t in old] != [len(t) for t in new] or any(file_kind(x.path) != "code" for x in patch.removed):
        return False
    pairs = {(a, b) for was, now in zip(old, new, strict=True) for a, b in zip(was, now, strict=True) if a != b}
    if len({a for a, _ in pairs}) != len(pairs) or len({b for _, b in pairs}) != len(pairs):
        return False
    before = "\n".join(x.code for x in patch.removed)
    local = r"(?:\b(?:var|let|const|def|func|fn|val)\s+{0}\b|\b{0}(?:\s*,\s*\w+)*\s*:=|^\s*{0}\s*=[^=])"
    return all(
        a.isidentifier() and b.isidentifier() and re.search(local.format(re.escape(a)), before, re.MULTILINE)
        for a, b in pairs
    )


def _only_text(patch: _Patch) -> str:
    if all(_logged(side) for side in (patch.removed, patch.added)):
        return "changes only what is written to the log"
    both = (*patch.removed, *patch.added)
    if all(_VERSION.search(x.code) and file_kind(x.path) == "code" for x in both):
        return "changes only a version text"
    masked = [[re.sub(_STRINGS, "''", x.code).strip() for x in side] for side in (patch.removed, patch.added)]
    if masked[0] == masked[1] and all(_PROSE.search(x.code) and not _SQL.search(x.code) for x in both):
        return "changes only the wording of a message"
    return ""


def _logged(side: Sequence[_Line]) -> bool:
    """Every line belongs to a log statement; one that stays open takes the lines up to its end with it."""
    depth = 0
    for line in side:
        if depth <= 0 and not _LOG_CALL.match(line.code):
            return False
        bare = re.sub(_STRINGS, "", line.code)
        depth = max(0, depth + bare.count("(") - bare.count(")"))
    return True


# --- settings: a named value on both sides --------------------------------------------------------------------------

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0,
          "ki": 2.0**10, "mi": 2.0**20, "gi": 2.0**30, "ti": 2.0**40, "k": 1e3, "kb": 1e3, "mb": 1e6, "gb": 1e9, "g": 1e9, "tb": 1e12}  # fmt: skip
_LONG_UNITS = {
    "nano": "ns",
    "micro": "us",
    "milli": "ms",
    "seco": "s",
    "minu": "m",
    "hour": "h",
    "day": "d",
    "days": "d",
}
_FOLDS = (
    (re.compile(r"(\d[\d_.]*)\s*\*\s*time\.([A-Z]\w+)"), (1, 2)),
    (re.compile(r"time\.([A-Z]\w+)\s*\*\s*(\d[\d_.]*)"), (2, 1)),
    (re.compile(r"Duration\.of(\w+)\((\d[\d_]*)[lL]?\)"), (2, 1)),
    (re.compile(r"timedelta\((\w+)=(\d[\d_.]*)\)"), (2, 1)),
    (re.compile(r"(?:std::)?chrono::(\w+)[({](\d+)[)}]"), (2, 1)),
    (re.compile(r"Duration::from_(\w+)\((\d[\d_]*)\)"), (2, 1)),
    (re.compile(r"(\d+)[lL]?,\s*TimeUnit\.([A-Z]+)"), (1, 2)),
    (re.compile(r"(\d+)\.((?:milli)?seconds?|minutes?|hours?|days?)\b"), (1, 2)),
)
_VALUE = r"-?\d[\d_]*(?:\.\d+)?(?:[a-zA-Zµ]{1,2}\b|%)?"
_ASSIGN = re.compile(
    rf"[\"']?(?P<key>[A-Za-z_][\w.\-]*)[\"']?\s*(?::\s*[A-Za-z_][\w\[\].<>*]*\s*=|:=|=>|=(?!=)|:(?!:))\s*"
    rf"(?P<value>{_VALUE}|\"[^\"]*\"|'[^']*'|\[[^\]]*\]|(?:true|false|on|off|null|none|nil|True|False|None)\b|[\w./:\-]+\s*$)"
)
_ARGUMENT = re.compile(rf"(?P<key>[A-Za-z_]\w*)\((?:[^()]*,\s*)?(?P<value>{_VALUE}|true|false|True|False)\s*[,)]")
_LIMIT = re.compile(r"(?i)\b(?P<key>LIMIT)\s+(?P<value>\d+)")
_XMX = re.compile(r"-(?P<key>Xm[xs])(?P<value>\d+[kKmMgG]?)")
_SWITCH = {"true": 1.0, "on": 1.0, "enabled": 1.0, "yes": 1.0, "false": 0.0, "off": 0.0, "disabled": 0.0, "no": 0.0}
_LEVELS = {
    "trace": 6.0,
    "all": 6.0,
    "debug": 5.0,
    "verbose": 5.0,
    "info": 4.0,
    "warn": 3.0,
    "warning": 3.0,
    "error": 2.0,
    "fatal": 1.0,
    "off": 0.0,
}


@dataclass(frozen=True, slots=True)
class _Setting:
    key: str
    value: str
    row: int
    path: str
    #: The whole line, for its words.
    line: str


def _fold(code: str) -> str:
    """Durations and products written as expressions become plain values: ``5 * time.Second`` is ``5s``."""
    for pattern, (number, unit) in _FOLDS:
        for found in reversed(list(pattern.finditer(code))):
            named = found.group(unit).lower()
            short = _LONG_UNITS.get(named[:5] if named.startswith(("milli", "micro")) else named[:4], "")
            code = code[: found.start()] + found.group(number) + short + code[found.end() :]
    while product := re.search(r"(?<![\w.])(\d{1,12})\s*\*\s*(\d{1,12})(?![\w.])", code):
        code = code[: product.start()] + str(int(product.group(1)) * int(product.group(2))) + code[product.end() :]
    return code


def _settings(patch: _Patch, sign: str) -> Iterator[_Setting]:
    parents: list[tuple[int, str]] = []
    named, place = "", ("", -1)
    for line in patch.lines:
        if line.sign not in (sign, " ") or not line.code.strip():
            continue
        config = file_kind(line.path) == "config"
        if (line.path, line.hunk) != place:
            parents, named, place = [], "", (line.path, line.hunk)
        depth = len(line.code) - len(line.code.lstrip())
        parents = [p for p in parents if p[0] < depth]
        key = re.match(r"\s*(?:- )?[\"']?([\w.\-]+)[\"']?\s*:\s*(.*)$", line.code) if config else None
        if key and key.group(1) == "name":
            named = key.group(2).strip("\"' ")
        if line.sign == sign and file_kind(line.path) not in _HARMLESS_FILES:
            above = ".".join(p[1] for p in parents)
            yield from _of_line(line, above, named, config=config)
        if key and key.group(2).strip() in ("", "{"):
            parents.append((depth, key.group(1)))


def _of_line(line: _Line, above: str, named: str, *, config: bool) -> Iterator[_Setting]:
    code = _fold(line.code)
    taken: set[int] = set()
    for pattern in (_ASSIGN, _LIMIT, _XMX, _ARGUMENT):
        for found in pattern.finditer(code):
            key, value = found["key"], found["value"].strip()
            if found.start("value") in taken or (not config and value[0].isalpha() and value.lower() not in _SWITCH):
                continue
            taken.add(found.start("value"))
            key = named if key == "value" and named else f"{above}.{key}" if above else key
            yield _Setting(key, value.strip("\"'"), line.row, line.path, line.code)


def size(value: str, key: str = "") -> float | None:
    """A written value as a number: ``300ms`` is 0.3, ``512Mi`` is 2^29; a switch is 0 or 1; None: not a size."""
    text = value.strip("\"' ").lower()
    if re.search(r"level|verbos", key.lower()) and text in _LEVELS:
        return _LEVELS[text]
    if text in _SWITCH:
        return _SWITCH[text]
    found = re.fullmatch(r"(-?\d[\d_]*(?:\.\d+)?)\s*([a-zµ]{0,3})%?", text)
    if not found:
        return None
    unit = found.group(2)
    if unit == "m" and re.search(r"cpu|xm[xs]|heap|mem", key.lower()):
        return float(found.group(1)) * (1e-3 if "cpu" in key.lower() else 2.0**20)
    factor = _UNITS.get(unit) if unit else 1.0
    return None if factor is None else float(found.group(1).replace("_", "")) * factor


def _named(key: str) -> str:
    return "_".join(w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", key))


def _setting_kind(setting: _Setting) -> tuple[str, float, float]:
    name = _named(setting.key)
    for kind, pattern, up, down in _KEYS:
        if pattern.search(name):
            return kind, up, down
    return ("config", 0.3, 0.3) if file_kind(setting.path) == "config" else ("logic", 0.2, 0.2)


def _changed_settings(patch: _Patch) -> Iterator[Effect]:
    old, new = list(_settings(patch, "-")), list(_settings(patch, "+"))
    for setting in old:
        match = next((n for n in new if n.key == setting.key and n.path == setting.path), None)
        match = match or next((n for n in new if n.key.split(".")[-1] == setting.key.split(".")[-1]), None)
        if match:
            new.remove(match)
            if match.value != setting.value:
                yield from _changed(setting, match)
        else:
            yield from _gone(setting, patch)
    for setting in new:
        yield from _introduced(setting, patch)


def _changed(old: _Setting, new: _Setting) -> Iterator[Effect]:
    kind, up, down = _setting_kind(old)
    a, b = size(old.value, old.key), size(new.value, new.key)
    if a is None or b is None:
        if kind == "logic" or _VERSION.search(old.key + ":"):
            return
        weight, how = max(up, down) * 0.8, ""
    elif a == b:
        return
    else:
        # Doubling is a small step, a factor of eight or more a full one; switches and log levels have no ratio.
        ratio = a > 0 and b > 0 and old.value[:1].isdigit()
        step = min(1.0, abs(log2(b / a)) / 3) if ratio else 1.0
        weight = (up if b > a else down) * (0.5 + 0.5 * step)
        how = f" ({'raised' if b > a else 'lowered'}" + (f", × {b / a:.3g})" if ratio else ")")
    yield _effect(
        kind, f"{old.key} {old.value} → {new.value}{how}", new.row, weight, f"{old.key} {old.value} {new.value}"
    )


def _gone(setting: _Setting, patch: _Patch) -> Iterator[Effect]:
    kind, _, _ = _setting_kind(setting)
    own = words(setting.key.split(".")[-1])
    if kind in _GUARDS and own & patch.lost:
        yield _effect(kind, f"{setting.key} removed (was {setting.value})", setting.row, _GUARDS[kind], setting.line)
    elif kind != "logic" and own & patch.lost:
        yield _effect(kind, f"setting {setting.key} removed (was {setting.value})", setting.row, 0.35, setting.line)


def _introduced(setting: _Setting, patch: _Patch) -> Iterator[Effect]:
    kind, up, _ = _setting_kind(setting)
    if kind in {"logic", "config"} or not words(setting.key.split(".")[-1]) & patch.gained:
        return
    if size(setting.value, setting.key) is not None:
        yield _effect(
            kind, f"{setting.key} introduced at {setting.value}", setting.row, 0.5 * max(up, 0.5), setting.key
        )


# --- mechanisms -----------------------------------------------------------------------------------------------------


def _effect(kind: str, says: str, row: int, weight: float, about: str) -> Effect:
    own = tuple(sorted(w for w in words(about) if len(w) >= _SHORT and w not in _COMMON))
    terms = tuple(t for t in _WAYS[kind].terms.split("|") if t)
    return Effect(kind, says, tuple(dict.fromkeys((*terms, *own)))[:40], row, round(min(1.0, weight), 3))


def _balance(patch: _Patch) -> Iterator[Effect]:
    """Patterns that one side has and the other has not, counted, so that what only moved cancels out."""
    for rule in (*_LOST, *_GAINED):
        here, there = (patch.removed, patch.added) if rule.by < 0 else (patch.added, patch.removed)
        hits = [x for x in here if rule.pattern.search(x.code) and not _LOG_CALL.match(x.code)]
        if len(hits) <= sum(bool(rule.pattern.search(x.code)) for x in there):
            continue
        moved = "; unless " + patch.handed[0] + " does it now" if rule.by < 0 and patch.handed else ""
        about = " ".join(x.code for x in hits)
        yield _effect(
            rule.kind, f"{rule.says}: {_quote(hits[0])}{moved}", hits[0].row, rule.weight * (0.6 if moved else 1), about
        )


def _quote(line: _Line) -> str:
    text = " ".join(line.code.split())
    return f"“{text[:77]}…”" if len(text) > 78 else f"“{text}”"


_NIL = r"nil|null|None|undefined|nullptr"
_NIL_CHECK = re.compile(
    rf"(?:if|while|assert|&&|\|\||and|or|\?)?\s*\(?\s*([A-Za-z_][\w.\->\[\]]*?)\s*(?:===?|!==?|is not|is)\s*(?:{_NIL})\b"
)
_SOFT_CHECK = re.compile(
    r"(?:^|\s)if\s*\(?\s*(?:!|not\s+)?([A-Za-z_][\w.\->]*)\s*\)?\s*[:{]|\b([A-Za-z_][\w.]*)\.(?:isPresent|is_some|has_value|isEmpty|HasValue)\b|\b([A-Za-z_][\w.]*)(?:\?\.|\s*\?\?)|\blen\(([\w.]+)\)\s*(?:==|>|!=|<)|([\w.]+)\.(?:length|size\(\))\s*(?:===?|>|!==?|<)"
)
_DEFAULTED = re.compile(
    r"\.orElse\w*\(|\.getOrDefault\(|\.unwrap_or\w*\(|\.get\(\s*[\"'][^\"']+[\"']\s*(?:,\s*[^)]*)?\)|\?\?=?|\|\|\s*(?:\{\}|\[\]|\"|')"
)


def _unguarded(patch: _Patch) -> Iterator[Effect]:
    after = "\n".join(x.code for x in patch.added)
    now = "\n".join(x.code for x in patch.lines if x.sign != "-")
    for line in patch.removed:
        for found in (*_NIL_CHECK.finditer(line.code), *_SOFT_CHECK.finditer(line.code)):
            name = next(g for g in found.groups() if g)
            # `err` checks are counted elsewhere, and a check that stands on the other side too is kept.
            if name in {"err", "error", "e", "ok"} or re.search(
                rf"{re.escape(name)}\s*(?:===?|!==?|is|\?)|if\s*\(?\s*(?:!|not\s+)?{re.escape(name)}\b|[\w)]\({re.escape(name)}\b",
                after,
            ):
                continue
            used = re.search(rf"\b{re.escape(name)}(?:\.|->|\[|!)\w?|\*{re.escape(name)}\b", now)
            if used or _NIL_CHECK.search(line.code):
                yield _effect(
                    "nil",
                    f"check of {name} removed" + (", and it is used unchecked" if used else ""),
                    line.row,
                    0.9 if used else 0.5,
                    f"{name} {now if used is None else used.group(0)}",
                )
    hits = [x for x in patch.removed if _DEFAULTED.search(x.code)]
    if len(hits) > sum(bool(_DEFAULTED.search(x.code)) for x in patch.added):
        yield _effect("nil", f"default for a missing value removed: {_quote(hits[0])}", hits[0].row, 0.7, hits[0].code)


_LOOP = re.compile(
    r"^\s*(?:\}\s*)?(?:for|foreach|while|loop|until)\b|\.(?:forEach|each|map|flatMap|for_each)\s*\(?.*(?:=>|->|\{|\bdo\b)"
)
_REMOTE = re.compile(
    r"(?i)\bSELECT\b.+\bFROM\b|\.(?:query\w*|exec|execute\w*|findone|findby\w*|find_by\w*|findunique|find_one|fetch\w*|request|rpc|invoke|call)\(|\.objects\.|\bdb\.\w+\(|redis\w*\.\w+\("
    r"|(?:repository|repo|dao|store|client|session|stub|gateway|api)\.\w+\(|requests\.\w+\(|axios|http\.\w+\(|\bawait\b|\.\w+\(\s*(?:ctx|context|r\.Context\(\))\s*[,)]"
)
_BATCHED = re.compile(
    r"(?i)\.Next\(|scan\(|range\(\d|attempt|retr(?:y|ies)|promise\.all|while\s*\(?(?:true|!|not)|in\s+batches|chunk"
)


def _looped(patch: _Patch, sign: str) -> list[_Line]:
    """Lines of one side that call something remote inside a loop over items."""
    found, loops, place = [], list[int](), -1
    for line in patch.lines:
        if line.sign not in (sign, " ") or not line.code.strip() or file_kind(line.path) != "code":
            continue
        if line.hunk != place:
            loops, place = [], line.hunk
        depth = len(line.code.expandtabs(4)) - len(line.code.expandtabs(4).lstrip())
        loops = [d for d in loops if d < depth]
        opens = bool(_LOOP.search(line.code)) and not _BATCHED.search(line.code)
        if (
            (loops or (opens and ("=>" in line.code or "->" in line.code)))
            and _REMOTE.search(line.code)
            and not _LOG_CALL.match(line.code)
        ):
            found.append(line)
        if opens:
            loops.append(depth)
    return found


def _query_per_item(patch: _Patch) -> Iterator[Effect]:
    now, before = _looped(patch, "+"), _looped(patch, "-")
    if len(now) > len(before):
        fresh = next((x for x in now if x.sign == "+"), now[0])
        sql = " ".join(x.code for x in patch.added if re.search(r"(?i)\bselect\b", x.code))
        yield _effect(
            "n+1",
            f"remote call or query for every item of a loop: {_quote(fresh)}",
            fresh.row,
            0.85,
            f"{fresh.code} {sql}",
        )


_ACQUIRE = re.compile(
    r"(?i)\.(?:acquire|borrow\w*|get_?conn\w*|checkout|begin\w*|lock|open\w*|connect)\(|\bopen\(|getConnection\("
)
_RELEASE = re.compile(r"(?i)\.(?:release\w*|close|return\w*|put\w*|unlock|commit|rollback)\(")


def _early_return(patch: _Patch) -> Iterator[Effect]:
    """An added way out between taking and giving back, where the giving back is not deferred."""
    held: _Line | None = None
    way_out: _Line | None = None
    for line in patch.lines:
        if line.sign == "-":
            continue
        if re.search(r"\bdefer\b|\bfinally\b|\bwith\b|\busing\b|\btry\s*\(", line.code):
            held = way_out = None
        elif _RELEASE.search(line.code) and held and way_out:
            yield _effect(
                "leak",
                f"added way out {_quote(way_out)} before the release {_quote(line)}",
                way_out.row,
                0.8,
                held.code + line.code,
            )
            held = way_out = None
        elif _ACQUIRE.search(line.code):
            held, way_out = line, None
        elif held and line.sign == "+" and re.search(r"\b(?:return|raise|throw|continue|break)\b", line.code):
            way_out = line


_TAGS = re.compile(
    r"(?:json|yaml|xml|db|bson|avro|protobuf|form|msgpack):\"([\w.\-]+)|@(?:JsonProperty|SerializedName|Column|JsonAlias|SerialName)\(\s*(?:name\s*=\s*|value\s*=\s*)?\"([\w.\-]+)\"|\balias=[\"']([\w.\-]+)|serde\(rename\s*=\s*\"([\w.\-]+)\"|^\s*(?:optional\s+|repeated\s+|required\s+)?(?:string|bytes|bool|double|float|u?int(?:32|64)|[A-Z]\w+)\s+([a-z]\w*\s*=\s*\d+)\s*;"
)
_REQUIRED = re.compile(r"(?i)required\b[^\[{(]*[\[{(]([^\]})]*)|\"required\"\s*:\s*\[([^\]]*)")
_OPTIONAL = re.compile(
    r"\b(\w+)\?\s*:|\b(\w+)\s*:\s*Optional\[|\boptional\s+\w+\s+(\w+)|\b(\w+)\s*:\s*\w+\s*\|\s*(?:None|null|undefined)"
)
_CONTRACT = re.compile(
    r"(?i)schema|serial|dto|proto|model|event|message|contract|envelope|payload|types?(/|\.)|codec|marshal"
)


def _tags(lines: Iterable[_Line]) -> set[str]:
    return {re.sub(r"\s+", "", t) for x in lines for groups in _TAGS.findall(x.code) for t in groups if t}


def _contract(patch: _Patch) -> Iterator[Effect]:
    old, new = _tags(patch.removed), _tags(patch.added)
    row = next((x.row for x in patch.removed if _TAGS.search(x.code)), 0)
    if old - new:
        gone, come = sorted(old - new), sorted(new - old)
        says = f"serialised field {', '.join(gone)} " + (f"became {', '.join(come)}" if come else "removed")
        yield _effect("schema", says, row, 0.9, " ".join((*gone, *come, says)))
    before, after = (
        " ".join(g for x in side for m in _REQUIRED.findall(x.code) for g in m) for side in (patch.removed, patch.added)
    )
    extra = sorted(set(re.findall(r"[\w.\-]{2,}", after)) - set(re.findall(r"[\w.\-]{2,}", before)))
    if extra:
        where = next(x for x in patch.added if _REQUIRED.search(x.code))
        yield _effect("schema", f"now required: {', '.join(extra)}", where.row, 0.8, " ".join((*extra, before)))
    loose = {g for x in patch.removed for m in _OPTIONAL.findall(x.code) for g in m if g}
    still = {g for x in patch.added for m in _OPTIONAL.findall(x.code) for g in m if g}
    strict = sorted(n for n in loose - still if any(re.search(rf"\b{n}\b", x.code) for x in patch.added))
    if strict:
        yield _effect(
            "schema", f"no longer optional: {', '.join(strict)}", patch.removed[0].row, 0.55, " ".join(strict)
        )
    quoted = [
        {w for x in side if _CONTRACT.search(x.path) for w in re.findall(r"[\"'](\w{2,40})[\"']", x.code)}
        for side in (patch.removed, patch.added)
    ]
    if not old and not new and quoted[0] - quoted[1] and quoted[1] - quoted[0]:
        names = (*sorted(quoted[0] - quoted[1])[:3], *sorted(quoted[1] - quoted[0])[:3])
        yield _effect(
            "schema",
            f"names in a data contract changed: {', '.join(names)}",
            patch.removed[0].row,
            0.5,
            " ".join(names),
        )


_AUTH = frozenset(
    [
        "audience",
        "issuer",
        "claims",
        "claim",
        "jwt",
        "jwks",
        "algorithm",
        "algorithms",
        "leeway",
        "skew",
        "nbf",
        "kid",
        "signature",
        "signing",
        "hmac",
        "rsa",
        "scope",
        "scopes",
        "role",
        "roles",
        "permission",
        "permissions",
        "cors",
        "csrf",
        "expiry",
        "expired",
        "oauth",
        "oidc",
        "saml",
    ]
)
_BOUND = re.compile(r"(?:<=?|>=?)\s*-?\w|\bin\s+(?:range|\()|\.matches\(|re\.(?:match|fullmatch)\(")


def _checks(patch: _Patch) -> Iterator[Effect]:
    touched = sorted(_AUTH & (patch.lost | patch.gained))
    if touched:
        line = next(x for x in (*patch.removed, *patch.added) if words(x.code) & set(touched))
        weight = 0.7 if _AUTH & patch.lost else 0.45
        yield _effect(
            "validation",
            f"what is checked of a token or a right changed ({', '.join(touched)})",
            line.row,
            weight,
            " ".join(x.code for x in (*patch.removed, *patch.added)),
        )
    after = words("\n".join(x.code for x in patch.added))
    for line in patch.removed:
        condition = re.search(r"^\s*(?:\}?\s*else\s+)?(?:el)?if\b(.*)", line.code)
        numbers = set(re.findall(r"\d+", line.code)) - set(re.findall(r"\d+", "\n".join(x.code for x in patch.added)))
        if condition and _BOUND.search(condition.group(1)) and (numbers or not words(condition.group(1)) <= after):
            yield _effect(
                "validation", f"condition removed: {_quote(line)}", line.row, 0.3 if patch.handed else 0.5, line.code
            )
            return


_BUMP = re.compile(
    r"[\"']?(@?[A-Za-z][\w./@\-]*?)[\"']?\s*(?:[:=]=?|~=|\^|>=|\s|@)\s*[\"'^~v=]*(\d+)\.(\d+)(?:\.(\d+))?"
)


def _bumps(patch: _Patch) -> Iterator[Effect]:
    manifest = {"dependency", "config"}
    old, new = (
        {m.group(1): m for x in side if file_kind(x.path) in manifest or not x.path if (m := _BUMP.search(x.code))}
        for side in (patch.removed, patch.added)
    )
    for name in sorted(old.keys() & new.keys()):
        a, b = (tuple(int(g or 0) for g in m.groups()[1:]) for m in (old[name], new[name]))
        known = file_kind(patch.removed[0].path) == "dependency" or re.search(r"[/:]|image|version", name)
        if a != b and known:
            step = "major" if a[0] != b[0] else "minor" if a[1] != b[1] else "patch"
            loose = a[0] == 0 and step == "minor"
            weight = {"major": 0.45, "minor": 0.32 if loose else 0.2, "patch": 0.08}[step]
            says = f"{name} {'.'.join(map(str, a))} → {'.'.join(map(str, b))} ({step})"
            row = next((x.row for x in patch.added if name in x.code), 0)
            yield _effect(
                "dependency", says, row, weight, name.rsplit("/", 2)[-1] + " " + "/".join(name.split("/")[-2:])
            )


_MEASURES = re.compile(
    r"(?i)prometheus|metrics?\.|histogram|counter|gauge|span\.set|attribute\.|statsd|tracer|meter\.|buckets|name:\s*\"|help:\s*\"|^\s*[})\]]+[,;]?\s*$"
)


def _remainder(patch: _Patch, message: str) -> Effect:
    """What is left where no mechanism was recognised: the edit is real, its effect is not known."""
    both = (*patch.removed, *patch.added)
    about = " ".join(x.code for x in both)
    row = both[0].row if both else 0
    if not patch.removed and all(_MEASURES.search(x.code) for x in patch.added):
        return _effect("instrumentation", "adds only measurements", row, 0.05, "")
    if patch.removed and (patch.handed or not {w for w in patch.lost if w not in _COMMON}):
        return _effect("refactoring", "moves or wraps statements; no known mechanism", row, 0.1, f"{about} {message}")
    return _effect("logic", "changes logic; no known mechanism", row, 0.15, f"{about} {message}")


_MECHANISMS = (_changed_settings, _balance, _unguarded, _query_per_item, _early_return, _contract, _checks, _bumps)


def judge(diff: str, files: Sequence[str], message: str) -> DiffJudgement:
    """What a change can do, from its unified diff (with or without file headers), its paths and its message."""
    lines = tuple(_parse(diff, files))
    patch = _Patch(lines)
    paths = tuple(p for p in dict.fromkeys((*files, *(x.path for x in lines))) if p)
    kinds = {kind: tuple(p for p in paths if file_kind(p) == kind) for kind in dict.fromkeys(map(file_kind, paths))}
    harmless = _harmless(patch, kinds, message, seen=bool(diff.strip()))
    effects: tuple[Effect, ...] = ()
    if not harmless and not diff.strip():
        effects = (_effect("unseen", "the diff is not given", 0, 0.1, f"{message} {' '.join(paths)}"),)
    elif not harmless:
        effects = _strongest(e for find in _MECHANISMS for e in find(patch)) or (_remainder(patch, message),)
    return DiffJudgement(effects, harmless, "test" in kinds, kinds)


def _strongest(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    best: dict[tuple[str, int], Effect] = {}
    for effect in effects:
        key = (effect.kind, effect.line)
        if key not in best or best[key].weight < effect.weight:
            best[key] = effect
    return tuple(sorted(best.values(), key=lambda e: (-e.weight, e.line, e.kind)))


# --- against what was seen ------------------------------------------------------------------------------------------


def symptom_match(judgement: DiffJudgement, symptom_text: str, indicators: Sequence[str]) -> tuple[float, str]:
    """Whether what the change can do agrees with what was seen: 0 to 1, and in words.

    ``symptom_text`` is error logs and alert summaries of the incident, ``indicators`` the names of the series that
    shifted. The mechanism's own words count most, then an indicator that measures it, then names out of the code.
    """
    if judgement.harmless:
        return 0.0, judgement.harmless
    seen, lowered = words(symptom_text), " ".join(symptom_text.lower().split())
    scored = [(_agreement(e, seen, lowered, indicators), e) for e in judgement.effects]
    if not scored:
        return 0.0, "nothing is known of what it does"
    (score, why), effect = max(scored, key=lambda s: (s[0][0], s[1].weight))
    return (
        (round(score, 3), f"{effect.says}; {why}") if score > 0 else (0.0, "nothing that was seen fits what it can do")
    )


def _agreement(effect: Effect, seen: frozenset[str], lowered: str, indicators: Sequence[str]) -> tuple[float, str]:
    way = _WAYS[effect.kind]
    typical = set(way.terms.split("|"))
    said = [t for t in effect.terms if t in typical and _stands(t, seen, lowered)]
    named = [t for t in effect.terms if t not in typical and t in seen]
    measured = [i for i in indicators if re.search(way.indicators, i.lower())]
    broad = [i for i in indicators if family(i) in way.families]
    miss = 0.45 if len(said) > 1 else 0.6 if said else 1.0
    miss *= 0.7 if len(named) > 1 else 0.8 if named else 1.0
    miss *= 0.6 if measured else 0.85 if broad else 1.0
    why = [f"“{'”, “'.join(dict.fromkeys((*said[:3], *named[:3])))}” in what was logged" if said or named else ""]
    why.append(f"{(measured or broad)[0]} shifted" if measured or broad else "")
    return (1 - miss) * (0.35 + 0.65 * effect.weight), " and ".join(w for w in why if w)


def _stands(term: str, seen: frozenset[str], lowered: str) -> bool:
    plain = term.lower()
    if " " in plain or any(c.isupper() for c in term[1:]) or plain.isdigit():
        return plain in lowered
    return plain in seen or (len(plain) > 4 and any(w.startswith(plain) for w in seen))
