"""The fault tree of an incident: what had to come together, how often it would, and which way it happened this time."""

from __future__ import annotations

import csv
import json
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from truth_table import brute_chance, brute_primes, brute_sets, trees

from afterword.app.accelerator import accelerator
from afterword.app.openpsa import read
from afterword.core.cause import chance
from afterword.core.cause.plain import Plain
from afterword.core.cause.tree import solve
from afterword.model.refusal import InvalidError
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind

if TYPE_CHECKING:
    from afterword.core.cause.engine import Engine

SHARED = Path(__file__).parents[5] / "shared" / "data" / "fault-trees"


def checkout() -> FaultTree:
    """The checkout is down when the pool is exhausted, or when both replicas are gone."""
    return FaultTree(
        "checkout",
        "down",
        (Gate("down", GateKind.OR, ("pool", "replicas")), Gate("replicas", GateKind.AND, ("one", "two"))),
        (
            BasicEvent("pool", probability=0.1, happened=True),
            BasicEvent("one", probability=0.2, happened=True),
            BasicEvent("two", probability=0.5, happened=False),
        ),
    )


# ------------------------------------------------------------------------------------------------ laws


def engines():
    """Plain Python, and the compiled engine where this machine has a compiler."""
    compiled = accelerator()
    return [Plain(), compiled] if compiled else [Plain()]


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
@settings(max_examples=200, deadline=None)
@given(tree=trees())
def test_every_answer_agrees_with_the_truth_table(engine: Engine, tree: FaultTree) -> None:
    result = solve(tree, engine=engine)
    sets = brute_sets(tree)
    assert set(result.cut_sets) == sets
    assert result.cut_set_count == len(sets) == sum(count for _, count in result.by_order)
    assert result.top_probability == pytest.approx(brute_chance(tree, {}), abs=1e-12)
    happened = {event.name for event in tree.events if event.happened is True and not event.house}
    assert set(result.fired) == {one for one in sets if set(one) <= happened}


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
@settings(max_examples=150, deadline=None)
@given(tree=trees())
def test_importance_is_what_p_of_the_top_given_the_event_says(engine: Engine, tree: FaultTree) -> None:
    """Also with NOT, XOR and the like, where tools that read importance off cut sets have the sign wrong."""
    for row in solve(tree, engine=engine).importance:
        p = next(event.probability for event in tree.events if event.name == row.event)
        top, with_, without = (brute_chance(tree, given_) for given_ in ({}, {row.event: True}, {row.event: False}))
        assert row.birnbaum == pytest.approx(with_ - without, abs=1e-12)
        if top > 1e-9:
            assert row.raw == pytest.approx(with_ / top)
            assert row.criticality == pytest.approx(p * (with_ - without) / top, abs=1e-9)
            assert row.dif == pytest.approx(p * with_ / top, abs=1e-9)
            assert row.fussell_vesely == pytest.approx(1 - without / top, abs=1e-9)
        if without > 1e-9:
            assert row.rrw == pytest.approx(top / without)


@pytest.mark.parametrize("engine", engines(), ids=lambda engine: engine.name)
@settings(max_examples=150, deadline=None)
@given(tree=trees(most=6))
def test_prime_implicants_are_the_smallest_statements_that_suffice(engine: Engine, tree: FaultTree) -> None:
    primes = solve(tree, engine=engine).primes
    if primes is not None:
        found = [frozenset((one.event, one.absent) for one in literals) for literals in primes.listed]
        assert len(found) == primes.count == sum(count for _, count in primes.by_order)
        assert set(found) == brute_primes(tree)


@settings(max_examples=150, deadline=None)
@given(tree=trees(), floor=st.sampled_from([0.0, 1e-6, 0.01, 0.3, 1.0]))
def test_a_list_by_probability_is_sorted_and_leaves_out_only_what_is_less_likely(tree: FaultTree, floor: float) -> None:
    chance = {event.name: event.probability for event in tree.events}
    by_order = solve(tree, cut_off=floor).cut_sets
    listed = solve(tree, likeliest=True, cut_off=floor).cut_sets
    likely = [prod(chance[name] for name in one) for one in listed]
    assert likely == sorted(likely, reverse=True)
    wanted = {one for one in brute_sets(tree) if prod(chance[name] for name in one) >= floor * (1 - 1e-9)}
    assert set(by_order) == wanted
    assert set(listed) == {one for one in wanted if prod(chance[name] for name in one) > 0}


