"""The deploy tool: checks out a commit for one service, hands the socket over, lists the deployments."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path("/srv/shop")
RUN, RELEASES, REPO = ROOT / "run", ROOT / "releases", ROOT / "repo"
PORTS = {
    "gateway": 8080,
    "catalog": 8081,
    "pricing": 8082,
    "cart": 8083,
    "inventory": 8084,
    "checkout": 8085,
    "payment": 8086,
    "fulfilment": 8087,
}


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def empty(folder: Path) -> None:
    """Remove what is in a folder, but not the folder: it may be a mount point."""
    for child in folder.iterdir():
        shutil.rmtree(child) if child.is_dir() else child.unlink()


def git(*words: str, **more: Any) -> str:
    # No configuration of the user's: names and settings come from here only.
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "TZ": "UTC",
        **more.pop("env", {}),
    }
    done = subprocess.run(
        ["git", *words], cwd=REPO, env=environment, check=True, capture_output=True, text=True, **more
    )
    return str(done.stdout)


@dataclass
class Fleet:
    """All services that run, one process and one listening socket each."""

    first_id: int
    sockets: dict[str, socket.socket] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    deployments: list[dict[str, Any]] = field(default_factory=list)
    leaving: list[subprocess.Popen[bytes]] = field(default_factory=list)
    environment: dict[str, dict[str, str]] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def _socket(self, service: str) -> socket.socket:
        if service not in self.sockets:
            listener = socket.socket()
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", PORTS[service]))
            listener.listen(256)
            self.sockets[service] = listener
        return self.sockets[service]

    def _spawn(self, service: str, sha: str, release: Path) -> subprocess.Popen[bytes]:
        listener, ready = self._socket(service), RUN / "ready" / f"{service}-{time.time_ns()}"
        environment = {
            "PATH": "/usr/bin:/bin",
            "TZ": "UTC",
            "SHOP_RUN": str(RUN),
            "SHOP_SERVICE": service,
            "SHOP_VERSION": sha[:7],
            "SHOP_FD": str(listener.fileno()),
            "SHOP_READY": str(ready),
            **self.environment.get(service, {}),
        }
        words = [sys.executable, "-m", f"services.{service}"]
        with (RUN / "logs" / f"{service}.out").open("ab") as out:
            process = subprocess.Popen(
                words, cwd=release, env=environment, pass_fds=[listener.fileno()], stdout=out, stderr=out
            )
        for _ in range(300):
            if ready.exists():
                process.began = time.monotonic()  # type: ignore[attr-defined]
                return process
            if process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"{service} {sha[:7]} did not start")

    def deploy(self, service: str, sha: str, actor: str, description: str, task: str = "deploy") -> None:
        """Start the new release beside the old one, then let the old one finish what it has begun."""
        began = now()
        release = RELEASES / service / sha[:7]
        if not release.exists():
            release.mkdir(parents=True)
            archive = subprocess.run(["git", "archive", sha], cwd=REPO, check=True, capture_output=True)
            subprocess.run(["tar", "-x", "-C", str(release)], input=archive.stdout, check=True)
        with self.lock:
            fresh = self._spawn(service, sha, release)
            old = self.processes.get(service)
            self.processes[service], self.running[service] = fresh, sha
            if old is not None:
                old.send_signal(signal.SIGTERM)
                self.leaving.append(old)
            self.deployments.append(self._entry(service, sha, actor, description, task, began))

    def restart(self, service: str) -> subprocess.Popen[bytes]:
        """The same release once more, after its process ended by itself."""
        sha = self.running[service]
        self.processes[service] = self._spawn(service, sha, RELEASES / service / sha[:7])
        return self.processes[service]

    def _entry(self, service: str, sha: str, actor: str, description: str, task: str, began: str) -> dict[str, Any]:
        ended = now()
        return {
            "id": self.first_id + len(self.deployments),
            "sha": sha,
            "ref": "main",
            "task": task,
            "environment": "production",
            "description": description,
            "creator": {"login": actor},
            "created_at": began,
            "updated_at": ended,
            "payload": {"service": service},
            "statuses": [
                {"state": "in_progress", "created_at": began},
                {"state": "success", "created_at": ended},
            ],
        }

    def date_back(self, at: float) -> None:
        """Say of what runs now that it was deployed then: a drill starts its copy of a shop that has run for days."""
        for entry in self.deployments:
            said = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
            entry |= {"created_at": said, "updated_at": said}
            entry["statuses"] = [{"state": "success", "created_at": said}]

    def previous(self, service: str) -> str:
        """The release that ran before the present one."""
        shas = [entry["sha"] for entry in self.deployments if entry["payload"]["service"] == service]
        return str(shas[-2])

    def save(self, target: Path) -> None:
        # Newest first, as the API answers.
        target.write_text(json.dumps(self.deployments[::-1], indent=1) + "\n")

    def down(self) -> None:
        for process in [*self.processes.values(), *self.leaving]:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in [*self.processes.values(), *self.leaving]:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
        for listener in self.sockets.values():
            listener.close()
