"""Root causes: strict ranks over the case sets beside the project, answers hidden from what is scored.

    python benchmarks/rca.py [--data FOLDER] [--set NAME] [--without time] [-v]

Each case is copied into an empty folder under neutral names, so that neither a name nor an answer can be read.
Strict: a component that ties with the right one counts as standing before it.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterword.app.operations import incident
from afterword.app.workspace import open_workspace
from afterword.model.refusal import RefusalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "rca"


@dataclass(frozen=True)
class Case:
    """Evidence files, what may be told to the tool, and what is right."""

    name: str
    files: tuple[Path, ...]
    told: dict[str, str]
    component: str = ""
    indicator: str = ""
    #: Commit that is guilty, ``none`` when no change is; empty: not asked.
    commit: str = ""
    decoys: tuple[str, ...] = ()
    group: str = "all"


@dataclass
class Score:
    """Counts of one group of cases."""

    n: int = 0
    top1: int = 0
    top3: int = 0
    indicator: int = 0
    commit: int = 0
    decoys: int = 0
    cpu: float = 0.0
    misses: list[str] = field(default_factory=list)


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rootcausebench(data: Path) -> Iterator[Case]:
    for folder in sorted(data.glob("*/answer.json")):
        answer = json.loads(folder.read_text())
        files = tuple(p for p in sorted((folder.parent / "evidence").rglob("*")) if p.is_file())
        yield Case(
            folder.parent.name,
            files,
            {},
            answer["first_failing_service"],
            commit=answer["root_cause_commit"],
            decoys=tuple(answer["decoy_deploy_commits"]),
        )


def petshop(data: Path) -> Iterator[Case]:
    for target in sorted(data.glob("*/*/issue_*/target.json")):
        said = json.loads(target.read_text())
        root = target.parents[2]
        files = (target.with_name("metrics.csv"), root / "noissue" / "metrics.csv", root / "graph.csv")
        told = {"at": iso(said["target"]["timestamp"])}
        yield Case(
            f"{target.parents[1].name}/{target.parent.name}",
            files,
            told,
            said["root_cause"]["node"],
            group=said["target"]["metric"],
        )


def sockshop(data: Path) -> Iterator[Case]:
    for folder in sorted(data.glob("*/*")):
        service, _, name = folder.parent.name.rpartition("-")
        with (folder / "anomalous.csv").open() as file:
            at = next(csv.DictReader(file))["time"]
        files = (folder / "normal.csv", folder / "anomalous.csv")
        yield Case(f"{folder.parent.name}/{folder.name}", files, {"at": iso(float(at))}, service, name, group=name)


SETS: dict[str, Callable[[Path], Iterator[Case]]] = {
    "rootcausebench": rootcausebench,
    "petshop": petshop,
    "sockshop": sockshop,
}


def run(case: Case, told: dict[str, str]) -> tuple[Any, float]:
    """The report of one case and the CPU seconds that it took."""
    with tempfile.TemporaryDirectory(prefix="afterword-rca-") as name:
        evidence = Path(name, "evidence")
        evidence.mkdir()
        for number, path in enumerate(case.files):
            shutil.copy(path, evidence / f"f{number}")
        begin = time.process_time()
        report = incident.analyze(open_workspace(Path(name, "w"), face="bench"), evidence=(str(evidence),), **told)
        return report, time.process_time() - begin


def judge(case: Case, report: Any, score: Score) -> str:
    """Count the case; answers what went wrong, or nothing."""
    wrong = []
    if case.component:
        rank = strict_rank(report.components, case.component)
        score.top1 += rank == 1
        score.top3 += rank <= 3
        if rank > 1:
            before = [c["component"] for c in report.components[: min(rank, 4)]]
            wrong.append(f"{case.component} is {rank} behind {before}")
    if case.indicator:
        first = next(iter(report.causes), None)
        right = (
            first is not None
            and first["component"] == case.component
            and case.indicator in (first["indicator"] or "").split("_")
        )
        score.indicator += right
        wrong += [] if right else [f"indicator {first and first['indicator']}"]
    if case.commit:
        named = [c["ref"] for c in report.causes if c["role"] == "trigger" and c["grade"] >= 2 and c["ref"]]
        right = not named if case.commit == "none" else case.commit in named
        score.commit += right
        score.decoys += any(ref in case.decoys for ref in named)
        wrong += [] if right else [f"convicted {[r[:8] for r in named]} not {case.commit[:8]}"]
    return "; ".join(wrong)


def strict_rank(components: list[dict[str, Any]], wanted: str) -> int:
    score = next((c["score"] for c in components if c["component"] == wanted), None)
    if score is None:
        return len(components) + 1
    return 1 + sum(c["score"] >= score and c["component"] != wanted for c in components)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--set", choices=sorted(SETS))
    parser.add_argument("--without", choices=["time"], help="withhold what would be told")
    parser.add_argument("--case", default="", help="only cases whose name holds this")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    print(f"{'set':<16}{'group':<14}{'n':>4}{'top1':>7}{'top3':>7}{'metric':>8}{'change':>8}{'decoys':>8}{'CPU s':>8}")
    for name in [args.set] if args.set else sorted(SETS):
        if not (args.data / name).is_dir():
            print(f"{name:<16}not here: {args.data / name}")
            continue
        for group, score in scores(SETS[name](args.data / name), args).items():
            print(
                f"{name:<16}{group:<14}{score.n:>4}{score.top1 / score.n:>7.2f}{score.top3 / score.n:>7.2f}"
                f"{score.indicator:>8}{score.commit:>8}{score.decoys:>8}{score.cpu / score.n:>8.2f}"
            )
            for miss in score.misses:
                print("   ", miss)
    return 0


def scores(cases: Iterator[Case], args: argparse.Namespace) -> dict[str, Score]:
    made: dict[str, Score] = {}
    for case in cases:
        if args.case not in case.name:
            continue
        score = made.setdefault(case.group, Score())
        score.n += 1
        try:
            report, cpu = run(case, {} if args.without == "time" else case.told)
        except RefusalError as error:
            score.misses.append(f"{case.name}: {error}")
            continue
        score.cpu += cpu
        wrong = judge(case, report, score)
        if wrong and args.verbose:
            score.misses.append(f"{case.name}: {wrong}")
    return made


if __name__ == "__main__":
    sys.exit(main())
