"""The recordings of the shop that ship: complete, readable, true to their own record, and silent about this machine."""

from __future__ import annotations

import gzip
import json
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

RECORDINGS = Path(__file__).resolve().parents[3] / "examples" / "shop" / "recordings"
NAMES = ("2026-11-24-pool-exhaustion", "pool-exhaustion-again", "cache-flag")
PARTS = (
    *(f"alerts/{name}" for name in ("rules.yml", "rules.json", "alertmanager.json", "pager.jsonl")),
    *(f"changes/{name}.json" for name in ("commits", "deployments")),
    *(f"metrics/{name}.json" for name in ("error_ratio", "request_rate", "latency_p95", "db_pool", "alerts", "up")),
    *(f"slack/{name}.json" for name in ("users", "channels")),
    "logs/postgres.log",
    "logs/redis.log",
    "traces.otlp.jsonl.gz",
    "CODEOWNERS",
)
POINTS = (
    "baseline_started_at",
    "impact_started_at",
    "detected_at",
    "paged_at",
    "acknowledged_at",
    "declared_at",
    "mitigation_applied_at",
    "recovered_at",
    "recording_ended_at",
)
ANSWERS = re.compile(r"fault_component|mechanism|decoy|ground.?truth", re.IGNORECASE)
# What a recording machine would leave behind: homes, other folders, other users, addresses off the loopback, keys.
STRANGE = re.compile(
    r"/(?:root|home|work|tmp|mnt)/|root@|(?<!:)\broot\b|pyenv"
    r"|\b(?!127\.0\.0\.1\b|0\.0\.0\.0\b)(?:10|127|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3}\b"
    r"|BEGIN [A-Z ]*PRIVATE KEY|password=|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30}"
)


