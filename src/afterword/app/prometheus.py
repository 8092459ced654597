"""A real Prometheus as engine: started on an empty temporary folder, given the recorded series, asked, and killed.

It listens on a free port of the loopback only, scrapes nothing, sends nothing, and gets no environment. Series go in by
remote write, since that carries the marks where a series was not there, which blocks made from text do not.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import numpy as np

from afterword.app import remote_write
from afterword.core.promql.node import UnsupportedError
from afterword.core.promql.track import Labels, labels_of
from afterword.core.promql.vector import Vector
from afterword.model.time import MINUTE, SECOND

try:
    import resource
except ImportError:  # pragma: no cover - neither Linux nor macOS
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from afterword.core.promql.track import Track

#: Prometheus answers at most so many points of a series at once.
_POINTS = 10_000
_STARTS_WITHIN, _ANSWERS_WITHIN, _LIVES = 20.0, 60.0, 300
_MEMORY = 1 << 30
_ANSWER = 256 << 20
#: Samples may come in any order: the rules' own are written after the recorded ones. ``every``: the step of ``[5m:]``.
_SETTINGS = "global: {{evaluation_interval: {every}ms}}\nstorage: {{tsdb: {{out_of_order_time_window: 36500d}}}}\n"

_VALUE_NAME, _KEY = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*"), re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class GoneError(Exception):
    """It did not start, does not answer, or ended; says why."""


def binary() -> str:
    """Where the program is; empty where it is not installed."""
    return shutil.which("prometheus") or ""


@cache
def version(program: str) -> str:
    """``2.42.0``; raises GoneError where the program says nothing of the kind."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, timeout=10, check=False, env={}).stdout  # noqa: S603 - the program that was looked up
    except (OSError, subprocess.SubprocessError) as error:
        raise GoneError(f"{program} does not run: {error}") from error
    found = re.search(rb"version (\d+\.\d+\.\d+)", said)
    if not found:
        raise GoneError(f"{program} does not say its version")
    return found[1].decode()


class Prometheus:
    """Ends with ``close``, or with the ``with`` that it stands in. Raises GoneError where it cannot be had."""

    def __init__(self, tracks: Iterable[Track] = (), *, every: int = MINUTE, program: str = "") -> None:
        self._program = program or binary()
        if not self._program:
            raise GoneError("no program called prometheus is installed")
        self.name = f"Prometheus {version(self._program)}"
        self._folder = tempfile.TemporaryDirectory(prefix="afterword-prometheus-")
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._start(every)
            self.add(tracks)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---------------------------------------------------------------------------------------- what it is asked

    def add(self, tracks: Iterable[Track]) -> None:
        headers = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
        headers["X-Prometheus-Remote-Write-Version"] = "0.1.0"
        for body in remote_write.requests(one for one in tracks if len(one.at) and _named(one)):
            status, said = self._ask("POST", "/api/v1/write", body, headers)
            if status // 100 != 2:
                raise GoneError(f"{self.name} does not take the series: {said[:200].decode('utf-8', 'replace')}")

    def ask(self, expr: str, times: NDArray[np.int64]) -> Vector:
        """Raises UnsupportedError with the words of Prometheus where it refuses the expression."""
        rows: dict[Labels, tuple[NDArray[np.float64], NDArray[np.bool_]]] = {}
        step = int(times[1] - times[0]) if len(times) > 1 else SECOND
        for start in range(0, len(times), _POINTS):
            part = times[start : start + _POINTS]
            for labels, at, value in self._matrix(expr, int(part[0]), int(part[-1]), step):
                row = rows.setdefault(labels, (np.zeros(len(times)), np.zeros(len(times), dtype=bool)))
                place = start + np.rint((at - part[0] / SECOND) * SECOND / step).astype(np.int64)
                row[0][place], row[1][place] = value, True
        return Vector(rows)

    def _matrix(self, expr: str, start: int, end: int, step: int) -> Iterable[tuple[Labels, Any, Any]]:
        said = {"query": expr, "start": _text(start), "end": _text(end), "step": _text(step)}
        body = urlencode(said).encode()
        status, raw = self._ask(
            "POST", "/api/v1/query_range", body, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        try:
            answer = json.loads(raw)
        except ValueError as error:
            raise GoneError(f"{self.name} answers {status} and no JSON") from error
        if answer.get("status") != "success":
            raise UnsupportedError(f"{self.name} says: {str(answer.get('error', ''))[:300]}")
        for one in answer["data"]["result"]:
            pairs = one["values"]
            at = np.array([pair[0] for pair in pairs], dtype=np.float64)
            yield labels_of(one["metric"]), at, np.array([float(pair[1]) for pair in pairs])

    # ---------------------------------------------------------------------------------------- its life

    def _start(self, every: int) -> None:
        folder = Path(self._folder.name)
        (folder / "settings.yml").write_text(_SETTINGS.format(every=max(1, every // 1_000_000)))
        self._port = _free_port()
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - the program that was looked up; no shell
                [
                    self._program, f"--config.file={folder / 'settings.yml'}", f"--storage.tsdb.path={folder / 'data'}",
                    f"--web.listen-address=127.0.0.1:{self._port}", "--web.enable-remote-write-receiver",
                    "--storage.tsdb.retention.time=100y", "--query.max-samples=20000000", "--query.max-concurrency=2", "--log.level=error",
                ],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, cwd=folder,
                env={"GOMAXPROCS": "2", "GOMEMLIMIT": str(_MEMORY), "HOME": str(folder)}, start_new_session=True,
            )  # fmt: skip
        if resource is not None and hasattr(resource, "prlimit"):
            with contextlib.suppress(OSError):
                # Were we killed before it, it would not go on for ever.
                resource.prlimit(self._process.pid, resource.RLIMIT_CPU, (_LIVES, _LIVES))
        self._until = time.monotonic() + _LIVES
        patience = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < patience and self._process.poll() is None:
            with contextlib.suppress(GoneError):
                if self._ask("GET", "/-/ready")[0] == http.client.OK:
                    return
            time.sleep(0.02)
        raise GoneError(f"{self.name} did not start: {self._last_words()}")

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        left = self._until - time.monotonic()
        if left <= 0:
            raise GoneError(f"{self.name} was asked for more than {_LIVES} s in all")
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=min(left, _ANSWERS_WITHIN))
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            raw = answer.read(_ANSWER + 1)
        except (OSError, http.client.HTTPException) as error:
            raise GoneError(f"{self.name} does not answer: {error}") from error
        finally:
            connection.close()
        if len(raw) > _ANSWER:
            raise GoneError(f"{self.name} answers more than {_ANSWER >> 20} MiB")
        return answer.status, raw

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            return (Path(self._folder.name) / "log").read_text("utf-8", "replace")[-300:].strip() or "it said nothing"
        return "it said nothing"

    def close(self) -> None:
        """Kill it with all that it started, and wait: nothing of it is left when this returns."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        self._folder.cleanup()


def _named(track: Track) -> bool:
    """A name and labels as rules write them: of others no rule can select, and the server refuses the whole request."""
    return all(
        _VALUE_NAME.fullmatch(value) if key == "__name__" else _KEY.fullmatch(key) for key, value in track.labels
    )


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _text(ns: int) -> str:
    """Seconds to the millisecond, which is as fine as Prometheus counts."""
    return f"{ns // 1_000_000 / 1000:.3f}"
