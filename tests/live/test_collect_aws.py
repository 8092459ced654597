"""Collecting from Amazon's APIs as moto serves them: logs, metrics; signed, in pages, through the whole command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from real_servers import free_port, until

from afterword.asking import aws
from afterword.model.time import SECOND, iso
from afterword.ports import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("botocore", reason="the extra aws is not installed")
MOTO = Path(sys.executable).with_name("moto_server")
AFTERWORD = Path(sys.executable).with_name("afterword")
KEYS = {"access_key": "AKIDEXAMPLE", "secret_key": "wJalrXUtnFEMI"}
SYSTEMS = """
[[systems]]
name = "logs"
connector = "cloudwatch-logs"
url = "{url}"
region = "eu-central-1"
groups = ["/aws/lambda/*"]
limit = 7
access_key_env = "KEY"
secret_key_env = "SECRET"

[[systems]]
name = "metrics"
connector = "cloudwatch"
url = "{url}"
region = "eu-central-1"
metrics = ["AWS/RDS"]
statistics = ["Sum"]
alarms = false
access_key_env = "KEY"
secret_key_env = "SECRET"
"""


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    if not MOTO.exists():
        pytest.skip("moto is not installed: make engines")
    url = f"http://127.0.0.1:{(port := free_port())}"
    process = subprocess.Popen([MOTO, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until("moto", lambda: urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5).status == 200)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def put(url: str, service: str, target: str, version: str = "1.1", **said: Any) -> None:
    request = aws.request(
        Ask(url, 0, 0, {"region": "eu-central-1"}, KEYS), service, target, said, says="a test", version=version
    )
    sent = urllib.request.Request(request.url, request.body, {**request.headers, **request.secret}, method="POST")
    assert urllib.request.urlopen(sent, timeout=10).status == 200


def test_logs_and_metrics_of_moto_are_collected_and_read(moto: str, tmp_path: Path) -> None:
    """Forty lines in two groups, seven a page; three series. What lies outside of the window stays there."""
    # The service takes no lines that are older than two weeks.
    start = int(time.time()) // 600 * 600 - 3600
    for group in ("/aws/lambda/pay", "/aws/lambda/cart"):
        put(moto, "logs", "Logs_20140328.CreateLogGroup", logGroupName=group)
        put(moto, "logs", "Logs_20140328.CreateLogStream", logGroupName=group, logStreamName="a")
        lines = [{"timestamp": (start + i * 10) * 1000, "message": f"ERROR no connection {i}"} for i in range(-5, 20)]
        put(moto, "logs", "Logs_20140328.PutLogEvents", logGroupName=group, logStreamName="a", logEvents=lines)
    for name in ("CPUUtilization", "DatabaseConnections", "ReadLatency"):
        about = [{"Name": "DBInstanceIdentifier", "Value": "orders-db"}]
        data = [
            {"MetricName": name, "Dimensions": about, "Timestamp": start + i * 60, "Value": float(i)} for i in range(10)
        ]
        put(
            moto,
            "monitoring",
            "GraniteServiceVersion20100801.PutMetricData",
            "1.0",
            Namespace="AWS/RDS",
            MetricData=data,
        )
    (tmp_path / "afterword.toml").write_text(SYSTEMS.format(url=moto))
    environment = os.environ | {
        "AFTERWORD_WORKSPACE": str(tmp_path / "ws"),
        "KEY": KEYS["access_key"],
        "SECRET": KEYS["secret_key"],
    }
    window = f"{iso(start * SECOND)}/{iso((start + 600) * SECOND)}"
    done = subprocess.run([AFTERWORD, "collect", "--window", window, "--json"], cwd=tmp_path, capture_output=True, text=True, check=False, env=environment, timeout=120)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert KEYS["secret_key"] not in done.stdout + done.stderr
    events = _events(tmp_path, json.loads(done.stdout)["id"])
    lines = sorted((e.subject, e.at, e.text) for e in events if e.kind.value == "log")
    wanted = sorted((who, (start + i * 10) * 10**9, f"no connection {i}") for who in ("cart", "pay") for i in range(20))
    assert lines == wanted
    samples = [(e.subject, e.name, e.at, e.value) for e in events if e.kind.value == "metric"]
    assert len(samples) == len(set(samples)) == 30
    assert {(who, name) for who, name, *_ in samples} == {("orders-db", one) for one in ("CPUUtilization", "DatabaseConnections", "ReadLatency")}  # fmt: skip
    # What is stored of the questions holds neither keys nor signatures.
    for path in tmp_path.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert KEYS["secret_key"].encode() not in raw, path
            assert b"AWS4-HMAC-SHA256" not in raw, path


def _events(folder: Path, collection: str) -> list[Any]:
    """What was read out of the collection's answers, as rows of the lake."""
    from types import SimpleNamespace

    from afterword.app import intake
    from afterword.app.workspace import open_workspace
    from afterword.model.collection import Collection
    from afterword.model.event import Kind

    ws = open_workspace(folder / "ws")
    taken = intake.collect([], ws.blobs, ws.lake, pages=ws.get("collection", collection, Collection).pages)
    assert all(one.accounting.balanced for one in taken.evidence)
    rows = ws.lake.tables(taken.evidence).select(["kind", "at", "subject", "name", "text", "value"]).to_pylist()
    return [SimpleNamespace(**{**row, "kind": Kind(row["kind"])}) for row in rows]
