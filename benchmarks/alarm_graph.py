"""Alerts that lead to alerts: the links that are learnt against those that are known, on real and on simulated histories.

    python benchmarks/alarm_graph.py [--data FOLDER...] [--seeds N] [--only NAME...] [--peers] [--seconds S]

A folder holds a history as the challenge on causal structure of alarms (NeurIPS 2023) and its forerunner (PCIC 2021) wrote
them: ``alarm.csv``, the known links as ``true_graph.npy`` or ``DAG.npy``, and ``topology.npy`` and ``causal_prior.npy`` where
there are any. The known links are looked at for the score alone. The measure of the challenge is g = max(0, TP - FP) / (TP + FN).

Simulated histories are seeded: alerts of their own, and consequences on the same component or on one beside it after a random
delay; each kind of history makes one thing harder (clocks of a minute, alerts that are lost, storms, delays of ten minutes).

Peers, with --peers, each with the topology and a time limit: alerts that come together more often than by chance, Granger's test
on counts by the minute, and TTPM of gCastle (Cai et al., 2022) where it is installed. CPU is that of the process that learns.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import queue as queues
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from afterword.core.alert.graph import DIRECTED
from afterword.core.alert.history import Alert, history
from afterword.core.alert.learn import learn
from afterword.core.alert.search import directions

DATA = (Path(__file__).parents[2] / "shared" / "data" / "rca" / "alarm-graph",)
SECOND = 10**9
WEEK = 7 * 86400

try:
    from castle.algorithms import TTPM
except ImportError:
    TTPM = None


@dataclass(frozen=True)
class Case:
    """Rows of kind, component, second; matrices over kinds and over components."""

    name: str
    alerts: np.ndarray
    true: np.ndarray
    topology: np.ndarray | None = None
    prior: np.ndarray | None = None


@dataclass(frozen=True)
class World:
    """What a simulated history is like. ``strength`` is consequences per alert, ``delay`` a mean in seconds, both as ranges."""

    kinds: int = 25
    components: int = 30
    events: int = 12_000
    degree: float = 3
    links: float = 1.8
    strength: tuple[float, float] = (0.1, 0.5)
    delay: tuple[float, float] = (5, 60)
    #: The share of consequences that are on the component itself.
    here: float = 0.5
    #: Alerts of the same kind that an alert is followed by.
    repeats: float = 0.0
    #: Bursts of unrelated kinds on one component, as a share of all alerts.
    storms: float = 0.0
    #: Seconds between two ticks of the clock.
    tick: int = 1
    lost: float = 0.0
    uneven: float = 1.0
    fixed: bool = False


WORLDS = {
    "plain": World(),
    "small": World(kinds=12, components=15, events=3000),
    "wide": World(kinds=50, components=40, events=25_000),
    "one component": World(kinds=15, components=1, events=4000, degree=0, here=1.0),
    "busy": World(kinds=20, events=60_000),
    "rare": World(events=1500),
    "weak": World(strength=(0.03, 0.15)),
    "dense": World(links=3.5, strength=(0.05, 0.25)),
    "slow": World(delay=(60, 600)),
    "mixed delays": World(delay=(2, 600)),
    "fixed delays": World(fixed=True),
    "mostly next door": World(here=0.1),
    "flapping": World(repeats=0.4),
    "storms": World(storms=0.5),
    "30 % lost": World(lost=0.3),
    "ticks of 10 s": World(tick=10),
    "ticks of 60 s": World(tick=60),
    "very uneven": World(uneven=2.0),
}


def simulated(name: str, world: World, seed: int) -> Case:
    """One history of such a world; the same seed gives the same one."""
    draw = np.random.default_rng(seed)
    topology = _topology(world, draw)
    true = _links(world, draw)
    strength = np.where(true, draw.uniform(*world.strength, size=true.shape), 0)
    delay = np.exp(draw.uniform(*map(math.log, world.delay), size=true.shape))
    own = np.exp(draw.normal(0, world.uneven, world.kinds))
    place = np.exp(draw.normal(0, world.uneven / 2, world.components))
    in_all = np.linalg.solve(np.eye(world.kinds) - strength.T, own).sum() * (1 + world.storms)
    counts = draw.poisson(np.outer(own, place / place.sum()) * world.events / in_all)
    todo = [(k, c, t) for k, c in np.ndindex(counts.shape) for t in draw.uniform(0, WEEK, counts[k, c])]
    todo += _storms(world, draw)
    made = list(todo)
    while todo and len(made) < 20 * world.events:
        todo = [one for alert in todo for one in _consequences(world, draw, alert, strength, delay, topology)]
        made += todo
    rows = np.array(made)
    rows = rows[draw.random(len(rows)) >= world.lost]
    rows = rows[np.argsort(rows[:, 2], kind="stable")]
    rows[:, 2] = np.floor(rows[:, 2] / world.tick) * world.tick
    return Case(f"{name} {seed}", rows.astype(np.int64), true, topology)


def _topology(world: World, draw: np.random.Generator) -> np.ndarray:
    """A random tree and random edges beside it."""
    made = np.zeros((world.components, world.components), bool)
    for one in range(1, world.components):
        other = draw.integers(one)
        made[one, other] = made[other, one] = True
    while made.sum() < world.degree * world.components:
        one, other = draw.integers(world.components, size=2)
        made[one, other] = made[other, one] = made[one, other] or one != other
    return made


def _links(world: World, draw: np.random.Generator) -> np.ndarray:
    order = draw.permutation(world.kinds)
    made = np.zeros((world.kinds, world.kinds), bool)
    while made.sum() < int(world.links * world.kinds):
        first, second = sorted(draw.integers(world.kinds, size=2))
        made[order[first], order[second]] |= first != second
    return made


def _storms(world: World, draw: np.random.Generator) -> list[tuple]:
    some = max(2, world.kinds * 3 // 10)
    made = []
    for _ in range(int(world.storms * world.events / some)):
        component, start, length = draw.integers(world.components), draw.uniform(0, WEEK), draw.uniform(300, 3600)
        made += [(k, component, start + draw.uniform(0, length)) for k in draw.permutation(world.kinds)[:some]]
    return made


def _consequences(world, draw, alert, strength, delay, topology):
    kind, component, at = alert
    beside = np.flatnonzero(topology[component])
    for effect in np.flatnonzero(strength[kind]):
        for _ in range(draw.poisson(strength[kind, effect])):
            mean = delay[kind, effect]
            later = at + (abs(draw.normal(mean, mean / 5)) if world.fixed else draw.exponential(mean))
            there = component if not len(beside) or draw.random() < world.here else int(draw.choice(beside))
            if later < WEEK:
                yield effect, there, later
    for _ in range(draw.poisson(world.repeats)):
        later = at + draw.exponential(120)
        if later < WEEK:
            yield kind, component, later


def read(folder: Path) -> Case:
    names = {one.name.lower(): one for one in folder.iterdir()}

    def matrix(*called: str) -> np.ndarray | None:
        found = next((names[one] for one in called if one in names), None)
        return None if found is None else np.load(found, allow_pickle=False)

    rows = np.loadtxt(names["alarm.csv"], delimiter=",", skiprows=1, dtype=np.int64)[:, :3]
    topology = matrix("topology.npy")
    true = matrix("true_graph.npy", "dag.npy")
    return Case(folder.name, rows, true > 0, None if topology is None else topology > 0, matrix("causal_prior.npy"))


def ours(case: Case) -> np.ndarray:
    """Links as the operation shows them: those whose direction the times tell."""
    alerts = [
        Alert(f"{kind:05d}", f"{component:05d}", int(at) * SECOND) for kind, component, at in case.alerts.tolist()
    ]
    told = history(alerts)
    edges = None if case.topology is None else _named(case.topology)
    holds, fails = ([], []) if case.prior is None else (_named(case.prior == 1), _named(case.prior == 0))
    found = learn(told, edges, holds, fails).found
    sure = found.links & (directions(found) >= DIRECTED)
    made = np.zeros(case.true.shape, bool)
    kinds = [int(name) for name in told.kinds]
    made[np.ix_(kinds, kinds)] = sure
    return made


def _named(matrix: np.ndarray) -> list[tuple[str, str]]:
    return [(f"{one:05d}", f"{other:05d}") for one, other in np.argwhere(matrix).tolist()]


def together(case: Case, within: int = 120, often: float = 3.0) -> np.ndarray:
    """The effect follows on the same component or beside it three times as often as by chance, and more often than it leads."""
    beside = np.eye(case.alerts[:, 1].max() + 1, dtype=bool)
    if case.topology is not None:
        beside |= case.topology[: len(beside), : len(beside)]
    rows = case.alerts[np.argsort(case.alerts[:, 2], kind="stable")]
    kinds = len(case.true)
    follows = np.zeros((kinds, kinds))
    last = np.searchsorted(rows[:, 2], rows[:, 2] + within, "right")
    for n, end in enumerate(last.tolist()):
        later = rows[n + 1 : end]
        later = later[beside[rows[n, 1], later[:, 1]] & (later[:, 2] > rows[n, 2])]
        np.add.at(follows[rows[n, 0]], later[:, 0], 1)
    here = np.zeros((kinds, len(beside)))
    np.add.at(here, (rows[:, 0], rows[:, 1]), 1)
    chance = here @ beside @ here.T * within / max(1, int(np.ptp(rows[:, 2])))
    made = (follows > often * chance) & (follows >= 10) & (follows > 2 * follows.T)
    return made & ~np.eye(kinds, dtype=bool)


def granger(case: Case, bin_: int = 60, lags: int = 2) -> np.ndarray:
    """Granger's test on counts by the minute, all kinds in one regression, Bonferroni at 5 %."""
    kinds = len(case.true)
    minute = (case.alerts[:, 2] - case.alerts[:, 2].min()) // bin_
    counts = np.zeros((int(minute.max()) + 1, kinds))
    np.add.at(counts, (minute, case.alerts[:, 0]), 1)
    columns = np.concatenate(
        [np.ones((len(counts) - lags, 1)), *(counts[lags - n : -n] for n in range(1, lags + 1))], 1
    )
    effect = counts[lags:]
    square = np.linalg.pinv(columns.T @ columns)
    weights = square @ columns.T @ effect
    noise = ((effect - columns @ weights) ** 2).sum(0) / (len(effect) - columns.shape[1])
    made = np.zeros((kinds, kinds), bool)
    for cause in range(kinds):
        mine = 1 + cause + kinds * np.arange(lags)
        wald = np.einsum(
            "nj,nm,mj->j",
            weights[mine],
            np.linalg.inv(square[np.ix_(mine, mine)] + 1e-12 * np.eye(lags)),
            weights[mine],
        )
        # Chi square with two degrees of freedom: the tail is exp(-x / 2).
        made[cause] = (wald / np.maximum(noise, 1e-12) > -2 * math.log(0.05 / kinds**2)) & (weights[mine].sum(0) > 0)
    return made & ~np.eye(kinds, dtype=bool)


