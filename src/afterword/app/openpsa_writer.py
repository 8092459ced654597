"""Fault trees written as Open-PSA MEF XML. Reading it back gives the same tree."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from afterword.app.openpsa_number import MISSION_TIME
from afterword.model.tree import GateKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from afterword.model.tree import BasicEvent, CommonCause, Expression, FaultTree, Gate


def write(tree: FaultTree) -> bytes:
    """The tree as MEF, its gates, events, parameters and common causes in the order they have."""
    gates = {gate.name for gate in tree.gates}
    houses = {event.name for event in tree.events if event.house}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<opsa-mef>"]
    lines.append(f"  <define-fault-tree name={_quoted(tree.name)}>")
    for gate in tree.gates:
        lines += _gate(gate, gates, houses)
    lines.append("  </define-fault-tree>")
    for group in tree.groups:
        lines += _group(group)
    lines.append("  <model-data>")
    for parameter in tree.parameters:
        if parameter.name != MISSION_TIME:
            lines.append(f"    <define-parameter name={_quoted(parameter.name)}>")
            lines += [*_expression(parameter.expression, 6), "    </define-parameter>"]
    for event in tree.events:
        lines += _event(event)
    lines += ["  </model-data>", "</opsa-mef>", ""]
    return "\n".join(lines).encode()


def _gate(gate: Gate, gates: set[str], houses: set[str]) -> Iterator[str]:
    counts = {GateKind.ATLEAST: f' min="{gate.k}"', GateKind.CARDINALITY: f' min="{gate.k}" max="{gate.most}"'}
    yield f"    <define-gate name={_quoted(gate.name)}>"
    yield from _label(gate.label)
    yield f"      <{gate.kind.value}{counts.get(gate.kind, '')}>"
    for name in gate.inputs:
        tag = "gate" if name in gates else "house-event" if name in houses else "basic-event"
        yield f"        <{tag} name={_quoted(name)}/>"
    yield from (f"      </{gate.kind.value}>", "    </define-gate>")


def _event(event: BasicEvent) -> Iterator[str]:
    tag = "define-house-event" if event.house else "define-basic-event"
    yield f"    <{tag} name={_quoted(event.name)}>"
    yield from _label(event.label)
    if event.house:
        yield f'      <constant value="{"true" if event.happened else "false"}"/>'
    elif event.expression is not None:
        yield from _expression(event.expression, 6)
    elif event.probability is not None:
        yield f'      <float value="{event.probability!r}"/>'
    yield f"    </{tag}>"


def _group(group: CommonCause) -> Iterator[str]:
    yield f'  <define-CCF-group name={_quoted(group.name)} model="{group.model.value}">'
    yield "    <members>"
    yield from (f"      <basic-event name={_quoted(name)}/>" for name in group.members)
    yield from ("    </members>", "    <distribution>", *_expression(group.total, 6), "    </distribution>")
    for level, factor in group.factors:
        yield from (f'    <factor level="{level}">', *_expression(factor, 6), "    </factor>")
    yield "  </define-CCF-group>"


def _expression(one: Expression, indent: int) -> Iterator[str]:
    space = " " * indent
    if one.kind == "parameter":
        yield space + (f"<{MISSION_TIME}/>" if one.name == MISSION_TIME else f"<parameter name={_quoted(one.name)}/>")
    elif one.kind == "float":
        yield f'{space}<float value="{one.value!r}"/>'
    elif one.kind == "bool":
        yield f'{space}<bool value="{"true" if one.value else "false"}"/>'
    elif one.kind in ("histogram", "switch"):
        yield from (f"{space}<{one.kind}>", *_pairs(one, indent + 2), f"{space}</{one.kind}>")
    elif not one.inputs:
        yield f"{space}<{one.kind}/>"
    else:
        yield f"{space}<{one.kind}>"
        for each in one.inputs:
            yield from _expression(each, indent + 2)
        yield f"{space}</{one.kind}>"


def _pairs(one: Expression, indent: int) -> Iterator[str]:
    """The lower end and the bins of a histogram; the cases and the default of a switch."""
    histogram = one.kind == "histogram"
    tag, first = ("bin", 1) if histogram else ("case", 0)
    if histogram:
        yield from _expression(one.inputs[0], indent)
    for at in range(first, len(one.inputs) - 1, 2):
        yield f"{' ' * indent}<{tag}>"
        for each in one.inputs[at : at + 2]:
            yield from _expression(each, indent + 2)
        yield f"{' ' * indent}</{tag}>"
    if not histogram:
        yield from _expression(one.inputs[-1], indent)


def _label(text: str) -> list[str]:
    return [f"      <label>{escape(_clean(text))}</label>"] if text else []


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """XML 1.0 has no way to write control characters."""
    return re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "\ufffd", text)
