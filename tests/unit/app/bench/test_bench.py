"""The benchmark of causes as an operation, on two cases that were made for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from afterword.app import intake
from afterword.app.bench import sets
from afterword.app.bench.carry import Outcome, carry_out
from afterword.app.bench.tally import Turn, misses, tallies, turns
from afterword.app.operations import bench
from afterword.app.workspace import open_workspace
from afterword.model.refusal import InvalidError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

BEGAN = 1_773_478_800


def _case(folder: Path, number: int) -> None:
    """Two components at one second; the cpu of ``cart`` jumps from 2 to 90 where the faulty stretch begins."""
    into = folder / "cart-cpu" / str(number)
    into.mkdir(parents=True)
    rows = [f"{BEGAN + s},{2 + s % 3 + (88 if s >= 0 else 0)},{5 + s % 2}\n" for s in range(-240, 120)]
    (into / "normal.csv").write_text("time,cart_cpu,front_cpu\n" + "".join(rows[:240]))
    (into / "anomalous.csv").write_text("time,cart_cpu,front_cpu\n" + "".join(rows[240:]))


def test_cases_are_ranked_with_what_each_lane_is_worth(tmp_path: Path) -> None:
    """Both are right; without metrics there is nothing to go by, and withheld or moved times change nothing."""
    for number in (1, 2):
        _case(tmp_path / "cases" / "mine", number)
    heard: list[tuple[str, int, int | None]] = []
    ws = open_workspace(tmp_path / "w", progress=lambda *said: heard.append(said))
    found = bench.rca(ws, folder=str(tmp_path / "cases"), ablate=True)
    by = {(one.variant, one.group): one for one in found.tallies}
    whole = by["", "all"]
    assert (whole.set, whole.n, whole.marks["component@1"], whole.marks["indicator@1"]) == ("mine", 2, 1.0, 1.0)
    assert whole.cpu is not None
    assert 0 < whole.cpu <= (whole.cpu_most or 0)
    assert (whole.memory_most or 0) > 10_000_000
    assert by["metrics off", "cpu"].marks["component@1"] == 0
    assert by["time withheld", "all"].marks["component@1"] == 1
    assert {one.variant for one in found.tallies} >= {"time -120 s", "time +60 s"}
    assert found.misses == ()
    assert [done for what, done, _ in heard if what == "cases of mine"] == [1, 2]
    assert bench.rca(ws, folder=str(tmp_path / "cases"), case="cart-cpu/2", untold=True).tallies[0].n == 1


def test_a_history_of_alerts_is_judged_by_its_links(tmp_path: Path) -> None:
    """Kind 0 leads to kind 1 within ten seconds, three times of four; kind 2 comes as it likes. What is told is withheld in turn."""
    folder = tmp_path / "cases" / "mine"
    folder.mkdir(parents=True)
    draw = np.random.default_rng(7)
    first = np.sort(draw.uniform(0, 600_000, 900)).astype(int)
    rows = [(0, at) for at in first] + [(1, at + draw.integers(1, 10)) for at in first[draw.random(900) < 0.75]]
    rows += [(2, at) for at in draw.uniform(0, 600_000, 400).astype(int)]
    told = sorted(rows, key=lambda row: row[1])
    (folder / "alarm.csv").write_text(
        "alarm_id,device_id,start_timestamp,end_timestamp\n" + "".join(f"{k},0,{at},{at + 5}\n" for k, at in told)
    )
    links = np.zeros((3, 3))
    links[0, 1] = 1
    np.save(folder / "true_graph.npy", links)
    np.save(folder / "topology.npy", np.zeros((1, 1)))
    np.save(folder / "causal_prior.npy", -np.ones((3, 3)))
    found = bench.rca(open_workspace(tmp_path / "w"), folder=str(tmp_path / "cases"), ablate=True)
    assert {one.variant: one.marks["g"] for one in found.tallies} == {
        "": 1.0, "topology withheld": 1.0, "prior withheld": 1.0, "all that is known withheld": 1.0,
    }  # fmt: skip


def test_the_evidence_of_a_trial_is_read_once_for_all_its_variants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven outcomes, one reading."""
    _case(tmp_path / "cases" / "mine", 1)
    read: list[object] = []
    collect = intake.collect

    def counted(*args: Any, **kwargs: Any) -> object:
        read.append(args[0])
        return collect(*args, **kwargs)

    monkeypatch.setattr(intake, "collect", counted)
    (one,) = sets.find(tmp_path / "cases", tmp_path / "cache")
    outcomes = carry_out(next(one.trials()), ablate=True, told=True)
    assert len(outcomes) == 7
    assert len(read) == 1


