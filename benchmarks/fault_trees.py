"""Every Aralia tree within a time budget: CPU, counts, agreement with the expected figures; SCRAM beside it if installed.

    python benchmarks/fault_trees.py [--budget SECONDS] [--data FOLDER] [TREE...]

Each tree runs in a process of its own: parse, solve, importance, cut sets counted by order. CPU is user and system.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

from afterword.app.openpsa import read
from afterword.core.cause.tree import solve
from afterword.model.refusal import InvalidError

DATA = Path(__file__).parents[2] / "shared" / "data" / "fault-trees"
BUDGETS = (20_000, 100_000, 500_000, 3_000_000)


def run(path: str, out: multiprocessing.Queue) -> None:
    start = time.process_time()
    try:
        result = solve(read(Path(path).read_bytes()), limit=100, budgets=BUDGETS)
    except InvalidError as error:
        out.put({"error": error.code, "cpu": time.process_time() - start})
        return
    out.put(
        {
            "cpu": time.process_time() - start,
            "p": result.top_probability,
            "count": result.cut_set_count,
            "orders": {str(order): count for order, count in result.by_order},
        }
    )


def measured(path: Path, budget: float) -> dict:
    """The answer of a process of its own, stopped when the budget is over."""
    queue: multiprocessing.Queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=run, args=(str(path), queue))
    process.start()
    try:
        found = queue.get(timeout=budget)
    except Exception:  # noqa: BLE001 - the queue raises its own kind of Empty
        found = {"error": f"> {budget:g} s"}
    process.kill()
    process.join()
    return found


def scram(path: Path, budget: float) -> str:
    """CPU of SCRAM on the same tree, BDD with importance."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        subprocess.run(
            ["scram", "--bdd", "--probability", "1", "--importance", "1", "-o", "/dev/null", str(path)],
            check=True,
            capture_output=True,
            timeout=budget,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        return type(error).__name__
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return f"{after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.2f}"


def agrees(found: dict, row: dict) -> str:
    if not row["mcs_total"]:
        return "no figure"
    p = float(row["p_top_all_events_0.01"])
    same = abs(found["p"] - p) <= 1e-10 * p and found["orders"] == json.loads(row["mcs_by_order_json"])
    return "agrees" if same else "DIFFERS"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trees", nargs="*")
    parser.add_argument("--budget", type=float, default=30.0, help="seconds for each tree")
    parser.add_argument("--data", type=Path, default=DATA)
    options = parser.parse_args()
    if not options.data.exists():
        print(f"no fault trees in {options.data}", file=sys.stderr)
        return 2
    with (options.data / "aralia-expected.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if not options.trees or row["tree"] in options.trees]
    beside = shutil.which("scram") is not None
    print(
        f"{'tree':10} {'events':>6} {'gates':>6} {'cut sets':>14} {'CPU s':>8}  {'verdict':10}"
        + ("  SCRAM s" if beside else "")
    )
    solved, differ, total = 0, 0, 0.0
    for row in rows:
        path = options.data / "aralia" / f"{row['tree']}.xml"
        found = measured(path, options.budget)
        verdict = found.get("error") or agrees(found, row)
        good = "error" not in found
        solved, differ = solved + good, differ + (verdict == "DIFFERS")
        total += found["cpu"] if good else 0.0
        cpu = f"{found['cpu']:8.3f}" if "cpu" in found else " " * 8
        line = f"{row['tree']:10} {row['basic_events']:>6} {row['gates_in_file']:>6} {found.get('count', ''):>14} {cpu}  {verdict:10}"
        print(line + (f"  {scram(path, options.budget)}" if beside else ""), flush=True)
    print(f"{solved} of {len(rows)} solved in {total:.1f} s CPU; {differ} differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
