"""The same graph read downward: a fault tree. An effect that needs all its causes is an AND gate, any of them an OR."""

from __future__ import annotations

from typing import TYPE_CHECKING

from afterword.core.cause.role import LEADING
from afterword.model.cause import Cause, Explanation, Held, Needs, NodeKind, Role
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Who proposes where nobody else does.
MACHINE = "afterword"


def build(explanation: Explanation) -> FaultTree | None:
    """None when nothing leads to the impact. What is in it happened, but for a defence that held and what nothing shows."""
    nodes = {cause.id: cause for cause in explanation.causes}
    below = _below(explanation, nodes)
    if not below.get(explanation.top):
        return None
    gates: dict[str, Gate] = {}
    events: dict[str, BasicEvent] = {}
    _visit(explanation.top, nodes, below, gates, events, ())
    return FaultTree(f"incident {explanation.top}", explanation.top, tuple(gates.values()), tuple(events.values()))


def _below(explanation: Explanation, nodes: Mapping[str, Cause]) -> dict[str, list[str]]:
    below: dict[str, list[str]] = {}
    for link in explanation.links:
        # What only made it last longer, or larger, is not needed for it to happen.
        if nodes[link.cause].role is not Role.RULED_OUT and link.kind in LEADING:
            below.setdefault(link.effect, []).append(link.cause)
    return below


def asserted(cause: Cause) -> bool:
    """Whether a person says it and nothing is cited that shows it."""
    return cause.by != MACHINE and not cause.cites


def _visit(
    name: str, nodes: Mapping[str, Cause], below: Mapping[str, list[str]],
    gates: dict[str, Gate], events: dict[str, BasicEvent], path: tuple[str, ...],
) -> None:  # fmt: skip
    """A node with causes is a gate; the last cause on a path, or one that closes a circle, is a basic event."""
    inputs = [cause for cause in dict.fromkeys(below.get(name, ())) if cause not in path]
    cause = nodes[name]
    if name in gates or name in events:
        return
    if not inputs:
        held = cause.kind is NodeKind.DEFENCE and cause.held is Held.HELD
        label = f"{cause.statement} does not hold" if held else cause.statement
        # What somebody asserts and nothing shows is not known to have happened.
        events[name] = BasicEvent(name, label, None, happened=None if asserted(cause) else not held)
        return
    kind = GateKind.AND if cause.needs is Needs.ALL and len(inputs) > 1 else GateKind.OR
    undeveloped: list[str] = []
    if cause.role is Role.PROXIMATE and not any(nodes[i].role is Role.TRIGGER for i in inputs):
        # Weaknesses alone never bring a service down: something set it off, and the evidence does not say what.
        unknown = f"{name}-unknown"
        events[unknown] = BasicEvent(unknown, f"What set off: {cause.statement} (not known)", None, happened=True)
        undeveloped = [unknown]
    k = min(cause.least, len(inputs)) if cause.needs is Needs.SOME and len(inputs) > 1 else 0
    gates[name] = Gate(name, GateKind.ATLEAST if k else kind, (*undeveloped, *inputs), k, cause.statement)
    for one in inputs:
        _visit(one, nodes, below, gates, events, (*path, name))