def test_a_request_that_cannot_be_met_is_refused(tmp_path: Path) -> None:
    _case(tmp_path / "cases" / "mine", 1)
    ws = open_workspace(tmp_path / "w")
    with pytest.raises(NotFoundError, match="There is no folder"):
        bench.rca(ws, folder=str(tmp_path / "nowhere"))
    with pytest.raises(NotFoundError, match="there is: mine"):
        bench.rca(ws, folder=str(tmp_path / "cases"), set=("theirs",))
    with pytest.raises(NotFoundError, match="Nothing below"):
        bench.rca(ws, folder=str(tmp_path / "cases" / "mine" / "cart-cpu" / "1"))
    with pytest.raises(InvalidError, match="at least 1"):
        bench.rca(ws, folder=str(tmp_path / "cases"), every=0)


def test_a_folder_that_holds_one_set_is_that_set_by_its_own_name(tmp_path: Path) -> None:
    _case(tmp_path / "cases" / "mine", 1)
    _case(tmp_path / "more" / "mine", 1)
    _case(tmp_path / "more" / "other", 1)
    ws = open_workspace(tmp_path / "w")
    assert [one.name for one in bench.sets_below(ws, str(tmp_path / "cases"), ("cases",))] == ["mine"]
    # Control: of two, the folder's name tells neither.
    with pytest.raises(NotFoundError, match="there is: mine, other"):
        bench.sets_below(ws, str(tmp_path / "more"), ("more",))


def test_the_first_case_of_every_set_is_taken_however_few_it_has(tmp_path: Path) -> None:
    _case(tmp_path / "cases" / "mine", 1)
    _case(tmp_path / "cases" / "other", 1)
    found = bench.rca(open_workspace(tmp_path / "w"), folder=str(tmp_path / "cases"), every=40)
    assert {(one.set, one.n) for one in found.tallies if not one.variant} == {("mine", 1), ("other", 1)}


def test_shares_count_only_what_was_asked() -> None:
    """Three outcomes in two groups; a mark that one trial was not asked for does not count against it."""
    made = [
        Outcome("a", ("cpu",), "", {"component@1": True, "indicator@1": False}, "indicator wrong", 1.0, 100),
        Outcome("b", ("mem",), "", {"component@1": False}, "b is number 2", 3.0, 300),
        Outcome("a", ("cpu",), "metrics off", {"component@1": False}, "not named"),
    ]
    whole, cpu, mem, off, _ = tallies("mine", made)
    assert (whole.group, whole.n, whole.marks) == ("all", 2, {"component@1": 0.5, "indicator@1": 0.0})
    assert (whole.cpu, whole.cpu_most, whole.memory, whole.memory_most) == (2.0, 3.0, 200, 300)
    assert (cpu.group, mem.group, off.variant, off.cpu) == ("cpu", "mem", "metrics off", None)
    assert [one.trial for one in misses("mine", made)] == ["a", "b"]


def test_a_lane_that_hurts_is_told_by_the_trial_it_hurts() -> None:
    """Without logs one trial comes right and another goes wrong; a trial that fares the same is not told."""
    made = [
        Outcome("a", (), "", {"component@1": False, "component@3": True}, "a is number 2"),
        Outcome("b", (), "", {"component@1": True}, ""),
        Outcome("a", (), "logs off", {"component@1": True, "component@3": True}, ""),
        Outcome("b", (), "logs off", {"component@1": False}, "b is number 4"),
        Outcome("b", (), "metrics off", {"component@1": True}, ""),
    ]
    assert turns("mine", made) == [
        Turn("mine", "a", "logs off", ("component@1",), ()),
        Turn("mine", "b", "logs off", (), ("component@1",)),
    ]
