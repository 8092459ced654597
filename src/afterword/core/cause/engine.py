"""What makes the decision diagrams of one module: the words between the solver and whatever does the work.

A program says a module in integers, gate after gate: kind, k, number of inputs, then the inputs as ``2 * index + 1`` where
negated. The first indices are the variables, then every gate has the next one; the last gate is the module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from afterword.core.cause.formula import Op

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

KINDS = {Op.AND: 0, Op.OR: 1, Op.ATLEAST: 2, Op.XOR: 3}


class TooBigError(Exception):
    """The diagram outgrew its budget. ``progress``: which share of the program was done by then."""

    def __init__(self, progress: float = 0.0) -> None:
        super().__init__("the decision diagram outgrew its budget")
        self.progress = progress


@dataclass(frozen=True, slots=True)
class Table:
    """A diagram as arrays by node, deepest level first: its children stand before a node. 0 and 1 are the terminals.

    For a binary diagram 0 is false and 1 true, for a set of sets 0 is none and 1 the empty set alone.
    """

    level: NDArray[np.int32]
    high: NDArray[np.int32]
    low: NDArray[np.int32]
    root: int


class Made(Protocol):
    """The binary diagram of one module, and what can be derived from it; each raises TooBigError."""

    def diagram(self) -> Table: ...

    def minimal(self, budget: int) -> Table:
        """The smallest sets of variables that make it true while no other holds."""
        ...

    def primes(self, budget: int, *, negated: bool = False) -> Table:
        """Its prime implicants, or those of its negation.

        Level ``2 * l`` says that the variable of level l holds, ``2 * l + 1`` that it does not.
        """
        ...


class Engine(Protocol):
    """``budgets``: nodes allowed to every order of the variables in turn, then again with more.

    ``sizes``: nodes of the diagrams that enclose a module which outgrew the last budget, one size after the other.
    """

    @property
    def name(self) -> str: ...

    @property
    def budgets(self) -> Sequence[int]: ...

    @property
    def sizes(self) -> Sequence[int]: ...

    def enclose(
        self, program: Sequence[int], place: Sequence[int], weight: Sequence[float], size: int, monotone: bool
    ) -> tuple[Table, Table]:
        """A diagram below the module and one above it. ``weight[level]``: by what chance its nodes are weighed.

        Raises TooBigError: no size of the last resort is small enough.
        """
        ...

    def make(self, program: Sequence[int], place: Sequence[int], budget: int) -> Made:
        """``place[i]`` is the level of variable i. Raises TooBigError."""
        ...
