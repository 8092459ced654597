"""Looks after the services: starts again what ended by itself, ends what takes more memory than it may."""

from __future__ import annotations

import logging
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from deploy import RUN

if TYPE_CHECKING:
    import subprocess

    from deploy import Fleet

PORT = 9102
LIMIT = 220 * 2**20
LONGEST = 10.0
ROOMY = 600.0  # After so long a service starts again without the delay that earlier ends have earned it.

log = logging.getLogger("supervisor")


def setup_log(target: Path) -> None:
    handler = logging.FileHandler(target)
    shape = logging.Formatter("%(asctime)s.%(msecs)03dZ %(levelname)s supervisor: %(message)s", "%Y-%m-%dT%H:%M:%S")
    shape.converter = time.gmtime
    handler.setFormatter(shape)
    log.addHandler(handler)
    log.setLevel(logging.INFO)


def memory(pid: int) -> int:
    """What a process holds in memory, in bytes; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except (OSError, IndexError):
        return 0


def _how(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"exited with {code}"


class Supervisor:
    """One thread that looks twice a second."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._stop = threading.Event()
        self._since: dict[str, float] = {}
        self._wait: dict[str, float] = {}
        registry = CollectorRegistry()
        self._restarts = Counter(
            "supervisor_restarts", "Starts after an end nobody asked for", ["name"], registry=registry
        )
        self._memory = Gauge("supervisor_memory_limit_bytes", "What a service may take", registry=registry)
        self._memory.set(LIMIT)
        for name in fleet.processes:
            self._restarts.labels(name)
        setup_log(RUN / "logs" / "supervisor.log")
        self._server, _ = start_http_server(PORT, "127.0.0.1", registry)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(0.5):
            for name in list(self._fleet.processes):
                with self._fleet.lock:
                    process = self._fleet.processes[name]
                    self._limit(name, process)
                    if process.poll() is not None:
                        self._again(name, process)

    def _limit(self, name: str, process: subprocess.Popen[bytes]) -> None:
        held = memory(process.pid)
        if held > LIMIT and process.poll() is None:
            log.error("%s (%d) takes %d MiB, may take %d MiB: killed", name, process.pid, held >> 20, LIMIT >> 20)
            process.kill()
            process.wait()

    def _again(self, name: str, process: subprocess.Popen[bytes]) -> None:
        now = time.monotonic()
        if name not in self._since:
            ran = now - getattr(process, "began", now)
            earned = 0.0 if ran > ROOMY else self._wait.get(name, 0.0)
            self._wait[name] = min(LONGEST, max(1.0, earned * 2))
            self._since[name] = now
            log.warning("%s (%d) %s; back in %.1f s", name, process.pid, _how(process.poll() or 0), self._wait[name])
        if now - self._since[name] >= self._wait[name]:
            del self._since[name]
            fresh = self._fleet.restart(name)
            self._restarts.labels(name).inc()
            log.info("%s started again as %d", name, fresh.pid)

    def down(self) -> None:
        self._stop.set()
        self._thread.join(35)
        self._server.shutdown()
        self._server.server_close()
