"""Speed: analyze of a mixed evidence folder (about 50 MB, 300,000 lines), split into reading, mining, ranking and writing."""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.testclient import TestClient

from afterword.app import intake, pipeline
from afterword.app.operations import incident
from afterword.app.workspace import open_workspace
from afterword.faces import serve
from afterword.stores import lake_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

START = 1_767_225_600  # 2026-01-01T00:00:00Z
SECONDS = 3 * 3600
BAD_FROM, BAD_TO = 7200, 8700
SERVICES = ("gateway", "catalog", "cart", "checkout", "payment", "inventory", "pricing", "search")


def stamp(second: float) -> str:
    whole = START + int(second)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{int(second % 1 * 1000):03d}Z"


def json_logs(rng: random.Random, lines: int) -> Iterator[str]:
    for n in range(lines):
        second = n * SECONDS / lines
        service = SERVICES[rng.randrange(len(SERVICES))]
        bad = BAD_FROM < second < BAD_TO and service in ("checkout", "inventory") and rng.random() < 0.4
        line = {
            "timestamp": stamp(second),
            "service": service,
            "level": "error" if bad else "info",
            "message": f"could not get a connection from the pool within {rng.randrange(1900, 2100)} ms"
            if bad
            else f"handled GET /{service}/{rng.randrange(10_000)} in {rng.randrange(5, 90)} ms",
            "trace_id": f"{rng.getrandbits(128):032x}",
            "status": 500 if bad else 200,
        }
        yield json.dumps(line)


def plain_logs(rng: random.Random, lines: int) -> Iterator[str]:
    words = (
        "connection received: host=10.0.0.{a} port={b}",
        "checkpoint complete: wrote {b} buffers",
        "duration: {a}.{b} ms  statement: SELECT * FROM item WHERE id = {b}",
    )
    for n in range(lines):
        said = rng.choice(words).format(a=rng.randrange(250), b=rng.randrange(60_000))
        yield f"{stamp(n * SECONDS / lines)} [{rng.randrange(100, 900)}] LOG:  {said}"


def spans(rng: random.Random, lines: int) -> Iterator[str]:
    for n in range(lines):
        second = n * SECONDS / lines
        service = SERVICES[rng.randrange(len(SERVICES))]
        bad = BAD_FROM < second < BAD_TO and service in ("checkout", "inventory") and rng.random() < 0.4
        begin = (START * 1000 + int(second * 1000)) * 1_000_000
        took = (2_000 if bad else rng.randrange(4, 80)) * 1_000_000
        span = {
            "traceId": f"{rng.getrandbits(128):032x}",
            "spanId": f"{rng.getrandbits(64):016x}",
            "name": f"GET /{service}",
            "kind": 2,
            "startTimeUnixNano": str(begin),
            "endTimeUnixNano": str(begin + took),
            "status": {"code": 2 if bad else 0},
            "attributes": [{"key": "http.response.status_code", "value": {"intValue": "500" if bad else "200"}}],
        }
        resource_ = {"attributes": [{"key": "service.name", "value": {"stringValue": service}}]}
        yield json.dumps({"resourceSpans": [{"resource": resource_, "scopeSpans": [{"spans": [span]}]}]})


def metrics(rng: random.Random) -> dict[str, Any]:
    result = []
    for service in SERVICES:
        for name, usual in (
            ("error_ratio", 0.001),
            ("latency_p95_seconds", 0.08),
            ("request_rate", 40.0),
            ("cpu", 0.3),
        ):
            hurt = service in ("checkout", "inventory") and name in ("error_ratio", "latency_p95_seconds")
            values = [
                [START + s, repr(usual * (1 + 0.1 * rng.random()) * (60 if hurt and BAD_FROM < s < BAD_TO else 1))]
                for s in range(0, SECONDS, 15)
            ]
            result.append({"metric": {"__name__": name, "service": service}, "values": values})
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def make(folder: Path, megabytes: int) -> tuple[int, int]:
    """Write the evidence of one made-up incident; answers bytes and lines."""
    rng = random.Random(7)
    scale = megabytes / 50
    kinds: dict[str, Iterator[str]] = {
        "app.jsonl": json_logs(rng, int(120_000 * scale)),
        "postgres.log": plain_logs(rng, int(120_000 * scale)),
        "spans.jsonl": spans(rng, int(45_000 * scale)),
    }
    for name, lines in kinds.items():
        with (folder / name).open("w") as file:
            file.writelines(line + "\n" for line in lines)
    (folder / "metrics.json").write_text(json.dumps(metrics(rng), indent=0))
    deploys = [
        {"timestamp": stamp(at), "service": service, "commit_sha": f"{n:040x}", "version": f"v{n}"}
        for n, (at, service) in enumerate(
            ((1800, "search"), (BAD_FROM - 40, "inventory"), (BAD_FROM + 60, "catalog")), 1
        )
    ]
    (folder / "deploys.json").write_text(json.dumps(deploys))
    files = list(folder.iterdir())
    return sum(f.stat().st_size for f in files), sum(f.read_bytes().count(b"\n") for f in files)


class Stopwatch:
    """Wall and CPU seconds of named parts; a part inside another is taken off the outer one."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._open: list[str] = []

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            wall, cpu = time.perf_counter(), time.process_time()
            self._open.append(name)
            try:
                return function(*args, **kwargs)
            finally:
                self._open.pop()
                took = (time.perf_counter() - wall, time.process_time() - cpu)
                for index, seconds in enumerate(took):
                    self.spent[name][index] += seconds
                    if self._open:
                        self.spent[self._open[-1]][index] -= seconds

        return run


def watch(clock: Stopwatch) -> None:
    """Put the stopwatch around the four parts, where the code calls them."""
    intake.collect = clock.timed("reading", intake.collect)
    lake_columns.skeletons = clock.timed("mining", lake_columns.skeletons)
    pipeline.work = clock.timed("ranking", pipeline.work)
    incident.publish = clock.timed("writing", incident.publish)


def page_seconds(root: Path, id_: str) -> float:
    """How long the server takes for the page of the incident, once it runs."""
    opened = open_workspace(root, face="serve")
    with TestClient(serve.application(opened.for_caller, opened.for_caller), base_url="http://127.0.0.1") as client:
        client.get("/")
        begin = time.perf_counter()
        assert client.get(f"/incidents/{id_}").status_code == 200
        return time.perf_counter() - begin


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=50)
    args = parser.parse_args()
    clock = Stopwatch()
    watch(clock)
    with tempfile.TemporaryDirectory(prefix="afterword-bench-") as name:
        folder, root = Path(name, "evidence"), Path(name, "workspace")
        folder.mkdir()
        size, lines = make(folder, args.megabytes)
        begin = time.perf_counter()
        report = incident.analyze(open_workspace(root, face="bench"), evidence=(str(folder),))
        whole = time.perf_counter() - begin
        page = page_seconds(root, report.incident["id"])
    print(f"{size / 1e6:.1f} MB, {lines} lines; answer: {report.causes[0]['statement'] if report.causes else 'none'}")
    print(f"{'part':<10}{'wall s':>9}{'CPU s':>9}{'share':>8}")
    for part in ("reading", "mining", "ranking", "writing"):
        wall, cpu = clock.spent[part]
        print(f"{part:<10}{wall:>9.2f}{cpu:>9.2f}{wall / whole:>8.0%}")
    print(f"{'all':<10}{whole:>9.2f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:.0f} MB; page of the incident {page:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
