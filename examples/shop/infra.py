"""Starts and stops what the shop stands on: PostgreSQL, Redis, Prometheus, Alertmanager, the pager."""

from __future__ import annotations

import os
import re
import shutil
import signal
import string
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import deploy
from deploy import PORTS, RUN

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
EXPORTED = {"postgres": 9187, "redis": 9121}
HOSTED = {"node": 9100, "supervisor": 9102}
SPOOL_MB = 64
RULES = ("rules.yml", "rules-host.yml")
_running: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []


def _until(test: Callable[[], bool], what: str) -> None:
    for _ in range(300):
        if test():
            return
        time.sleep(0.1)
    raise RuntimeError(f"{what} did not come up")


def _answers(url: str, patience: float = 1.0) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=patience) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def start(words: list[str], log: str, stop: signal.Signals = signal.SIGTERM) -> None:
    """Start a process that lives as long as the recording."""
    # LANG and TZ are set so that nothing of this machine shows in what the processes write.
    environment = {"PATH": "/usr/bin:/bin", "TZ": "UTC", "LANG": "C.UTF-8", "SHOP_RUN": str(RUN)}
    with (RUN / "logs" / log).open("ab") as file:
        process = subprocess.Popen(words, stdout=file, stderr=file, env=environment, cwd=RUN)
    _running.append((process, stop))


def _postgres() -> None:
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"))
    data, sock = RUN / "pg", RUN / "pg-socket"
    for folder in (data, sock):
        folder.mkdir()
    as_user: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        for folder in (data, sock):
            shutil.chown(folder, "postgres", "postgres")
    init = [
        *as_user,
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        "shop",
        "-A",
        "trust",
        "--locale=C.UTF-8",
    ]
    subprocess.run(init, check=True, stdout=subprocess.DEVNULL, cwd="/")
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(sock),
        "max_connections": "60",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] %q%a ",
        "log_connections": "on",
        "log_disconnections": "on",
        "log_lock_waits": "on",
        "log_min_duration_statement": "500",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    start([*as_user, str(programs / "postgres"), "-D", str(data), *options], "postgres.log", signal.SIGINT)
    ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-U", "shop", "-d", "postgres"]
    _until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL")
    psql = [str(programs / "psql"), "-q", "-h", "127.0.0.1", "-U", "shop", "-v", "ON_ERROR_STOP=1"]
    subprocess.run([*psql, "-d", "postgres", "-c", "CREATE DATABASE shop"], check=True)
    subprocess.run([*psql, "-d", "shop", "-f", str(HERE / "schema.sql")], check=True)


def _redis() -> None:
    options = ["--bind", "127.0.0.1", "--port", "6379", "--save", "", "--dir", str(RUN)]
    start(["redis-server", *options], "redis.log")


def redis_again() -> None:
    """Stop Redis and start it: what it held is gone, since it keeps nothing on the disk."""
    process = next(one for one, _ in _running if one.args[0] == "redis-server")  # type: ignore[index]
    process.terminate()
    process.wait(10)
    _running[:] = [pair for pair in _running if pair[0] is not process]
    _redis()


def spool() -> None:
    """Where receipts wait for the printer: a small disk of its own, where the machine lets us mount one."""
    folder = RUN / "spool"
    folder.mkdir()
    image = RUN / "spool.img"
    with image.open("wb") as file:
        file.truncate(SPOOL_MB * 2**20)
    ways = (
        (["mkfs.ext4", "-q", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(folder)]),
        (["mount", "-t", "tmpfs", "-o", f"size={SPOOL_MB}m", "spool", str(folder)],),
    )
    if not any(all(_works(words) for words in way) for way in ways):
        print("no disk of its own for the spool: this machine does not let us mount one", flush=True)
    (folder / "receipts").mkdir()


def _works(words: list[str]) -> bool:
    try:
        return subprocess.run(words, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def certificate(service: str, until: float, folder: Path = RUN / "tls") -> None:
    """A certificate of the shop's own authority, good until a moment, and its key."""
    if not (folder / "ca.pem").exists():
        _authority(folder)
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{service}.key", "-out", f"{service}.csr",
            "-subj", f"/CN={service}", "-config", "ca.cnf", folder=folder)  # fmt: skip
    dates = [time.strftime("%Y%m%d%H%M%SZ", time.gmtime(at)) for at in (time.time() - 86400, until)]
    openssl("ca", "-batch", "-notext", "-config", "ca.cnf", "-in", f"{service}.csr", "-out", f"{service}.pem",
            "-startdate", dates[0], "-enddate", dates[1], folder=folder)  # fmt: skip


