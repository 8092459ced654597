"""Peers beside us: other people's methods on the very same cases, in a Python of their own (see README.md)."""

from __future__ import annotations

import csv
import json
import subprocess
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.app import casebook, intake
from afterword.app.bench.carry import lay
from afterword.app.workspace import open_workspace
from afterword.model.incident import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from afterword.app.bench.sets import CaseSet
    from afterword.app.bench.trial import Trial

HERE = Path(__file__).parent / "peers"
BY_METRICS = ("BARO", "N-sigma", "ε-Diagnosis", "RCD")
BY_TARGETS = ("traversal", "CIRCA", "ε-Diagnosis", "RCD")


@dataclass
class Standing:
    """How one method did on one set. A list has no scores: whatever stands first is taken as alone there, in its favour."""

    right: list[tuple[bool, bool]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def compare(folder: Path, one: CaseSet, trials: list[Trial]) -> dict[str, Standing] | str:
    """Each method that can be run on the set; else why none can."""
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        return f"not here: {python}"
    with tempfile.TemporaryDirectory(prefix="afterword-peers-") as name:
        made = {trial.name: trial for trial in trials}
        found: dict[str, Standing] = defaultdict(Standing)
        for script, arguments, jobs in _work(folder, one, made, Path(name)):
            for said in _answers(python, script, arguments, jobs):
                _count(found[said["method"]], said, made[said["case"]])
        return dict(found) or "no method for such cases is here"


def _work(
    folder: Path, one: CaseSet, trials: dict[str, Trial], into: Path
) -> Iterator[tuple[str, list[str], list[dict[str, Any]]]]:
    issues, scripts = (
        _checkout(folder, "code/baseline_anomaly_traversal.py"),
        _checkout(folder, "scripts/run_baselines.py"),
    )
    if one.layout.name == "issues with a target" and issues:
        jobs = [
            {"case": name, "issue": str(t.files[0].parent), "root": str(t.files[0].parents[2])}
            for name, t in trials.items()
        ]
        yield "by_targets.py", [str(issues), ",".join(BY_TARGETS)], jobs
    elif one.layout.name == "evidence beside an answer" and scripts:
        jobs = [{"case": name, "evidence": str(_evidence(t))} for name, t in trials.items()]
        yield "by_deploys.py", [str(scripts)], jobs
    elif all("at" in t.told for t in trials.values()):
        jobs = [job for number, (name, t) in enumerate(trials.items()) if (job := _table(name, t, into / str(number)))]
        yield "by_metrics.py", [",".join(BY_METRICS)], jobs


def _checkout(folder: Path, mark: str) -> Path | None:
    return next((one for one in sorted(folder.iterdir()) if (one / mark).exists()), None)


def _evidence(trial: Trial) -> Path:
    return next(parent for parent in trial.files[0].parents if parent.name == "evidence")


def _table(name: str, trial: Trial, into: Path) -> dict[str, Any] | None:
    """The metrics of the case as one wide table, read from its files by our readers; None where there are none."""
    into.mkdir(parents=True)
    lay(trial, into / "evidence")
    ws = open_workspace(into / "w", face="bench")
    taken = intake.collect([str(into / "evidence")], ws.blobs, ws.lake, redact=())
    case = casebook.build(name, taken.evidence, ws.lake.sized(taken.evidence), Options())
    if not case.series:
        return None
    times = np.unique(np.concatenate([one.at for one in case.series]))
    columns = {f"{one.component}_{one.indicator}_{n}": one for n, one in enumerate(case.series)}
    cells = np.full((len(times), len(columns)), np.nan)
    for place, one in enumerate(columns.values()):
        cells[np.searchsorted(times, one.at), place] = one.value
    with (into / "table.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["time", *columns])
        for at, row in zip((times // 10**9).tolist(), cells.tolist(), strict=True):
            writer.writerow([at, *("" if np.isnan(cell) else cell for cell in row)])
    owners = {column: one.component for column, one in columns.items()}
    at = int(datetime.fromisoformat(trial.told["at"]).timestamp())
    return {"case": name, "table": str(into / "table.csv"), "owners": owners, "at": at}


def _answers(
    python: Path, script: str, arguments: list[str], jobs: Iterable[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    lines = "".join(json.dumps(job) + "\n" for job in jobs)
    ended = subprocess.run(
        [python, HERE / script, *arguments], input=lines, capture_output=True, text=True, check=False
    )
    for line in ended.stdout.splitlines():
        if line.startswith("{"):
            yield json.loads(line)
    if ended.returncode:
        print(f"{script} ended with {ended.returncode}: {ended.stderr.strip().splitlines()[-1:]}")


def _count(standing: Standing, said: dict[str, Any], trial: Trial) -> None:
    if "error" in said:
        standing.errors.append(said["error"])
        standing.right.append((False, False))
        return
    standing.cpu.append(said["cpu"])
    if "commit" in said:
        right = said["commit"] == trial.commit
        standing.right.append((right, right))
    else:
        ranking = said["ranking"]
        standing.right.append((trial.component in ranking[:1], trial.component in ranking[:3]))


def show(name: str, ours: dict[str, float], cpu: float, found: dict[str, Standing] | str) -> None:
    """One line a method, with ours over theirs."""
    if isinstance(found, str):
        print(f"{name}: {found}")
        return
    first = ours.get("component@1", 0.0) if not any(mark == "change" for mark in ours) else ours["change"]
    third = ours.get("component@3", first) if not any(mark == "change" for mark in ours) else first
    print(
        f"{name:<24}{'method':<24}{'n':>4}{'@1':>8}{'@3':>8}{'ours/@1':>9}{'ours/@3':>9}{'CPU s':>9}{'ours/CPU':>10}  errors"
    )
    print(f"{'':<24}{'afterword':<24}{'':>4}{first:>8.3f}{third:>8.3f}{'':>18}{cpu:>9.3f}")
    for method, one in found.items():
        n = len(one.right)
        theirs = [sum(place) / n for place in zip(*one.right, strict=True)]
        used = median(one.cpu) if one.cpu else 0.0
        ratios = "".join(
            f"{mine / other:>9.2f}" if other else f"{'–':>9}"
            for mine, other in zip((first, third), theirs, strict=True)
        )
        speed = f"{cpu / used:>10.2f}" if used else f"{'–':>10}"
        told = f"  {len(one.errors)}: {one.errors[0][:60]}" if one.errors else ""
        print(f"{'':<24}{method:<24}{n:>4}{theirs[0]:>8.3f}{theirs[1]:>8.3f}{ratios}{used:>9.3f}{speed}{told}")
