"""Every Aralia tree: CPU of the whole work, pure and with the compiled engine, agreement with the expected figures.

    python benchmarks/fault_trees.py [--budget SECONDS] [--data FOLDER] [--engine plain|compiled|both]
                                     [--peers PYTHON [--packages NAME,NAME]] [TREE...]

Each tree runs in a process of its own: parse, solve, importance, cut sets counted by order. CPU is user and system, without
the start of Python. "± 2 %" in place of a verdict: certified bounds, which differ by that share of the upper one. Beside ours,
where they are there: SCRAM (`scram` on the PATH: decision diagram, probability, importance, sets of up to 20 events; the whole
process; the ratio is to the last engine). --peers names a Python: the other fault tree packages that it has answer too, in a
table of their own (fault_tree_packages.py) on the trees named, or on six of the easier ones.
"""

from __future__ import annotations

import argparse
import csv
import json
import multiprocessing
import queue
import resource
import shutil
import signal
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import fault_tree_packages

from afterword.app.accelerator import accelerator
from afterword.app.openpsa import read
from afterword.core.cause.plain import Plain
from afterword.core.cause.tree import solve
from afterword.model.refusal import InvalidError

DATA = Path(__file__).parents[2] / "shared" / "data" / "fault-trees"


def spent() -> float:
    """CPU seconds of this process so far; under RLIMIT_CPU Linux advances time.process_time in steps of some milliseconds."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def run(path: str, engine: str, budget: float, out: multiprocessing.Queue[dict[str, Any]]) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (int(budget) + 1, int(budget) + 2))
    start = spent()
    try:
        made = Plain() if engine == "plain" else accelerator()
        result = solve(read(Path(path).read_bytes()), limit=100, engine=made)
    except InvalidError as error:
        out.put({"error": error.code, "cpu": spent() - start})
        return
    out.put(
        {
            "cpu": spent() - start,
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "p": result.top_probability,
            "bounds": result.bounds,
            "count": result.cut_set_count,
            "orders": {str(order): count for order, count in result.by_order},
            "birnbaum": {row.event: row.birnbaum or 0.0 for row in result.importance},
            "fussell_vesely": {row.event: row.fussell_vesely or 0.0 for row in result.importance},
        }
    )


def measured(path: Path, engine: str, budget: float) -> dict[str, Any]:
    """The answer of a process of its own, stopped by the system when its CPU seconds are used up."""
    answers: multiprocessing.Queue[dict[str, Any]] = multiprocessing.Queue()
    process = multiprocessing.Process(target=run, args=(str(path), engine, budget, answers))
    process.start()
    while True:
        try:
            found = answers.get(timeout=1.0)
        except queue.Empty:
            if process.is_alive():
                continue
            found = {"error": f"> {budget:g} s"}
        process.join()
        return found


def beside(command: list[str], budget: float) -> str:
    """CPU of another program on the same tree, stopped by the system when its CPU seconds or 4 GiB are used up."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    limits = ["prlimit", f"--cpu={int(budget)}", f"--as={4 << 30}"] if shutil.which("prlimit") else []
    try:
        subprocess.run([*limits, *command], check=True, capture_output=True, timeout=20 * budget, text=True)
    except subprocess.TimeoutExpired:
        return f"> {budget:g} s"
    except subprocess.CalledProcessError as error:
        if error.returncode in (-signal.SIGKILL, -signal.SIGXCPU):
            return f"> {budget:g} s"
        said = (error.stderr or "").strip().splitlines()
        return said[-1][:11] if said else "failed"
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return f"{after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.3f}"


def others() -> dict[str, list[str]]:
    """The programs that are there, and how each is started on a tree."""
    if not shutil.which("scram"):
        return {}
    return {"SCRAM": ["scram", "--bdd", "--probability", "--importance", "-o", "/dev/null"]}


