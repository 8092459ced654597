"""Fault trees: every gate has its shape and its words, and what happened is told by more than a colour."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from story import HOSTILE

from afterword.drawing import gate, svg, tree
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind


def small(kind: GateKind = GateKind.AND, happened: bool | None = True) -> FaultTree:
    events = (
        BasicEvent("a", "The pool was exhausted", happened=happened),
        BasicEvent("b", "No limit", 0.01, happened=True),
    )
    return FaultTree("t", "top", (Gate("top", kind, ("a", "b"), k=1, label="Users met errors"),), events)


@pytest.mark.parametrize("kind", list(GateKind))
def test_every_gate_has_a_shape_of_its_own_and_words(kind: GateKind) -> None:
    drawn = tree.draw(small(kind))
    assert gate.words(small(kind).gates[0]) in drawn
    assert svg.only_ours(drawn)
    shapes = {gate.symbol(small(other).gates[0], 0, 0) for other in GateKind}
    assert len(shapes) == len(GateKind)


def test_states_differ_by_more_than_colour() -> None:
    """Printed in grey: a tick, a cross, a question mark."""
    marks = {state: gate.event(BasicEvent("x", happened=state), 0, 0) for state in (True, False, None)}
    assert ">?</text>" in marks[None]
    assert len({one.count("<path") + one.count("<text") * 10 + len(one) * 100 for one in marks.values()}) == 3
    for state, said in ((True, "happened"), (False, "did not happen"), (None, "not known")):
        assert f">{said}</text>" in tree.draw(small(happened=state))


def test_a_tree_that_says_nothing_of_what_happened_marks_nothing() -> None:
    plain = FaultTree("t", "top", (Gate("top", GateKind.OR, ("a",)),), (BasicEvent("a", probability=0.25),))
    drawn = tree.draw(plain)
    assert ">?</text>" not in drawn
    assert "probability 0.25" in drawn


def test_a_gate_met_again_points_to_where_it_is_drawn() -> None:
    gates = (
        Gate("top", GateKind.AND, ("left", "right")),
        Gate("left", GateKind.OR, ("shared", "x")),
        Gate("right", GateKind.OR, ("shared", "y")),
        Gate("shared", GateKind.AND, ("z",), label="The shared part"),
    )
    drawn = tree.draw(FaultTree("t", "top", gates, (BasicEvent("x"), BasicEvent("y"), BasicEvent("z"))))
    assert drawn.count("drawn elsewhere in this picture</text>") == 1
    assert drawn.count(">z</text>") == 1


def test_a_large_tree_says_how_much_it_leaves_out() -> None:
    """1,200 events below 30 gates: some sixty shapes, and the number of the rest."""
    gates = [Gate("top", GateKind.OR, tuple(f"g{i}" for i in range(30)))]
    gates += [Gate(f"g{i}", GateKind.AND, tuple(f"e{i}-{j}" for j in range(40))) for i in range(30)]
    drawn = tree.draw(
        FaultTree("t", "top", tuple(gates), tuple(BasicEvent(f"e{i}-{j}") for i in range(30) for j in range(40)))
    )
    assert "+40 more" in drawn
    assert drawn.count("<circle") <= 60


def test_a_wide_gate_counts_what_it_leaves_out() -> None:
    wide = Gate("top", GateKind.OR, tuple(f"e{n}" for n in range(200)))
    drawn = tree.draw(FaultTree("t", "top", (wide,), tuple(BasicEvent(f"e{n}") for n in range(200))))
    assert "+142 more" in drawn


@pytest.mark.parametrize(
    "odd",
    [
        FaultTree("t", "top", (Gate("top", GateKind.AND, ("top", "gone")),), ()),
        FaultTree("t", "gone", (), ()),
        FaultTree("t", "a", (), (BasicEvent("a", house=True, happened=True),)),
        FaultTree("t", "top", (Gate("top", GateKind.OR, ()),), ()),
        FaultTree("t", "top", (Gate("top", GateKind.OR, ("a",), label=HOSTILE),), (BasicEvent("a", HOSTILE),)),
    ],
)
def test_odd_trees_are_drawn(odd: FaultTree) -> None:
    """A circle, an event that is named and not there, a tree of one event, a gate of nothing, hostile labels."""
    drawn = tree.draw(odd)
    ET.fromstring(drawn)
    assert svg.only_ours(drawn)
    assert drawn == tree.draw(odd)
