"""Faults that processes tell in their last words, and the object that is at fault: who speaks, or the database it speaks of.

Words are those of MySQL's manual ("Server Error Message Reference"), PostgreSQL's ("PostgreSQL Error Codes"), of the resolvers
of Go, the JVM, Node and glibc, and of the kernel (errno).
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from afterword.core.cause.fault import MISFIT, SAID_ONCE, STATED, Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from afterword.core.cause.cluster import App


class _Rule(NamedTuple):
    """What is said, and whose fault it is: the speaker's, or that of the database where ``database`` (or several say it)."""

    kind: str
    category: str
    pattern: re.Pattern[str]
    database: bool = False
    #: What one client may have set wrong is the database's when most of its clients say it.
    shared: bool = False


#: Tried in this order: the first that matches is the speaker's last word.
_RULES = (
    _Rule("volume_mount_permission_denied", "storage", re.compile(r"(open|writ|read|creat|mkdir|access|mount|lock)\w*\b.{0,120}permission denied|permission denied.{0,80}(/data|/var|volume|mount|directory|\.(rdb|db|log|pid))|read-only file system", re.IGNORECASE)),
    _Rule("service_sidecar_port_conflict", "config", re.compile(r"address (is )?already in use|EADDRINUSE|port \d+ (is )?(was )?(already )?(in use|taken)", re.IGNORECASE)),
    _Rule("mysql_invalid_credentials", "certificate/secret/identity", re.compile(r"access denied for user|password authentication failed|authentication failed for user", re.IGNORECASE), shared=True),
    _Rule("db_connection_exhaustion", "capacity", re.compile(r"too many connections|too many clients|remaining connection slots|max_connections|max_user_connections", re.IGNORECASE), database=True),
    _Rule("db_read_only", "config", re.compile(r"(super-)?read-only option|read-only (transaction|mode|replica)|running with the --(super-)?read-only", re.IGNORECASE), database=True),
    _Rule("mysql_invalid_port", "config", re.compile(r"communications link failure|can't connect to (mysql|server)|connection refused.{0,60}(mysql|jdbc|330\d)|(mysql|jdbc).{0,120}connection refused", re.IGNORECASE)),
    _Rule("service_dns_resolution_failure", "network", re.compile(r"no such host|name or service not known|temporary failure in name resolution|unknownhost|could not resolve host|getaddrinfo (ENOTFOUND|EAI_AGAIN)|server misbehaving", re.IGNORECASE)),
)  # fmt: skip
_DATABASE = re.compile(r"mysql|mariadb|percona|postgres|pgsql", re.IGNORECASE)
_DATABASE_PORTS = frozenset(["3306", "5432"])
#: The name that could not be resolved, as resolvers write it.
_HOST = re.compile(r"lookup (?P<go>[\w.-]+)|unknownhostexception:? (?P<jvm>[\w.-]+)|(?:ENOTFOUND|EAI_AGAIN) (?P<node>[\w.-]+)|resolve host:? (?P<curl>[\w.-]+)", re.IGNORECASE)  # fmt: skip
#: Said so often it is no hiccup of a start, also where the speaker is up.
_OFTEN = 3
#: From so many speakers on it is not the setting of each.
_SEVERAL = 2


def faults(apps: Mapping[str, App], words: Mapping[str, str]) -> Iterator[Fault]:
    """What the lines of the apps' containers tell; ``words`` by app."""
    said: dict[str, list[tuple[App, str]]] = defaultdict(list)
    rules = {rule.kind: rule for rule in _RULES}
    for name, text in words.items():
        found = next(((rule.kind, last[0]) for rule in _RULES if (last := rule.pattern.search(text))), None)
        if found is not None:
            said[found[0]].append((apps[name], found[1]))
    for kind, speakers in said.items():
        yield from _told(rules[kind], speakers, apps, words)


def _told(
    rule: _Rule, speakers: Sequence[tuple[App, str]], apps: Mapping[str, App], words: Mapping[str, str]
) -> Iterator[Fault]:
    for app, last in speakers:
        bits = _bits(app, rule, words[app.name])
        database = database_of(app, apps)
        if rule.kind == "service_dns_resolution_failure":
            yield _unresolved(app, last, bits, words[app.name], apps)
        elif database and (rule.database or (rule.shared and _most(speakers, database, apps))):
            yield _fault(apps[database], rule, bits, f"{app.name} says: {last[:160]}", app)
            yield _fault(app, rule, min(bits, MISFIT) - 3, f"its containers say: {last[:160]}", app)
        elif rule.kind == "mysql_invalid_port" and len(speakers) > _SEVERAL:
            yield _fault(app, rule, bits - 4, f"its containers say, as others do: {last[:160]}", app)
        else:
            yield _fault(app, rule, bits, f"its containers say: {last[:160]}", app)


def _bits(app: App, rule: _Rule, text: str) -> float:
    """A crash with these words; words said again and again; words said once by an app that is up."""
    if _crashing(app):
        return STATED - 1
    often = len(rule.pattern.findall(text)) >= _OFTEN
    if often and (rule.database or rule.shared):
        return MISFIT
    return SAID_ONCE if app.well else MISFIT - 3


def _crashing(app: App) -> bool:
    return not app.well and any(
        True for _ in app.complaints("CrashLoopBackOff", "BackOff", "Error", "RunContainerError", "StartError")
    )


def _fault(app: App, rule: _Rule, bits: float, says: str, speaker: App) -> Fault:
    cites = tuple(dict.fromkeys([*app.cites[:2], *speaker.cites[:2]]))
    return Fault(f"app/{app.name}", rule.kind, bits, says, cites, rule.category)


def _unresolved(app: App, last: str, bits: float, text: str, apps: Mapping[str, App]) -> Fault:
    """A name in its own environment that no app has is misspelt there; any other one is what the resolver fails at."""
    found = _HOST.search(text)
    host = next((one for one in found.groups() if one), "").split(".")[0] if found else ""
    line = next(
        (one for one in app.facts("env") if host and re.search(rf"(?<![\w-]){re.escape(host)}(?![\w-])", one)), ""
    )
    if line and host not in apps and not any(one.name == host for each in apps.values() for one in each.of("service")):
        says = f"its containers say: {last[:120]}; no service is called {host}, and it is told: {line[:120]}"
        return Fault(f"app/{app.name}", "service_env_var_address_mismatch", bits, says, tuple(app.cites[:3]))
    return Fault(f"app/{app.name}", "service_dns_resolution_failure", bits, f"its containers say: {last[:160]}", tuple(app.cites[:3]), "network")  # fmt: skip


def is_database(app: App) -> bool:
    """By its image, its name, or the port that it listens on."""
    ports = {port.split("/")[0] for port in app.facts("ports")}
    return bool(
        any(_DATABASE.search(image) for image in app.facts("image"))
        or _DATABASE.search(app.name)
        or ports & _DATABASE_PORTS
    )


def database_of(app: App, apps: Mapping[str, App]) -> str:
    """The database that its environment names; else the only one that there is."""
    known = [name for name, one in apps.items() if one is not app and is_database(one)]
    env = "\n".join(app.facts("env"))
    named = [name for name in known if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", env)]
    return named[0] if named else known[0] if len(known) == 1 else ""


def _most(speakers: Sequence[tuple[App, str]], database: str, apps: Mapping[str, App]) -> bool:
    """Most of the apps whose environment names the database say it, and more than one."""
    clients = [
        name for name, one in apps.items() if name != database and any(database in line for line in one.facts("env"))
    ]
    return len(speakers) >= max(_SEVERAL, len(clients) / 2)