def agrees(found: dict[str, Any], row: dict[str, Any]) -> str:
    if "error" in found:
        return str(found["error"])
    if found["bounds"]:
        low, high = found["bounds"]
        return f"± {(high - low) / high:.1%}"
    if not row["mcs_total"]:
        return "no figure"
    p = float(row["p_top_all_events_0.01"])
    same = abs(found["p"] - p) <= 1e-9 * p and found["orders"] == json.loads(row["mcs_by_order_json"])
    return "agrees" if same else "DIFFERS"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trees", nargs="*")
    parser.add_argument("--budget", type=float, default=60.0, help="CPU seconds for each tree and engine")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--engine", choices=("plain", "compiled", "both"), default="both")
    parser.add_argument("--peers", help="a Python whose packages run beside")
    parser.add_argument(
        "--packages", default=",".join(fault_tree_packages.OFFERED), help="of these, separated by commas"
    )
    options = parser.parse_args()
    if not options.data.exists():
        print(f"no fault trees in {options.data}", file=sys.stderr)
        return 2
    engines = ["plain", "compiled"] if options.engine == "both" else [options.engine]
    if "compiled" in engines and accelerator() is None:
        print("no compiler here: plain Python only", file=sys.stderr)
        engines = ["plain"]
    with (options.data / "aralia-expected.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if not options.trees or row["tree"] in options.trees]
    solved: dict[str, dict[str, Any]] = {}
    differ = table(rows, engines, others(), options, solved)
    if options.peers:
        chosen = options.trees or fault_tree_packages.TREES
        exact = {tree: solved[tree] for tree in chosen if tree in solved}
        wanted = options.packages.split(",")
        fault_tree_packages.table(options.peers, wanted, options.budget, exact, options.data / "aralia")
    return 1 if differ else 0


def table(
    rows: list[dict[str, Any]],
    engines: list[str],
    programs: dict[str, list[str]],
    options: argparse.Namespace,
    exact: dict[str, dict[str, Any]],
) -> int:
    """Print it; how many answers differ. `exact` takes the exact answers of the last engine by tree."""
    head = "".join(f"{engine + ' s':>12} {'verdict':10}" for engine in engines)
    print(
        f"{'tree':10} {'events':>6} {'gates':>6} {'cut sets':>14} {'P(top)':>13}{head} {'MB':>5}"
        + "".join(f"{name + ' s':>12}" + (f" {'ratio':>7}" if name == "SCRAM" else "") for name in programs),
        flush=True,
    )
    solved, total, differ, largest = dict.fromkeys(engines, 0), dict.fromkeys(engines, 0.0), 0, 0.0
    ratios: list[float] = []
    for row in rows:
        path = options.data / "aralia" / f"{row['tree']}.xml"
        cells, found = "", {}
        for engine in engines:
            found = measured(path, engine, options.budget)
            verdict = agrees(found, row)
            good = verdict in ("agrees", "no figure")
            solved[engine], differ = solved[engine] + good, differ + (verdict == "DIFFERS")
            total[engine] += found["cpu"] if good and row["mcs_total"] else 0.0
            largest = max(largest, found.get("memory", 0.0))
            cells += f"{found.get('cpu', float('nan')):12.3f} {verdict:10}"
        if found.get("p") is not None and not found["bounds"]:
            exact[row["tree"]] = found
        p = f"{found['p']:.7g}" if found.get("p") is not None else ""
        line = f"{row['tree']:10} {row['basic_events']:>6} {row['gates_in_file']:>6} {found.get('count') or '':>14} {p:>13}{cells}"
        line += f" {found.get('memory', 0.0):5.0f}"
        for name, command in programs.items():
            theirs = beside([*command, str(path)], options.budget)
            line += f"{theirs:>12}"
            if name == "SCRAM" and theirs[0].isdigit() and "cpu" in found:
                ratios.append(float(theirs) / found["cpu"])
                line += f" {ratios[-1]:6.1f}x"
            elif name == "SCRAM":
                line += f" {'':7}"
        print(line, flush=True)
    for engine in engines:
        print(f"{engine}: {solved[engine]} of {len(rows)} exact; those with a figure in {total[engine]:.1f} s CPU")
    if ratios:
        wins = sum(one > 1 for one in ratios)
        print(
            f"SCRAM / {engines[-1]}: geometric mean {statistics.geometric_mean(ratios):.1f}x, {wins} of {len(ratios)} won"
        )
    print(f"{differ} differ; at most {largest:.0f} MB")
    return differ


if __name__ == "__main__":
    sys.exit(main())