def ttpm(case: Case) -> np.ndarray:
    import pandas as pd  # noqa: PLC0415 - only where gCastle is, which needs it

    size = int(case.alerts[:, 1].max()) + 1
    topology = np.zeros((size, size)) if case.topology is None else case.topology.astype(float)
    learner = TTPM(topology, max_hop=1)
    learner.learn(pd.DataFrame({"event": case.alerts[:, 0], "timestamp": case.alerts[:, 2], "node": case.alerts[:, 1]}))
    made = np.asarray(learner.causal_matrix) > 0
    np.fill_diagonal(made, val=False)
    return made


def row(name: str, found: np.ndarray | None, true: np.ndarray, cpu: float) -> dict[str, object]:
    """The links found against the known ones."""
    if found is None:
        return {"name": name, "cpu": cpu}
    right, wrong = int((found & true).sum()), int((found & ~true).sum())
    missed = int(true.sum()) - right
    g, f1 = max(0, right - wrong) / max(1, right + missed), 2 * right / max(1, 2 * right + wrong + missed)
    return {"name": name, "tp": right, "fp": wrong, "fn": missed, "g": g, "f1": f1, "cpu": cpu}


def measured(method, case: Case, seconds: float) -> tuple[np.ndarray | None, float]:
    """In a process of its own, stopped after so many seconds."""
    answer: multiprocessing.Queue = multiprocessing.Queue()
    process = multiprocessing.Process(target=_run, args=(method, case, answer))
    process.start()
    try:
        return answer.get(timeout=seconds)
    except queues.Empty:
        return None, seconds
    finally:
        process.kill()
        process.join()