def text_of(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()


def evidence_files(name: str) -> list[Path]:
    return sorted(path for path in (RECORDINGS / name / "evidence").rglob("*") if path.is_file())


def truth_of(name: str) -> dict[str, Any]:
    return dict(json.loads((RECORDINGS / name / "truth.json").read_text()))


def changes(name: str, what: str) -> list[dict[str, Any]]:
    return list(json.loads((RECORDINGS / name / "evidence" / "changes" / f"{what}.json").read_text()))


def error_ratios(name: str) -> list[tuple[datetime, float]]:
    """The share of the gateway's requests that failed, as Prometheus had it."""
    answer = json.loads((RECORDINGS / name / "evidence" / "metrics" / "error_ratio.json").read_text())
    series = next(one for one in answer["data"]["result"] if one["metric"]["service"] == "gateway")
    utc = datetime.fromisoformat("2026-01-01T00:00:00Z").tzinfo
    return [(datetime.fromtimestamp(at, utc), float(value)) for at, value in series["values"]]


def test_all_three_ship_and_stay_small() -> None:
    """They travel with every copy of the project, so they may not grow without anyone noticing."""
    assert sorted(path.name for path in RECORDINGS.iterdir()) == sorted(NAMES)
    assert sum(path.stat().st_size for path in RECORDINGS.rglob("*") if path.is_file()) < 10_000_000


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_missing(name: str) -> None:
    evidence = RECORDINGS / name / "evidence"
    assert [part for part in PARTS if not (evidence / part).is_file()] == []
    assert (evidence / "changes" / "flags.json").is_file() == (truth_of(name)["trigger"]["kind"] == "flag")
    logs = {path.name.split(".")[0] for path in (evidence / "logs").iterdir()}
    assert logs >= {"gateway", "catalog", "pricing", "cart", "inventory", "checkout", "payment"}


@pytest.mark.parametrize("name", NAMES)
def test_every_file_can_be_read(name: str) -> None:
    for path in evidence_files(name):
        if ".jsonl" in path.name:
            assert all(isinstance(json.loads(line), dict) for line in text_of(path).splitlines()), path
        elif path.suffix == ".json":
            json.loads(path.read_text())


@pytest.mark.parametrize("name", NAMES)
def test_the_times_of_the_truth_are_in_order(name: str) -> None:
    truth = truth_of(name)
    times = [datetime.fromisoformat(truth[point]) for point in POINTS]
    trigger = datetime.fromisoformat(truth["trigger"]["at"])
    assert times == sorted(times)
    assert (trigger - times[0]).total_seconds() >= 470, "a baseline to compare with"
    assert times[0] < trigger < times[1]
    assert (times[-1] - times[-2]).total_seconds() >= 240, "a healthy stretch after recovery"


@pytest.mark.parametrize("name", NAMES)
def test_customers_fail_when_the_truth_says_and_not_otherwise(name: str) -> None:
    """The story is told by the metrics too: calm, failing, calm."""
    truth = truth_of(name)
    failed = truth["failed_requests"]
    assert failed["before_trigger"] == failed["after_recovery"] == 0 < failed["during"]
    trigger, mitigated = (datetime.fromisoformat(at) for at in (truth["trigger"]["at"], truth["mitigation_applied_at"]))
    ratios = error_ratios(name)
    assert max(value for at, value in ratios if at < trigger) == 0
    assert max(value for at, value in ratios if trigger < at < mitigated) > 0.05
    # The ratio looks back 30 s.
    recovered = datetime.fromisoformat(truth["recovered_at"])
    assert max(value for at, value in ratios if (at - recovered).total_seconds() > 40) == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_guilty_change_and_the_innocent_ones_are_in_the_record(name: str) -> None:
    truth, commits = truth_of(name), {commit["sha"]: commit for commit in changes(name, "commits")}
    assert set(truth["decoys"]) <= set(commits)
    assert len(truth["decoys"]) >= 3
    trigger = truth["trigger"]
    if trigger["kind"] == "flag":
        assert [entry["to"] for entry in changes(name, "flags")] == ["on", "off"]
        return
    patches = "".join(file["patch"] for file in commits[trigger["ref"]]["files"])
    assert "getconn()" in patches
    guilty = [entry for entry in changes(name, "deployments") if entry["sha"] == trigger["ref"]]
    assert [entry["payload"]["service"] for entry in guilty] == [trigger["service"]]


@pytest.mark.parametrize("name", NAMES)
def test_a_page_went_out_and_was_resolved(name: str) -> None:
    lines = text_of(RECORDINGS / name / "evidence" / "alerts" / "pager.jsonl").splitlines()
    alerts = [alert for line in lines for alert in json.loads(line)["alerts"]]
    pages = [alert for alert in alerts if alert["labels"]["severity"] == "page"]
    assert {alert["status"] for alert in pages} == {"firing", "resolved"}


@pytest.mark.parametrize("name", NAMES)
def test_the_chat_is_in_order_and_within_the_recording(name: str) -> None:
    evidence = RECORDINGS / name / "evidence" / "slack"
    users = {user["id"] for user in json.loads((evidence / "users.json").read_text())}
    channel = json.loads((evidence / "channels.json").read_text())[0]["name"]
    said = [line for day in sorted((evidence / channel).iterdir()) for line in json.loads(day.read_text())]
    truth = truth_of(name)
    start, end = (datetime.fromisoformat(truth[point]).timestamp() for point in ("impact_started_at", POINTS[-1]))
    assert len(said) >= 15
    assert {line["user"] for line in said} <= users
    assert all(float(one["ts"]) < float(two["ts"]) for one, two in pairwise(said))
    assert start < float(said[0]["ts"])
    assert float(said[-1]["ts"]) < end
    assert all("{" not in line["text"] for line in said), "a placeholder that nobody filled in"


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_lies_in_the_evidence(name: str) -> None:
    """Whoever reads evidence/ must find the cause, not be told it."""
    mechanism = truth_of(name)["mechanism"]
    for path in evidence_files(name):
        text = text_of(path)
        assert not ANSWERS.search(text), path
        assert mechanism[:60] not in text, path
        assert "truth" not in path.name
    assert ANSWERS.search((RECORDINGS / name / "truth.json").read_text()), "the search finds what it looks for"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_recording_machine_shows(name: str) -> None:
    for path in evidence_files(name):
        found = STRANGE.search(text_of(path))
        assert found is None, f"{path}: {found}"
    for planted in ('File "/root/x.py"', "root@host", "host=10.1.2.3 port=1", "/home/someone/shop"):
        assert STRANGE.search(planted), "the search finds what it looks for"
