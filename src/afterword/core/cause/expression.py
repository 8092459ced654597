"""Numbers as Open-PSA computes them: arithmetic, laws of failure in time, and uncertain numbers.

Every function takes floats or arrays of draws. With a generator, an uncertain number is drawn; without one it is its mean.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from afterword.core.cause.deviate import DEVIATES
from afterword.core.cause.tested import periodic_test
from afterword.model.refusal import InvalidError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from afterword.model.tree import Expression, Parameter

    #: A float, or one for every draw.
    Number = Any

#: Kinds that may not have just any number of inputs between the fewest and the most.
_NUMBERS = {"periodic-test": (4, 5, 11)}
LEAVES = frozenset(["float", "int", "bool", "pi", "parameter"])
#: Fewest and most inputs.
_MANY = 10_000


def exponential(rate: Number, time: Number) -> Number:
    return -np.expm1(-rate * time)


def glm(at_start: Number, rate: Number, repair: Number, time: Number) -> Number:
    """Fails on demand, while running, and is repaired: MEF's GLM."""
    both = rate + repair
    gone = np.exp(-both * time)
    limit = np.where(both > 0, rate / both, at_start)
    return limit * (1.0 - gone) + at_start * gone


def weibull(scale: Number, shape: Number, shift: Number, time: Number) -> Number:
    return -np.expm1(-((np.maximum(time - shift, 0.0) / scale) ** shape))


def _switch(*inputs: Number) -> Number:
    """Condition and value in turn, the default last: the value of the first condition that holds."""
    found = inputs[-1]
    for at in range(len(inputs) - 3, -1, -2):
        found = np.where(inputs[at], inputs[at + 1], found)
    return found


#: Kind, fewest and most inputs, and what it computes.
_OPERATIONS: dict[str, tuple[int, int, Callable[..., Number]]] = {
    "neg": (1, 1, lambda a: -a),
    "add": (1, _MANY, lambda *all_: sum(all_)),
    "sub": (2, _MANY, lambda first, *rest: first - sum(rest)),
    "mul": (1, _MANY, lambda *all_: np.prod(np.broadcast_arrays(*all_), axis=0)),
    "div": (2, _MANY, lambda first, *rest: first / np.prod(np.broadcast_arrays(*rest), axis=0)),
    "pow": (2, 2, np.power),
    "mod": (2, 2, np.mod),
    "min": (1, _MANY, lambda *all_: np.min(np.broadcast_arrays(*all_), axis=0)),
    "max": (1, _MANY, lambda *all_: np.max(np.broadcast_arrays(*all_), axis=0)),
    "mean": (1, _MANY, lambda *all_: sum(all_) / len(all_)),
    **{
        name: (1, 1, getattr(np, name))
        for name in ("abs", "cos", "cosh", "exp", "log", "log10", "sin", "sinh", "sqrt", "tan", "tanh", "ceil", "floor")
    },
    "acos": (1, 1, np.arccos),
    "asin": (1, 1, np.arcsin),
    "atan": (1, 1, np.arctan),
    "not": (1, 1, np.logical_not),
    "and": (1, _MANY, lambda *all_: np.all(np.broadcast_arrays(*all_), axis=0)),
    "or": (1, _MANY, lambda *all_: np.any(np.broadcast_arrays(*all_), axis=0)),
    "eq": (2, 2, np.equal),
    "df": (2, 2, np.not_equal),
    "lt": (2, 2, np.less),
    "gt": (2, 2, np.greater),
    "leq": (2, 2, np.less_equal),
    "geq": (2, 2, np.greater_equal),
    "ite": (3, 3, np.where),
    "switch": (1, _MANY, _switch),
    "exponential": (2, 2, exponential),
    "GLM": (4, 4, glm),
    "Weibull": (4, 4, weibull),
    "periodic-test": (4, 11, periodic_test),
}
KINDS = LEAVES | _OPERATIONS.keys() | DEVIATES.keys()


def wrong_shape(kind: str, inputs: int) -> str:
    """Why an expression cannot have so many inputs; empty where it can."""
    if kind in LEAVES:
        return "" if not inputs else f"takes no inputs and has {inputs}"
    fewest, most = DEVIATES[kind].inputs if kind in DEVIATES else _OPERATIONS[kind][:2]
    allowed = _NUMBERS.get(kind, range(fewest, most + 1))
    if inputs in allowed and (kind != "switch" or inputs % 2) and (kind != "histogram" or inputs % 2):
        return ""
    return f"has {inputs} inputs"


class Numbers:
    """The parameters of a tree and what rests on them; with a generator, ``draws`` of each uncertain number."""

    def __init__(
        self, parameters: Iterable[Parameter], generator: np.random.Generator | None = None, draws: int = 1
    ) -> None:
        self.stated: Mapping[str, Expression] = {one.name: one.expression for one in parameters}
        self.generator = generator
        self.draws = draws
        self.known: dict[str, Number] = {}

    def value(self, expression: Expression) -> Number:
        """Raises InvalidError: a parameter that is not there or rests on itself, a distribution that cannot be."""
        for name in _parameters_first(expression, self.stated):
            if name not in self.known:
                self.known[name] = self._value(self.stated[name])
        return self._value(expression)

    def _value(self, expression: Expression) -> Number:
        kind = expression.kind
        if kind == "parameter":
            return self.known[expression.name]
        if kind == "pi":
            return np.float64(np.pi)
        if kind in LEAVES:
            # A number of numpy: division by zero is infinite and not an exception.
            return np.float64(expression.value)
        inputs = [self._value(one) for one in expression.inputs]
        with np.errstate(all="ignore"):
            return self._deviate(kind, inputs) if kind in DEVIATES else _OPERATIONS[kind][2](*inputs)

    def _deviate(self, kind: str, inputs: list[Number]) -> Number:
        deviate = DEVIATES[kind]
        wrong = deviate.wrong(*inputs)
        if wrong:
            raise InvalidError(f"<{kind}>: {wrong}")
        return deviate.mean(*inputs) if self.generator is None else deviate.draw(self.generator, self.draws, *inputs)


def is_uncertain(expression: Expression | None, parameters: Mapping[str, Expression]) -> bool:
    """Whether a draw may give another number than the next."""
    if expression is None:
        return False
    within = [expression, *(parameters[name] for name in _parameters_first(expression, parameters))]
    return any(one.kind in DEVIATES for whole in within for one in _all(whole))


def _all(expression: Expression) -> Iterable[Expression]:
    stack = [expression]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(one.inputs)


def _parameters_first(expression: Expression, stated: Mapping[str, Expression]) -> list[str]:
    """All parameters that it rests on, those that others rest on first."""
    order: dict[str, None] = {}
    open_: dict[str, None] = {}
    stack = [(one.name, False) for one in _all(expression) if one.kind == "parameter"]
    while stack:
        name, ready = stack.pop()
        if ready:
            open_.pop(name, None)
            order[name] = None
        elif name not in order:
            if name in open_ or name not in stated:
                why = "is defined by itself" if name in open_ else "is not defined"
                raise InvalidError(f"the parameter {name!r} {why}")
            open_[name] = None
            stack.append((name, True))
            stack.extend((one.name, False) for one in _all(stated[name]) if one.kind == "parameter")
    return list(order)
