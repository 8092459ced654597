"""Loss: what users went without, above what is usual, and how much of an error budget that is."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.model.evidence import Citation


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure with its bounds."""

    value: float
    least: float
    most: float


@dataclass(frozen=True, slots=True)
class Budget:
    """An objective, as a share, and the share of its budget of thirty days that the incident burned."""

    name: str
    objective: float
    burned: Amount
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Loss:
    """Failed requests above the usual share, from the start of the impact to its end.

    What the evidence does not tell is None, and ``method`` says why or how.
    """

    method: str = "not known: no start of an impact is known"
    component: str = ""
    #: Requests lost, and requests in all.
    requests: Amount | None = None
    of: float | None = None
    #: Minutes weighted by the affected share: as many minutes as if every customer had been cut off. And the largest share.
    minutes: Amount | None = None
    worst: float | None = None
    cites: tuple[Citation, ...] = ()
    budgets: tuple[Budget, ...] = ()
    #: Requests that did not fail, but took far longer than their kind does when all is well; None: not known.
    slow: float | None = None
    #: It was still going on where the evidence ends.
    going_on: bool = False
