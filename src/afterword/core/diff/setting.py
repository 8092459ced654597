"""Settings that a change moves: a named value on both sides of the diff."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from math import log2
from typing import TYPE_CHECKING

from afterword.core.diff.effect import Effect, effect_of
from afterword.core.diff.literal import Literal, replaced
from afterword.core.diff.patch import HARMLESS_FILES, Line, Patch, file_kind
from afterword.core.diff.word import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.core.diff.reading import Read

#: A version is told by the manifest that names it.
VERSION = re.compile(r"(?i)\b\w*version\w*\s*[:=]")

#: Kinds of setting by the words of its key, and how bad a rise and a fall are (0 to 1).
_KEYS: tuple[tuple[str, re.Pattern[str], float, float], ...] = tuple(
    (kind, re.compile(words), up, down)
    for kind, words, up, down in (
        ("cpu", r"bcrypt|scrypt|argon|pbkdf|(^|_)(rounds|iterations|work_factor|hash_cost)($|_)", 0.65, 0.1),
        ("memory", r"(^|_)xm[xs]($|_)|heap|max_old_space|gomemlimit|shared_buffers|buffer_pool|max_?memory", 0.5, 0.8),
        ("permission", r"(^|_)verbs($|_)|cidr|security_group|(from|to)_port|ingress|egress|run_as|capabilit|privileged|principal|(^|_)(acl|roles?|(?<!traffic_)(?<!concurrency_)(?<!restart_)(?<!pull_)(?<!update_)polic(y|ies)|allow\w*|deny|denied|grants?)($|_)|whitelist|blacklist|read_only_root", 0.6, 0.6),
        ("logging", r"log_?level|(^|_)level$|verbos|sampl(e|ing)|(^|_)debug($|_)", 0.85, 0.1),
        ("certificate", r"cert|(min|max)_version|cipher|(^|_)(tls|ssl|ca)($|_)|keystore|truststore|cipher", 0.6, 0.6),
        ("validation", r"leeway|skew|tolerance|(^|_)grace|drift|issuer|audience|(^|_)(aud|iss|alg|kid)($|_)|algorithm|jwks|secret|signing|scope|claim|(^|_)origins?($|_)|cors|allowed_hosts|trusted|csrf|same_?site|require_?auth|anonymous|api_key|password|credential", 0.6, 0.85),
        ("cache", r"cache|redis|memcache|(^|_)ttl|max_age|maxage|expire_after|evict", 0.35, 0.6),
        ("probe", r"probe|liveness|readiness|heartbeat|lease|session_timeout|poll_interval|period_seconds|failure_threshold", 0.4, 0.55),
        ("breaker", r"breaker|circuit|bulkhead|outlier|consecutive_|rate_?limit|throttl|burst|shed|qps|rps|requests_per|per_(second|minute|hour|unit)|limit_(req|conn)", 0.5, 0.65),
        ("backoff", r"back_?off|jitter|cool_?down|(^|_)delay|sleep|retry_(interval|after|wait)", 0.25, 0.65),
        ("retries", r"retr(y|ies)|attempt", 0.55, 0.75),
        ("timeout", r"time_?out|deadline|budget|max_wait|wait_(time|ms|seconds)|keep_?alive|idle_time", 0.4, 0.9),
        ("pool", r"pool|max_?total|per_route|max_?conn|max_open|max_idle|min_idle|connections|conns", 0.35, 0.8),
        ("concurrency", r"concurren|parallel|worker|thread|executor|in_?flight|prefetch|consumers", 0.55, 0.6),
        ("resources", r"memory|(^|_)mem($|_)|(^|_)cpus?|instance_(class|type|size|count)|machine_type|node_type|(^|_)(sku|tier|iops)($|_)|(min|max)_size|desired_(count|capacity)|allocated|replica|limits|requests|quota|ephemeral|storage|nofile|ulimit|min_available", 0.12, 0.8),
        ("batch", r"batch|page|chunk|(^|_)limit|max_(rows|items|results|size|bytes|records|message|len)|fetch_(size|many)|fetchmany|poll_records|buffer|queue_size|capacity|(^|_)(top|take|first)$", 0.55, 0.45),
        ("flag", r"flag|feature|enable|disable|rollout|percent|toggle|experiment|variant|canary|traffic_weight|default_on", 0.6, 0.6),
        ("schedule", r"cron|schedule|interval|every", 0.3, 0.4),
        ("disk", r"retention|max_?backups|backup_count|rotat|max_file|keep_days", 0.5, 0.3),
        ("swallowed", r"(^|_)acks?($|_)|auto_commit|auto_offset|isolation|idempoten|durable|persisten|fsync|synchronous_commit", 0.5, 0.6),
        ("panic", r"(^|_)(command|args|entrypoint|cmd)($|_)", 0.5, 0.5),
        ("address", r"selector|match_labels|target_port|mount_path|secret_(name|key)|config_map|host|url|uri|endpoint|(^|_)port|dns|name_?server|resolver|ndots|domain|(^|_)addr|bucket|topic|region|broker|database|upstream|proxy_pass|(^|_)servers?$", 0.6, 0.6),
    )
)  # fmt: skip

#: Kinds whose disappearance is itself an effect: the guard is gone.
_GUARDS = {"validation": 0.8, "timeout": 0.6, "retries": 0.5, "backoff": 0.6, "pool": 0.5, "breaker": 0.65, "resources": 0.5, "cache": 0.45, "batch": 0.6, "certificate": 0.6, "probe": 0.4}  # fmt: skip

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
    (re.compile(r"(?<![\d_.])(\d[\d_.]*+)\s*+\*\s*+time\.([A-Z]\w+)"), (1, 2)),
    (re.compile(r"time\.([A-Z]\w+)\s*\*\s*(\d[\d_.]*)"), (2, 1)),
    (re.compile(r"Duration\.of(\w+)\((\d[\d_]*)[lL]?\)"), (2, 1)),
    (re.compile(r"timedelta\((\w+)=(\d[\d_.]*)\)"), (2, 1)),
    (re.compile(r"(?:std::)?chrono::(\w+)[({](\d+)[)}]"), (2, 1)),
    (re.compile(r"Duration::from_(\w+)\((\d[\d_]*)\)"), (2, 1)),
    (re.compile(r"(?<!\d)(\d++)[lL]?,\s*+TimeUnit\.([A-Z]+)"), (1, 2)),
    (re.compile(r"(?<!\d)(\d++)\.((?:milli)?seconds?|minutes?|hours?|days?)\b"), (1, 2)),
)
_VALUE = r"-?\d[\d_]*(?:\.\d+)?(?:[a-zA-Zµ]{1,2}\b|%)?"
_ASSIGN = re.compile(
    rf"[\"']?(?P<key>[A-Za-z_][\w.\-]*)[\"']?\s*(?::\s*[A-Za-z_][\w\[\].<>*]*\s*=|:=|=>|=(?!=)|:(?!:))\s*"
    rf"(?P<value>{_VALUE}|\"[^\"]*\"|'[^']*'|\[[^\]]*\]|(?:true|false|on|off|null|none|nil|True|False|None)\b|[\w./:\-]+\s*(?=$|[,}}\]]))"
)
_ARGUMENT = re.compile(rf"(?P<key>[A-Za-z_]\w*)\((?:[^()]*,\s*)?(?P<value>{_VALUE}|true|false|True|False)\s*[,)]")
#: Keys that say what they are for only by what they stand in: ``new Pool({`` before ``max: 40``.
_GENERIC = frozenset(["max", "min", "size", "total", "count", "limit", "value", "ttl"])
_OPEN = re.compile(r"([A-Za-z_]\w*)\W{0,8}[({\[]\s*$")
_LIMIT = re.compile(r"(?i)\b(?P<key>LIMIT)\s+(?P<value>\d+)")
_FLAG = re.compile(
    rf"(?<![\w\-])(?:--(?P<key>[a-z][\w\-]*)(?:[= ]|[\"'], ?[\"'])|ulimit -(?P<limit>[a-z]) )(?P<value>{_VALUE})(?![\w.])"
)
#: Words and blanks, as in the files of web servers, proxies and stores: ``proxy_read_timeout 60s;``.
_DIRECTIVE = re.compile(r"(?P<key>[A-Za-z][\w\-]{2,60})[ \t](?P<value>[^{}=]+)$")
_DIRECTIVES = re.compile(
    r"(?i)\.(?:conf|cfg|cnf|vcl)$|(^|/)(?:nginx|haproxy|apache2?|httpd|squid|logrotate|envoy|varnish)[^/]*(?:/|$)"
)
_OF_FLAGS = re.compile(r"(?i)flag|launch_?darkly|unleash|toggle|experiment")
#: What is reached at it, whatever it is.
_PLACES = re.compile(r"(^|_)(url|uri|dsn|hosts?|addr|address|endpoint)$")
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
    #: The name of the item of a list that it belongs to.
    named: str = ""


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


def _settings(patch: Patch, sign: str) -> Iterator[_Setting]:
    parents: list[tuple[int, str]] = []
    named, place = "", ("", -1)
    for line in patch.lines:
        if line.sign not in (sign, " ") or not line.code.strip():
            continue
        config = file_kind(line.path) == "config"
        if (line.path, line.hunk) != place:
            parents, named, place = [], "", (line.path, line.hunk)
        # An item of a list may stand as deep as the key that the list belongs to.
        depth = len(line.code) - len(line.code.lstrip()) + line.code.lstrip().startswith("- ")
        parents = [p for p in parents if p[0] < depth]
        key = re.match(r"\s*(?:- )?[\"']?([\w.\-]+)[\"']?\s*:\s*(.*)$", line.code) if config else None
        if key and key.group(1) == "name":
            named = key.group(2).strip("\"' ")
        if line.sign == sign and file_kind(line.path) not in HARMLESS_FILES:
            above = ".".join(p[1] for p in parents)
            yield from _of_line(line, above, named, config=config)
        if key and key.group(2).strip() in ("", "{"):
            parents.append((depth, key.group(1)))


def _of_line(line: Line, above: str, named: str, *, config: bool) -> Iterator[_Setting]:
    code = _fold(line.code)
    said = _DIRECTIVE.match(code.strip().rstrip(";")) if config and _DIRECTIVES.search(line.path) else None
    if said:
        key = f"{above}.{said['key']}" if above else said["key"]
        yield _Setting(key, said["value"].strip("\"' "), line.row, line.path, line.code, named)
        return
    taken: set[int] = set()
    for pattern in (_FLAG, _ASSIGN, _LIMIT, _XMX, _ARGUMENT):
        for found in pattern.finditer(code):
            key, value = found["key"] or "ulimit", found["value"].strip()
            if found.start("value") in taken or (not config and value[0].isalpha() and value.lower() not in _SWITCH):
                continue
            taken.add(found.start("value"))
            key = named if key == "value" and named else f"{above}.{key}" if above else key
            within = _OPEN.search(code[: found.start()]) or _OPEN.search(line.heading)
            if key in _GENERIC and within:
                key = f"{within.group(1)}.{key}"
            yield _Setting(key, value.strip("\"'"), line.row, line.path, line.code, named)


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
    if _PLACES.search(name):
        return "address", 0.6, 0.6
    if re.search(r"(^|_)actions?$", name) and ":" in setting.value:
        return "permission", 0.6, 0.6
    for kind, pattern, up, down in _KEYS:
        if pattern.search(name):
            return kind, up, down
    if _OF_FLAGS.search(setting.path):
        return "flag", 0.6, 0.6
    if setting.named:
        return _setting_kind(replace(setting, key=setting.named, named=""))
    return ("config", 0.3, 0.3) if file_kind(setting.path) == "config" else ("logic", 0.2, 0.2)


def changed_settings(patch: Patch) -> Iterator[Effect]:
    new = list(_settings(patch, "+"))
    whole, short = defaultdict[tuple[str, str], deque[int]](deque), defaultdict[str, deque[int]](deque)
    for at, one in enumerate(new):
        whole[one.path, one.key].append(at)
        short[one.key.split(".")[-1]].append(at)
    taken: set[int] = set()
    for setting in _settings(patch, "-"):
        match = _first(whole[setting.path, setting.key], taken)
        match = _first(short[setting.key.split(".")[-1]], taken) if match is None else match
        if match is None:
            yield from _gone(setting, patch)
        elif new[match].value != setting.value:
            yield from _changed(setting, new[match])
    for at, setting in enumerate(new):
        if at not in taken:
            yield from _introduced(setting, patch)


def _first(waiting: deque[int], taken: set[int]) -> int | None:
    """The first that nothing was matched with before."""
    while waiting:
        at = waiting.popleft()
        if at not in taken:
            taken.add(at)
            return at
    return None


def _changed(old: _Setting, new: _Setting) -> Iterator[Effect]:
    kind, up, down = _setting_kind(old)
    if kind == "logic" and {old.value.lower(), new.value.lower()} <= _SWITCH.keys():
        kind, up, down = "flag", 0.6, 0.6
    a, b = size(old.value, old.key), size(new.value, new.key)
    if a is None or b is None:
        if kind == "logic" or (kind == "config" and VERSION.search(old.key + ":")):
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
    yield effect_of(
        kind, f"{old.key} {old.value} → {new.value}{how}", new.row, weight, f"{old.key} {old.value} {new.value}"
    )


def _gone(setting: _Setting, patch: Patch) -> Iterator[Effect]:
    kind, _, _ = _setting_kind(setting)
    own = words(setting.key.split(".")[-1])
    if kind in _GUARDS and own & patch.lost:
        yield effect_of(kind, f"{setting.key} removed (was {setting.value})", setting.row, _GUARDS[kind], setting.line)
    elif kind != "logic" and own & patch.lost:
        yield effect_of(kind, f"setting {setting.key} removed (was {setting.value})", setting.row, 0.35, setting.line)


def _introduced(setting: _Setting, patch: Patch) -> Iterator[Effect]:
    kind, up, _ = _setting_kind(setting)
    if kind in {"logic", "config"} or not words(setting.key.split(".")[-1]) & patch.gained:
        return
    if size(setting.value, setting.key) is not None:
        yield effect_of(
            kind, f"{setting.key} introduced at {setting.value}", setting.row, 0.5 * max(up, 0.5), setting.key
        )


def changed_literals(read: Read) -> Iterator[Effect]:
    """Literals that a parser saw replaced, with the argument, key or name that they belong to."""
    for old, new in replaced(read):
        before, after = (_of_literal(one, read.hunk.path) for one in (old, new))
        plain = before.value[:1].isdigit() or before.value.lower() in _SWITCH
        if before.value != after.value and (plain or _setting_kind(before)[0] not in {"logic", "config"}):
            yield from _changed(before, after)


def _of_literal(one: Literal, path: str) -> _Setting:
    return _Setting(one.name, _fold(one.value).strip("\"'"), one.row, path, one.value)
