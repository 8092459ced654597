"""Patterns that a change takes away or brings in: a lock, a limit, a release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.harmless import LOG_CALL
from afterword.core.diff.patch import Patch, quote

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    ("lock", r"(?i)\b\w*(?:mu|mutex|lock|latch)\w*(?:\.|->)r?(?:lock|acquire)\(|\bsynchronized\b|sync\.(?:RW)?Mutex|lock_guard|unique_lock|scoped_lock|with\s+(?:self\.)?_?\w*lock\b|\bAtomic[A-Z]\w*|atomic\.\w+|ConcurrentHashMap|\bsync\.Map\b|FOR UPDATE|with_for_update|select_for_update|lockForUpdate|Collections\.synchronized|CopyOnWrite|ConcurrentDictionary|\bRwLock\b|\bMutex<|\bvolatile\b|Interlocked\.|threading\.R?Lock|asyncio\.Lock|LockModeType|\.lock!|@Version\b", "synchronisation removed", 0.85),
    ("schema", r"(?i)ignoreUnknown|extra\s*=\s*[\"']ignore|FAIL_ON_UNKNOWN|additionalProperties\W+true", "unknown fields are no longer let pass", 0.7),
    ("schema", r"[\"']default[\"']\s*:", "default of a field removed", 0.55),
    ("lock", r"(?i)@Transactional|(?:\.|::)transaction\b|TransactionScope|begin_?transaction|\.begin\(|with\s+transaction|\.atomic\(|\bBEGIN;", "transaction removed", 0.6),
    ("cache", r"(?i)singleflight|dogpile|stampede|computeIfAbsent|getOrLoad|request_?coalesc|early_?expir", "protection against a cache stampede removed", 0.85),
    ("cache", r"(?i)\w*cache\w*\.(?:get|lookup|fetch|has|set|put|remember)|@cacheable|@(?:functools\.)?(?:lru_)?cache\b|@cached|memoi[sz]e|redis\w*\.get\(|cache-control", "cache bypassed or removed", 0.75),
    ("n+1", r"(?i)select_related|prefetch_related|joinedload|selectinload|subqueryload|JOIN\s+FETCH|eager_load|\.includes\(|\.(?:Then)?Include\(|(?:->|::)with\(|->load\(|\.preload\(|\binclude:\s|EntityGraph|FetchType\.EAGER|DataLoader|\.Preload\(|= ANY\(|\bIN\s*\(\s*[?$:%]", "batched or eager loading removed", 0.75),
    ("unbounded", r"(?i)\bLIMIT\s+[\d$?:%{]|FETCH (?:FIRST|NEXT)|\bTOP\s+\d|\.limit\(|\.take\(|paginat|\btake:\s|find_each|in_batches|find_in_batches|\.iterator\(|\.chunk\(|\.each_slice|\.stream\(|yield_per|server_side|\bPageable\b|\bPage<|\bSlice<|set_?max_?results\(|page_?size|\bOFFSET\b|LimitReader|MaxBytesReader", "limit or pagination removed", 0.85),
    ("index", r"(?i)CREATE\s+(?:UNIQUE\s+)?INDEX|add_index|index\s*=\s*True|@Index|db_index=True|\.index\(\s*\[", "index definition removed", 0.75),
    ("backoff", r"(?i)\w*sleep\(|back_?off|jitter|exponential|<<\s*(?:i|attempt|n)\b|\*\*\s*attempt", "wait between attempts removed", 0.7),
    ("backoff", r"(?i)exponential\w*|jitter|decorrelated", "growing or scattered wait between attempts removed", 0.7),
    ("breaker", r"(?i)circuit_?breaker|hystrix|resilience4j|bulkhead|rate_?limit(?:er)?\.|semaphore|\.tryAcquire\(|limiter\.(?:Wait|Allow|acquire)", "circuit breaker, bulkhead or rate limit removed", 0.75),
    ("concurrency", r"(?i)\bp-?limit\(|\blimit\(\(\)\s*=>|Semaphore\(|\bBottleneck\(|SetLimit\(|for_each_concurrent\(|buffer_unordered\(|mapLimit\(|eachLimit\(|LimitedParallelism|limitedParallelism\(", "limit on what runs at the same time removed", 0.75),
    ("leak", r"(?i)\bstatic\b.{0,80}\bnew\s+\w*(?:Client|Connection|Producer|Pool|Session|DataSource|Channel|Factory)\b", "one that all calls shared is gone", 0.5),
    ("certificate", r"\bRootCAs\b|\bcafile\b|ca_certs\b|ssl_context\b|\bSSLContext\b|ServerName:|Certificates:|TrustManager|load_verify_locations", "what certificates are checked against removed", 0.6),
    ("memory", r"(?i)maxsize=\d|maxlen=|max_entries|maximumSize|expireAfter\w+|evict\w*\(|\blru\b|\bdelete\(\w|\.pop\(\w|\.popleft\(|\.remove\(\w|weakref|WeakHashMap|removeListener|removeEventListener|removeAllListeners|\.off\(|unsubscribe|clearInterval|clearTimeout", "eviction or clean-up of kept items removed", 0.65),
    ("leak", r"(?i)\bdefer\b\s*[^;]*\.(?:close|release|rollback|put|done|stop|cancel|shutdown|end|finish|remove\w*)|(?<!un)\.(?:close|release|dispose|recycle|rollback|shutdown|release_?conn\w*|return_?conn\w*|put_?conn|putconn|free)\(|^\s*(?:free|fclose|close|kfree|g_free|delete)\b\s*[(\w]|make_unique|make_shared|unique_ptr|\bfinally\b|\btry\s*\(\w|\busing\s*\(|^\s*(?:async\s+)?with\s+\w+.*:\s*$|defer\s+cancel\(\)", "release of a resource removed", 0.8),
    ("timeout", r"(?i)time\.After\(|with_?timeout\(|WithDeadline\(|wait_for\(|orTimeout\(|completeOnTimeout\(|\.\w*timeout\(|AbortSignal|SetDeadline|asyncio\.timeout|CancelAfter\(|setSoTimeout|Timeout::timeout", "limit on the time of a call removed", 0.7),
    ("nil", r"requireNonNull|checkNotNull|Assert\.notNull|assertNotNull|ArgumentNullException|ThrowIfNull|@NotNull|@NonNull|assert\s+\w+\s+is\s+not\s+None", "check for a missing value removed", 0.65),
    ("contention", r"make\(chan [^,()]{1,80},\s*\w|ArrayBlockingQueue|LinkedBlockingQueue|asyncio\.Queue\(\w|mpsc::channel\(\d", "buffer between two that work at their own pace removed", 0.55),
    ("disk", r"(?i)os\.remove|os\.unlink|\bunlink\w*\(|rmtree|deleteOnExit|deleteIfExists|File\.Delete|os\.Remove|fs::remove|rm -[rf]+|RotatingFile|TimedRotating|maxBackups|backupCount|logrotate|retention", "files are no longer cleaned up", 0.65),
    ("panic", r"\brecover\(\)|\bcatch\s*\(|\bexcept\b.*:|\.catch\(|\brescue\b|catch_unwind", "error handler removed", 0.6),
    ("number", r"\b(?:u?int64(?:_t)?|i64|u64|long|Long|BIGINT|bigint|bigserial|float64|double|Double|Decimal|BigDecimal|BigInt(?:eger)?|BigAutoField|U?Int64|size_t|NUMERIC|DECIMAL)\b", "a wider type of number replaced", 0.45),
    ("clock", r"(?i)\butc\b|getUTC|ZoneOffset|ZoneId|\btz\s*=", "zone of times no longer stated", 0.5),
    ("clock", r"(?i)\butc\w*|timezone|tzinfo|ZoneOffset|ZonedDateTime|OffsetDateTime|ParseInLocation|RFC3339|ISO_?8601|isoformat|toISOString|DateTimeOffset|Instant\b|monotonic", "zone or format of times changed", 0.45),
    ("swallowed", r"\berr\s*!=\s*nil\b|\.raise_for_status\(|\bthrow\s+\w|\braise\s+\w|return\s+.*\berr\b|\.(?:save|create|update|destroy|find_by|validate|perform|first|last)!(?!=)", "check or report of an error removed", 0.35),
    ("blocking", r"\bgo\s+(?:func|\w+)\b.*\(|\basync\s+(?:def|function|\()|\bawait\s|executor\.(?:submit|execute)\(|\.delay\(|@Async|setImmediate|CompletableFuture|run_in_executor|to_thread\(", "asynchronous call made synchronous", 0.5),
    ("validation", r"(?i)\b\w*(?:verify|validat|authori[sz]|authenticat|has_?permission|has_?role|sanitiz|check_?(?:access|auth|sign|perm|token))\w*\(|before_action\s+:auth|@(?:login|permission)_required|@PreAuthorize|@RolesAllowed|@Secured|\[Authorize|@UseGuards|->middleware\(|@Valid\b|compare_digest|constantTimeCompare|timingSafeEqual", "validation removed", 0.6),
)  # fmt: skip

_GAINED = _rules(
    +1,
    ("panic", r"\bpanic\(|\.unwrap\(\)|\.expect\(\"|\bunreachable!|\btodo!|log\.Fatal|os\.Exit\(|sys\.exit\(|process\.exit\(|\bstd::abort|\babort\(\)|!!\.|System\.exit", "can end the process or the request abruptly", 0.65),
    ("swallowed", r"except[^:]*:\s*pass|catch\s*\([^)]*\)\s*\{\s*\}|^\s*_\s*=\s*\w+.*\(|,\s*_\s*:?=\s*\w+.*\(|rescue\s*(?:nil|=>\s*\w+\s*;?\s*nil)|\.catch\(\(\)\s*=>\s*(?:\{\s*\}|null)\)", "an error is swallowed", 0.4),
    ("blocking", r"(?i)\btime\.sleep\(|thread\.sleep\(|\w+Sync\(|\.Result\b(?!\w)|\.GetAwaiter\(\)|\.block\(\)|fsync|bcrypt|\.join\(\)\s*;?$|subprocess\.|Wait\(\)\s*$", "blocking call added", 0.5),
    ("memory", r"(?i)ReadAll\(|\.readlines\(\)|\.fetchall\(\)|\.findAll\(\)|collect\(Collectors\.toList|maxsize=None|\bstatic\b.*\b(?:Map|List|Set)\b.*=\s*new\b|^\s*(?:var|private static)\s+\w+\s*=\s*(?:make\(map|map\[|new (?:Concurrent)?HashMap)|\bglobal\s+\w+|addEventListener\(|\.subscribe\(|setInterval\(|ThreadLocal", "keeps or reads without a bound that the diff shows", 0.5),
    ("memory", r"^\s*(?:self|this|s|c|h)\.\w*(?:cache|seen|history|buffer|pending|sessions|listeners|items|entries|map)\w*(?:\[[^\]]+\]\s*=(?!=)|\.(?:append|push|add|put|set)\()|=\s*append\((?:s|c|h|self|m)\.\w+,", "accumulates in a long-lived object", 0.6),
    ("logging", r"(?i)set_?(?:log_?)?level\([^)]{0,60}(?:debug|trace|finest|verbose|\ball\b)|with_max_level\([^)]{0,40}(?:debug|trace)|\blevel\s*[:=]\s*[\"'](?:debug|trace)", "far more is written to the log", 0.75),
    ("contention", r"Collections\.synchronized\w+\(|\bnew\s+Hashtable\b|\bVector<", "one lock for every access", 0.55),
    ("leak", r"\.(?:on|addListener)\(\s*[\"'](?!error|close|end|exit|listening|finish|SIG)", "a listener added that nothing in view takes off", 0.4),
    ("cpu", r"\)[*+]\)[*+]|[\]\w]\+\)[*+]", "regular expression with a repeated repetition", 0.6),
    ("index", r"(?i)\blike\b[^\"']{0,40}[\"']\s*,\s*[\"']%[\"']\s*(?:\+|\|\||\.)|\blike\s+(?:concat\()?[\"']%[\"']", "query shape that an index cannot serve", 0.55),
    ("index", r"(?i)DROP\s+INDEX|remove_index|db_index=False|index\s*=\s*False", "index dropped", 0.85),
    ("validation", r"(?i)origins?[\"']?\s*[:=(]+\s*\[?[\"']\*|AllowAnyOrigin|Allow-Origin.{0,20}\*|permitAll\(|AllowAnonymous|@PermitAll|csrf\(\)\.disable|skip_before_action|@csrf_exempt|0\.0\.0\.0/0|alg.{0,6}none|verify_signature.{0,5}False", "lets in what was kept out", 0.65),
    ("lock", r"^(?:var\s+\w+\s+(?!=)\w|let\s+\w+|export\s+let\s)|^\s*(?:private |public |protected |internal )*static\s+(?!final|readonly|class|async|inline|const|void|int main)(?:\w+[\w<>,\[\] ]*)\s+\w+\s*(?:=|;)|^\s*(?:static\s+mut|global)\s+\w|lazy_static!", "state that all requests share", 0.4),
    ("migration", r"(?i)ALTER\s+TABLE|DROP\s+(?:COLUMN|TABLE)|RENAME\s+(?:COLUMN|TO)|ADD\s+COLUMN.*NOT\s+NULL|LOCK\s+TABLE|TRUNCATE|CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)|(?:add|remove|rename|change|drop)_(?:column|table|field)|op\.alter_column|(?:Add|Remove|Alter|Rename)Field\(", "schema of the database changed", 0.7),
    ("retries", r"(?i)@retr(?:y|yable)|retry\.(?:do|with|new)|\bretries?\s*\(|for\s+(?:attempt|retry|i)\b.*(?:retr|attempt)|while\s+(?:true|not\s+ok|!ok).*retr|axios-?retry|tenacity|with_?retry", "retries added", 0.5),
    ("concurrency", r"(?i)^\s*go\s+(?:func|\w)|Promise\.all\(|parallelStream|asyncio\.gather|ThreadPoolExecutor\(|errgroup|\.parallel\(|\.par\b|parMap|par_iter|newCachedThreadPool|new\s+Thread\(", "more work runs at the same time", 0.45),
    ("contention", r"(?i)\w*(?:mu|mutex|lock)\w*\.(?:lock|acquire)\(|\bsynchronized\b|\block\s*\(_?\w+\)|FOR UPDATE|LOCK IN SHARE MODE|SERIALIZABLE", "lock added", 0.5),
    ("leak", r"(?i)new\s+(?:Http|Redis|Mongo|Kafka|Db|Sql|Grpc)\w*(?:Client|Connection|Producer|DataSource)|(?:grpc|net|tls|redis|amqp)\.(?:Dial|NewClient|connect)\w*\(|(?:psycopg2?|pymysql|sqlite3|mysql)\.connect\(|create_engine\(|DriverManager\.getConnection\(|sql\.Open\(|&?http\.(?:Client|Transport)\{|requests\.Session\(\)|new\s+PrismaClient", "opens a new client or connection here", 0.55),
    ("lock", r"\bnew\s+HashMap\b.*(?:shared|static)|SimpleDateFormat\b.*static|\bunsafe\b|Arc::get_mut_unchecked|noinspection\s+race", "shared state without synchronisation", 0.4),
    ("cpu", r"""["'`/](?:[^"'`]*)\((?:[^()]*[*+][^()]*)\)[*+]""", "regular expression with a repeated repetition", 0.6),
    ("blocking", r"(?i)\bjson\.(?:loads|dumps|Marshal\w*)\(.*(?:all|whole|entire)|deepcopy\(|JSON\.parse\(JSON\.stringify", "costly copy added", 0.3),
    ("permission", r"(?i)kind:\s*NetworkPolicy|security_?group|cidr|\bdeny\b|iam\.|RoleBinding|REVOKE\s|policyTypes|^\s*USER\s+\w|runAsUser|runAsNonRoot|readOnlyRootFilesystem|\bchmod\b|\bchown\b", "access rule changed", 0.6),
    ("certificate", r"(?i)InsecureSkipVerify|verify\s*=\s*(?:True|False)|rejectUnauthorized|MinVersion|minTLS|x509\.|RootCAs|ClientAuth", "verification of certificates changed", 0.6),
    ("index", r"(?i)LIKE\s+['\"]%|LOWER\(\w+\)\s*=|CAST\(\w+ AS|::text\s*=|ORDER BY RAND", "query shape that an index cannot serve", 0.55),
    ("unbounded", r"(?i)SELECT\s+\*\s+FROM\s+\w+\s*[\"'`;)]|\.find\(\{\}\)|\.objects\.all\(\)|LIMIT\s+ALL|LIMIT\s+0\b|limit:\s*null", "reads without a limit", 0.5),
)  # fmt: skip


def balance(patch: Patch) -> Iterator[Effect]:
    """Patterns that one side has and the other has not, counted, so that what only moved cancels out."""
    for rule in (*_LOST, *_GAINED):
        here, there = (patch.removed, patch.added) if rule.by < 0 else (patch.added, patch.removed)
        hits = [
            x for x in here if rule.pattern.search(x.code) and (rule.kind == "logging" or not LOG_CALL.match(x.code))
        ]
        if len(hits) <= sum(bool(rule.pattern.search(x.code)) for x in there):
            continue
        moved = "; unless " + patch.handed[0] + " does it now" if rule.by < 0 and patch.handed else ""
        about = " ".join(x.code for x in hits)
        yield effect_of(
            rule.kind, f"{rule.says}: {quote(hits[0])}{moved}", hits[0].row, rule.weight * (0.6 if moved else 1), about
        )
