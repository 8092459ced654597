"""Peers beside us: other people's methods on the very same cases, in a Python of their own (see README.md)."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import alarm_graph
import numpy as np

from afterword.app import casebook, intake
from afterword.app.bench.carry import lay
from afterword.app.workspace import open_workspace
from afterword.model.incident import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from afterword.app.bench.sets import CaseSet
    from afterword.app.bench.trial import Trial

HERE = Path(__file__).parent / "peers"
BY_METRICS = ("BARO", "N-sigma", "ε-Diagnosis", "RCD")
BY_TARGETS = ("traversal", "CIRCA", "ε-Diagnosis", "RCD")
#: Scripts whose last argument names the methods that they run.
_NAMED = ("by_metrics.py", "by_targets.py")
PLACES = (1, 3, 5)
#: Seconds a method that learns links between alerts may take on one history.
LONGEST = 300


@dataclass
class Standing:
    """How one method did on one set. A list has no scores: whatever stands first is taken as alone there, in its favour."""

    #: The groups of each trial, and whether the right answer was among the first 1, 3, 5; a share where the measure is one.
    right: list[tuple[tuple[str, ...], tuple[float, ...]]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def shares(self, group: str = "") -> tuple[float, ...]:
        """The shares of trials that were right at each place, of one group where one is named."""
        mine = [places for groups, places in self.right if not group or group in groups]
        return tuple(sum(place) / len(mine) for place in zip(*mine, strict=True))


class Kept:
    """Answers of peers in a file of JSON lines, one a case: what was carried out once need not be again, for it does not change."""

    def __init__(self, path: Path | None, longest: float = math.inf) -> None:
        """``longest`` is how many seconds a script may be asked about one set; what it answered until then counts."""
        self.path, self.longest = path, longest

    def _known(self, name: str, by: str) -> dict[str, list[dict[str, Any]]]:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path and self.path.exists() else ()
        return {one["case"]: one["said"] for one in map(json.loads, lines) if (one["set"], one["by"]) == (name, by)}

    def answers(
        self, name: str, by: str, cases: Iterable[str], ask: Callable[[list[str]], Iterator[dict[str, Any]]]
    ) -> Iterator[dict[str, Any]]:
        """Of the cases of a set by a script and its methods: what is known, and what it answers to the others."""
        known = self._known(name, by)
        missing = [case for case in cases if case not in known]
        for case in cases:
            yield from known.get(case, ())
        begin, asked = time.monotonic(), ask(missing) if missing else iter(())
        for case, said in groupby(asked, key=itemgetter("case")):
            made = list(said)
            if self.path is not None:
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(
                        json.dumps({"set": name, "by": by, "case": case, "said": made}, ensure_ascii=False) + "\n"
                    )
            yield from made
            if time.monotonic() - begin > self.longest:
                print(f"\r\033[K{by} on {name}: not asked about every case, for time", file=sys.stderr)
                break


def compare(folder: Path, one: CaseSet, trials: list[Trial], kept: Kept | None = None) -> dict[str, Standing] | str:
    """Each method that can be run on the set; else why none can."""
    kept = kept or Kept(None)
    if one.layout.name == "histories of alerts":
        return _of_links(trials)
    if why := _cannot(trials):
        return why
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        return f"not here: {python.relative_to(folder.parent)}"
    with tempfile.TemporaryDirectory(prefix="afterword-peers-") as name:
        made = {trial.name: trial for trial in trials}
        found: dict[str, Standing] = defaultdict(Standing)
        for script, arguments, job in _work(folder, one, made, Path(name)):
            by = " ".join((script, *arguments[len(arguments) - (script in _NAMED) :]))
            ask = partial(_answers, python, script, arguments, job)
            for said in kept.answers(one.name, by, made, lambda names, ask=ask: ask([made[name] for name in names])):
                _count(found[said["method"]], said, made[said["case"]])
        return dict(found) or "no checkout of a method for such cases is here"


def _cannot(trials: list[Trial]) -> str:
    """Why no method of others can be run on such cases; empty where some may."""
    if any(one.fault[0] for one in trials):
        return "an object of a platform and a class of fault are asked for; the peers rank components by their metrics"
    if any(one.words or one.healthy for one in trials):
        return "words are asked for; the peers rank components by their metrics"
    if any("at" in one.told for one in trials) or any(one.commit for one in trials):
        return ""
    return "there are alerts only, without metrics and times; the peers rank components by their metrics around a time"


def _work(
    folder: Path, one: CaseSet, trials: dict[str, Trial], into: Path
) -> Iterator[tuple[str, list[str], Callable[[Trial], dict[str, Any] | None]]]:
    """Scripts with their arguments and what each is asked of a trial; made where it is needed, for tables take their time."""
    issues, scripts, releases = (
        _checkout(folder, "code/baseline_anomaly_traversal.py"),
        _checkout(folder, "scripts/run_baselines.py"),
        _checkout(folder, "ranker.py"),
    )
    if one.layout.name == "issues with a target" and issues:
        yield "by_targets.py", [str(issues), ",".join(BY_TARGETS)], lambda t: {
            "case": t.name, "issue": str(t.files[0].parent), "root": str(t.files[0].parents[2])
        }  # fmt: skip
    elif one.layout.name == "evidence beside an answer" and scripts:
        yield "by_deploys.py", [str(scripts)], lambda t: {"case": t.name, "evidence": str(_evidence(t))}
    if one.layout.name == "release plans" and releases:
        yield "by_releases.py", [str(releases)], lambda t: {
            "case": t.name, "folder": str(t.files[0].parent), "name": f"{t.files[0].parent.name}.json"
        }  # fmt: skip
    if all("at" in t.told for t in trials.values()):
        methods = [name for name in BY_METRICS if name not in BY_TARGETS or one.layout.name != "issues with a target"]
        yield "by_metrics.py", [",".join(methods)], lambda t: _table(t.name, t, into / t.name.replace("/", " "))


def _of_links(trials: list[Trial]) -> dict[str, Standing]:
    """The methods of ``alarm_graph.py``, which run in the Python of the project. They are given the topology."""
    methods = {"together": alarm_graph.together, "Granger": alarm_graph.granger}
    methods |= {"TTPM": alarm_graph.ttpm} if alarm_graph.TTPM is not None else {}
    made: dict[str, Standing] = defaultdict(Standing)
    for trial in trials:
        case = alarm_graph.read(trial.files[0].parent)
        for name, method in methods.items():
            found, cpu = alarm_graph.measured(method, case, LONGEST)
            row = alarm_graph.row(name, found, case.true, cpu)
            made[name].right.append((trial.groups, (float(row.get("g", 0.0)),) * len(PLACES)))
            if found is None:
                made[name].errors.append(f"given up after {LONGEST} s")
            made[name].cpu.append(cpu)
            _tell(f"{name} on {trial.name}")
    return dict(made)


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
    # Some methods convert columns whose names end as their own sets have it (``cart_mem``): numbers stand only where names repeat.
    often = Counter((one.component, one.indicator) for one in case.series)
    columns = {
        f"{one.component}_{one.indicator}" + (f"_{n}" if often[one.component, one.indicator] > 1 else ""): one
        for n, one in enumerate(case.series)
    }
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
    python: Path,
    script: str,
    arguments: list[str],
    job: Callable[[Trial], dict[str, Any] | None],
    trials: Iterable[Trial],
) -> Iterator[dict[str, Any]]:
    """As they come, one line each; what a script prints besides is nobody's answer."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as asked, tempfile.TemporaryFile("w+") as wrong:
        asked.writelines(json.dumps(made) + "\n" for trial in trials if (made := job(trial)))
        asked.seek(0)
        with subprocess.Popen(
            [python, HERE / script, *arguments], stdin=asked, stdout=subprocess.PIPE, stderr=wrong, text=True
        ) as running:
            try:
                for line in running.stdout or ():
                    if line.startswith("{"):
                        said = json.loads(line)
                        _tell(f"{said['method']} on {said['case']}")
                        yield said
            except GeneratorExit:
                running.kill()
                raise
        if running.returncode:
            wrong.seek(0)
            print(f"{script} ended with {running.returncode}: {wrong.read().strip().splitlines()[-1:]}")


