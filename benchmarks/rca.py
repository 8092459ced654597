"""Root causes: strict ranks over the case sets beside the project, answers hidden from what is scored.

    python benchmarks/rca.py [--data FOLDER] [--set NAME] [--without time] [-v]

Each case is copied into an empty folder under neutral names, so that neither a name nor an answer can be read.
Strict: a component that ties with the right one counts as standing before it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from afterword.app.operations import incident
from afterword.app.workspace import open_workspace
from afterword.model.refusal import RefusalError
from cases import changerca, nezha, opensre, opsbench, petshop, rootcausebench, sockshop, tvdiag

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cases.case import Case

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "rca"


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


#: The folder of the data and the loader of each set.
SETS: dict[str, tuple[str, Callable[[Path], Iterator[Case]]]] = {
    "rootcausebench": ("rootcausebench", rootcausebench.cases),
    "petshop": ("petshop", petshop.cases),
    "sockshop": ("sockshop", sockshop.cases),
    "opensre-rds": ("opensre-rds", opensre.cases),
    "cloud-opsbench": ("cloud-opsbench", opsbench.cases),
    "cloud-opsbench-kubectl": ("cloud-opsbench", opsbench.cases_without_tools),
    "nezha-trainticket": ("nezha-trainticket", nezha.cases),
    "changerca": ("changerca", changerca.cases),
    "tvdiag-alerts": ("tvdiag-alerts", tvdiag.cases),
}


def run(case: Case, told: dict[str, str]) -> tuple[Any, float]:
    """The report of one case and the CPU seconds that it took."""
    with tempfile.TemporaryDirectory(prefix="afterword-rca-") as name:
        evidence = Path(name, "evidence")
        evidence.mkdir()
        for number, path in enumerate(case.files):
            shutil.copy(path, evidence / f"f{number}")
        for number, content in enumerate(case.made):
            (evidence / f"m{number}").write_bytes(content)
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
    return "; ".join([*wrong, *_more(case, report, score)])


def _more(case: Case, report: Any, score: Score) -> list[str]:
    """Platform faults, changes among changes, words: each counts into top1 and top3."""
    if case.fault[0]:
        ranked = [(c["component"], c["indicator"]) for c in report.causes if c["role"] != "impact"]
        place = ranked.index(case.fault) + 1 if case.fault in ranked else 99
        score.top1 += place == 1
        score.top3 += place <= 3
        score.indicator += bool(ranked) and ranked[0][0] == case.fault[0]
        return [] if place == 1 else [f"{case.fault} is {place} behind {ranked[:3]}"]
    if case.change:
        named = sorted({(-c["score"], c["ref"]) for c in report.causes if c["ref"]})
        place = next((n for n, (_, ref) in enumerate(named, 1) if ref == case.change), 99)
        score.commit += place == 1
        return [] if place == 1 else [f"change {case.change} is {place} behind {named[:2]}"]
    if case.words or case.healthy:
        told = json.dumps([report.causes, report.timeline, report.incident], default=str).lower()
        found = bool([c for c in report.causes if c["role"] != "impact"])
        right = not found if case.healthy else found and all(word.lower() in told for word in case.words)
        score.top1 += right
        missing = [word for word in case.words if word.lower() not in told]
        return [] if right else [f"causes {found}, not said: {missing}"]
    return []


def strict_rank(components: list[dict[str, Any]], wanted: str) -> int:
    score = next((c["score"] for c in components if c["component"] == wanted), None)
    if score is None:
        return max(99, len(components) + 1)
    return 1 + sum(c["score"] >= score and c["component"] != wanted for c in components)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--set", choices=sorted(SETS))
    parser.add_argument("--without", choices=["time"], help="withhold what would be told")
    parser.add_argument("--case", default="", help="only cases whose name holds this")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th case")
    parser.add_argument("-v", "--verbose", action="store_true")
    args = parser.parse_args()
    print(f"{'set':<24}{'group':<18}{'n':>4}{'top1':>7}{'top3':>7}{'metric':>8}{'change':>8}{'decoys':>8}{'CPU s':>8}")
    for name in [args.set] if args.set else sorted(SETS):
        folder, load = SETS[name]
        if not (args.data / folder).is_dir():
            print(f"{name:<24}not here: {args.data / folder}")
            continue
        for group, score in scores(load(args.data / folder), args).items():
            print(
                f"{name:<24}{group:<18}{score.n:>4}{score.top1 / score.n:>7.2f}{score.top3 / score.n:>7.2f}"
                f"{score.indicator:>8}{score.commit:>8}{score.decoys:>8}{score.cpu / score.n:>8.2f}"
            )
            for miss in score.misses:
                print("   ", miss)
    return 0


def scores(cases: Iterator[Case], args: argparse.Namespace) -> dict[str, Score]:
    made: dict[str, Score] = {}
    for number, case in enumerate(cases):
        if args.case not in case.name or number % args.every:
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