@settings(max_examples=60, deadline=None)
@given(trees((GateKind.AND, GateKind.OR, GateKind.ATLEAST)), st.integers(0, 1 << 30))
def test_the_order_of_inputs_and_gates_does_not_matter(tree: FaultTree, seed: int) -> None:
    turned = FaultTree(
        tree.name,
        tree.top,
        tuple(Gate(g.name, g.kind, g.inputs[seed % 3 :] + g.inputs[: seed % 3], g.k) for g in reversed(tree.gates)),
        tuple(reversed(tree.events)),
    )
    one, other = solve(tree), solve(turned)
    assert one.by_order == other.by_order
    assert sorted(one.cut_sets) == sorted(other.cut_sets)
    assert one.top_probability == pytest.approx(other.top_probability, abs=1e-12)


def test_a_broken_engine_is_caught_by_the_truth_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: with the low edge of every node weighed as the high one, the comparison must fail."""
    honest = chance.probability
    tree = checkout()
    monkeypatch.setattr("afterword.core.cause.solution.probability", lambda *given_: honest(*given_) * 1.01)
    assert solve(tree).top_probability != pytest.approx(brute_chance(tree, {}), abs=1e-12)


# ------------------------------------------------------------------------------------------------ the story


def test_the_checkout_tree_by_hand() -> None:
    """P = 1 - (1 - 0.1)(1 - 0.2 * 0.5) = 0.19; the pool alone fired, the replicas were one short."""
    result = solve(checkout())
    assert result.top_probability == pytest.approx(0.19)
    assert result.by_order == ((1, 1), (2, 1))
    assert result.cut_sets == (("pool",), ("one", "two"))
    assert result.fired == (("pool",),)
    pool = next(row for row in result.importance if row.event == "pool")
    assert pool.birnbaum == pytest.approx(0.9)
    assert pool.criticality == pytest.approx(0.1 * 0.9 / 0.19)
    assert pool.fussell_vesely == pytest.approx(1 - 0.1 / 0.19)
    assert pool.dif == pytest.approx(0.1 / 0.19)
    assert pool.raw == pytest.approx(1 / 0.19)
    assert pool.rrw == pytest.approx(0.19 / 0.1)
    assert result.exact


def test_without_probabilities_the_cut_sets_still_stand() -> None:
    """Nobody knows how likely an expired certificate is; that it sufficed is known all the same."""
    tree = FaultTree("t", "top", (Gate("top", GateKind.OR, ("cert", "dns")),), (BasicEvent("cert"), BasicEvent("dns")))
    result = solve(tree)
    assert result.top_probability is None
    assert result.importance == ()
    assert result.cut_sets == (("cert",), ("dns",))
    assert "nobody stated one for cert, dns" in result.method


def test_a_tree_that_explains_nothing_fires_nothing() -> None:
    tree = FaultTree(
        "t",
        "top",
        (Gate("top", GateKind.AND, ("a", "b")),),
        (BasicEvent("a", happened=True), BasicEvent("b", happened=None)),
    )
    assert solve(tree).fired == ()


def test_constant_trees() -> None:
    """A house event that is on makes the top certain: the empty set suffices. Off, nothing does."""
    gate = (Gate("top", GateKind.OR, ("h",)),)
    on = solve(FaultTree("t", "top", gate, (BasicEvent("h", happened=True, house=True),)))
    assert (on.top_probability, on.cut_sets, on.by_order) == (1.0, ((),), ((0, 1),))
    off = solve(FaultTree("t", "top", gate, (BasicEvent("h", house=True),)))
    assert (off.top_probability, off.cut_sets, off.by_order) == (0.0, (), ())


def test_the_list_is_shortened_and_the_count_is_not() -> None:
    """20 pairs of redundant disks: 2^20 ways to lose one of each, counted and not enumerated."""
    gates = [Gate("top", GateKind.AND, tuple(f"g{i}" for i in range(20)))]
    gates += [Gate(f"g{i}", GateKind.OR, (f"a{i}", f"b{i}")) for i in range(20)]
    events = tuple(BasicEvent(f"{side}{i}", probability=0.5) for i in range(20) for side in "ab")
    tree = FaultTree("disks", "top", tuple(gates), events)
    result = solve(tree, limit=5)
    assert result.cut_set_count == 2**20
    assert len(result.cut_sets) == 5
    assert "5 of 1048576 cut sets are listed" in result.method
    assert solve(tree, limit_order=19).cut_sets == ()
    assert solve(tree, cut_off=0.9, limit=5).cut_sets == ()
    assert len(solve(tree, cut_off=2.0**-20, limit=5).cut_sets) == 5


def test_a_chain_of_two_thousand_gates_does_not_overflow() -> None:
    gates = [Gate(f"g{i}", GateKind.AND if i % 2 else GateKind.OR, (f"e{i}", f"g{i + 1}")) for i in range(2000)]
    gates.append(Gate("g2000", GateKind.OR, ("e2000",)))
    events = tuple(BasicEvent(f"e{i}", probability=0.5) for i in range(2001))
    result = solve(FaultTree("chain", "g0", tuple(gates), events), limit=3)
    assert result.cut_sets[0] == ("e0",)
    assert result.top_probability == pytest.approx(2 / 3, abs=1e-9)


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        (FaultTree("t", "a", (Gate("a", GateKind.OR, ("b",)), Gate("b", GateKind.OR, ("a",))), ()), "a → b → a"),
        (FaultTree("t", "a", (Gate("a", GateKind.OR, ("x",)),), ()), "'x', which is not defined"),
        (FaultTree("t", "z", (), ()), "top 'z' is not defined"),
        (FaultTree("t", "a", (Gate("a", GateKind.AND, ()),), ()), "has no inputs"),
        (FaultTree("t", "a", (Gate("a", GateKind.ATLEAST, ("e",), 2),), (BasicEvent("e"),)), "at least 2 of 1"),
        (FaultTree("t", "a", (Gate("a", GateKind.NOT, ("e", "e")),), (BasicEvent("e"),)), "NOT and has 2 inputs"),
        (
            FaultTree("t", "a", (Gate("a", GateKind.OR, ("e",)),), (BasicEvent("e", probability=1.5),)),
            "between 0 and 1",
        ),
        (FaultTree("t", "e", (), (BasicEvent("e"), BasicEvent("e"))), "defined twice"),
    ],
)
def test_a_tree_that_contradicts_itself_is_refused_with_the_reason(tree: FaultTree, says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        solve(tree)


def test_too_big_is_said_and_not_guessed() -> None:
    """A tiny budget stands for a huge tree: a coded refusal, never half an answer."""
    gates = (Gate("top", GateKind.ATLEAST, tuple(f"e{i}" for i in range(12)), 6),)
    tree = FaultTree("big", "top", gates, tuple(BasicEvent(f"e{i}") for i in range(12)))
    with pytest.raises(InvalidError) as refused:
        solve(tree, engine=Plain((10,)))
    assert refused.value.code == "too-big"
    assert solve(tree).cut_set_count == 924


def test_a_cut_off_without_probabilities_is_refused() -> None:
    with pytest.raises(InvalidError, match="needs a probability"):
        solve(FaultTree("t", "top", (Gate("top", GateKind.OR, ("a",)),), (BasicEvent("a"),)), cut_off=0.1)


# ------------------------------------------------------------------------------------------------ Aralia

FAST = [
    "chinese",
    "das9201",
    "das9203",
    "das9204",
    "das9205",
    "das9209",
    "edf9206",
    "ftr10",
    "isp9602",
    "isp9606",
    "isp9607",
]


@pytest.mark.shared
@pytest.mark.parametrize("name", FAST)
def test_aralia_trees_give_the_published_figures(name: str) -> None:
    """Real reactor trees, up to 8.2e10 minimal cut sets: probability, count and counts by order, exactly."""
    if not SHARED.exists():
        pytest.skip("the fault trees are not beside the project (../shared/data/fault-trees)")
    with (SHARED / "aralia-expected.csv").open() as file:
        expected = next(row for row in csv.DictReader(file) if row["tree"] == name)
    result = solve(read((SHARED / "aralia" / f"{name}.xml").read_bytes()), limit=3)
    assert result.cut_set_count == int(expected["mcs_total"])
    assert result.by_order == tuple((int(k), v) for k, v in json.loads(expected["mcs_by_order_json"]).items())
    assert result.top_probability == pytest.approx(float(expected["p_top_all_events_0.01"]), rel=1e-10)


def test_a_module_that_can_never_hold_says_nothing_beside_others() -> None:
    """NOT (a AND b AND (a XOR b) AND c): always true, and its smallest statement is the empty one alone."""
    gates = (
        Gate("top", GateKind.NAND, ("a", "b", "c", "odd")),
        Gate("odd", GateKind.XOR, ("a", "b")),
    )
    found = solve(FaultTree("never", "top", gates, tuple(BasicEvent(name, "", 0.5) for name in "abc")))
    assert found.top_probability == 1.0
    assert found.primes is None or list(found.primes.listed) == [()]
