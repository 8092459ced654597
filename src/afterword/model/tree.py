"""Fault tree: gates over basic events, read downward from the top."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class GateKind(StrEnum):
    AND = "and"
    OR = "or"
    ATLEAST = "atleast"
    NOT = "not"
    XOR = "xor"
    NAND = "nand"
    NOR = "nor"
    IFF = "iff"
    IMPLY = "imply"
    CARDINALITY = "cardinality"


@dataclass(frozen=True, slots=True)
class Gate:
    """``inputs`` are names of gates and events; at least ``k`` and at most ``most`` of them, where the kind counts."""

    name: str
    kind: GateKind
    inputs: tuple[str, ...]
    k: int = 0
    label: str = ""
    most: int = 0


@dataclass(frozen=True, slots=True)
class Expression:
    """How a number is computed, in the words of Open-PSA: ``kind`` is ``float``, ``parameter``, ``exponential``, ``add``…

    ``value`` belongs to a number, ``name`` to a parameter.
    """

    kind: str
    inputs: tuple[Expression, ...] = ()
    value: float = 0.0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that several expressions share: where it is uncertain, it is drawn once for all of them."""

    name: str
    expression: Expression


class CommonCauseModel(StrEnum):
    BETA = "beta-factor"
    MGL = "MGL"
    ALPHA = "alpha-factor"
    PHI = "phi-factor"


@dataclass(frozen=True, slots=True)
class CommonCause:
    """Events that fail together more often than by chance. ``factors``: level and value, as the model reads them."""

    name: str
    model: CommonCauseModel
    members: tuple[str, ...]
    total: Expression
    factors: tuple[tuple[int, Expression], ...]


@dataclass(frozen=True, slots=True)
class BasicEvent:
    """``probability`` is None where nobody stated one. ``happened``: True, False, or None for unknown.

    ``expression`` is what the probability was computed from, where it was not written as a number.
    """

    name: str
    label: str = ""
    probability: float | None = None
    happened: bool | None = None
    house: bool = False
    expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class FaultTree:
    name: str
    top: str
    gates: tuple[Gate, ...]
    events: tuple[BasicEvent, ...]
    #: What the file said that this tool does not use, by name.
    ignored: tuple[str, ...] = field(default=())
    parameters: tuple[Parameter, ...] = ()
    groups: tuple[CommonCause, ...] = ()


@dataclass(frozen=True, slots=True)
class Importance:
    """Importance of one event, each from P(top | event) and P(top | not event), so right on non-coherent trees too."""

    event: str
    fussell_vesely: float | None
    birnbaum: float | None
    criticality: float | None
    raw: float | None
    rrw: float | None
    dif: float | None = None


@dataclass(frozen=True, slots=True)
class Literal:
    """An event in a prime implicant, or its absence."""

    event: str
    absent: bool = False


@dataclass(frozen=True, slots=True)
class PrimeImplicants:
    """Smallest statements about events, those that do not happen included, that bring the top about."""

    count: int
    by_order: tuple[tuple[int, int], ...]
    listed: tuple[tuple[Literal, ...], ...]


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Of the top probability, from ``trials`` draws of all uncertain numbers. ``quantiles``: share and value."""

    trials: int
    seed: int
    mean: float
    deviation: float
    quantiles: tuple[tuple[float, float], ...]
    #: Half the width of the 95 % interval of the mean.
    mean_within: float


@dataclass(frozen=True, slots=True)
class TreeResult:
    """``bounds`` hold the top probability for certain where it is not known exactly; otherwise they are None.

    Then nobody knows how many cut sets there are (``cut_set_count`` is None), and those listed are some of them.
    """

    tree: FaultTree
    top_probability: float | None
    cut_set_count: int | None
    by_order: tuple[tuple[int, int], ...]
    cut_sets: tuple[tuple[str, ...], ...]
    importance: tuple[Importance, ...]
    method: str
    exact: bool
    #: Minimal cut sets all of whose events happened; none: the tree does not explain what happened.
    fired: tuple[tuple[str, ...], ...] = ()
    primes: PrimeImplicants | None = None
    uncertainty: Uncertainty | None = None
    modules: int = 1
    bounds: tuple[float, float] | None = None