def openssl(*words: str, folder: Path) -> None:
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def _authority(folder: Path) -> None:
    folder.mkdir()
    shutil.copy(HERE / "ca.cnf", folder / "ca.cnf")
    (folder / "index.txt").touch()
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
            "-subj", "/CN=shop authority", "-extensions", "authority", "-config", "ca.cnf", folder=folder)  # fmt: skip


def _rules(name: str, patience: float) -> str:
    """The alert rules; a drill has no time for the usual patience, so each waits a share of it."""

    def shorter(found: re.Match[str]) -> str:
        seconds = int(found[2]) * (60 if found[3] == "m" else 1)
        return f"{found[1]}{seconds * patience:.0f}s"

    return re.sub(r"(?m)^(\s+for: )(\d+)([ms])$", shorter, (HERE / name).read_text())


def _watch(patience: float) -> None:
    """Prometheus and Alertmanager, under outside names so that no host name gets into the evidence."""
    block = string.Template(
        '      - {targets: ["127.0.0.1:$port"], labels: {service: $service, instance: "shop-1:$port"}}'
    )
    secure = {name: port for name, port in PORTS.items() if (RUN / "tls" / f"{name}.pem").exists()}
    ports = {name: port for name, port in {**PORTS, **EXPORTED}.items() if name not in secure}
    plain, tls = (
        "\n".join(block.substitute(service=name, port=port) for name, port in some.items()) for some in (ports, secure)
    )
    for name, values in (
        ("prometheus", {"targets": plain, "secure": tls, **{name: str(port) for name, port in HOSTED.items()}}),
        ("alertmanager", {"pager": "http://127.0.0.1:9099/"}),
    ):
        filled = string.Template((HERE / f"{name}.yml.tmpl").read_text()).safe_substitute(values)
        (RUN / f"{name}.yml").write_text(filled)
    for name in RULES:
        (RUN / name).write_text(_rules(name, patience))
    start([sys.executable, str(HERE / "pager.py"), str(RUN / "pager.jsonl")], "pager.out")
    start(
        [
            "prometheus-alertmanager",
            f"--config.file={RUN}/alertmanager.yml",
            f"--storage.path={RUN}/alertmanager",
            "--web.listen-address=127.0.0.1:9093",
            "--web.external-url=http://alertmanager.shop.example",
            "--cluster.listen-address=",
        ],
        "alertmanager.out",
    )
    start(
        [
            "prometheus",
            f"--config.file={RUN}/prometheus.yml",
            f"--storage.tsdb.path={RUN}/prometheus",
            "--web.listen-address=127.0.0.1:9090",
            "--web.external-url=http://prometheus.shop.example",
        ],
        "prometheus.out",
    )
    _until(lambda: _answers("http://127.0.0.1:9090/-/ready"), "Prometheus")
    _until(lambda: _answers("http://127.0.0.1:9093/-/ready"), "Alertmanager")


def up(patience: float = 1.0, certificate_until: float = 0.0) -> None:
    """Everything but the services, in an empty run folder."""
    RUN.mkdir(parents=True, exist_ok=True)
    deploy.empty(RUN)
    for folder in ("logs", "spans", "ready", "api"):
        (RUN / folder).mkdir(parents=True)
    _postgres()
    _redis()
    spool()
    certificate("payment", certificate_until or time.time() + 30 * 86400)
    start([sys.executable, str(HERE / "cardnet.py")], "cardnet.out")
    start([sys.executable, str(HERE / "exporter.py")], "exporter.out")
    start(
        [
            "prometheus-node-exporter",
            f"--web.listen-address=127.0.0.1:{HOSTED['node']}",
            "--collector.disable-defaults",
            "--web.disable-exporter-metrics",
            # Processors and memory of the machine are left out: a drill shares them with whatever else runs there.
            *(f"--collector.{name}" for name in ("filesystem", "netstat", "timex")),
        ],
        "node.out",
    )
    lists = ["-m", "http.server", "9098", "--bind", "127.0.0.1", "--directory", str(RUN / "api")]
    start([sys.executable, *lists], "lists.out")
    _watch(patience)


def warm() -> None:
    """Fill the cache page by page: an empty one is no part of a usual day."""
    for page in range(6):
        _answers(f"http://127.0.0.1:{PORTS['gateway']}/products?page={page}", 10.0)


def load(seed: int, *more: str) -> None:
    start([sys.executable, str(HERE / "load.py"), str(seed), str(RUN / "load.jsonl"), *more], "load.out")


def process(script: str) -> subprocess.Popen[bytes]:
    """The process of ours that runs a script, the last one started."""
    return [one for one, _ in _running if str(HERE / script) in one.args][-1]  # type: ignore[operator]


def down() -> None:
    for process, how in reversed(_running):
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
    _running.clear()
