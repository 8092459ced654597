"""How sure one can be of the top probability when the rates behind it are not."""

from __future__ import annotations

import numpy as np
import pytest

from afterword.core.cause.tree import solve
from afterword.model.tree import BasicEvent, Expression, FaultTree, Gate, GateKind, Parameter


def number(value: float) -> Expression:
    return Expression("float", value=value)


def redundant(*, shared: bool) -> FaultTree:
    """Two disks; their failure is somewhere between 0 and 1, the same for both or each for itself."""
    spread = Expression("uniform-deviate", (number(0), number(1)))
    by = Expression("parameter", name="rate") if shared else spread
    events = tuple(BasicEvent(name, "", 0.5, expression=by) for name in ("one", "two"))
    return FaultTree(
        "disks", "top", (Gate("top", GateKind.AND, ("one", "two")),), events, (), (Parameter("rate", spread),)
    )


def test_a_shared_rate_makes_the_worst_worse() -> None:
    """E(p^2) = 1/3 where the disks share p, E(p)E(q) = 1/4 where they do not: 20,000 draws find both."""
    shared, apart = (solve(redundant(shared=one), trials=20_000).uncertainty for one in (True, False))
    assert shared.mean == pytest.approx(1 / 3, abs=4 * shared.mean_within)
    assert apart.mean == pytest.approx(1 / 4, abs=4 * apart.mean_within)
    quantiles = dict(shared.quantiles)
    assert quantiles[0.5] == pytest.approx(0.25, abs=0.02)
    assert quantiles[0.95] == pytest.approx(0.95**2, abs=0.02)
    assert sorted(quantiles.values()) == list(quantiles.values())


def test_the_same_seed_gives_the_same_answer_and_another_seed_another() -> None:
    tree = redundant(shared=True)
    first, again, other = (solve(tree, trials=500, seed=seed).uncertainty for seed in (7, 7, 8))
    assert first == again
    assert first != other


def test_nothing_is_drawn_where_nothing_is_uncertain_or_nobody_asked() -> None:
    tree = redundant(shared=True)
    assert solve(tree).uncertainty is None
    known = FaultTree("t", "top", tree.gates, (BasicEvent("one", "", 0.5), BasicEvent("two", "", 0.5)))
    assert solve(known, trials=10).uncertainty is None


def test_a_draw_beyond_certainty_is_taken_as_certain() -> None:
    wide = Expression("normal-deviate", (number(0.9), number(1.0)))
    tree = FaultTree("t", "top", (Gate("top", GateKind.OR, ("a",)),), (BasicEvent("a", "", 0.9, expression=wide),))
    quantiles = dict(solve(tree, trials=1000).uncertainty.quantiles)
    assert quantiles[0.95] == 1.0
    assert quantiles[0.05] == 0.0


def test_blocks_of_draws_make_up_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large diagrams are drawn on in blocks, so that memory stays bounded; there are as many draws in all."""
    monkeypatch.setattr("afterword.core.cause.uncertainty._ROOM", 100)
    found = solve(redundant(shared=True), trials=1001).uncertainty
    assert found.trials == 1001
    assert np.isfinite(found.mean)
