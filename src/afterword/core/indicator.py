"""What an indicator measures, read from its name: the family decides how a shift in it is judged."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache


class Family(StrEnum):
    ERRORS = "errors"
    LATENCY = "latency"
    SATURATION = "saturation"
    TRAFFIC = "traffic"
    OTHER = "other"


#: Tried in this order: a queue's age is latency before it is saturation, an error rate errors before traffic.
_FAMILIES: tuple[tuple[Family, re.Pattern[str]], ...] = (
    (
        Family.ERRORS,
        re.compile(
            r"err|fail|5xx|4xx|exception|reject|denied|unauthori[sz]|panic|crash|restart|drop|abort|timeout|timed_out"
            r"|fault(?!s?_tol)|invalid|dead_?letter|dlq|availab|success|unhealthy|evict|oom"
        ),
    ),
    (
        Family.LATENCY,
        re.compile(
            r"laten|duration|respons|elapsed|_rt\b|\brt\b|(?<![a-z])p(50|75|90|95|99|999)(?![0-9])"
            r"|_age(_|$)|oldest|delay|(?<![a-z])lag|wait_?(time|seconds|ms)|(?<![a-z])time_to|(took|stall)"
        ),
    ),
    (
        Family.SATURATION,
        re.compile(
            r"cpu|mem|heap|rss|disk|pool|queue|backlog|connections|conn_|thread|goroutine|(?<![a-z])gc|fd(s|_|$)|file_desc"
            r"|used|utili[sz]ation|usage|pct|percent|waiting|in_use|in_flight|inflight|buffer|swap|quota|throttl|socket|lock|slots?"
        ),
    ),
    (
        Family.TRAFFIC,
        re.compile(
            r"request|rps|qps|throughput|count|rate|per_(sec|min|second|minute|request)|lps|calls|hits|load|ops|bytes|total|rows|query"
        ),
    ),
)
_INVERSE = re.compile(
    r"availab|success|(?<![a-z])up(?![a-z])|healthy|free|idle|hit_?rat|hits|remaining|flushed|throughput|processed|completed"
)
_CONSTANT = re.compile(
    r"(_max|_limit|_size_limit|capacity|_total_bytes|boot_time|start_time|_info|_created)$|^(time|timestamp)$|^up$"
)


#: What a runtime or a monitor measures of itself: how long it collected garbage or scraped is nobody's waiting time.
_OF_ITSELF = re.compile(r"(^|_)gc_(duration|pause|time|collect)|^(scrape|promhttp|node_scrape|prometheus)_|^up$")
#: What a monitor says of how it asked, and address space, which a process reserves and does not use.
_OF_MONITOR = re.compile(r"(scrape|node_scrape|promhttp|prometheus_target)_|process_virtual_memory")
#: Parts of a histogram or summary: how many, and how much in all. Their quotient is a latency, they are load.
_PART = re.compile(r"(duration|latency|time|seconds|ms|milliseconds|bytes|size)_(sum|count|total)$")


@lru_cache(maxsize=65536)
def family(name: str) -> Family:
    """The family of an indicator by its name: ``http_server_duration_p99_ms`` is latency."""
    lowered = name.split("{", maxsplit=1)[0].lower().replace("-", "_").replace(" ", "_").replace(".", "_")
    if _OF_ITSELF.search(lowered):
        return Family.OTHER
    if _PART.search(lowered) and not _FAMILIES[0][1].search(lowered):
        return Family.SATURATION if "cpu" in lowered else Family.TRAFFIC
    for found, pattern in _FAMILIES:
        if pattern.search(lowered):
            return found
    return Family.OTHER


@lru_cache(maxsize=65536)
def worse(name: str) -> int:
    """Which way is worse: +1 up, -1 down, 0 either."""
    lowered = name.split("{", maxsplit=1)[0].lower().replace("-", "_")
    if _INVERSE.search(lowered) and not re.search(r"un(available|healthy|successful)|err|fail", lowered):
        return -1
    found = family(name)
    if found in (Family.ERRORS, Family.LATENCY, Family.SATURATION):
        return 1
    return 0


@lru_cache(maxsize=65536)
def is_share_of_success(name: str) -> bool:
    """Availability, success ratio and the like: full health is the ceiling."""
    return family(name) is Family.ERRORS and worse(name) < 0


@lru_cache(maxsize=65536)
def is_setting(name: str) -> bool:
    """A limit or a size that somebody sets, or what a monitor says of its own work: its value is not a symptom."""
    plain = name.split("{", maxsplit=1)[0].lower()
    return bool(_CONSTANT.search(plain) or _OF_MONITOR.match(plain))


#: How much a shift of a family says about harm to users.
HARM = {Family.ERRORS: 1.0, Family.LATENCY: 0.9, Family.SATURATION: 0.4, Family.TRAFFIC: 0.35, Family.OTHER: 0.3}
