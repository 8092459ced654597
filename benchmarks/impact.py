"""The start of the impact against the truth: is it inside the stated interval, how far off is the estimate; peers beside it.

    python benchmarks/impact.py [--data FOLDER] [--set NAME] [--drills FOLDER] [--every N] [--told] [-v]

The evidence of each case is read under neutral names, and the time is not told unless ``--told``. The truth is a stretch: the
moment at which a fault was injected; from the release of a defective version to the alarm; the minute that a description
states. A drill's truth is when the first request of its own users went wrong; its end
lies between the mending and the last of them. ``inside`` counts the cases whose interval of
95 % meets the truth among those of which a start is told at all; errors are in sampling steps of the case.

Peers see what we call the harmful series of each case (at most eight) and nothing else: ruptures' KernelCPD with the strongest
change of each series, and Bayesian online change points (Adams and MacKay 2007, as BARO uses them); the median over the series.
A last line measures the scan: series of 240 samples in a CPU-second.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import sys
import tempfile
import time
import warnings
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from afterword.app import casebook, intake, period
from afterword.app.bench import carry, sets
from afterword.core import analyse, change_point, point, sampled
from afterword.core.harm import main_harm
from afterword.model.incident import By, Options, PointName
from afterword.model.time import HOUR, MINUTE, SECOND
from afterword.stores.blobs_folder import BlobsFolder
from afterword.stores.lake_parquet import LakeParquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from afterword.app.bench.trial import Trial
    from afterword.core.case import Case, Series
    from afterword.model.postmortem import Postmortem

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "rca"
_MOST_SERIES = 8


@dataclass
class Row:
    """What one set gave."""

    n: int = 0
    inside: list[bool] = field(default_factory=list)
    width: list[float] = field(default_factory=list)
    error: list[float] = field(default_factory=list)
    ended: list[bool] = field(default_factory=list)
    peers: dict[str, list[float]] = field(default_factory=dict)
    cpu: float = 0.0
    misses: list[str] = field(default_factory=list)


# ------------------------------------------------------------------------------------------------------------ the truth


def ns(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1e6) * 1000


def injected(trial: Trial, _case: Case) -> tuple[int, int]:
    at = ns(trial.told["at"])
    return at, at


def released(trial: Trial, _case: Case) -> tuple[int, int] | None:
    """From the last step of the guilty release before the alarm to the alarm."""
    alarm = ns(trial.told["at"])
    rows = [row for made in trial.made for row in csv.DictReader(io.StringIO(made().decode())) if "id" in row]
    steps = [ns(row["time"]) for row in rows if row["id"] == trial.change and ns(row["time"]) <= alarm]
    return (max(steps), alarm) if steps else None


def described(trial: Trial, case: Case) -> tuple[int, int] | None:
    """The minute of the onset as the notes of the answer give it."""
    folder = next(parent for parent in trial.files[0].parents if (parent / "answer.json").exists())
    found = re.search(r"[Oo]nset[^.;]{0,40}?~(\d\d:\d\d)", json.loads((folder / "answer.json").read_text())["notes"])
    if not found:
        return None
    day = datetime.fromtimestamp(case.covered.start / 1e9, UTC).date()
    at = ns(f"{day}T{found[1]}:00Z")
    return at, at + MINUTE


#: How the truth of each layout of cases is known; other layouts state no start.
TRUTHS: Mapping[str, Callable[[Trial, Case], tuple[int, int] | None]] = {
    "healthy and faulty stretches": injected,
    "issues with a target": injected,
    "lists of faults": injected,
    "release plans": released,
    "evidence beside an answer": described,
}


# ------------------------------------------------------------------------------------------------------------ the cases


def read(folder: Path, options: Options) -> Case:
    with tempfile.TemporaryDirectory(prefix="afterword-impact-") as name:
        blobs, lake = BlobsFolder(Path(name, "o")), LakeParquet(Path(name, "l"))
        evidence = intake.collect([str(folder)], blobs, lake).evidence
        return casebook.build("case", list(evidence), lake.tables(evidence), options)


class Known(NamedTuple):
    """A case whose start is known, and of drills within which bounds it ended."""

    set: str
    name: str
    case: Case
    start: tuple[int, int]
    end: tuple[int, int] | None = None


def of_sets(data: Path, args: argparse.Namespace) -> Iterator[Known]:
    cache = Path(tempfile.gettempdir(), "afterword-rca-cache")
    cache.mkdir(exist_ok=True)
    for one in sets.find(data, cache):
        truth = TRUTHS.get(one.layout.name)
        if truth is None or (args.set and one.name not in args.set):
            continue
        for trial in list(one.trials())[:: args.every]:
            said = trial.told
            at = period.instant(said.get("at", ""), "at", "") if args.told else None
            options = Options(at=at, baseline=period.span(said.get("baseline", ""), "baseline", ""))
            with tempfile.TemporaryDirectory(prefix="afterword-impact-") as name:
                carry.lay(trial, Path(name, "evidence"))
                case = read(Path(name, "evidence"), options)
            known = truth(trial, case)
            if known is not None:
                yield Known(one.name, trial.name, case, known)


def of_drills(folder: Path) -> Iterator[Known]:
    for path in sorted(folder.glob("*/truth.json")):
        if (path.parent / "evidence").is_dir():
            told = json.loads(path.read_text())
            at = ns(told["impact_started_at"])
            # The last request of its users that went wrong is one of chance where some do when all is well.
            end = tuple(ns(one) for one in told["recovered_within"])
            yield Known(
                "drills", path.parent.name, read(path.parent / "evidence", Options()), (at, at), (end[0], end[1])
            )


# ------------------------------------------------------------------------------------------------------------ the peers


def finalists(case: Case, pm: Postmortem) -> list[Series]:
    named = sampled.by_name(analyse.all_series(case))
    shifted = [s for s in main_harm(pm.signals) if s.onset is not None and (s.component, s.indicator) in named]
    return [named[s.component, s.indicator] for s in shifted[:_MOST_SERIES]]


def kernel(values: np.ndarray) -> int | None:
    """The strongest of the changes that KernelCPD finds."""
    import ruptures  # type: ignore[import-untyped]  # noqa: PLC0415 - a peer, where it is installed

    spread = np.median(np.abs(values - np.median(values))) or values.std() or 1.0
    scaled = (values - np.median(values)) / spread
    ends = ruptures.KernelCPD(kernel="rbf", min_size=3).fit(scaled[:, None]).predict(pen=8)
    cuts = [0, *ends]
    means = [scaled[a:b].mean() for a, b in pairwise(cuts)]
    jumps = [abs(after - before) for before, after in pairwise(means)]
    return ends[int(np.argmax(jumps))] if jumps else None


def online(values: np.ndarray, hazard: float = 1 / 100) -> int | None:
    """Adams and MacKay (2007) with a normal of unknown mean and variance: where the run length falls most."""
    x = (values - values.mean()) / (values.std() or 1.0)
    mean, kappa, alpha, beta = np.zeros(1), np.ones(1), np.ones(1), np.ones(1)
    run = np.ones(1)
    likeliest = []
    for one in x:
        scale = beta * (kappa + 1) / (alpha * kappa)
        density = (1 + (one - mean) ** 2 / (2 * alpha * scale)) ** (-alpha - 0.5) / np.sqrt(scale)
        run = np.concatenate(([(run * density).sum() * hazard], run * density * (1 - hazard)))
        run /= run.sum()
        beta = np.concatenate(([1.0], beta + kappa * (one - mean) ** 2 / (2 * (kappa + 1))))
        mean = np.concatenate(([0.0], (kappa * mean + one) / (kappa + 1)))
        kappa, alpha = np.concatenate(([1.0], kappa + 1)), np.concatenate(([1.0], alpha + 0.5))
        likeliest.append(int(np.argmax(run)))
    falls = -np.diff(likeliest)
    if not len(falls) or falls.max() <= 1:
        return None
    row = int(np.argmax(falls)) + 1
    return row - likeliest[row]


def peer(series: list[Series], pm: Postmortem, find: Callable[[np.ndarray], int | None]) -> int | None:
    """The median over the series of when a peer sees the change: in the healthy stretch and then the incident, as we do."""
    assert pm.window is not None
    assert pm.baseline is not None
    found = []
    for one in series:
        healthy = (one.at >= pm.baseline.start) & (one.at <= pm.baseline.end)
        near = (one.at >= pm.window.start - 30 * MINUTE) & (one.at <= pm.window.end) & ~healthy
        rows = np.concatenate((np.flatnonzero(healthy), np.flatnonzero(near)))
        if len(rows) > 8 and (row := find(one.value[rows])) is not None and row < len(rows):
            # What it sees in a healthy stretch of another time was there when this one began.
            apart = abs(pm.baseline.end - pm.window.start) > HOUR and near.any()
            found.append(int(one.at[rows[max(row, int(healthy.sum())) if apart else row]]))
    return int(np.median(found)) if found else None


PEERS: Mapping[str, Callable[[np.ndarray], int | None]] = {"ruptures": kernel, "BOCPD": online}


# ------------------------------------------------------------------------------------------------------------ the table


def judge(row: Row, known: Known) -> None:
    _, name, case, truth, end = known
    begin = time.process_time()
    pm = analyse.analyse(case)
    row.cpu += time.process_time() - begin
    row.n += 1
    step = point.usual_step(case) or SECOND
    for who, find in PEERS.items():
        if pm.window is None or pm.baseline is None:
            continue
        try:
            seen = peer(finalists(case, pm), pm, find)
        except ImportError:
            continue
        if seen is not None:
            row.peers.setdefault(who, []).append(abs(_off(seen, truth)) / step)
    points = {p.name: p for p in pm.points if p.by is By.ESTIMATE}
    if end is not None:
        over = points.get(PointName.RECOVERED)
        row.ended.append(over is not None and over.earliest <= end[1] and over.latest >= end[0])
    started = points.get(PointName.STARTED)
    if started is None:
        row.misses.append(f"{name}: no start is told")
        return
    row.inside.append(started.earliest <= truth[1] and started.latest >= truth[0])
    row.width.append((started.latest - started.earliest) / step)
    row.error.append(abs(_off(started.at, truth)) / step)
    if not row.inside[-1]:
        early, late = ((at - truth[0]) / step for at in (started.earliest, started.latest))
        row.misses.append(f"{name}: {early:+.1f} to {late:+.1f} steps: {started.basis}")


def _off(at: int, truth: tuple[int, int]) -> int:
    return at - truth[0] if at < truth[0] else max(at - truth[1], 0)


def line(name: str, row: Row) -> str:
    peers = "".join(f"{_median(row.peers.get(who, [])):>10}" for who in PEERS)
    share = f"{np.mean(row.inside):.2f}" if row.inside else "–"
    return (
        f"{name:<22}{row.n:>5}{len(row.inside):>7}{share:>9}{_median(row.width):>8}{_median(row.error):>8}{peers}"
        f"{row.cpu / max(row.n, 1):>9.2f}"
    )


def _median(values: list[float]) -> str:
    return f"{np.median(values):.2f}" if values else "–"


def scan_rate() -> float:
    """Series in a CPU-second: 4,000 of 240 samples, a tenth of them changed."""
    rows = np.random.default_rng(1).normal(size=(4000, 240))
    rows[:400, 120:180] += 3
    begin = time.process_time()
    change_point.scan(rows, strength=5.0)
    return len(rows) / (time.process_time() - begin)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--set", action="append", default=[], help="only the set of this folder name; may be repeated")
    parser.add_argument(
        "--drills", type=Path, help="a folder of recorded drills, each with its truth.json and evidence"
    )
    parser.add_argument("--every", type=int, default=1, help="only every so many-th case")
    parser.add_argument("--told", action="store_true", help="tell the time at which it was noticed")
    parser.add_argument("-v", "--verbose", action="store_true", help="each miss")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"{'set':<22}{'n':>5}{'told':>7}{'inside':>9}{'width':>8}{'error':>8}{'ruptures':>10}{'BOCPD':>10}{'CPU s':>9}"
    )
    rows: dict[str, Row] = {}
    cases = of_drills(args.drills) if args.drills else of_sets(args.data, args)
    for known in cases:
        judge(rows.setdefault(known.set, Row()), known)
    for name, row in rows.items():
        print(line(name, row))
        if row.ended:
            print(f"    the end lies in its interval: {sum(row.ended)} of {len(row.ended)}")
        if args.verbose:
            print("".join(f"    {one}\n" for one in row.misses), end="")
    print(f"scan: {scan_rate():,.0f} series of 240 samples in a CPU-second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
