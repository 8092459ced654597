"""Collects the evidence at the end of a recording: what the parts of the system say of the time."""

from __future__ import annotations

import gzip
import json
import shutil
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any

from deploy import REPO, RUN

if TYPE_CHECKING:
    from pathlib import Path

PROMETHEUS = "http://127.0.0.1:9090/api/v1"
STEP = 5
KEPT = 0.15
SLOW_NS = 1_500_000_000
BIG_LOG = 200_000

QUERIES = {
    "request_rate": "service:request_rate:sum",
    "error_ratio": "service:error_ratio",
    "latency_p50": "service:latency_p50_seconds",
    "latency_p95": "service:latency_p95_seconds",
    "requests_in_flight": "http_requests_in_flight",
    "upstream_calls": "sum by (service, upstream, outcome) (rate(http_client_requests_total[30s]))",
    "db_pool": '{__name__=~"db_pool_.+"}',
    "pricing_slots": '{__name__=~"pricing_.+"}',
    "cache_hit_ratio": "service:cache_hit_ratio",
    "process_cpu": "sum by (service) (rate(process_cpu_seconds_total[30s]))",
    "process_memory": "process_resident_memory_bytes",
    "postgres": '{__name__=~"pg_connections|pg_oldest_transaction_seconds"}',
    "postgres_transactions": "sum by (service) (rate(pg_xact_commit_total[30s]))",
    "redis": '{__name__=~"redis_memory_used_bytes|redis_connected_clients"}',
    "redis_commands": "sum by (service) (rate(redis_commands_processed_total[30s]))",
    "retries": "sum by (service, upstream) (rate(http_client_retries_total[30s]))",
    "queues": "redis_key_size",
    "restarts": "supervisor_restarts_total",
    "certificates": "tls_certificate_not_after_timestamp_seconds",
    "disk": '{__name__=~"node_filesystem_(avail|size)_bytes"}',
    "tcp_retransmitted": "rate(node_netstat_Tcp_RetransSegs[30s])",
    "build_info": "build_info",
    "up": "up",
    "alerts": "ALERTS",
}


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return bytes(answer.read())


def metrics(target: Path, start: float, end: float) -> None:
    """One file a query, each exactly what Prometheus answered."""
    target.mkdir()
    for name, promql in QUERIES.items():
        words = {"query": promql, "start": f"{start:.0f}", "end": f"{end:.0f}", "step": str(STEP)}
        raw = _get(f"{PROMETHEUS}/query_range?{urllib.parse.urlencode(words)}")
        (target / f"{name}.json").write_bytes(raw + b"\n")


def alerts(target: Path) -> None:
    target.mkdir()
    if (RUN / "pager.jsonl").exists():
        shutil.copy(RUN / "pager.jsonl", target / "pager.jsonl")
    for path in sorted(RUN.glob("rules*.yml")):
        shutil.copy(path, target / path.name)
    held = RUN / "alertmanager-alerts.json"
    if held.exists():
        shutil.copy(held, target / "alertmanager.json")
    # The answer names the rule file by its path in the run folder, which is the system's own.
    (target / "rules.json").write_bytes(_get(f"{PROMETHEUS}/rules") + b"\n")


def pages(target: Path) -> None:
    """What was sent to the pager, and the rules by which: files that a team has."""
    target.mkdir()
    for path in (*sorted(RUN.glob("rules*.yml")), RUN / "pager.jsonl"):
        if path.exists():
            shutil.copy(path, target / path.name)


def alertmanager_now() -> None:
    """What Alertmanager holds at this moment. The last answer before the mitigation is kept."""
    raw = _get("http://127.0.0.1:9093/api/v2/alerts")
    if raw.strip() != b"[]":
        (RUN / "alertmanager-alerts.json").write_bytes(raw)


def logs(target: Path) -> None:
    """The logs as they were written; the big ones compressed."""
    target.mkdir()
    for path in sorted((RUN / "logs").iterdir()):
        if path.suffix not in (".log", ".jsonl") or not path.stat().st_size:
            continue
        if path.stat().st_size < BIG_LOG:
            shutil.copy(path, target / path.name)
        else:
            (target / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))


def _spans(request: dict[str, Any]) -> list[dict[str, Any]]:
    return list(request["resourceSpans"][0]["scopeSpans"][0]["spans"])


def _worth_keeping(span: dict[str, Any]) -> bool:
    took = int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"])
    return span["status"].get("code") == 2 or took > SLOW_NS


def _kept(span: dict[str, Any], wanted: set[str], end: int) -> bool:
    by_chance = int(span["traceId"][-8:], 16) < int(KEPT * 2**32)
    return (by_chance or span["traceId"] in wanted) and int(span["startTimeUnixNano"]) <= end


def traces(target: Path, end: float) -> None:
    """Sample the way a collector does: a share of all traces by their id, and every bad or slow one."""
    lines = [json.loads(line) for path in sorted((RUN / "spans").iterdir()) for line in path.open()]
    wanted = {span["traceId"] for line in lines for span in _spans(line) if _worth_keeping(span)}
    with gzip.GzipFile(target, "wb", 9, mtime=0) as file:
        for line in sorted(lines, key=lambda request: _spans(request)[0]["startTimeUnixNano"]):
            kept = [span for span in _spans(line) if _kept(span, wanted, int(end * 1e9))]
            if kept:
                line["resourceSpans"][0]["scopeSpans"][0]["spans"] = kept
                file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")


def owners(target: Path) -> None:
    shutil.copy(REPO / "CODEOWNERS", target)
