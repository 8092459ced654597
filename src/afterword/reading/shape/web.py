"""Shapes of servers that answer requests: access and error logs, proxies, load balancers, object stores."""

from __future__ import annotations

from typing import Final

from afterword.reading.log_time import CLOCK, FRACTION, ISO, MONTH, ZONE
from afterword.reading.said import LEVELS, level
from afterword.reading.shape.shape import LEVEL, shape

_COMMON: Final = rf"\d{{1,2}}/{MONTH}/\d{{4}}[: ]{CLOCK}{FRACTION}(?:{ZONE})?"
_REQUEST: Final = r'"(?:(?P<method>[A-Z]{3,12}) )?(?P<path>[^ "]{0,4096})[^"]{0,4096}"'

_PHP: Final = {"Fatal error": "fatal", "Parse error": "error", "Recoverable fatal error": "error", "Deprecated": "info"}

SHAPES: Final = (
    shape(
        "s3",
        rf"[0-9a-f]{{64}} (?P<comp>\S+) \[(?P<at>{_COMMON})\] \S+ \S+ \S+ (?P<operation>[A-Z]+\.[A-Z_.]+) \S+ {_REQUEST} (?P<status>\d{{3}}|-) (?P<error>\S+) .*",
        form="common",
    ),
    shape(
        "access",
        rf'(?:(?P<comp>[A-Za-z][\w.-]*(?::\d+)?) )?(?P<client>[\w.:-]{{1,60}}),?(?: [\w.:-]+,?)? +\S+ +(?:[^\[\]"]{{1,60}} )?\[(?P<at>{_COMMON})\] {_REQUEST} (?P<status>\d{{3}}) .*',
        form="common",
    ),
    shape(
        "access-bare",
        rf"\[(?P<at>{_COMMON})\] {_REQUEST} (?P<status>\d{{3}})\b.*",
        form="common",
    ),
    shape(
        "access-error-tools",
        rf"(?P<sev>[A-Z]) \[(?P<at>{_COMMON})\] (?:\[[^\]]*\] )?(?P<msg>.*)",
        form="common",
    ),
    shape(
        "bottle",
        rf"{ISO} (?P<client>[\d.:a-f]{{3,45}}) - (?P<method>[A-Z]{{3,12}}) \"?(?P<path>[^ \"]+)\"? \S+ (?P<status>\d{{3}}) .*",
    ),
    shape(
        "load-balancer",
        rf"(?:(?P<type>https?|h2|wss?|grpcs?) )?{ISO} (?P<comp>[\w./-]+) \S+:\d+ (?P<target>\S+) (?P<request_time>-?[\d.]+) (?P<target_time>-?[\d.]+) (?P<response_time>-?[\d.]+)"
        rf" (?P<status>\d{{3}}|-) (?P<target_status>\d{{3}}|-) \d+ \d+ {_REQUEST}.*",
    ),
    shape(
        "nginx-error",
        rf"{ISO} \[(?P<sev>[a-z]+)\] \d+#\d+:(?: \*\d+)? (?P<msg>.*)",
    ),
    shape(
        "apache-error",
        rf"\[(?P<at>(?:[A-Z][a-z]{{2}} )?{MONTH} [ \d]\d {CLOCK}{FRACTION} \d{{4}})\] \[(?:(?P<module>\w*):)?(?P<sev>[a-z]+)\d?\](?: \[pid [^\]]*\])? ?(?P<msg>.*)",
        form="asctime",
    ),
    shape(
        "haproxy-http",
        rf"(?P<client>[\d.a-fA-F:]+:\d+) \[(?P<at>{_COMMON})\] (?P<comp>\S+) (?P<target>\S+) [\d/+-]+ (?P<status>\d{{3}}|-1) .*",
        form="common",
    ),
    shape(
        "squid",
        r"(?P<at>1\d{9}\.\d{1,6}) +(?P<took_ms>\d+) (?P<client>[\d.a-f:]+) (?P<result>[A-Z_]+)/(?P<status>\d{3}) \d+ (?P<method>[A-Z]+) (?P<path>\S+) .*",
        form="epoch",
    ),
    shape(
        "uvicorn",
        rf'{LEVEL}: {{2,6}}(?P<client>[\d.a-f:]+) - "(?P<method>[A-Z]+) (?P<path>\S+) HTTP/[\d.]+" (?P<status>\d{{3}}).*',
    ),
    shape(
        "uwsgi",
        rf"\[pid: \d+\|app: (?P<app>\S*)\|req: \S+\] (?P<client>\S+) \([^)]*\) \{{[^}}]*\}} \[(?P<at>[A-Z][a-z]{{2}} {MONTH} [ \d]\d {CLOCK} \d{{4}})\] (?P<method>[A-Z]+) (?P<path>\S+) =>[^(]*\(HTTP/[\d.]+ (?P<status>\d{{3}})\).*",
        form="asctime",
    ),
    shape(
        "traffic-report",
        rf"(?P<comp>[\w.-]+) \S+ \d+ \[(?P<at>{_COMMON})\] (?P<msg>.*)",
        form="common",
    ),
    shape(
        "php",
        rf"\[(?P<at>\d\d-{MONTH}-\d{{4}} {CLOCK}{FRACTION}(?:{ZONE}| [A-Z]\w+/[\w/+-]+)?)\] (?:PHP )?(?P<sev>Fatal error|Parse error|Recoverable fatal error|Warning|Notice|Deprecated|{LEVELS}): *(?P<msg>.*)",
        form="php",
        severity=lambda word: _PHP.get(word) or level(word),
    ),
)
