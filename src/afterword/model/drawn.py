"""A drawn graph: the graph of causes as other tools write and read it, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from afterword.model.cause import LinkKind, NodeKind


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """One node. ``at`` is RFC 3339, ``cites`` as citations are written; both may be empty."""

    id: str
    statement: str
    kind: NodeKind = NodeKind.CONDITION
    role: str = ""
    held: str = ""
    component: str = ""
    at: str = ""
    grade: int = 0
    state: str = ""
    by: str = ""
    cites: tuple[str, ...] = ()
    #: any, all, or some:2
    needs: str = "any"


@dataclass(frozen=True, slots=True)
class DrawnLink:
    """Cause to effect. ``shortest`` and ``longest`` are the delay in seconds; None where it is not known."""

    cause: str
    effect: str
    kind: LinkKind = LinkKind.ENABLES
    grade: int = 0
    shortest: float | None = None
    longest: float | None = None
    cites: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DrawnGraph:
    """``top`` is the impact; empty where the drawing does not say which node that is."""

    top: str
    nodes: tuple[DrawnNode, ...]
    links: tuple[DrawnLink, ...]
    #: What the drawing said that could not be read, with its line.
    problems: tuple[str, ...] = ()
    version: str = "afterword-graph/1"
