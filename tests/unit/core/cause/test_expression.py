"""The numbers behind a fault tree: laws of failure in time, and what is uncertain about them."""

from __future__ import annotations

from math import exp, expm1, log

import numpy as np
import pytest

from afterword.core.cause.deviate import DEVIATES
from afterword.core.cause.expression import KINDS, Numbers, is_uncertain, wrong_shape
from afterword.model.refusal import InvalidError
from afterword.model.tree import Expression, Parameter


def number(value: float) -> Expression:
    return Expression("float", value=value)


def of(kind: str, *inputs: float) -> Expression:
    return Expression(kind, tuple(map(number, inputs)))


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (of("exponential", 1e-3, 100), 1 - exp(-0.1)),
        (of("exponential", 1e-15, 1), 1e-15),
        (of("GLM", 0.1, 0.02, 0.08, 10), 0.2 * (1 - exp(-1)) + 0.1 * exp(-1)),
        (of("GLM", 0.1, 0, 0, 10), 0.1),
        (of("Weibull", 100, 2, 10, 60), -expm1(-0.25)),
        (of("Weibull", 100, 2, 10, 5), 0.0),
        (of("periodic-test", 1e-3, 100, 50, 170), 1 - exp(-0.02)),
        (of("periodic-test", 1e-3, 100, 50, 30), 1 - exp(-0.03)),
        (of("sub", 10, 2, 3), 5.0),
        (of("div", 12, 2, 3), 2.0),
        (of("mul", 2, 3, 4), 24.0),
        (of("min", 3, 1, 2), 1.0),
        (of("max", 3, 1, 2), 3.0),
        (of("mean", 3, 1, 2), 2.0),
        (of("pow", 2, 3), 8.0),
        (of("mod", 7, 4), 3.0),
        (of("neg", 7), -7.0),
        (of("log", exp(2)), 2.0),
        (of("ite", 1, 5, 6), 5.0),
        (of("switch", 0, 5, 1, 6, 7), 6.0),
        (of("switch", 0, 5, 0, 6, 7), 7.0),
        (Expression("ite", (of("leq", 2, 2), number(1), number(0))), 1.0),
        (Expression("and", (of("lt", 1, 2), of("df", 1, 2))), 1.0),
        (Expression("or", (of("gt", 1, 2), of("eq", 1, 2))), 0.0),
        (of("uniform-deviate", 0.2, 0.4), 0.3),
        (of("normal-deviate", 0.2, 0.4), 0.2),
        (of("lognormal-deviate", 1e-3, 3, 0.95), 1e-3),
        (of("lognormal-deviate", log(1e-3), 0.0), 1e-3),
        (of("gamma-deviate", 2, 0.1), 0.2),
        (of("beta-deviate", 1, 3), 0.25),
        (of("histogram", 0, 0.2, 1, 0.4, 3), 0.25),
    ],
)
def test_the_value_of_an_expression_is_its_mean(expression: Expression, value: float) -> None:
    assert float(Numbers(()).value(expression)) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("kind", sorted(DEVIATES))
def test_draws_have_the_mean_that_is_told_without_them(kind: str) -> None:
    """100,000 draws, seeded: their mean is within 1 % of what one would compute by hand."""
    inputs = {
        "uniform-deviate": (0.2, 0.4), "normal-deviate": (0.2, 0.01), "lognormal-deviate": (1e-3, 3, 0.95),
        "gamma-deviate": (2, 0.1), "beta-deviate": (1, 3), "histogram": (0, 0.2, 1, 0.4, 3),
    }[kind]  # fmt: skip
    expression = of(kind, *inputs)
    drawn = Numbers((), np.random.Generator(np.random.PCG64(1)), 100_000).value(expression)
    assert drawn.shape == (100_000,)
    assert float(np.mean(drawn)) == pytest.approx(float(Numbers(()).value(expression)), rel=0.01)


def test_the_error_factor_is_the_95_percent_quantile_over_the_median() -> None:
    drawn = Numbers((), np.random.Generator(np.random.PCG64(1)), 200_000).value(of("lognormal-deviate", 1e-3, 3, 0.95))
    assert float(np.quantile(drawn, 0.95) / np.median(drawn)) == pytest.approx(3, rel=0.02)


def test_a_parameter_is_drawn_once_for_all_that_rest_on_it() -> None:
    """Two pumps of one make: if the rate of one is high, so is that of the other."""
    rate = Parameter("rate", of("uniform-deviate", 0, 1))
    twice = Parameter("twice", Expression("mul", (number(2), Expression("parameter", name="rate"))))
    numbers = Numbers((rate, twice), np.random.Generator(np.random.PCG64(1)), 100)
    one, other = (
        numbers.value(Expression("parameter", name="rate")),
        numbers.value(Expression("parameter", name="twice")),
    )
    assert np.array_equal(2 * one, other)
    alone = numbers.value(of("uniform-deviate", 0, 1))
    assert not np.array_equal(one, alone)


def test_a_long_chain_of_parameters_does_not_overflow() -> None:
    chain = [Parameter("p0", number(1.0))]
    chain += [Parameter(f"p{i}", Expression("parameter", name=f"p{i - 1}")) for i in range(1, 3000)]
    assert Numbers(chain).value(Expression("parameter", name="p2999")) == 1.0


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        (Expression("parameter", name="q"), "'q' is not defined"),
        (Expression("parameter", name="p"), "'p' is defined by itself"),
        (of("uniform-deviate", 2, 1), "above the upper"),
        (of("normal-deviate", 1, -1), "negative"),
        (of("lognormal-deviate", 1, 0.5, 0.95), "error factor"),
        (of("lognormal-deviate", -1, 3, 0.95), "mean is not positive"),
        (of("lognormal-deviate", 1, 3, 0.4), "level"),
        (of("lognormal-deviate", 1, -3), "negative"),
        (of("gamma-deviate", 0, 1), "not positive"),
        (of("histogram", 1, 0, 1), "do not grow"),
        (of("histogram", 0, 1, 0), "weights"),
    ],
)
def test_what_cannot_be_is_refused(expression: Expression, says: str) -> None:
    loop = Parameter("p", Expression("add", (number(1), Expression("parameter", name="p"))))
    with pytest.raises(InvalidError, match=says):
        Numbers((loop,)).value(expression)


def test_what_is_uncertain_and_how_many_inputs_a_kind_has() -> None:
    stated = {"a": of("uniform-deviate", 0, 1), "b": number(1)}
    assert is_uncertain(Expression("parameter", name="a"), stated)
    assert not is_uncertain(Expression("parameter", name="b"), stated)
    assert not is_uncertain(None, stated)
    assert wrong_shape("float", 1)
    assert wrong_shape("switch", 2)
    assert wrong_shape("histogram", 4)
    assert wrong_shape("GLM", 3)
    assert not wrong_shape("lognormal-deviate", 2)
    assert "exponential" in KINDS
