"""Fault trees as Open-PSA Model Exchange Format (MEF) XML, read by a reader that trusts nothing, and written back.

What the format can say and this tool cannot compute is refused by its name and line: a tree read half is a wrong tree.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from xml.sax.saxutils import escape, quoteattr

from afterword.app.xml_reader import parse_xml
from afterword.core.cause.formula import find_cycle
from afterword.model.refusal import InvalidError
from afterword.model.tree import BasicEvent, FaultTree, Gate, GateKind

if TYPE_CHECKING:
    from afterword.app.xml_reader import Element

_KINDS = {kind.value: kind for kind in GateKind}
_REFERENCES = {"event", "gate", "basic-event", "house-event"}
_NUMBERS = {"float", "int"}
#: Containers that only group definitions.
_GROUPS = {"opsa-mef", "define-fault-tree", "define-component", "model-data"}


# ------------------------------------------------------------------------------------------------ MEF


def read(data: bytes) -> FaultTree:
    """The first fault tree of a MEF document, its top being the gate that no other gate uses."""
    root = parse_xml(data)
    if root.tag != "opsa-mef":
        raise InvalidError(f"line {root.line}: <{root.tag[:40]}> is not an Open-PSA document (<opsa-mef>)")
    model = _Model()
    model.collect(root, "")
    return model.tree()


def _refuse(element: Element, why: str = "is not supported") -> NoReturn:
    raise InvalidError(f"line {element.line}: <{element.tag[:40]}> {why}")


def _name(element: Element) -> str:
    name = element.attributes.get("name", "").strip()
    if not name:
        _refuse(element, "has no name")
    return name


class _Model:
    """What one document defines. Names are resolved at the end: MEF lets a use stand before its definition."""

    def __init__(self) -> None:
        self.name = ""
        self.gates: dict[str, Gate] = {}
        self.events: dict[str, BasicEvent] = {}
        self.parameters: dict[str, Element] = {}
        #: Names of private elements, by the path of the component they belong to.
        self.lines: dict[str, int] = {}
        self.values: dict[str, Element] = {}
        self.ignored: dict[str, None] = {}

    def collect(self, element: Element, path: str) -> None:
        for child in element.children:
            if child.tag in _GROUPS:
                self._group(child, path)
            elif child.tag == "define-gate":
                self._define_gate(child)
            elif child.tag in {"define-basic-event", "define-house-event"}:
                self._define_event(child)
            elif child.tag == "define-parameter":
                self._define_parameter(child)
            elif child.tag in {"label", "attributes"}:
                self.ignored[f"<{child.tag}> of <{element.tag}>"] = None
            else:
                _refuse(child)

    def _group(self, element: Element, path: str) -> None:
        if element.tag == "opsa-mef":
            _refuse(element, "stands inside another")
        if element.tag == "define-fault-tree":
            if self.name:
                _refuse(element, "is the second fault tree of the document; only one is supported")
            self.name = _name(element)
        here = f"{path}.{_name(element)}" if element.tag == "define-component" else path
        self.collect(element, here)

    def _claim(self, element: Element) -> str:
        if element.attributes.get("role", "public") == "private":
            _refuse(element, 'with role="private" is not supported')
        name = _name(element)
        if name in self.lines:
            _refuse(element, f"defines {name!r} a second time (first on line {self.lines[name]})")
        self.lines[name] = element.line
        return name

    # ---------------------------------------------------------------------------------------- gates

    def _define_gate(self, element: Element) -> None:
        name = self._claim(element)
        label, body = self._body(element)
        if len(body) != 1:
            _refuse(element, f"{name!r} holds {len(body)} formulas instead of one")
        self._gate(name, body[0], label)

    def _body(self, element: Element) -> tuple[str, list[Element]]:
        label, body = "", []
        for child in element.children:
            if child.tag == "label":
                label = " ".join(child.text.split())
            elif child.tag == "attributes":
                self.ignored[f"<attributes> of {element.attributes.get('name', '')}"] = None
            else:
                body.append(child)
        return label, body

    def _gate(self, name: str, formula: Element, label: str = "") -> None:
        if formula.tag in _REFERENCES or formula.tag == "constant":
            # A gate that only passes something on is an OR of one.
            self.gates[name] = Gate(name, GateKind.OR, (self._input(name, formula, 1),), 0, label)
            return
        kind = _KINDS.get(formula.tag)
        if kind is None:
            _refuse(formula)
        inputs = tuple(self._input(name, child, at) for at, child in enumerate(formula.children, 1))
        k = _least(formula, len(inputs)) if kind is GateKind.ATLEAST else 0
        if not inputs or (kind is GateKind.NOT and len(inputs) != 1) or (kind is GateKind.XOR and len(inputs) < 2):
            _refuse(formula, f"of {name!r} has {len(inputs)} inputs")
        self.gates[name] = Gate(name, kind, inputs, k, label)

    def _input(self, gate: str, element: Element, at: int) -> str:
        """The name of one input; a formula in place becomes a gate with a name of its own."""
        if element.tag in _REFERENCES:
            name = _name(element)
            self.lines.setdefault(f"use {name}", element.line)
            return name
        name = f"{gate}#{at}"
        if element.tag == "constant":
            self.events[name] = BasicEvent(name, happened=_truth(element), house=True)
        else:
            self._gate(name, element)
        return name

    # ---------------------------------------------------------------------------------------- events

    def _define_event(self, element: Element) -> None:
        name = self._claim(element)
        label, body = self._body(element)
        if len(body) > 1:
            _refuse(element, f"{name!r} holds {len(body)} expressions instead of one")
        if element.tag == "define-house-event":
            self.events[name] = BasicEvent(name, label, happened=bool(body) and _truth(body[0]), house=True)
            return
        self.events[name] = BasicEvent(name, label)
        if body:
            self.values[name] = body[0]

    def _define_parameter(self, element: Element) -> None:
        name = _name(element)
        _, body = self._body(element)
        if name in self.parameters or len(body) != 1:
            _refuse(element, f"{name!r} is defined twice, or holds no single expression")
        self.parameters[name] = body[0]

    def _number(self, element: Element, asked: tuple[str, ...] = ()) -> float:
        if element.tag in _NUMBERS:
            return _decimal(element)
        if element.tag == "parameter":
            name = _name(element)
            if name in asked or name not in self.parameters:
                _refuse(element, f"{name!r} " + ("is defined by itself" if name in asked else "is not defined"))
            return self._number(self.parameters[name], (*asked, name))
        _refuse(element)

    # ---------------------------------------------------------------------------------------- the whole

    def tree(self) -> FaultTree:
        if not self.name or not self.gates:
            raise InvalidError("the document defines no fault tree with a gate")
        self._meet_undefined()
        for name, value in self.values.items():
            number = self._number(value)
            if not 0 <= number <= 1:
                _refuse(value, f"of {name!r} is {number}, which is not a probability")
            old = self.events[name]
            self.events[name] = BasicEvent(name, old.label, number)
        # The top is looked for last: in a cycle there may be none.
        tree = FaultTree(self.name, "", tuple(self.gates.values()), tuple(self.events.values()), tuple(self.ignored))
        cycle = find_cycle(tree)
        if cycle:
            raise InvalidError(f"line {self.lines.get(cycle[0], 0)}: gates depend on themselves: {' → '.join(cycle)}")
        return FaultTree(self.name, self._top(), tree.gates, tree.events, tree.ignored)

    def _meet_undefined(self) -> None:
        """A basic event may be used without a definition: it then has no probability (MEF, layer 0)."""
        for gate in self.gates.values():
            for name in gate.inputs:
                if name not in self.gates and name not in self.events:
                    if "." in name:
                        line = self.lines.get(f"use {name}", 0)
                        raise InvalidError(f"line {line}: the path {name!r} into a component is not supported")
                    self.events[name] = BasicEvent(name)

    def _top(self) -> str:
        used = {name for gate in self.gates.values() for name in gate.inputs}
        tops = [name for name in self.gates if name not in used]
        if len(tops) != 1:
            raise InvalidError(f"the fault tree has {len(tops)} top gates instead of one: {', '.join(tops[:5])}")
        return tops[0]


def _least(element: Element, inputs: int) -> int:
    text = element.attributes.get("min", "").strip()
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= inputs:
        _refuse(element, f"needs a min between 1 and {inputs}, not {text[:20]!r}")
    return int(text)


def _truth(element: Element) -> bool:
    value = element.attributes.get("value", "").strip().lower()
    if element.tag != "constant" or value not in {"true", "false"}:
        _refuse(element, "is not a constant true or false")
    return value == "true"


def _decimal(element: Element) -> float:
    text = element.attributes.get("value", "").strip()
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?", text, re.ASCII):
        _refuse(element, f"has the value {text[:20]!r}, which is not a number")
    return float(text)


# ------------------------------------------------------------------------------------------------ writing


def write(tree: FaultTree) -> bytes:
    """The tree as MEF. Reading it back gives the same gates, events and probabilities."""
    gates = {gate.name for gate in tree.gates}
    houses = {event.name for event in tree.events if event.house}
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<opsa-mef>"]
    lines.append(f"  <define-fault-tree name={_quoted(tree.name)}>")
    for gate in tree.gates:
        lines += _gate_lines(gate, gates, houses)
    lines += ["  </define-fault-tree>", "  <model-data>"]
    for event in tree.events:
        lines += _event_lines(event)
    lines += ["  </model-data>", "</opsa-mef>", ""]
    return "\n".join(lines).encode()


def _gate_lines(gate: Gate, gates: set[str], houses: set[str]) -> list[str]:
    least = f' min="{gate.k}"' if gate.kind is GateKind.ATLEAST else ""
    lines = [f"    <define-gate name={_quoted(gate.name)}>", *_label(gate.label), f"      <{gate.kind.value}{least}>"]
    for name in gate.inputs:
        tag = "gate" if name in gates else "house-event" if name in houses else "basic-event"
        lines.append(f"        <{tag} name={_quoted(name)}/>")
    return [*lines, f"      </{gate.kind.value}>", "    </define-gate>"]


def _event_lines(event: BasicEvent) -> list[str]:
    tag = "define-house-event" if event.house else "define-basic-event"
    lines = [f"    <{tag} name={_quoted(event.name)}>", *_label(event.label)]
    if event.house:
        lines.append(f'      <constant value="{"true" if event.happened else "false"}"/>')
    elif event.probability is not None:
        lines.append(f'      <float value="{event.probability!r}"/>')
    return [*lines, f"    </{tag}>"]


def _label(text: str) -> list[str]:
    return [f"      <label>{escape(_clean(text))}</label>"] if text else []


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """XML 1.0 has no way to write control characters."""
    return re.sub(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "\ufffd", text)
