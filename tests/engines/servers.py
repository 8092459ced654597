"""Real servers of Spark for the tests: a cluster of one master and two workers, and a Spark Connect server."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 120.0


def lacking(*modules: str, java: bool = False) -> str:
    """What is not here, as the reason of a skip; empty when all is here."""
    gone = [one for one in modules if find_spec(one) is None]
    if gone:
        return f"{', '.join(gone)} is not installed (make engines)"
    if java and not shutil.which("java"):
        return "no Java for Spark"
    return ""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _home() -> Path:
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@contextmanager
def _running(folder: Path, name: str, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process group of its own that is ended as a whole."""
    environment = {**os.environ, "SPARK_HOME": str(_home()), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": str(folder / "work")}  # fmt: skip
    environment["SPARK_LOCAL_DIRS"] = str(folder / "local")
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment, start_new_session=True)
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(20)


def _await(what: str, process: subprocess.Popen[bytes], ready: Any) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, f"{what} ended with {process.returncode}"
        try:
            if ready():
                return
        except OSError:
            pass
        time.sleep(0.3)
    raise TimeoutError(f"{what} did not come up in {_PATIENCE:.0f} s")


def _listens(port: int) -> bool:
    socket.create_connection(("127.0.0.1", port), 1).close()
    return True


def workers(web: int) -> int:
    """Workers that the master sees alive."""
    with urllib.request.urlopen(f"http://127.0.0.1:{web}/json/", timeout=5) as answer:
        return int(json.load(answer)["aliveworkers"])


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, int]]:
    """``spark://…`` of a master with two workers of one core each, and the port of the master's pages."""
    port, web, run = free_port(), free_port(), str(_home() / "bin" / "spark-class")
    deploy = "org.apache.spark.deploy"
    with ExitStack() as stack:
        ports = ("--port", str(port), "--webui-port", str(web))
        master = stack.enter_context(
            _running(folder, "master", run, f"{deploy}.master.Master", "--host", "127.0.0.1", *ports)
        )
        _await("the master", master, lambda: _listens(port))
        for number in (1, 2):
            own = ("--cores", "1", "--memory", "1g", "--host", "127.0.0.1", "--webui-port", str(free_port()))
            call = (run, f"{deploy}.worker.Worker", *own, f"spark://127.0.0.1:{port}")
            stack.enter_context(_running(folder, f"worker{number}", *call))
        _await("two workers", master, lambda: workers(web) == 2)
        yield f"spark://127.0.0.1:{port}", web


@contextmanager
def connect(folder: Path, master: str = "local[2]") -> Iterator[str]:
    """``sc://…`` of a Spark Connect server."""
    port = free_port()
    settings = {
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
    }
    call = [str(_home() / "bin" / "spark-submit"), "--master", master]
    call += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    for name, value in settings.items():
        call += ["--conf", f"{name}={value}"]
    with _running(folder, "connect", *call, "spark-internal") as process:
        _await("Spark Connect", process, lambda: _listens(port))
        yield f"sc://127.0.0.1:{port}"


@contextmanager
def clickhouse(folder: Path, user: str, password: str) -> Iterator[str]:
    """``clickhouse://…`` of the HTTP interface in front of chDB, whose tables lie in ``folder/tables``."""
    port = free_port()
    call = (sys.executable, str(Path(__file__).with_name("clickhouse_http.py")), str(port), str(folder / "tables"))
    with _running(folder, "clickhouse", *call, user, password) as process:
        _await("the HTTP interface of chDB", process, lambda: _listens(port))
        yield f"clickhouse://{user}@127.0.0.1:{port}/default"


def execute(address: str, password: str, sql: str) -> None:
    """Run a statement on it."""
    said = urlsplit(address)
    login = base64.b64encode(f"{said.username}:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{said.hostname}:{said.port}/", sql.encode(), {"Authorization": f"Basic {login}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
