"""Shapes of databases, queues and caches."""

from __future__ import annotations

from typing import Final

from afterword.reading.log_time import CLOCK, FRACTION, ISO, MONTH, ZONE
from afterword.reading.said import level
from afterword.reading.shape.shape import LEVEL, shape

_POSTGRES: Final = {
    "log": "info",
    "statement": "info",
    "detail": "info",
    "hint": "info",
    "context": "info",
    "query": "info",
    "location": "info",
}
_REDIS: Final = {".": "debug", "-": "info", "*": "notice", "#": "warn"}
_ETCD: Final = {"C": "fatal", "E": "error", "W": "warn", "N": "notice", "I": "info", "D": "debug", "T": "trace"}
_POSTGRES_LEVEL: Final = (
    r"(?P<sev>DEBUG[1-5]?|INFO|NOTICE|WARNING|ERROR|LOG|FATAL|PANIC|STATEMENT|DETAIL|HINT|CONTEXT|QUERY|LOCATION)"
)


def _postgres(word: str) -> str:
    return _POSTGRES.get(word.lower()) or level(word.rstrip("12345"))


SHAPES: Final = (
    shape(
        "postgres",
        rf"{ISO}[ :]{{1,4}}(?=[\[:@\w])(?:\[\d+\]: ?)?(?:[^\[\]:]|\[[^\]]{{0,80}}\]|:(?! )){{0,240}}?[ :]?\b{_POSTGRES_LEVEL}:  (?P<msg>.*)",
        severity=_postgres,
    ),
    shape(
        "mysql-error",
        rf"{ISO} \d+ \[(?P<sev>Note|System|Warning|ERROR|Error)\](?: \[(?P<code>MY-\d+)\])?(?: \[(?P<comp>[\w-]+)\])? (?P<msg>.*)",
        severity=lambda word: {"n": "notice", "s": "info", "w": "warn", "e": "error"}[word[0].lower()],
    ),
    shape(
        "mysql-error-old",
        r"(?P<at>\d{6} +\d{1,2}:\d\d:\d\d) (?:\[(?P<sev>Note|Warning|ERROR|System)\]|InnoDB:) (?P<msg>.*)",
        form="six",
        severity=lambda word: {"n": "notice", "s": "info", "w": "warn", "e": "error"}[word[0].lower()],
    ),
    shape("mysql-slow", rf"# Time: {ISO}(?P<msg>)", heads=True),
    shape("mysql-slow-old", r"# Time: (?P<at>\d{6} +\d{1,2}:\d\d:\d\d)(?P<msg>)", form="six", heads=True),
    shape("mysql-general", rf"{ISO}\t *\d+ (?P<command>[A-Z][A-Za-z ]+)\t(?P<msg>.*)"),
    shape(
        "redis",
        rf"\[?\d+(?::[XCSM])?\]? (?P<at>\d{{1,2}} {MONTH} (?:\d{{4}} )?{CLOCK})(?:\.(?P<f>\d{{1,9}}))? (?P<sev>[.*#-]) (?P<msg>.*)",
        form="mail",
        severity=lambda mark: _REDIS[mark],
    ),
    shape("redis-signal", r"\d+:signal-handler \((?P<at>\d{10})\) (?P<msg>.*)", form="epoch"),
    shape("mongodb", rf"{ISO} (?P<sev>[FEWID])\d? +(?P<comp>[A-Z]+|-) +\[[^\]]*\] (?P<msg>.*)"),
    shape(
        "cassandra",
        rf"{LEVEL} +\[[^\]]{{0,200}}\] {ISO} (?P<log>[\w$.<>-]+(?:\.java)?)(?::\d+)? - (?P<msg>.*)",
    ),
    shape("etcd", rf"{ISO} (?P<sev>[CEWNIDT]) \| (?P<comp>[\w./-]+): (?P<msg>.*)", severity=lambda mark: _ETCD[mark]),
    shape(
        "elasticsearch",
        rf"\[{ISO}\]\[(?P<sev>[A-Z]+) *\]\[(?P<log>[^\]]+?) *\](?: ?\[[^\]]*\])? ?(?P<msg>.*)",
    ),
    shape("rabbitmq", rf"{ISO} \[(?P<sev>[a-z]+)\] <[\d.]+> (?P<msg>.*)"),
    shape(
        "rabbitmq-report",
        rf"=(?P<sev>[A-Z]+) REPORT==== (?P<at>\d{{1,2}}-{MONTH}-\d{{4}}::{CLOCK}{FRACTION}) ===(?P<msg>)",
        form="erlang",
        heads=True,
    ),
    shape(
        "kafka",
        rf"\[{ISO}\] {LEVEL} (?P<msg>.*) \((?P<log>[\w$.]+)\)",
    ),
    shape(
        "zookeeper",
        rf"{ISO} (?:\[myid:[^\]]*\] )?- {LEVEL} +\[(?:[^\[\]]|\[[^\]]*\]){{0,200}}?(?:(?<=:)(?P<log>[A-Z][\w$.]*|[a-z][\w$.]*\.[\w$.]+))?@\d+\] - (?P<msg>.*)",
    ),
    shape("mssql", rf"{ISO} (?P<comp>spid\d+s?|Server|Logon|Backup) +(?P<msg>.*)"),
    shape(
        "oracle-alert",
        rf"(?P<at>[A-Z][a-z]{{2}} {MONTH} \d\d {CLOCK} (?:[A-Z]{{2,5}} )?\d{{4}})(?P<msg>)",
        form="asctime",
        heads=True,
    ),
    shape("time-alone", rf"[\[(]?{ISO}[\])]?(?P<msg>)\s*", heads=True),
    shape(
        "time-alone-named",
        rf"(?P<at>(?:[A-Z][a-z]{{2}},? )?{MONTH} +\d{{1,2}} {CLOCK}(?:{ZONE})? \d{{4}})(?P<msg>)",
        form="asctime",
        heads=True,
    ),
    shape("history", r"#\+?(?P<at>1\d{9})(?P<msg>)", form="epoch", heads=True),
)