def _tell(what: str) -> None:
    print(f"\r\033[Kpeers: {what}", end="", file=sys.stderr, flush=True)


def _count(standing: Standing, said: dict[str, Any], trial: Trial) -> None:
    if "error" in said:
        standing.errors.append(said["error"])
        standing.right.append((trial.groups, (0.0,) * len(PLACES)))
        return
    standing.cpu.append(said["cpu"])
    if "commit" in said:
        rank = 1 if said["commit"] == trial.commit else len(PLACES) + max(PLACES)
    else:
        rank = _rank(said["ranking"], said.get("scores"), trial.component)
    standing.right.append((trial.groups, tuple(float(rank <= place) for place in PLACES)))


def _rank(ranking: list[str], scores: list[float] | None, wanted: str) -> int:
    """Strict where there are scores: whatever ties with the right answer stands before it."""
    if wanted not in ranking:
        return len(ranking) + max(PLACES)
    place = ranking.index(wanted)
    return place + 1 if scores is None else sum(score >= scores[place] for score in scores)


def asked_for(marks: Iterable[str]) -> tuple[str, ...]:
    """The marks of ours that what peers answer is held against, for each place."""
    for one in (("change",) * 3, ("change@1", "change@3", "change@5"), ("g",) * 3):
        if set(one) <= set(marks):
            return one
    return tuple(f"component@{place}" for place in PLACES)


def show(name: str, ours: Mapping[str, float], cpu: float, found: dict[str, Standing] | str) -> None:
    """One line a method, with ours over theirs."""
    if isinstance(found, str):
        print(f"{name}: {found}")
        return
    marks = asked_for(ours)
    mine = [ours.get(mark, 0.0) for mark in marks]
    print(
        f"{name:<24}{'method':<24}{'n':>4}{'@1':>8}{'@3':>8}{'@5':>8}{'CPU s':>9}  errors   ({', '.join(dict.fromkeys(marks))})"
    )
    print(f"{'':<24}{'afterword':<24}{'':>4}{''.join(f'{one:>8.3f}' for one in mine)}{cpu:>9.3f}")
    for method, one in found.items():
        shares = "".join(f"{share:>8.3f}" for share in one.shares())
        used = median(one.cpu) if one.cpu else 0.0
        told = f"  {len(one.errors)}: {one.errors[0][:60]}" if one.errors else ""
        print(f"{'':<24}{method:<24}{len(one.right):>4}{shares}{used:>9.3f}{told}")