def _run(method, case: Case, answer) -> None:
    start = time.process_time()
    found = method(case)
    answer.put((found, time.process_time() - start))


def variants(case: Case) -> list[Case]:
    """As it is, without what is known, without the topology."""
    made = [case]
    if case.prior is not None:
        made.append(Case(f"{case.name}, no prior", case.alerts, case.true, case.topology))
    if case.topology is not None and case.topology.any():
        made.append(Case(f"{case.name}, no topology", case.alerts, case.true))
    return made


def told(line: dict[str, object]) -> str:
    if "g" not in line:
        return f"{line['name']:44} stopped after {line['cpu']:.0f} s"
    return "{name:44} TP {tp:4} FP {fp:4} FN {fn:4}  g {g:.3f}  F1 {f1:.3f}  CPU {cpu:6.1f} s".format(**line)


def main() -> None:
    parse = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("--data", type=Path, nargs="*", default=DATA)
    parse.add_argument("--seeds", type=int, default=2)
    parse.add_argument("--only", nargs="*", default=())
    parse.add_argument("--peers", action="store_true")
    parse.add_argument("--seconds", type=float, default=60)
    asked = parse.parse_args()
    cases = [one for folder in asked.data if folder.is_dir() for one in variants(read(folder))]
    for name, world in WORLDS.items():
        cases += [one for seed in range(1, asked.seeds + 1) for one in variants(simulated(name, world, seed))]
    methods = {"": ours}
    if asked.peers:
        methods |= {" | together": together, " | Granger": granger} | ({" | TTPM": ttpm} if TTPM is not None else {})
    lines = []
    for case in cases:
        if asked.only and not any(case.name.startswith(one) for one in asked.only):
            continue
        for label, method in methods.items():
            found, cpu = measured(method, case, asked.seconds)
            lines.append((label, row(case.name + label, found, case.true, cpu)))
            print(told(lines[-1][1]), flush=True)
    for label in methods:
        mine = [line for other, line in lines if other == label and "g" in line]
        if mine:
            print(
                f"mean{label}: g {np.mean([x['g'] for x in mine]):.3f}, F1 {np.mean([x['f1'] for x in mine]):.3f}, n {len(mine)}"
            )


if __name__ == "__main__":
    main()
