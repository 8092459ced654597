"""Runs fire drills one after the other, or a few at a time, each in a network and folders of its own."""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
# By name, without importing the faults: they need the packages of the shop, this script needs none.
NEEDED = (
    "unshare",
    "prometheus",
    "prometheus-alertmanager",
    "prometheus-node-exporter",
    "redis-server",
    "openssl",
    "ip",
)
PATIENCE = 900.0

_running: list[subprocess.Popen[str]] = []
_states: list[Path] = []
_lock = threading.Lock()


def missing() -> list[str]:
    """What this machine lacks for a drill, in words."""
    lacks = [
        name for name in NEEDED if shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None
    ]
    if not list(Path("/usr/lib/postgresql").glob("*/bin/postgres")):
        lacks.append("PostgreSQL")
    if not Path("/srv/shop/venv/bin/python").exists():
        lacks.append("/srv/shop/venv")
    if os.geteuid() != 0:
        lacks.append("root")
    return lacks


def names() -> list[str]:
    words = ["/srv/shop/venv/bin/python", "-c", "import faults; print(*faults.FAULTS)"]
    return subprocess.run(words, cwd=HERE, check=True, capture_output=True, text=True).stdout.split()


def drill(fault: str, out: Path, results: Path, words: list[str]) -> int:
    """One drill. What it says goes to a file beside its evidence, and its last line to us."""
    state = Path(tempfile.mkdtemp(prefix=f"drill-{fault}-"))
    _states.append(state)
    log = out / f"{fault}.log"
    try:
        command = [str(HERE / "isolate.sh"), str(state), "drill.py", "--fault", fault, "--out", str(out)]
        with log.open("w") as file:
            process = subprocess.Popen(
                [*command, "--results", str(results), *words], stdout=file, stderr=file, text=True, start_new_session=True
            )  # fmt: skip
            with _lock:
                _running.append(process)
            code = process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    finally:
        shutil.rmtree(state, ignore_errors=True)
    said = log.read_text().strip().splitlines() or [""]
    print(said[-1] if code == 0 else f"{fault}: the drill ended with {code}: {said[-1]} ({log})", flush=True)
    return code


def _stop(*_: object) -> None:
    """`unshare --kill-child` takes with it whatever a drill started."""
    for process in _running:
        if process.poll() is None:
            process.kill()
            process.wait()
    for state in _states:
        shutil.rmtree(state, ignore_errors=True)
    print("stopped", flush=True)
    os._exit(130)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fault", default="random", help="a name, several with commas, all, or random")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1000))
    parser.add_argument("--out", type=Path, required=True, help="a folder outside the project")
    parser.add_argument("--jobs", type=int, default=1, help="drills at a time")
    words, more = parser.parse_known_args()
    if lacks := missing():
        sys.exit(f"A drill needs {', '.join(lacks)}. examples/shop/setup.sh installs everything on Debian 12, as root.")
    known = names()
    chosen = {"all": known, "random": [random.Random(words.seed).choice(known)]}.get(
        words.fault, words.fault.split(",")
    )
    if strange := sorted(set(chosen) - set(known)):
        sys.exit(f"No fault is called {', '.join(strange)}. There are: {', '.join(known)}.")
    out = words.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    results = out / "results.jsonl"
    print(f"{len(chosen)} drills, seed {words.seed}, into {out}; a drill takes about five minutes", flush=True)
    options = ["--seed", str(words.seed), *more]
    with ThreadPoolExecutor(words.jobs) as pool:
        codes = list(pool.map(lambda fault: drill(fault, out, results, options), chosen))
    sys.exit(max(codes))


if __name__ == "__main__":
    main()
