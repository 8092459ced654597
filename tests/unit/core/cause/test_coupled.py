"""Pumps of one make fail together more often than by chance: what each model of common causes makes of a group."""

from __future__ import annotations

from math import comb

import pytest
from truth_table import brute_chance

from afterword.core.cause.coupled import expand
from afterword.core.cause.tree import solve
from afterword.model.refusal import InvalidError
from afterword.model.tree import (
    BasicEvent,
    CommonCause,
    CommonCauseModel,
    Expression,
    FaultTree,
    Gate,
    GateKind,
)

Q = 0.1
MODELS = {
    # The share of Q for a particular set of 1, 2 and 3 of three pumps, by the formulas of NUREG/CR-5485.
    CommonCauseModel.BETA: ({3: 0.2}, (0.8, 0.0, 0.2)),
    CommonCauseModel.MGL: ({2: 0.2, 3: 0.4}, (0.8, 0.2 * 0.6 / 2, 0.2 * 0.4)),
    CommonCauseModel.ALPHA: ({1: 0.9, 2: 0.07, 3: 0.03}, (0.9 / 1.13, 2 * 0.07 / 1.13 / 2, 3 * 0.03 / 1.13)),
    CommonCauseModel.PHI: ({1: 0.7, 2: 0.1, 3: 0.1}, (0.7, 0.1, 0.1)),
}


def pumps(model: CommonCauseModel, factors: dict[int, float], needed: int = 2) -> FaultTree:
    names = ("p1", "p2", "p3")
    group = CommonCause(
        "pumps", model, names, Expression("float", value=Q),
        tuple((level, Expression("float", value=value)) for level, value in factors.items()),
    )  # fmt: skip
    events = tuple(BasicEvent(name, f"pump {name}") for name in names)
    return FaultTree("t", "top", (Gate("top", GateKind.ATLEAST, names, needed),), events, groups=(group,))


@pytest.mark.parametrize("model", MODELS)
def test_each_model_gives_the_probabilities_of_its_formula(model: CommonCauseModel) -> None:
    factors, shares = MODELS[model]
    whole = expand(pumps(model, factors))
    chance = {event.name: event.probability for event in whole.events}
    by_size = [[value for name, value in chance.items() if len(name.split()) == size] for size in (1, 2, 3)]
    for size, (found, share) in enumerate(zip(by_size, shares, strict=True), 1):
        assert len(found) == (comb(3, size) if share else 0)
        assert found == pytest.approx([Q * share] * len(found))
    # Every pump by itself fails with about Q, whatever the model: that is what a model of common causes keeps.
    if model is not CommonCauseModel.PHI:
        total = shares[0] + 2 * shares[1] + shares[2]
        assert total == pytest.approx(1.0)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("needed", [1, 2, 3])
def test_the_top_and_the_sets_agree_with_the_truth_table(model: CommonCauseModel, needed: int) -> None:
    tree = pumps(model, MODELS[model][0], needed)
    result = solve(tree)
    whole = expand(tree)
    assert result.top_probability == pytest.approx(brute_chance(whole, {}), abs=1e-14)
    assert ("[p1 p2 p3]",) in result.cut_sets
    assert "common cause" in result.method
    assert {gate.label for gate in whole.gates} == {"", "pump p1", "pump p2", "pump p3"}


@pytest.mark.parametrize(
    ("model", "factors", "says"),
    [
        (CommonCauseModel.BETA, {}, "levels none"),
        (CommonCauseModel.MGL, {1: 0.1, 2: 0.1}, "MGL 2 to n"),
        (CommonCauseModel.ALPHA, {1: 0.9}, "1 to n"),
        (CommonCauseModel.PHI, {1: 0.5, 3: 0.5}, "1 to n"),
        (CommonCauseModel.BETA, {3: 1.5}, "not a probability"),
    ],
)
def test_factors_that_do_not_fit_are_refused(model: CommonCauseModel, factors: dict[int, float], says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        solve(pumps(model, factors))


def test_groups_that_cannot_be_are_refused() -> None:
    one = pumps(CommonCauseModel.BETA, {3: 0.2})
    twice = FaultTree(one.name, one.top, one.gates, one.events, groups=one.groups * 2)
    with pytest.raises(InvalidError, match="shares a member"):
        expand(twice)
    names = tuple(f"p{i}" for i in range(11))
    large = CommonCause("many", CommonCauseModel.MGL, names, Expression("float", value=0.1), ())
    with pytest.raises(InvalidError, match="11 members"):
        expand(FaultTree("t", "p0", (), tuple(map(BasicEvent, names)), groups=(large,)))
