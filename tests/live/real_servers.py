"""Real servers for tests, each started once on a free port of this machine, and stopped at the end."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PACKAGES = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-node-exporter": "prometheus-node-exporter",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "victoria-metrics": "victoria-metrics",
}
_CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]}}
scrape_configs:
  - {{job_name: node, static_configs: [{{targets: ["127.0.0.1:{node}"]}}]}}
  - {{job_name: itself, static_configs: [{{targets: ["127.0.0.1:{prometheus}"]}}]}}
"""
_RULES = """
groups:
  - name: test
    rules:
      - {alert: HostIsUp, expr: 'up{job="node"} == 1', for: 1s, labels: {severity: page}, annotations: {summary: the host answers}}
      - {record: 'job:up:sum', expr: sum by (job) (up)}
"""


@dataclass(frozen=True)
class Servers:
    """Where the servers are, and how long they have been watching."""

    prometheus: str
    alertmanager: str
    victoria: str
    since: float


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def needed(*programs: str) -> None:
    missing = sorted({PACKAGES[one] for one in programs if shutil.which(one) is None})
    if missing:
        pytest.skip(f"real servers are not installed here: apt-get install {' '.join(missing)}")


def asked(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=5) as answer:
        return json.load(answer)


def until(what: str, test: Any, seconds: float = 60.0) -> Any:
    """Wait until the test gives something; what does not come fails with its name."""
    end, last = time.monotonic() + seconds, ""
    while time.monotonic() < end:
        try:
            found = test()
        except OSError as error:
            found, last = None, str(error)
        if found:
            return found
        time.sleep(0.2)
    return pytest.fail(f"{what} did not come within {seconds:.0f} s {last}")


def started(folder: Path) -> Iterator[Servers]:
    """Prometheus that watches a host exporter and itself, its Alertmanager, and VictoriaMetrics that watches the same host."""
    ports = {name: free_port() for name in ("prometheus", "alertmanager", "node", "victoria")}
    (folder / "prometheus.yml").write_text(_CONFIG.format(**ports))
    (folder / "rules.yml").write_text(_RULES)
    (folder / "alertmanager.yml").write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n")
    node = f'["127.0.0.1:{ports["node"]}"]'
    (folder / "scrape.yml").write_text(
        f"global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: node, static_configs: [{{targets: {node}}}]}}]\n"
    )
    here = {name: f"127.0.0.1:{port}" for name, port in ports.items()}
    commands = [
        ["prometheus-node-exporter", f"--web.listen-address={here['node']}"],
        ["prometheus-alertmanager", "--config.file=alertmanager.yml", "--storage.path=am", f"--web.listen-address={here['alertmanager']}", "--cluster.listen-address="],
        ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", f"--web.listen-address={here['prometheus']}", "--storage.tsdb.allow-overlapping-blocks"],
        ["victoria-metrics", "-storageDataPath=vm", f"-httpListenAddr={here['victoria']}", "-promscrape.config=scrape.yml", "-search.latencyOffset=0s"],
    ]  # fmt: skip
    _yesterday(folder)
    running = [_start(command, folder) for command in commands]
    try:
        urls = {name: f"http://{address}" for name, address in here.items()}
        since = time.time()
        until(
            "samples of Prometheus", lambda: asked(f"{urls['prometheus']}/api/v1/query?query=up==1")["data"]["result"]
        )
        until("an alert", lambda: asked(f"{urls['alertmanager']}/api/v2/alerts"))
        until(
            "samples of VictoriaMetrics", lambda: asked(f"{urls['victoria']}/api/v1/query?query=up")["data"]["result"]
        )
        time.sleep(3)
        yield Servers(urls["prometheus"], urls["alertmanager"], urls["victoria"], since)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(20)


def _start(command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / f"{command[0]}.log").open("wb") as log:
        return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)


#: 2026-03-02 00:00 UTC; a day of samples, one every five seconds, is more than one answer may hold.
YESTERDAY, DAY, EVERY = 1_772_409_600, 86_400, 5


def _yesterday(folder: Path) -> None:
    """A day in the past, filled in with Prometheus' own tool: a counter of two services and a gauge."""
    lines = ["# TYPE shop_requests counter"]
    for service, rate in (("cart", 2), ("pay", 3)):
        lines += [
            f'shop_requests_total{{service="{service}"}} {n * rate} {YESTERDAY + n * EVERY}'
            for n in range(DAY // EVERY)
        ]
    lines += ["# TYPE shop_pool gauge"]
    lines += [f'shop_pool{{service="cart"}} {n % 7} {YESTERDAY + n * EVERY}' for n in range(DAY // EVERY)]
    (folder / "yesterday.om").write_text("\n".join([*lines, "# EOF\n"]))
    made = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "yesterday.om", "data"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True)
