"""Pumps of one make fail together more often than by chance: what each model of common causes makes of a group."""

from __future__ import annotations

from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
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
    CommonCauseModel.PHI: ({1: 0.7, 2: 0.2, 3: 0.1}, (0.7, 0.2, 0.1)),
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
        (CommonCauseModel.BETA, {2: 0.1, 3: 0.1}, "beta-factor needs one"),
        (CommonCauseModel.BETA, {4: 0.1}, "levels 4"),
        (CommonCauseModel.MGL, {1: 0.1, 2: 0.1}, "MGL 2 and upward"),
        (CommonCauseModel.MGL, {3: 0.1}, "without a gap"),
        (CommonCauseModel.ALPHA, {}, "levels none"),
        (CommonCauseModel.ALPHA, {1: 0.9, 2: 0.05, 3: 0.03, 4: 0.02}, "levels 1, 2, 3, 4"),
        (CommonCauseModel.PHI, {1: 0.5, 3: 0.5}, "1 and upward"),
        (CommonCauseModel.PHI, {1: 0.5, 2: 0.4}, "sum to 0.9 and not to 1"),
        (CommonCauseModel.BETA, {3: 1.5}, "not a probability"),
    ],
)
def test_factors_that_do_not_fit_are_refused(model: CommonCauseModel, factors: dict[int, float], says: str) -> None:
    with pytest.raises(InvalidError, match=says):
        solve(pumps(model, factors))


# ------------------------------------------------------------------------------------------------ laws

FACTORS = st.lists(st.floats(0.01, 0.99), min_size=1, max_size=4)


def group(model: CommonCauseModel, size: int, factors: dict[int, float], total: float = Q) -> dict[int, float]:
    """By the number of members that fail together, the chance of one particular set of them; nought is left out."""
    names = tuple(f"p{number}" for number in range(size))
    stated = tuple((level, Expression("float", value=value)) for level, value in factors.items())
    made = CommonCause("pumps", model, names, Expression("float", value=total), stated)
    tree = FaultTree("t", "top", (Gate("top", GateKind.OR, names),), tuple(map(BasicEvent, names)), groups=(made,))
    found: dict[int, float] = {}
    for event in expand(tree).events:
        found.setdefault(len(event.name.split()), event.probability)
    return found


def of_one(size: int, shares: dict[int, float]) -> float:
    """The total chance of one member: alone, and in every set that it belongs to."""
    return sum(comb(size - 1, k - 1) * chance for k, chance in shares.items())


@settings(max_examples=100, deadline=None)
@given(FACTORS, st.floats(1e-6, 0.5), st.integers(0, 2))
def test_the_total_of_a_member_is_kept(factors: list[float], total: float, more: int) -> None:
    """By MGL and alpha-factor, with all levels or the highest left out, and by the beta-factor."""
    size = len(factors) + 1 + more
    mgl = group(CommonCauseModel.MGL, size, dict(enumerate(factors, 2)), total)
    alpha = group(CommonCauseModel.ALPHA, size, dict(enumerate(factors, 1)), total)
    beta = group(CommonCauseModel.BETA, size, {size: factors[0]}, total)
    for found in (mgl, alpha, beta):
        assert of_one(size, found) == pytest.approx(total)


@settings(max_examples=100, deadline=None)
@given(st.floats(0.01, 0.99), st.integers(2, 6))
def test_mgl_whose_further_letters_are_one_is_the_beta_factor(beta: float, size: int) -> None:
    mgl = group(CommonCauseModel.MGL, size, {2: beta} | dict.fromkeys(range(3, size + 1), 1.0))
    assert mgl == pytest.approx(group(CommonCauseModel.BETA, size, {size: beta}))


@settings(max_examples=100, deadline=None)
@given(st.floats(0.01, 0.99), st.integers(2, 6))
def test_alphas_of_one_alone_and_of_all_are_the_beta_factor(alpha: float, size: int) -> None:
    """Of the failures of a member, the share that takes all is n a_n of the weighted sum."""
    factors = {1: 1 - alpha} | dict.fromkeys(range(2, size), 0.0) | {size: alpha}
    beta = size * alpha / (1 - alpha + size * alpha)
    assert group(CommonCauseModel.ALPHA, size, factors) == pytest.approx(
        group(CommonCauseModel.BETA, size, {size: beta})
    )


@settings(max_examples=100, deadline=None)
@given(FACTORS, st.floats(0.5, 20))
def test_alphas_are_shares_so_their_unit_does_not_matter(factors: list[float], unit: float) -> None:
    size = len(factors) + 1
    once = group(CommonCauseModel.ALPHA, size, dict(enumerate(factors, 1)))
    assert group(CommonCauseModel.ALPHA, size, {k: unit * one for k, one in enumerate(factors, 1)}) == pytest.approx(
        once
    )


@settings(max_examples=100, deadline=None)
@given(FACTORS)
def test_mgl_and_alpha_say_the_same_where_one_is_computed_from_the_other(factors: list[float]) -> None:
    """A letter of MGL is the share of a member's failures that take at least k, among those that take at least k - 1."""
    size = len(factors)
    weight = {k: k * one for k, one in enumerate(factors, 1)}
    upward = {k: sum(one for level, one in weight.items() if level >= k) for k in weight}
    letters = {k: upward[k] / upward[k - 1] for k in range(2, size + 1)}
    alpha = group(CommonCauseModel.ALPHA, max(size, 2), dict(enumerate(factors, 1)))
    if letters:
        assert group(CommonCauseModel.MGL, size, letters) == pytest.approx(alpha)


@settings(max_examples=100, deadline=None)
@given(FACTORS)
def test_phi_factors_are_taken_as_they_are(factors: list[float]) -> None:
    """And beta is phi of one and of all."""
    shares = {k: one / sum(factors) for k, one in enumerate(factors, 1)}
    size = max(2, len(factors))
    assert group(CommonCauseModel.PHI, size, shares) == pytest.approx({k: Q * one for k, one in shares.items()})
    both = {1: 1 - shares[1] / 2, 2: shares[1] / 2}
    assert group(CommonCauseModel.PHI, 2, both) == pytest.approx(group(CommonCauseModel.BETA, 2, {2: shares[1] / 2}))


def test_groups_that_cannot_be_are_refused() -> None:
    one = pumps(CommonCauseModel.BETA, {3: 0.2})
    twice = FaultTree(one.name, one.top, one.gates, one.events, groups=one.groups * 2)
    with pytest.raises(InvalidError, match="shares a member"):
        expand(twice)
    names = tuple(f"p{i}" for i in range(11))
    large = CommonCause("many", CommonCauseModel.MGL, names, Expression("float", value=0.1), ())
    with pytest.raises(InvalidError, match="11 members"):
        expand(FaultTree("t", "p0", (), tuple(map(BasicEvent, names)), groups=(large,)))
