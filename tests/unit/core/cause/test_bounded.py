"""Trees too big for exact figures: bounds that hold whatever is given up, and cut sets that are minimal."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from truth_table import brute_sets, trees

from afterword.app.accelerator import accelerator
from afterword.app.openpsa import read
from afterword.core.cause import enclose as giving_up
from afterword.core.cause.plain import Plain
from afterword.core.cause.tree import solve
from afterword.model.refusal import InvalidError
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind

if TYPE_CHECKING:
    from afterword.core.cause.engine import Engine

SHARED = Path(__file__).parents[5] / "shared" / "data" / "fault-trees"
#: Nothing but the smallest modules fits, and hardly more than a node is kept of the others.
TINY = tuple(Plain(budgets=(4,), sizes=(size,)) for size in (1, 2, 4))


class Small:
    """The compiled engine with next to no room for exact figures, and one size for the others."""

    name = "small"
    budgets = (4,)

    def __init__(self, engine: Engine, size: int) -> None:
        self.sizes = (size,)
        self.make = engine.make
        self.enclose = engine.enclose


def pairs(events: int = 24, seed: int = 5) -> FaultTree:
    """All pairs that can be drawn, in one gate after another: no order of the events is a good one."""
    generator = np.random.Generator(np.random.PCG64(seed))
    names = tuple(f"e{number}" for number in range(events))
    gates = [
        Gate(f"g{number}", GateKind.OR, tuple(names[at] for at in generator.choice(events, 4, replace=False)))
        for number in range(30)
    ]
    gates += [
        Gate(f"h{number}", GateKind.AND, tuple(f"g{at}" for at in generator.choice(30, 3, replace=False)))
        for number in range(20)
    ]
    top = Gate("top", GateKind.OR, tuple(f"h{number}" for number in range(20)))
    stated = tuple(BasicEvent(name, probability=float(generator.uniform(0.001, 0.1))) for name in names)
    return FaultTree("pairs", "top", (*gates, top), stated)


@settings(max_examples=150, deadline=None)
@given(trees(), st.sampled_from(TINY))
def test_the_exact_probability_always_lies_within_the_bounds(tree: FaultTree, engine: Plain) -> None:
    """Negation, parity and counting included; the exact figure comes from an engine with room."""
    found, exact = solve(tree, engine=engine), solve(tree)
    if found.bounds is None:
        assert found.top_probability == pytest.approx(exact.top_probability, abs=1e-14)
        return
    assert not found.exact
    assert found.bounds[0] <= exact.top_probability <= found.bounds[1]


@settings(max_examples=100, deadline=None)
@given(trees(), st.sampled_from(TINY))
def test_every_cut_set_listed_is_a_minimal_one(tree: FaultTree, engine: Plain) -> None:
    found = solve(tree, engine=engine)
    if found.bounds is not None:
        assert set(found.cut_sets) <= brute_sets(tree)


@settings(max_examples=150, deadline=None)
@given(trees(), st.sampled_from((1, 2, 4, 8)))
def test_the_compiled_engine_encloses_as_safely(tree: FaultTree, size: int) -> None:
    """Its bounds need not be those of plain Python, but they hold just as well."""
    engine = accelerator()
    if engine is None:
        pytest.skip("this machine has no C compiler")
    found = solve(tree, engine=Small(engine, size))
    exact = solve(tree)
    if found.bounds is None:
        assert found.top_probability == pytest.approx(exact.top_probability, abs=1e-14)
    else:
        assert found.bounds[0] <= exact.top_probability <= found.bounds[1]
        assert set(found.cut_sets) <= brute_sets(tree)


def test_the_compiled_engine_with_room_gives_nothing_up() -> None:
    engine = accelerator()
    if engine is None:
        pytest.skip("this machine has no C compiler")
    bounds = solve(pairs(), engine=Small(engine, 5000)).bounds
    assert bounds == pytest.approx((solve(pairs()).top_probability,) * 2, rel=1e-9)


def test_more_room_brings_the_bounds_together() -> None:
    tree = pairs()
    exact = solve(tree).top_probability
    gaps = []
    for size in (10, 40, 200, 2000):
        bounds = solve(tree, engine=Plain(budgets=(50,), sizes=(size,))).bounds
        assert bounds[0] <= exact <= bounds[1]
        gaps.append(bounds[1] - bounds[0])
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[0] > gaps[-1]
    assert gaps[-1] <= 1e-12, "with room for the whole diagram nothing is given up"


def test_it_says_what_it_is_and_by_how_much_the_bounds_differ() -> None:
    found = solve(pairs(), engine=Plain(budgets=(50,), sizes=(40,)), likeliest=True, limit=5)
    assert (found.top_probability, found.cut_set_count, found.by_order, found.importance) == (None, None, (), ())
    assert found.method.startswith("Certified bounds")
    assert f"{(found.bounds[1] - found.bounds[0]) / found.bounds[1]:.2g} of the upper one" in found.method
    assert len(found.cut_sets) == 5


def test_cut_sets_that_happened_are_told_as_fired() -> None:
    tree = pairs()
    events = tuple(replace(event, happened=True) for event in tree.events)
    engine = Plain(budgets=(50,), sizes=(40,))
    assert solve(replace(tree, events=events), engine=engine, limit=7).fired
    assert not solve(tree, engine=engine, limit=7).fired


def test_without_probabilities_it_is_refused_and_says_what_is_missing() -> None:
    tree = replace(pairs(), events=tuple(BasicEvent(event.name) for event in pairs().events))
    with pytest.raises(InvalidError, match="bounds need a probability") as refused:
        solve(tree, engine=Plain(budgets=(50,)))
    assert refused.value.code == "too-big"


def test_a_side_that_gives_up_towards_the_wrong_end_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: with the sides exchanged, the tests above would fail."""
    right = giving_up.Enclosure.small
    monkeypatch.setattr(giving_up.Enclosure, "small", lambda self, root, *, up: right(self, root, up=not up))
    exact = solve(pairs()).top_probability
    bounds = solve(pairs(), engine=Plain(budgets=(50,), sizes=(40,))).bounds
    assert not bounds[0] <= exact <= bounds[1]


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    ["baobab1", "baobab2", "chinese", "das9202", "das9204", "das9208", "edf9206", "elf9601", "isp9603", "isp9605"],
)
def test_bounds_hold_on_trees_of_reactors_that_are_given_no_room(name: str) -> None:
    if not SHARED.exists():
        pytest.skip("the fault trees are not beside the project (../shared/data/fault-trees)")
    with (SHARED / "aralia-expected.csv").open() as file:
        expected = next(row for row in csv.DictReader(file) if row["tree"] == name)
    tree = read((SHARED / "aralia" / f"{name}.xml").read_bytes())
    found = solve(tree, engine=Plain(budgets=(15,), sizes=(30,)), limit=20)
    assert found.bounds is not None
    exact = float(expected["p_top_all_events_0.01"])
    assert found.bounds[0] * (1 - 1e-9) <= exact <= found.bounds[1] * (1 + 1e-9)
