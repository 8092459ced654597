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


@dataclass(frozen=True, slots=True)
class Gate:
    """``inputs`` are names of gates and events; ``k`` belongs to an at-least gate."""

    name: str
    kind: GateKind
    inputs: tuple[str, ...]
    k: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class BasicEvent:
    """``probability`` is None where nobody stated one. ``happened``: True, False, or None for unknown."""

    name: str
    label: str = ""
    probability: float | None = None
    happened: bool | None = None
    house: bool = False


@dataclass(frozen=True, slots=True)
class FaultTree:
    name: str
    top: str
    gates: tuple[Gate, ...]
    events: tuple[BasicEvent, ...]
    #: What the file said that this tool does not use, by name.
    ignored: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Importance:
    """Importance of one event, each from P(top | event) and P(top | not event), so right on non-coherent trees too."""

    event: str
    fussell_vesely: float | None
    birnbaum: float | None
    criticality: float | None
    raw: float | None
    rrw: float | None


@dataclass(frozen=True, slots=True)
class TreeResult:
    tree: FaultTree
    top_probability: float | None
    cut_set_count: int
    by_order: tuple[tuple[int, int], ...]
    cut_sets: tuple[tuple[str, ...], ...]
    importance: tuple[Importance, ...]
    method: str
    exact: bool
    #: Minimal cut sets all of whose events happened; none: the tree does not explain what happened.
    fired: tuple[tuple[str, ...], ...] = ()
